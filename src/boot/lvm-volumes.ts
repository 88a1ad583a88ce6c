import type { StorageFacts, StorageNode } from '../host/types.ts';
import { neededNodes, nodesBelow } from './storage-stack.ts';

/** A logical volume that the boot must reach. */
export interface NeededVolume {
  readonly lv: StorageNode;
  /** The devices directly below it: its physical volumes. Volumes may lie on volumes (thin pools, mirrors); those are none. */
  readonly pvs: readonly StorageNode[];
  readonly top: string;
  readonly forRoot: boolean;
}

/** Those below everything that the boot must reach, from the top down. */
export function neededVolumes(storage: StorageFacts): readonly NeededVolume[] {
  return neededNodes(storage).flatMap(({ node: lv, top, forRoot }) =>
    lv.kind !== 'lvm_lv'
      ? []
      : [{ lv, pvs: nodesBelow(storage, lv).filter((pv) => pv.kind !== 'lvm_lv'), top, forRoot }],
  );
}
