import { dracutArguments, frozenArgumentFiles } from '../dracut-arguments.ts';
import { listedVolumes } from '../lvm-arguments.ts';
import { unreadLoader } from '../refused.ts';
import type { Check } from '../types.ts';

/** `rd.lvm.lv=` names a volume that is not there; dracut waits for each one that is listed. */
export const lvUnknown: Check = {
  code: 'lv_unknown',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"dracut-initqueue: timeout, still waiting for …" for minutes, then "Could not boot".',
  cause: 'The volume (often swap) was removed or renamed, and the command line still names it.',
  cure: 'Take the word off: `grubby --update-kernel=ALL --remove-args=WORD`, and from /etc/default/grub; then rebuild if the image brings it in etc/cmdline.d.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const words = dracutArguments(facts);
    if (words === null || facts.image === null) return;
    const listed = listedVolumes(words);
    if (!listed.on) return;
    const { lvs } = facts.host.storage;
    if (listed.volumes.length + listed.groups.length === 0) return;
    const unread = lvs === null ? 'the logical volumes of this host are not known' : unreadLoader(facts);
    if (lvs === null || unread !== null) {
      yield {
        defect: false,
        what: `whether ${[...listed.volumes, ...listed.groups].join(', ')} (rd.lvm) exist`,
        reason: unread ?? '',
      };
      return;
    }
    const frozen = frozenArgumentFiles(facts.image);
    for (const volume of listed.volumes)
      if (!lvs.has(volume))
        yield {
          defect: true,
          message: `rd.lvm.lv=${volume} names a logical volume that this host does not have; dracut waits for it.`,
          evidence: { word: `rd.lvm.lv=${volume}`, logical_volumes: [...lvs].sort().slice(0, 16), frozen_in: frozen },
        };
    for (const group of listed.groups)
      if (![...lvs].some((lv) => lv.startsWith(`${group}/`)))
        yield {
          defect: true,
          message: `rd.lvm.vg=${group} names a volume group that this host does not have; dracut waits for it.`,
          evidence: { word: `rd.lvm.vg=${group}`, logical_volumes: [...lvs].sort().slice(0, 16), frozen_in: frozen },
        };
  },
};
