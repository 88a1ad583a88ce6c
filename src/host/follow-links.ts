import { Refusal, type Files } from './files.ts';

/** As the kernel's own limit on one path. */
const MAX_LINKS = 40;

const split = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');
const join = (directory: string, name: string): string => (directory === '/' ? `/${name}` : `${directory}/${name}`);

/** Paths without links. Null where a part of the path is absent. */
export interface LinkFollower {
  real(path: string): string | null;
  /** The last name left as it is: for what is asked of a link itself. */
  parent(path: string): string | null;
}

/**
 * Follows links as a process with its root at the tree's would: absolute targets start at the root again, and `..` does
 * not lead out of it. What was walked once is remembered.
 */
export function followLinks(files: Files): LinkFollower {
  const known = new Map<string, string | null>();

  function step(directory: string, name: string, budget: { links: number }): string | null {
    const path = join(directory, name);
    const before = known.get(path);
    if (before !== undefined) return before;
    const stat = files.lstat(path);
    let found: string | null = stat === null ? null : path;
    if (stat?.type === 'symlink') {
      budget.links += 1;
      if (budget.links > MAX_LINKS) throw new Refusal('ELOOP');
      const target = files.readlink(path);
      found = target === null ? null : walk(target.startsWith('/') ? '/' : directory, split(target), budget);
    }
    known.set(path, found);
    return found;
  }

  function walk(start: string, names: readonly string[], budget: { links: number }): string | null {
    let at: string | null = start;
    for (const name of names) {
      if (name === '..') at = at.slice(0, Math.max(0, at.lastIndexOf('/'))) || '/';
      else at = step(at, name, budget);
      if (at === null) return null;
    }
    return at;
  }

  return {
    real: (path) => walk('/', split(path), { links: 0 }),
    parent: (path) => {
      const names = split(path);
      const last = names.pop();
      const directory = walk('/', names, { links: 0 });
      if (directory === null || last === undefined) return directory;
      return last === '..' ? walk(directory, ['..'], { links: 0 }) : join(directory, last);
    },
  };
}
