import { BellwetherError } from '../../protocol/errors.ts';
import type { CommandResult } from '../../system/run-command.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { readText } from '../read-text.ts';
import type { LockList } from '../versionlock-list.ts';
import { yumTrouble } from './trouble.ts';

const CONF = '/etc/yum/pluginconf.d/versionlock.conf';
const PACKAGE = 'yum-plugin-versionlock';
const LIST = ['yum', '--assumeyes', 'versionlock', 'list'] as const;

/**
 * The lock file that the plugin reads. The plugin is asked for it too: locks are lines without effect where it is absent or
 * switched off.
 * @throws BellwetherError `program_absent` naming the package that brings the plugin; `not_supported` where it is
 *   switched off, or its lock file is absent or on another machine
 */
export async function readYumLocks(
  runner: Runner,
  run: (command: readonly string[], options: RunOptions) => Promise<CommandResult>,
): Promise<LockList> {
  const conf = (await readText(runner, CONF)) ?? '';
  const { exit, stdout, stderr } = await run(LIST, { accept: [0, 1] });
  const output = `${stdout}\n${stderr}`;
  if (output.includes('No such command: versionlock')) {
    if (/^\s*enabled\s*[=:]\s*(?:0|no|false|off)\s*$/im.test(conf)) {
      throw unsupported(
        `the versionlock plugin is switched off in ${CONF}: locks have no effect`,
        `enabled=1 in ${CONF}`,
      );
    }
    throw new BellwetherError('program_absent', 'yum has no versionlock plugin here: locks have no effect', {
      hint: `yum install ${PACKAGE}; and plugins=1 in /etc/yum.conf`,
      at: { package: PACKAGE },
    });
  }
  const path = /^\s*locklist\s*[=:]\s*(?:file:(?:\/\/)?)?(?<path>\/\S+)/m.exec(conf)?.groups?.path;
  if (path === undefined) throw unsupported(`${CONF} names no lock file on this host`, 'locklist in it');
  const text = await readText(runner, path);
  if (text === null) throw unsupported(`the lock file ${path} is not there: yum ends without it`, `an empty ${path}`);
  if (exit !== 0) throw yumTrouble(LIST, exit, output);
  return { path, text, style: 'yum' };
}

function unsupported(message: string, hint: string): BellwetherError {
  return new BellwetherError('not_supported', message, { hint, at: { path: CONF } });
}
