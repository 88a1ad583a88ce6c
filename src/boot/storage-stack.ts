import type { StorageFacts, StorageNode } from '../host/types.ts';

/** A node that the boot must reach. */
export interface NeededNode {
  readonly node: StorageNode;
  /** What is on it: `/`, `/usr`, "the resume device". */
  readonly top: string;
  /** False where only a resume device needs it: the boot goes on without. */
  readonly forRoot: boolean;
}

/** The nodes below everything that the boot must reach, each once, from the top down. */
export function neededNodes(storage: StorageFacts): readonly NeededNode[] {
  const byId = new Map(storage.nodes.map((node) => [node.id, node]));
  const found = new Map<string, NeededNode>();
  const visit = (id: string, top: string, forRoot: boolean) => {
    const node = byId.get(id);
    const before = found.get(id);
    if (node === undefined || before?.forRoot === true || (before !== undefined && !forRoot)) return;
    found.set(id, { node, top, forRoot });
    for (const below of node.below) visit(below, top, forRoot);
  };
  for (const { id, why } of storage.required) {
    const node = byId.get(id);
    const isSwap = node?.kind === 'swap';
    visit(id, isSwap ? 'the resume device' : (node?.mountPoints[0] ?? why), !isSwap);
  }
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
