import type { BootFacts, Requirement } from '../types.ts';
import { kernelDrivers, type KernelDrivers } from './kernel-drivers.ts';
import { supplyOf } from './supply.ts';

/** One module that a requirement takes. */
export interface NeededModule {
  readonly name: string;
  readonly requirement: Requirement;
  /** The module that depends on it; null where the requirement asks for it by itself. */
  readonly neededBy: string | null;
}

/**
 * The modules that K must load to reach `/`: those in the image that meet a requirement, and all that these depend on,
 * whether the image holds it or not. What is built in is left out, and so is what the image lacks at the top.
 */
export function neededModules(facts: BootFacts, requirements: readonly Requirement[]): readonly NeededModule[] {
  const drivers = kernelDrivers(facts);
  const found = new Map<string, NeededModule>();
  for (const requirement of requirements) {
    const supply = supplyOf(requirement, drivers);
    if (supply.state === 'module') addWithDependencies(supply.module, requirement, drivers, found);
  }
  return [...found.values()];
}

function addWithDependencies(
  module: string,
  requirement: Requirement,
  drivers: KernelDrivers,
  found: Map<string, NeededModule>,
): void {
  const queue: { name: string; neededBy: string | null }[] = [{ name: module, neededBy: null }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, neededBy } = next;
    if (found.has(name) || drivers.isBuiltin(name)) continue;
    found.set(name, { name, requirement, neededBy });
    queue.push(...drivers.dependsOn(name).map((dependency) => ({ name: dependency, neededBy: name })));
  }
}

/**
 * Whether it is known for sure that K needs no module at all: then a damaged index or module hurts nobody.
 * False while the storage stack is not known to the bus.
 */
export function needsNoModule(facts: BootFacts, requirements: readonly Requirement[]): boolean {
  if (facts.host.storage.state !== 'complete') return false;
  const drivers = kernelDrivers(facts);
  return requirements.every((requirement) => supplyOf(requirement, drivers).state === 'builtin');
}
