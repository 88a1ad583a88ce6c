import { hasWord, lastValue } from '../command-line.ts';
import { lookUpDevice, otherSpelling } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { ownLimit, waitsForEver } from '../resume-wait.ts';
import { systemdVersion } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

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
