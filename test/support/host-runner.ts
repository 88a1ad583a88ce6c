import { runCommand } from '../../src/system/run-command.ts';
import type { Runner } from '../../src/system/runner.ts';
import type { Host } from './host.ts';

/** Runs programs on a throwaway host as the product does on the host that it runs on, from outside. */
export function runnerOn(host: Host): Runner {
  const pid = /^\/proc\/(\d+)\//.exec(host.path('/'))?.[1] ?? 'none';
  return {
    root: '/',
    run: (command, args, options = {}) => {
      const enter = ['--target', pid, '--mount', '--pid', '--root', '--wd', '--', command, ...args];
      return runCommand('nsenter', enter, options, {
        shown: [command, ...args],
        diagnose: (exit) => (exit === 127 ? 'program_absent' : null),
      });
    },
  };
}
