import type { StorageNode } from '../../host/types.ts';
import type { Step } from './walk.ts';

/** Why a node is needed, from itself up to the mount point: "/dev/vda2 holds the PV of vg0, which holds /". */
export function becauseOf({ path, top }: Step): string {
  const upwards = [...path].reverse();
  // A disk is told by its partition.
  if (upwards[0]?.kind === 'disk' && upwards[1]?.kind === 'partition') upwards.shift();
  const [lowest, ...above] = upwards;
  if (lowest === undefined) return `it holds ${top}`;
  if (above.length === 0) return `${top} is ${lowest.type} on ${lowest.name}`;
  const relations = above
    .map((node, at) => relationOf(upwards[at] ?? lowest, node, top))
    .filter((text) => text !== null);
  return `${lowest.name} ${relations.join(', which ')}`;
}

/** What the lower node is to the one on it; null where there is nothing to say. */
function relationOf(lower: StorageNode, upper: StorageNode, top: string): string | null {
  switch (upper.kind) {
    case 'filesystem':
    case 'swap':
      return `holds ${top}`;
    case 'lvm_lv':
      // Thin pools, mirror legs and the like are LVs under LVs.
      return lower.kind === 'lvm_lv' ? null : `holds the PV of ${upper.vg ?? upper.name}`;
    case 'crypt':
      return `holds the encrypted ${upper.name}`;
    case 'md':
      return `is a member of ${upper.name}`;
    case 'multipath':
      return `is a path of ${upper.name}`;
    case 'bcache':
      return `backs ${upper.name}`;
    case 'partition':
      return `holds ${upper.name}`;
    case 'disk':
    case 'network':
      return `carries ${upper.name}`;
  }
}
