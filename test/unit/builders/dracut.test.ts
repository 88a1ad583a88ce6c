import { describe, expect, test } from '@jest/globals';
import { openBuilder } from '../../../src/builders/index.ts';
import { readAsBuilt } from '../../../src/builders/keep.ts';
import { COMPRESSIONS } from '../../../src/protocol/words.ts';
import type { BuildJob } from '../../../src/builders/types.ts';
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
    expect(readAsBuilt(text).hostonly).toBe(expected);
  });
});

/** What is said again of arguments that an old image was built with. */
function repeat(buildParameters: string, over: Partial<BuildJob> = {}): readonly string[] {
  const repeated = readAsBuilt(buildParameters).content;
  return dracut.plan({ ...JOB, repeated, ...over }).command.slice(4, -3);
}

describe('how an old image was built', () => {
  test('is said again, as far as it says what the image holds', () => {
    const kept =
      " --force --quiet --kver '6.1' --add-drivers 'e1000e dm_crypt' --install '/usr/bin/gpg' --tmpdir '/tmp/x' --mdadmconf" +
      " -a 'lvm' --logfile --no-hostonly --gzip --mount '/dev/sda1 /data ext4 ro' --include '/etc/unlock.key' '/etc/unlock.key'";
    expect(repeat(kept)).toEqual([
      ...['--add-drivers', 'e1000e dm_crypt', '--install', '/usr/bin/gpg', '--mdadmconf', '--add', 'lvm'],
      ...['--mount', '/dev/sda1 /data ext4 ro', '--include', '/etc/unlock.key', '/etc/unlock.key'],
    ]);
    expect(readAsBuilt(kept).lost).toEqual([]);
  });

  test('gives way to what is asked for now', () => {
    const kept = "--add-drivers 'nvme e1000e' --omit-drivers 'virtio_blk nouveau' --force-drivers 'nvme' --omit 'lvm'";
    expect(repeat(kept, { addDrivers: ['virtio-blk', 'e1000e'], omitDrivers: ['nvme'], addModules: ['lvm'] })).toEqual([
      ...['--add', 'lvm', '--add-drivers', 'virtio-blk e1000e', '--omit-drivers', 'nvme nouveau'],
    ]);
  });

  test('does not grow with each rebuild', () => {
    const kept = "--add-drivers 'nvme' --add-drivers 'nvme e1000e' --nomdadmconf --mdadmconf --nomdadmconf";
    expect(repeat(kept, { addDrivers: ['nvme'] })).toEqual([
      '--add-drivers',
      'nvme e1000e',
      '--mdadmconf',
      '--nomdadmconf',
    ]);
  });

  test.each([
    ["--add-drivers '--include'", '--add-drivers "--include" (a value of another form)'],
    ["--install '$(reboot)'", '--install "$(reboot)" (a value of another form)'],
    ["--include '/etc/x'", '--include "/etc/x" (a value of another form)'],
    ["--include 'etc/x' '/x'", '--include "etc/x" "/x" (a value of another form)'],
    ["--kernel-cmdline 'a;reboot'", '--kernel-cmdline "a;reboot" (a value of another form)'],
    ["--sysroot '/mnt'", '--sysroot "/mnt" (an unknown option)'],
    ["--exec '/bin/sh'", '--exec "/bin/sh" (an unknown option)'],
    ["--add-drivers 'it's'", 'its arguments (a quote in them is left open)'],
  ])('is not said again where it could be something else, which is told: %s', (kept, lost) => {
    expect(repeat(kept)).toEqual([]);
    expect(readAsBuilt(kept).lost).toEqual([lost]);
  });
});
