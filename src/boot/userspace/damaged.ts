import type { Entry } from '../../image/types.ts';

/** Larger ELF files are not read (image/), so what is in them is not known. */
const MAX_READ = 32 << 20;

/**
 * Why the kernel or ld.so would not load this file; null where nothing is wrong with it, or where it was not read.
 * Shared libraries may be linker scripts by name (`libc.so`), which no program asks for.
 */
export function damageOf(entry: Entry, role: 'program' | 'library'): string | null {
  if (entry.type !== 'file' || entry.size > MAX_READ) return null;
  if (entry.size === 0) return 'it is empty';
  if (entry.elf !== undefined) return entry.elf.malformed ?? null;
  if (role === 'library') return 'it is no ELF file';
  return entry.interpreter === undefined ? 'it is neither an ELF file nor a script' : null;
}
