import type { StorageFacts, StorageNode } from '../host/types.ts';

/** A node that the boot must reach, and what it serves in words: "which holds /". */
export interface NeededNode {
  readonly node: StorageNode;
  /** What it is needed for: `/`, `/usr`, `resume=`…, as the storage facts say. */
  readonly why: string;
  /** False where only a resume device needs it: the boot goes on without. */
  readonly forRoot: boolean;
}

/** The nodes below everything that the boot must reach, each once, from the top down. */
export function neededNodes(storage: StorageFacts): readonly NeededNode[] {
  const byId = new Map(storage.nodes.map((node) => [node.id, node]));
  const found = new Map<string, NeededNode>();
  const visit = (id: string, why: string, forRoot: boolean) => {
    const node = byId.get(id);
    const before = found.get(id);
    if (node === undefined || before?.forRoot === true || (before !== undefined && !forRoot)) return;
    found.set(id, { node, why, forRoot });
    for (const below of node.below) visit(below, why, forRoot);
  };
  for (const { id, why } of storage.required) visit(id, why, byId.get(id)?.kind !== 'swap');
  return [...found.values()];
}

/** The nodes directly below one. */
export function nodesBelow(storage: StorageFacts, node: StorageNode): readonly StorageNode[] {
  return storage.nodes.filter((other) => node.below.includes(other.id));
}

/** The node that serves `/`; null where it is not known. */
export function rootNode(storage: StorageFacts): StorageNode | null {
  return storage.nodes.find((node) => node.mountPoints.includes('/')) ?? null;
}
