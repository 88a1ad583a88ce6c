import { existsSync } from 'node:fs';
import { BellwetherError } from '../protocol/errors.ts';
import { runCommand, type Wrapping } from './run-command.ts';

/** As sd_booted(3) tells whether systemd is what runs this machine. */
const BOOTED = '/run/systemd/system';
/** Older ones (219 in EL 7) know no more than the last. */
const FORMS = [
  ['--scope', '--quiet', '--collect', '--'],
  ['--scope', '--'],
] as const;

interface Launch extends Wrapping {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * What to call `systemd-run` with so that a program runs in a scope of its own here; null where that cannot be had (no
 * systemd, no bus, a container): then a program is run straight.
 */
export async function scopeArguments(): Promise<readonly string[] | null> {
  if (!existsSync(BOOTED)) return null;
  for (const form of FORMS) {
    try {
      await runCommand('systemd-run', [...form, 'true'], { timeoutSeconds: 10 });
      return form;
    } catch (error) {
      if (!(error instanceof BellwetherError)) throw error;
    }
  }
  return null;
}

/** A program in a systemd scope: `systemd-run` becomes it, so that group and exit status are its own. */
export function scoped(form: readonly string[], command: string, args: readonly string[]): Launch {
  return {
    command: 'systemd-run',
    args: [...form, command, ...args],
    shown: [command, ...args],
    diagnose: (_exit, stderr) =>
      /^Failed to (?:execute|find executable).*No such file or directory$/m.test(stderr) ? 'program_absent' : null,
  };
}
