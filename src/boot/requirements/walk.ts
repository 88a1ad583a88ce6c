import type { StorageFacts, StorageNode } from '../../host/types.ts';

/** One node on the way from a mount point to the hardware. */
export interface Step {
  readonly node: StorageNode;
  /** From the top down to the node, both included. */
  readonly path: readonly StorageNode[];
  /** The mount point that it serves. */
  readonly top: string;
}

/** Every node that `/` (and `/usr`) stands on, top down, each once, by the first way that leads to it. */
export function walkRequired(storage: StorageFacts): readonly Step[] {
  const nodes = new Map(storage.nodes.map((node) => [node.id, node]));
  const steps = new Map<string, Step>();
  const visit = (id: string, above: readonly StorageNode[], top: string) => {
    const node = nodes.get(id);
    if (node === undefined || steps.has(id)) return;
    const path = [...above, node];
    steps.set(id, { node, path, top });
    for (const below of node.below) visit(below, path, top);
  };
  for (const { id, why } of storage.required) {
    const node = nodes.get(id);
    // Without its swap a host does not resume, but it boots.
    if (node !== undefined && node.kind !== 'swap') visit(id, [], node.mountPoints[0] ?? why.replace(/^holds /, ''));
  }
  return [...steps.values()];
}
