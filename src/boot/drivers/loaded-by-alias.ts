import type { BootFacts, Requirement } from '../types.ts';
import { forcedModules } from './forced-modules.ts';
import { neededModules, type NeededModule } from './needed-modules.ts';

/** Needed modules that nothing loads by name: udev, or the kernel, asks for them by alias. What these depend on comes with them. */
export function loadedByAlias(facts: BootFacts, requirements: readonly Requirement[]): readonly NeededModule[] {
  const forced = forcedModules(facts);
  return neededModules(facts, requirements).filter(({ name, neededBy }) => neededBy === null && !forced.has(name));
}
