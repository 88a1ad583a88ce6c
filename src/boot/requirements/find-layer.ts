import type { Requirement } from '../types.ts';

/** What asks for a layer, where anything that is needed stands on it. */
export function findLayer(requirements: readonly Requirement[], layer: string): Requirement | undefined {
  return requirements.find(({ kind, name }) => kind === 'layer' && name === layer);
}
