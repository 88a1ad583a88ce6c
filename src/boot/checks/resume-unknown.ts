import type { ImageFacts } from '../../image/types.ts';
import { hasWord, lastValue, valuesOf } from '../command-line.ts';
import { lookUpDevice, otherSpelling } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { findExecutable, runsSystemd, systemdVersion } from '../userspace/programs.ts';
import type { Check, CommandLine } from '../types.ts';

/** From this version on systemd's generator gives the wait for the resume device no limit (its drop-in `JobTimeoutSec=0`). */
const WAITS_FOR_EVER = 245;
const GENERATOR = 'usr/lib/systemd/system-generators/systemd-hibernate-resume-generator';
/** What the generator starts, by its name before and since systemd 255. */
const UNITS = ['systemd-hibernate-resume@.service', 'systemd-hibernate-resume.service'];

/** `resume=` names a device that is not there. */
export const resumeUnknown: Check = {
  code: 'resume_unknown',
  checkpoint: 'root',
  severity: 'warning',
  symptom:
    'The boot waits for the swap device: half a minute with initramfs-tools, without end ("no limit") with systemd 245 and later.',
  cause: 'The swap space was made anew, so that its UUID changed, or moved to zram.',
  cure: 'Set resume= to what `blkid` shows, or take the word off (`grubby --update-kernel=ALL --remove-args=resume`); /etc/initramfs-tools/conf.d/resume likewise.',
  repair: ['configure'],
  *observe(facts) {
    const { image, cmdline, host } = facts;
    if (image === null || cmdline === null) return;
    const systemd = waitsForEver(image);
    // systemd's generator reads the command line alone, dracut's own scripts what is in the image besides.
    const words = systemd === null ? (dracutArguments(facts) ?? cmdline) : cmdline;
    const resume = lastValue(words, 'resume');
    if (resume === null || resume === '' || resume === 'none' || hasWord(words, 'noresume')) return;
    if (/^\/dev\/zram\d+$/.test(resume)) return;
    // systemd waits for udev's link of that very name.
    const spelled = systemd === null ? null : otherSpelling(resume, host.storage);
    const state = spelled === null ? lookUpDevice(resume, host.storage) : 'absent';
    if (state === 'known') return;
    const limit = ownLimit(cmdline);
    if (state === 'undecided' || (systemd !== null && limit !== null)) {
      if (systemd !== null)
        yield {
          defect: false,
          what: `whether resume=${resume} is there`,
          reason:
            state === 'undecided'
              ? 'not all devices of this host are known by name'
              : `it is not, and whether systemd ${systemd} heeds ${limit} here depends on its version`,
        };
      return;
    }
    yield {
      defect: true,
      message: `resume=${resume} names a device that this host does not have${spelled === null ? '' : ` (udev spells it ${spelled})`}${
        systemd === null ? '' : `; systemd ${systemd} waits for it without end`
      }.`,
      evidence: { resume, systemd: systemdVersion(image.tree), generator: image.generator },
      ...(systemd === null ? {} : { severity: 'fatal' }),
    };
  },
};

/** The version of a systemd in the image that waits so; null where none does. */
function waitsForEver({ tree }: ImageFacts): number | null {
  const version = runsSystemd(tree) ? systemdVersion(tree) : null;
  if (version === null || version < WAITS_FOR_EVER) return null;
  const starts = UNITS.some((name) => tree.resolve(`usr/lib/systemd/system/${name}`).found);
  return starts && findExecutable(tree, [GENERATOR]) !== null ? version : null;
}

/** The time limit that a command line sets for devices; null where it sets none. */
function ownLimit(cmdline: CommandLine): string | null {
  const options = valuesOf(cmdline, 'resumeflags', 'rootflags').flatMap((value) => value.split(','));
  return options.find((option) => option.startsWith('x-systemd.device-timeout=')) ?? null;
}
