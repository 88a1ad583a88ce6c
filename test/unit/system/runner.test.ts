import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chrooted } from '../../../src/system/chrooted.ts';
import { openRunner } from '../../../src/system/runner.ts';
import { scoped } from '../../../src/system/scope.ts';

describe('a runner', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-runner-'));
    mkdirSync(join(folder, 'root'));
    symlinkSync('root', join(folder, 'link'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('knows its root with links followed', () => {
    expect(openRunner('/').root).toBe('/');
    expect(openRunner(join(folder, 'link')).root).toBe(join(folder, 'root'));
  });

  test('of a root that is not there is an error that names it', () => {
    expect(() => openRunner(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'root_absent', message: `"root" is "${folder}/none", which is not there` }),
    );
  });

  test('of this machine runs its programs straight, with what is added to the environment', async () => {
    const { stdout } = await openRunner('/').run('sh', ['-c', 'echo "$MORE $LC_ALL"'], { env: { MORE: 'yes' } });
    expect(stdout).toBe('yes C\n');
  });

  test('tells the process group of what it starts, which is its own', async () => {
    const seen: string[] = [];
    const runner = openRunner('/', (group) => {
      seen.push(`${group} began`);
      return () => seen.push(`${group} ended`);
    });
    const { stdout } = await runner.run('sh', ['-c', 'cat /proc/$$/stat']);
    const [pid, group] = [stdout.split(' ')[0], stdout.split(' ')[4]];
    expect(seen).toEqual([`${pid} began`, `${pid} ended`]);
    expect(group).toBe(pid);
  });

  test('that notes what it starts takes input, arguments and absence as any other', async () => {
    const runner = openRunner('/', () => () => undefined);
    expect((await runner.run('cat', [], { input: 'text' })).stdout).toBe('text');
    expect((await runner.run('printf', ['%s|', '$HOME', '; ls', '-n'])).stdout).toBe('$HOME|; ls|-n|');
    expect((await runner.run('sh', ['-c', '[ -e /proc/$$/fd/3 ] || echo closed'])).stdout).toBe('closed\n');
    await expect(runner.run('bellwether-has-no-such-program', [])).rejects.toMatchObject({
      code: 'program_absent',
      message: 'bellwether-has-no-such-program is not installed',
    });
    await expect(runner.run('sh', ['-c', 'echo "sh: 1: x: found" >&2; exit 127'])).rejects.toMatchObject({
      code: 'command_failed',
    });
  });

  test('starts nothing that could not be noted', async () => {
    const seen: string[] = [];
    const runner = openRunner('/', () => {
      throw new Error('no room');
    });
    await expect(runner.run('echo', ['done'], { onLine: (line) => seen.push(line) })).rejects.toThrow('no room');
    expect(seen).toEqual([]);
  });

  test('runs without a scope what wants one, where there is no systemd', async () => {
    const { stdout } = await openRunner('/').run('echo', ['done'], { scope: true });
    expect(stdout).toBe('done\n');
  });
});

describe('a command in another root', () => {
  const line = 'root=/dev/vda1 "$(reboot)"';
  const launch = chrooted('/mnt/sysimage', 'rpm', ['-V', '$(reboot)', '; reboot', '--root=/'], line);

  test('is given as arguments, never as part of a script', () => {
    const at = launch.args.indexOf('/mnt/sysimage');
    expect(launch.args.slice(at)).toEqual(['/mnt/sysimage', line, 'rpm', '-V', '$(reboot)', '; reboot', '--root=/']);
    expect(launch.args.slice(0, at).join(' ')).not.toContain('rpm');
    expect(launch.shown).toEqual(['rpm', '-V', '$(reboot)', '; reboot', '--root=/']);
  });

  test('is told from what takes us there by their words', () => {
    expect(launch.diagnose(127, "chroot: failed to run command 'rpm': No such file or directory\n")).toBe(
      'program_absent',
    );
    expect(launch.diagnose(1, 'unshare: unshare failed: Operation not permitted\n')).toBe('not_permitted');
    expect(launch.diagnose(125, 'mount: /mnt: permission denied.\n')).toBe('not_permitted');
    expect(launch.diagnose(1, 'error: rpmdb: Permission denied\n')).toBeNull();
    expect(launch.diagnose(127, 'sh: 1: rpm: not found\n')).toBeNull();
  });
});

describe('a command in a systemd scope', () => {
  test('is what systemd-run becomes', () => {
    expect(scoped(['--scope', '--quiet', '--collect', '--'], 'dracut', ['--force', 'x'])).toMatchObject({
      command: 'systemd-run',
      args: ['--scope', '--quiet', '--collect', '--', 'dracut', '--force', 'x'],
      shown: ['dracut', '--force', 'x'],
    });
  });

  test('that is absent is told by its words', () => {
    const { diagnose } = scoped(['--scope', '--'], 'dracut', []);
    expect(diagnose(1, 'Failed to find executable dracut: No such file or directory\n')).toBe('program_absent');
    expect(diagnose(1, 'Failed to execute: No such file or directory\n')).toBe('program_absent');
    expect(diagnose(1, 'dracut: no such module\n')).toBeNull();
  });
});
