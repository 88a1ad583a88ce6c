import { describe, expect, test } from '@jest/globals';
import { openBuilder } from '../../../src/builders/index.ts';
import { hostonlyAsBuilt } from '../../../src/builders/keep.ts';
import { COMPRESSIONS } from '../../../src/protocol/words.ts';
import { JOB } from './job.ts';

const dracut = openBuilder({ name: 'dracut', version: '059-4' });

describe('the command that has dracut build one image', () => {
  test('names the image, the kernel and the folder for temporary files, and leaves the rest to its configuration', () => {
    expect(dracut.plan(JOB)).toEqual({
      command: ['dracut', '--force', '--tmpdir', '/var/lib/bellwether/build', '--kver', '6.1.0-1', '/boot/.new'],
      env: {},
      copies: new Map(),
      files: new Map(),
    });
  });

  test('gives lists as one argument each', () => {
    const { command } = dracut.plan({
      ...JOB,
      hostonly: true,
      addDrivers: ['virtio_blk', 'virtio-scsi'],
      omitDrivers: ['nouveau'],
      addModules: ['lvm', 'crypt'],
      omitModules: ['plymouth'],
      compress: 'xz',
    });
    expect(command).toEqual([
      ...['dracut', '--force', '--tmpdir', '/var/lib/bellwether/build', '--hostonly'],
      ...['--add-drivers', 'virtio_blk virtio-scsi', '--omit-drivers', 'nouveau'],
      ...['--add', 'lvm crypt', '--omit', 'plymouth', '--xz', '--kver', '6.1.0-1', '/boot/.new'],
    ]);
  });

  test('has a word for every compression, and for none', () => {
    const words = COMPRESSIONS.map((compress) => dracut.plan({ ...JOB, compress }).command[4]);
    expect(words).toEqual(['--no-compress', ...COMPRESSIONS.slice(1).map((name) => `--${name}`)]);
  });

  test('does not ask one that is too old for zstd', () => {
    const old = openBuilder({ name: 'dracut', version: '033-572.el7' });
    expect(() => old.plan({ ...JOB, compress: 'zstd' })).toThrow(/"params.compress" is "zstd".*033/);
    expect(old.plan({ ...JOB, compress: 'xz' }).command).toContain('--xz');
    const unknown = openBuilder({ name: 'dracut', version: null });
    expect(unknown.plan({ ...JOB, compress: 'zstd' }).command).toContain('--zstd');
  });

  test.each([
    { addDrivers: ['--include'] },
    { omitDrivers: ['a b'] },
    { addModules: ['$(reboot)'] },
    { omitModules: ['a\nb'] },
    { kernel: '-f' },
    { kernel: '../6.1' },
    { output: 'relative' },
  ])('never holds a name that could be something else: %j', (part) => {
    expect(() => dracut.plan({ ...JOB, ...part })).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('whether an image was built for one host alone', () => {
  test.each([
    [" --force --no-hostonly --kver '6.1.0-56-amd64'", false],
    [' -f -H', true],
    [' --hostonly -N', false],
    [" --force --kver '6.1'", null],
    [" --install '/usr/bin/x --hostonly'", null],
    [null, null],
  ])('is told by the arguments that dracut kept: %j', (text, expected) => {
    expect(hostonlyAsBuilt(text)).toBe(expected);
  });
});
