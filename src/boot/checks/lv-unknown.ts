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
    const { lvs, idleLvs } = facts.host.storage;
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
    const missing = [
      ...listed.volumes.map((name) => ({ word: `rd.lvm.lv=${name}`, what: 'logical volume', below: name })),
      ...listed.groups.map((name) => ({ word: `rd.lvm.vg=${name}`, what: 'volume group', below: `${name}/` })),
    ].filter(({ below }) => !names(lvs, below));
    for (const { word, what, below } of missing) {
      if (names(idleLvs, below))
        yield {
          defect: false,
          what: `whether the ${what} that ${word} names is there`,
          reason: 'it is not active, and /etc/lvm/backup has it',
        };
      else
        yield {
          defect: true,
          message: `${word} names a ${what} that this host does not have; dracut waits for it.`,
          evidence: { word, logical_volumes: [...lvs].sort().slice(0, 16), frozen_in: frozen },
        };
    }
  },
};

/** @param below `VG/LV`, or `VG/` for any of a group */
function names(volumes: ReadonlySet<string>, below: string): boolean {
  return volumes.has(below) || (below.endsWith('/') && [...volumes].some((volume) => volume.startsWith(below)));
}
