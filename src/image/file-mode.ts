import type { EntryType } from './types.ts';

export const TYPE_BITS = 0o170000;

const TYPES: Readonly<Record<number, EntryType>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
  0o020000: 'device',
  0o060000: 'device',
  0o010000: 'fifo',
  0o140000: 'socket',
};

/** The type that a mode's bits name, or null where they name none. */
export function typeOfMode(mode: number): EntryType | null {
  return TYPES[mode & TYPE_BITS] ?? null;
}
