import { describe, expect, test } from '@jest/globals';
import { openBuilder } from '../../../src/builders/index.ts';
import { JOB } from './job.ts';

const builder = openBuilder({ name: 'initramfs-tools', version: '0.142' });

describe('the command that has initramfs-tools build one image', () => {
  test('names the image and the kernel, and puts temporary files where they belong', () => {
    expect(builder.plan(JOB)).toEqual({
      command: ['mkinitramfs', '-o', '/boot/.new', '6.1.0-1'],
      env: { TMPDIR: '/var/lib/bellwether/build' },
      copies: new Map(),
      files: new Map(),
    });
  });

  test('has its own names for compressions', () => {
    expect(builder.plan({ ...JOB, compress: 'lzo' }).command.slice(1, 3)).toEqual(['-c', 'lzop']);
    expect(builder.plan({ ...JOB, compress: 'zstd' }).command.slice(1, 3)).toEqual(['-c', 'zstd']);
  });

  test('adds drivers in a copy of the configuration, never in the configuration itself', () => {
    const { command, copies, files } = builder.plan({ ...JOB, addDrivers: ['virtio_blk', 'nvme'], hostonly: false });
    expect(command.slice(1, 3)).toEqual(['-d', '/var/lib/bellwether/build/initramfs-tools']);
    expect([...copies]).toEqual([['initramfs-tools', '/etc/initramfs-tools']]);
    expect([...files]).toEqual([
      ['initramfs-tools/modules', '\nvirtio_blk\nnvme\n'],
      ['initramfs-tools/conf.d/zz-bellwether', 'MODULES=most\n'],
    ]);
  });

  test.each([
    ['omit_drivers', { omitDrivers: ['nouveau'] }],
    ['add_modules', { addModules: ['lvm'] }],
    ['omit_modules', { omitModules: ['lvm'] }],
    ['compress', { compress: 'none' as const }],
  ])('does not pretend to follow %s', (param, part) => {
    expect(() => builder.plan({ ...JOB, ...part })).toThrow(
      expect.objectContaining({ code: 'not_supported', message: expect.stringContaining(`"params.${param}"`) }),
    );
  });
});
