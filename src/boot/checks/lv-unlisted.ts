import type { StorageNode } from '../../host/types.ts';
import { unexpanded } from '../command-line.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { activates, listedVolumes } from '../lvm-arguments.ts';
import { severityForResume } from '../resume-wait.ts';
import { neededNodes, type NeededNode } from '../storage-stack.ts';
import { hasRules } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

/** dracut activates the volumes that are listed and no other, and one that is needed is not among them. */
export const lvUnlisted: Check = {
  code: 'lv_unlisted',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"/dev/mapper/VG-LV does not exist" in the emergency shell; `lvm vgchange -ay` there brings it up.',
  cause:
    '`/` or /usr was moved to another volume, or to LVM, and the command line still lists what was there before, or has rd.lvm=0.',
  cure: 'List it: `grubby --update-kernel=ALL --args=rd.lvm.lv=VG/LV` (and in /etc/default/grub), and take rd.lvm=0 off.',
  repair: ['configure'],
  *observe(facts) {
    const { image } = facts;
    const words = dracutArguments(facts);
    const hidden = unexpanded(facts);
    if (words === null || image === null || image.unread.length > 0) return;
    const listed = listedVolumes(words);
    // lvm2's own rules activate a volume group when its last disk appears, listed or not.
    if (hasRules(image.tree, /^69-(dm-)?lvm\.rules$/)) return;
    for (const { node, top, forRoot } of topVolumes(neededNodes(facts.host.storage))) {
      if (node.vg === null || node.lv === null || activates(listed, node.vg, node.lv)) continue;
      if (hidden !== null) {
        yield {
          defect: false,
          what: `whether ${node.vg}/${node.lv}, which ${top} is on, is activated`,
          reason: hidden,
        };
        continue;
      }
      yield {
        defect: true,
        message: listed.on
          ? `${node.vg}/${node.lv}, which ${top} is on, is not among the volumes that dracut is told to activate.`
          : `${top} is on ${node.vg}/${node.lv}, and dracut is told to leave LVM alone.`,
        evidence: {
          volume: `${node.vg}/${node.lv}`,
          needed_for: top,
          listed: [...listed.volumes, ...listed.groups],
          lvm_on: listed.on,
        },
        ...(forRoot ? {} : { severity: severityForResume(facts) }),
      };
    }
  },
};

/** Volumes under volumes (thin pools, mirror legs) come up with what stands on them. */
function topVolumes(needed: readonly NeededNode[]): readonly NeededNode[] {
  const volumes = needed.filter(({ node }) => node.kind === 'lvm_lv');
  const carries = (node: StorageNode) =>
    volumes.some((other) => other.node.below.includes(node.id) && other.node.vg === node.vg);
  return volumes.filter(({ node }) => !carries(node));
}
