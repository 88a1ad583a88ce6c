import { kernelDrivers } from './drivers/kernel-drivers.ts';
import { onceFor } from './once-for.ts';
import { becauseOf } from './requirements/because.ts';
import { needsOf } from './requirements/of-node.ts';
import { walkRequired } from './requirements/walk.ts';
import type { BootFacts, Requirement } from './types.ts';

/**
 * All that must be there for the kernel to reach `/` (and `/usr`), top down, each once: the file systems, the layers
 * between them and the disks, and the drivers from the disks up to the bus. Drivers are called as the kernel judged
 * calls them. What is not known is not in the list: who judges by it asks `host.storage.state` too.
 */
export const requirementsOf = onceFor(gather);

function gather(facts: BootFacts): readonly Requirement[] {
  const drivers = kernelDrivers(facts);
  const found = new Map<string, Requirement>();
  for (const step of walkRequired(facts.host.storage)) {
    for (const need of needsOf(step.node, facts, drivers)) {
      const key = `${need.kind} ${need.name}`;
      if (!found.has(key)) found.set(key, { ...need, because: `${need.name}, because ${becauseOf(step)}` });
    }
  }
  return [...found.values()];
}
