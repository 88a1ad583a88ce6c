import type { Entry } from '../../image/types.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { bootPrograms, type BootProgram } from './boot-programs.ts';
import { loadedObjects } from './missing-libraries.ts';
import { openedLibraries } from './opened-libraries.ts';

/** A program that this boot needs, or a library that it is linked with or cannot do without opening. */
export interface NeededObject {
  readonly object: Entry;
  readonly program: BootProgram;
  /** What the program opens as it runs, the object or what that is linked with; null: it is loaded as the program starts. */
  readonly opened: Entry | null;
}

/** All of them, once for each program that needs them. */
export function* neededObjects(facts: BootFacts, requirements: readonly Requirement[]): Iterable<NeededObject> {
  if (facts.image === null) return;
  const { tree } = facts.image;
  const programs = bootPrograms(facts, requirements);
  for (const program of programs.values())
    for (const object of loadedObjects(tree, program.entry)) yield { object, program, opened: null };
  for (const { program, severity, found } of openedLibraries(facts, tree, programs.values(), requirements)) {
    if (severity !== 'fatal' || found === null) continue;
    for (const object of loadedObjects(tree, found)) yield { object, program, opened: found };
  }
}
