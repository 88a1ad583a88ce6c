import type { Severity } from '../protocol/messages.ts';
import type { ImageFacts } from '../image/types.ts';
import { hasWord, lastValue, valuesOf } from './command-line.ts';
import { findNode } from './device-names.ts';
import { findExecutable, runsSystemd, systemdVersion } from './userspace/programs.ts';
import type { BootFacts, CommandLine } from './types.ts';

/** From this version on systemd's generator gives the wait for the resume device no limit (its drop-in `JobTimeoutSec=0`). */
const WAITS_FOR_EVER = 245;
const GENERATOR = 'usr/lib/systemd/system-generators/systemd-hibernate-resume-generator';
/** What the generator starts, by its name before and since systemd 255. */
const UNITS = ['systemd-hibernate-resume@.service', 'systemd-hibernate-resume.service'];

/** The version of a systemd in the image that waits so; null where none does. */
export function waitsForEver({ tree }: ImageFacts): number | null {
  const version = runsSystemd(tree) ? systemdVersion(tree) : null;
  if (version === null || version < WAITS_FOR_EVER) return null;
  const starts = UNITS.some((name) => tree.resolve(`usr/lib/systemd/system/${name}`).found);
  return starts && findExecutable(tree, [GENERATOR]) !== null ? version : null;
}

/** The time limit that a command line sets for devices; null where it sets none. */
export function ownLimit(cmdline: CommandLine): string | null {
  const options = valuesOf(cmdline, 'resumeflags', 'rootflags').flatMap((value) => value.split(','));
  return options.find((option) => option.startsWith('x-systemd.device-timeout=')) ?? null;
}

/** How bad it is that a layer below the resume device does not come up: the boot goes on without, unless it waits for ever. */
export function severityForResume({ image, cmdline, host }: BootFacts): Severity {
  if (image === null || cmdline === null || waitsForEver(image) === null) return 'warning';
  const resume = lastValue(cmdline, 'resume');
  if (resume === null || resume === '' || hasWord(cmdline, 'noresume') || ownLimit(cmdline) !== null) return 'warning';
  return findNode(resume, host.storage) === null ? 'warning' : 'fatal';
}
