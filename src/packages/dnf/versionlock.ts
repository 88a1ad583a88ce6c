import { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import { runDnf } from './run.ts';
import { dnfTrouble } from './trouble.ts';
import { readText } from '../read-text.ts';
import type { LockList } from '../versionlock-list.ts';

const CONF = '/etc/dnf/plugins/versionlock.conf';
const PACKAGE = 'python3-dnf-plugin-versionlock';
/** Locks need no repository: none is asked, so that one that is gone does not matter. */
export const VERSIONLOCK = ['dnf', '--assumeyes', '--disablerepo=*', 'versionlock'] as const;

/**
 * The lock file that the plugin reads. The plugin is asked for it too: locks are lines without effect where it is absent or
 * switched off.
 * @throws BellwetherError `program_absent` naming the package that brings the plugin; `not_supported` where it is
 *   switched off or has no lock file
 */
export async function readDnfLocks(runner: Runner): Promise<LockList> {
  const [conf] = await Promise.all([readText(runner, CONF), askPlugin(runner)]);
  const path = /^\s*locklist\s*[=:]\s*(?<path>\S+)/m.exec(conf ?? '')?.groups?.path;
  const text = path === undefined ? null : await readText(runner, path);
  if (path === undefined || text === null) throw noLockFile(path ?? CONF);
  return { path, text, style: 'dnf' };
}

async function askPlugin(runner: Runner): Promise<void> {
  const { exit, stdout, stderr } = await runDnf(runner, [...VERSIONLOCK, 'list'], { accept: [0, 1] });
  if (exit === 0) return;
  const output = `${stdout}\n${stderr}`;
  if (output.includes('Locklist not set')) throw noLockFile(CONF);
  const unread = /Unable to read version lock configuration: .*'(?<path>.*)'/.exec(output)?.groups?.path;
  if (unread !== undefined) throw noLockFile(unread);
  if (!output.includes('No such command: versionlock')) throw dnfTrouble([...VERSIONLOCK, 'list'], exit, output);
  if (output.includes('loading of plugins is currently disabled')) {
    throw new BellwetherError('not_supported', 'dnf loads no plugins here, so version locks have no effect', {
      hint: 'plugins=1 in /etc/dnf/dnf.conf',
    });
  }
  const off = /^\s*enabled\s*[=:]\s*(?:0|no|false|off)\s*$/im.test((await readText(runner, CONF)) ?? '');
  if (off) {
    throw new BellwetherError(
      'not_supported',
      `the versionlock plugin is switched off in ${CONF}: locks have no effect`,
      {
        hint: `enabled=1 in ${CONF}`,
        at: { path: CONF },
      },
    );
  }
  throw new BellwetherError('program_absent', 'dnf has no versionlock plugin here: locks have no effect', {
    hint: `dnf install ${PACKAGE}`,
    at: { package: PACKAGE },
  });
}

function noLockFile(path: string): BellwetherError {
  return new BellwetherError(
    'not_supported',
    `the versionlock plugin has no lock file (${path}): with it dnf fails at all`,
    {
      hint: `dnf reinstall ${PACKAGE}, or an empty file where ${CONF} says`,
      at: { path },
    },
  );
}
