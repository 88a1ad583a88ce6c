import { describe, expect, it } from '@jest/globals';
import { openYum } from '../../../src/packages/yum/yum.ts';
import { parseYumList } from '../../../src/packages/yum/list.ts';
import { yumTrouble } from '../../../src/packages/yum/trouble.ts';
import { scriptedRunner } from './scripted-runner.ts';

// yum 3 runs on Python 2 alone and has no home in the lab. What it prints here was written down from its documentation and
// from the formats in its source (yum 3.4.3: cli.py, output.py, yum/__init__.py; yum-utils 1.1.31: plugins/versionlock):
// none of it was recorded.

const CONF = '[main]\nenabled = 1\nlocklist = /etc/yum/pluginconf.d/versionlock.list\n# follow_obsoletes = 1\n';
const AVAILABLE = `Loaded plugins: fastestmirror, versionlock
Loading mirror speeds from cached hostfile
Available Packages
kernel.x86_64                 3.10.0-1062.el7                            base
kernel.x86_64                 3.10.0-1062.4.1.el7                        updates
kernel-headers.x86_64         3.10.0-1062.el7                            base
kernel-headers.x86_64         3.10.0-1062.4.1.el7                        updates
kmod.x86_64                   20-25.el7                                  base
bind-export-libs-with-a-name.x86_64
                              32:9.11.4-9.P2.el7
                                                                         a-very-long-repository
`;
const UPDATE = `Loaded plugins: fastestmirror, versionlock
Resolving Dependencies
--> Running transaction check
---> Package kernel.x86_64 0:3.10.0-1062.4.1.el7 will be installed
--> Finished Dependency Resolution

Dependencies Resolved

================================================================================
 Package           Arch      Version                    Repository         Size
================================================================================
Installing:
 kernel            x86_64    3.10.0-1062.4.1.el7        updates            50 M
Updating:
 kernel-headers    x86_64    3.10.0-1062.4.1.el7        updates           8.7 M
Removing:
 kernel            x86_64    3.10.0-957.el7             @base              63 M

Transaction Summary
================================================================================
Install  1 Package
Upgrade  1 Package
Remove   1 Package

Exiting on user command
Your transaction was saved, rerun it with:
 yum load-transaction /tmp/yum_save_tx.2019-10-07.10-00.XXXXXX.yumtx
`;
const INSTALLED = `=kernel\t3.10.0-1062.4.1.el7\tx86_64\tkernel-3.10.0-1062.4.1.el7.src.rpm
+kernel-uname-r\t3.10.0-1062.4.1.el7.x86_64
=kernel-headers\t3.10.0-1062.4.1.el7\tx86_64\tkernel-3.10.0-1062.4.1.el7.src.rpm
+kernel-headers\t3.10.0-1062.4.1.el7
`;

const OWN_CACHE = '--setopt=cachedir=/var/cache/bellwether';
const OLD = '3.10.0-1062.el7';
const NEW = '3.10.0-1062.4.1.el7';
const at = (name: string, version: string) => ({ name, version, arch: 'x86_64', kernel: null });

/** A host of EL 7 whose lock file is what was last written to it. */
function el7(answers: { readonly list?: string; readonly versionlock?: string; readonly conf?: string } = {}) {
  let list = answers.list ?? '';
  const { runner, asked } = scriptedRunner((command, input) => {
    const line = command.join(' ');
    if (line.endsWith('versionlock.conf')) return { stdout: answers.conf ?? CONF };
    if (line.endsWith('versionlock.list') && command[0] === 'cat') return { stdout: list };
    if (command[0] === '/bin/sh') {
      list = input ?? '';
      return {};
    }
    if (command[0] === 'rpm') return { stdout: INSTALLED };
    if (line.endsWith('versionlock list')) {
      return answers.versionlock === undefined
        ? { stdout: `Loaded plugins: versionlock\n${list}versionlock list done\n` }
        : { exit: 1, stderr: answers.versionlock };
    }
    if (line.includes('versionlock add')) {
      list += `\n# Added locks on Mon Oct  7 10:00:00 2019\n${command.slice(command.indexOf('--') + 1).join('\n')}\n`;
      return { stdout: 'versionlock added: 1\n' };
    }
    if (line.includes('list available')) return { stdout: AVAILABLE };
    if (line.endsWith('update')) return { exit: 1, stdout: UPDATE };
    return {};
  });
  return { yum: openYum(runner), asked, lockFile: () => list };
}

