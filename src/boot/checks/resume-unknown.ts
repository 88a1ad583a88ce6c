import type { ImageFacts } from '../../image/types.ts';
import { hasWord, lastValue } from '../command-line.ts';
import { lookUpDevice } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { findExecutable, runsSystemd, systemdVersion } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

/** From this version on systemd waits for the resume device without end. */
const WAITS_FOR_EVER = 256;

/** `resume=` names a device that is not there. */
export const resumeUnknown: Check = {
  code: 'resume_unknown',
  checkpoint: 'root',
  severity: 'warning',
  symptom:
    'The boot waits for the swap device: half a minute with initramfs-tools, without end with systemd 256 and later.',
  cause: 'The swap space was made anew, so that its UUID changed, or moved to zram.',
  cure: 'Set resume= to what `blkid` shows, or take the word off (`grubby --update-kernel=ALL --remove-args=resume`); /etc/initramfs-tools/conf.d/resume likewise.',
  repair: ['configure'],
  *observe(facts) {
    const { image, cmdline, host } = facts;
    if (image === null || cmdline === null) return;
    const words = dracutArguments(facts) ?? cmdline;
    const resume = lastValue(words, 'resume');
    if (resume === null || resume === '' || resume === 'none' || hasWord(words, 'noresume')) return;
    if (/^\/dev\/zram\d+$/.test(resume)) return;
    const state = lookUpDevice(resume, host.storage);
    if (state === 'known') return;
    const systemd = waitsForEver(image);
    if (state === 'undecided') {
      if (systemd !== null)
        yield {
          defect: false,
          what: `whether resume=${resume} is there`,
          reason: 'not all devices of this host are known by name',
        };
      return;
    }
    yield {
      defect: true,
      message: `resume=${resume} names a device that this host does not have${
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
  const generator = findExecutable(tree, ['usr/lib/systemd/system-generators/systemd-hibernate-resume-generator']);
  return generator === null ? null : version;
}
