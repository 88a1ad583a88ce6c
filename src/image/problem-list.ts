import type { ImageProblem } from './types.ts';

/** Of each kind, as many are told; a hostile image could have millions. */
const MAX_PER_KIND = 100;

export interface ProblemList {
  add(problem: ImageProblem): void;
  list(): readonly ImageProblem[];
}

/** Collects problems, the first hundred of each kind, and counts the others in one more. */
export function createProblemList(): ProblemList {
  const kept: ImageProblem[] = [];
  const counts = new Map<ImageProblem['kind'], { count: number; last: ImageProblem }>();
  return {
    add(problem) {
      const count = (counts.get(problem.kind)?.count ?? 0) + 1;
      counts.set(problem.kind, { count, last: problem });
      if (count <= MAX_PER_KIND) kept.push(problem);
    },
    list() {
      const more = [...counts.values()]
        .filter(({ count }) => count > MAX_PER_KIND)
        .map(({ count, last: { kind, file, offset } }) => ({
          kind,
          file,
          offset,
          detail: `and ${count - MAX_PER_KIND} more of this kind`,
        }));
      return [...kept, ...more];
    },
  };
}
