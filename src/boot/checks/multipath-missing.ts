import { isMultipathNamed } from '../requirements/multipath.ts';
import { neededNodes } from '../storage-stack.ts';
import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check, Observation } from '../types.ts';

/** LVM leaves a group alone that it finds on two disks at once, unless it knows by its own lists that they are paths of one. */
const ON_DUPLICATES: Observation = {
  defect: false,
  what: 'whether LVM activates the volume of / on one path of its disk',
  reason: 'without multipath it finds the same physical volume on each path, and may refuse to choose',
};

/** `/` is on a multipath disk, and the image lacks multipath. By UUID the host still boots, on one path. */
export const multipathMissing: Check = {
  code: 'multipath_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom:
    '/dev/mapper/mpath… does not exist; or the host boots on one path, and multipathd cannot take the disk over.',
  cause:
    'The image was built host-only where multipath was not running, or device-mapper-multipath was not installed then.',
  cure: 'Install device-mapper-multipath (Debian: multipath-tools-boot), then `dracut --force --add multipath --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const named = isMultipathNamed(facts);
    const volumes = neededNodes(facts.host.storage).some(({ node, forRoot }) => forRoot && node.kind === 'lvm_lv');
    for (const seen of observeLayer('multipath', facts, requirements, named ? 'fatal' : 'warning')) {
      yield seen;
      if (!named && volumes && seen.defect) yield ON_DUPLICATES;
    }
  },
};