describe('yum 3, by its documented behaviour', () => {
  it('lists every version that the repositories have, over several lines where it must', () => {
    expect(parseYumList(AVAILABLE).filter(({ name }) => !name.startsWith('kernel'))).toEqual([
      { name: 'kmod', version: '20-25.el7', arch: 'x86_64' },
      { name: 'bind-export-libs-with-a-name', version: '32:9.11.4-9.P2.el7', arch: 'x86_64' },
    ]);
    expect(parseYumList('Installed Packages\nkmod.x86_64 20-25.el7 @base\n')).toEqual([]);
  });

  it('reinstalls exactly what is installed, downloaded anew, and cleans its caches when that is done', async () => {
    const { yum } = el7();
    const commands = await yum.planReinstall([at('kmod', '20-25.el7')], true);
    expect(commands.map(({ command }) => command.join(' '))).toEqual([
      `yum --assumeyes --setopt=exit_on_lock=1 ${OWN_CACHE} --downloadonly reinstall -- kmod-20-25.el7.x86_64`,
      `yum --assumeyes --setopt=exit_on_lock=1 ${OWN_CACHE} reinstall -- kmod-20-25.el7.x86_64`,
      'yum --assumeyes --setopt=exit_on_lock=1 clean all',
    ]);
    await expect(yum.planReinstall([at('kmod', '20-23.el7')], true)).rejects.toMatchObject({
      code: 'version_absent',
      at: { nearest: ['20-25.el7'] },
    });
  });

  it('an older kernel is installed beside the newer one, headers are downgraded', async () => {
    const { yum } = el7();
    const commands = await yum.planInstall([at('kernel', OLD), at('kernel-headers', OLD)]);
    const options = '--assumeyes --setopt=exit_on_lock=1 --setopt=installonly_limit=0 --disableplugin=versionlock';
    expect(commands.map(({ command }) => command.join(' '))).toEqual([
      `yum ${options} --downloadonly install -- kernel-${OLD}.x86_64`,
      `yum ${options} install -- kernel-${OLD}.x86_64`,
      `yum ${options} --downloadonly downgrade -- kernel-headers-${OLD}.x86_64`,
      `yum ${options} downgrade -- kernel-headers-${OLD}.x86_64`,
    ]);
  });

  it('locks are lines with the epoch in front, added by the tool and read back', async () => {
    const { yum, lockFile } = el7({ list: '# ours\n' });
    const wanted = [at('kernel', OLD), at('kernel-headers', OLD)];
    const plan = yum.planLock(await yum.locks(), wanted, true);
    for (const command of plan.commands) await yum.execute(command, {});
    expect((await yum.locks(['kernel'])).map(({ line }) => line)).toEqual([`0:kernel-${OLD}.*`]);
    expect(lockFile()).toContain(`0:kernel-headers-${OLD}.*\n`);
    expect(yum.planLock(await yum.locks(), wanted, true).commands).toEqual([]);
  });

  it('locks to another version are written over at once, comments stay', async () => {
    const { yum, lockFile } = el7({ list: `# ours\n0:kernel-${NEW}.*\n0:bash-4.2.46-33.el7.*\n` });
    const plan = yum.planLock(await yum.locks(), [at('kernel', OLD)], true);
    for (const command of plan.commands) await yum.execute(command, {});
    expect(lockFile()).toBe(`# ours\n0:bash-4.2.46-33.el7.*\n\n# Added locks by bellwether\n0:kernel-${OLD}.*\n`);
    const install = await yum.planInstall([at('kernel', OLD)]);
    expect(install[0]?.command).toContain('--exclude=bash');
  });

  it('a lock that the tool did not add is told, though it ended well', async () => {
    const { runner } = scriptedRunner(([program, ...args]) => {
      if (program === 'cat') return { stdout: args.includes('/etc/yum/pluginconf.d/versionlock.conf') ? CONF : '' };
      return { stdout: 'versionlock added: 0\n' };
    });
    const yum = openYum(runner);
    const { commands } = yum.planLock(await yum.locks(), [at('kernel', OLD)], true);
    const [command] = commands;
    if (command === undefined) throw new Error('nothing planned');
    await expect(yum.execute(command, {})).rejects.toMatchObject({ code: 'not_effective' });
  });

  it('asks the resolver what would move', async () => {
    const { yum } = el7();
    expect(await yum.wouldMove(at('kernel', NEW))).toBeNull();
    expect(await yum.wouldMove(at('kernel', OLD))).toBe(NEW);
    expect(await yum.wouldMove(at('kernel-headers', OLD))).toBe(NEW);
    expect(await yum.wouldMove(at('kmod', '20-25.el7'))).toBeNull();
  });

  it.each([
    [
      'No such command: versionlock. Please use /usr/bin/yum --help\n',
      CONF,
      'program_absent',
      /yum-plugin-versionlock/,
    ],
    [
      'No such command: versionlock. Please use /usr/bin/yum --help\n',
      CONF.replace('= 1', '= 0'),
      'not_supported',
      /enabled=1/,
    ],
    ['', '[main]\nenabled = 1\nlocklist = https://locks.example/el7.list\n', 'not_supported', /locklist/],
  ])('locks without effect are refused with what to do: %j', async (versionlock, conf, code, hint) => {
    const { yum } = el7({ conf, ...(versionlock === '' ? {} : { versionlock }) });
    await expect(yum.locks()).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) });
  });

  it.each([
    [
      'Existing lock /var/run/yum.pid: another copy is running as pid 4711.\nAnother app is currently holding the yum lock; exiting as configured by exit_on_lock\n',
      'busy',
    ],
    [
      '\n\n One of the configured repositories failed (CentOS-7 - Base),\n and yum doesn’t have enough cached data to continue.\n\nCannot find a valid baseurl for repo: base/7/x86_64\n',
      'repository_unreachable',
    ],
    ['failure: repodata/repomd.xml from base: [Errno 256] No more mirrors to try.\n', 'repository_unreachable'],
    ['Installed package kmod-20-25.el7.x86_64 (from base) not available.\nError: Nothing to do\n', 'version_absent'],
    ['No package kernel-3.10.0-1.el7.x86_64 available.\nError: Nothing to do\n', 'version_absent'],
    [
      'Error Summary\n-------------\nDisk Requirements:\n  At least 27MB more space needed on the /boot filesystem.\n',
      'boot_full',
    ],
    ['Error: Package: kernel-tools requires kernel-tools-libs\n', 'command_failed'],
  ])('%j', (output, code) => {
    expect(yumTrouble(['yum', 'install'], 1, output)).toMatchObject({ code });
  });

  it('another yum is told with its pid', () => {
    const output = 'Existing lock /var/run/yum.pid: another copy is running as pid 4711.\n';
    expect(yumTrouble(['yum', 'install'], 1, output)).toMatchObject({ code: 'busy', at: { pid: 4711 } });
  });
});
