import type { Entry, ImageTree } from '../../image/types.ts';
import { isExecutable } from './programs.ts';

/** The kernel follows `#!` lines this often (BINPRM_MAX_RECURSION is 4 in older kernels, 5 in newer ones). */
const MAX_SCRIPTS = 4;

/** What happens when the kernel executes a path of the image. */
export type Execution =
  | { readonly runs: true; readonly chain: readonly Entry[] }
  /** `absent`: nothing there, so the kernel takes the image for none · `refused`: it is there and cannot be run. */
  | {
      readonly runs: false;
      readonly kind: 'absent' | 'refused';
      readonly reason: string;
      readonly missing: string;
      readonly via: readonly string[];
    };

/** Follows an executable through links, `#!` lines and the ELF interpreter, as execve does. */
export function execute(tree: ImageTree, path: string): Execution {
  const chain: Entry[] = [];
  let next = path;
  for (let depth = 0; depth <= MAX_SCRIPTS; depth += 1) {
    const at = tree.resolve(next);
    if (!at.found)
      return {
        runs: false,
        kind: depth === 0 ? 'absent' : 'refused',
        reason: depth === 0 ? reasonOf(at.reason) : `its interpreter ${next} is not there`,
        missing: at.missing,
        via: at.via,
      };
    const { entry } = at;
    const refused = (reason: string): Execution => ({
      runs: false,
      kind: 'refused',
      reason,
      missing: entry.path,
      via: [],
    });
    if (entry.type !== 'file') return refused(`${entry.path} is a ${entry.type}`);
    if (!isExecutable(entry))
      return refused(`${entry.path} may not be executed (mode ${(entry.mode & 0o7777).toString(8)})`);
    if (entry.size === 0) return refused(`${entry.path} is empty`);
    chain.push(entry);
    if (entry.elf !== undefined) return executeElf(tree, entry, chain);
    const interpreter = entry.interpreter?.trim().split(/\s+/)[0] ?? '';
    if (interpreter === '') return refused(`${entry.path} is neither an ELF program nor a script`);
    next = interpreter;
  }
  return {
    runs: false,
    kind: 'refused',
    reason: 'scripts name scripts as interpreters too often',
    missing: next,
    via: [],
  };
}

function executeElf(tree: ImageTree, entry: Entry, chain: readonly Entry[]): Execution {
  const { elf } = entry;
  if (elf?.malformed !== undefined)
    return { runs: false, kind: 'refused', reason: `${entry.path}: ${elf.malformed}`, missing: entry.path, via: [] };
  if (elf?.interpreter === undefined) return { runs: true, chain };
  const at = tree.resolve(elf.interpreter);
  // The kernel opens it for execution too (load_elf_binary, open_exec): it needs the bit.
  if (at.found && isExecutable(at.entry) && at.entry.size > 0) return { runs: true, chain: [...chain, at.entry] };
  return {
    runs: false,
    kind: 'refused',
    reason: at.found
      ? `its program interpreter ${elf.interpreter} cannot be executed`
      : `its program interpreter ${elf.interpreter} is not there`,
    missing: at.found ? at.entry.path : at.missing,
    via: at.found ? [] : at.via,
  };
}

function reasonOf(reason: 'absent' | 'loop' | 'not_directory'): string {
  switch (reason) {
    case 'absent':
      return 'it is not there';
    case 'loop':
      return 'its links go round in circles';
    case 'not_directory':
      return 'a file stands where a folder should be';
  }
}
