/** What grub-mkimage built into a GRUB: where it looks for its configuration, and commands that it runs first. */

/** As grub/kernel.h of GRUB has them. */
const MAGIC = 0x676d696d; // "mimg"
const CONFIG = 2;
const PREFIX = 3;
/** Both stand at the end, the prefix last; a configuration that does not fit in is not told. */
const TAIL = 8192;

export interface GrubCore {
  /** Null: not to be told. */
  readonly prefix: string | null;
  /** Null: none. */
  readonly config: string | null;
}

const UNTOLD: GrubCore = { prefix: null, config: null };

/**
 * @param read bytes of the file: at most so many, from there on
 * @param at where the list of modules begins in it
 * @param wide whether its numbers are of eight bytes
 */
export function readGrubCore(
  read: (limit: number, offset: number) => Buffer | null,
  at: number,
  wide: boolean,
): GrubCore {
  const head = read(24, at);
  if (head === null || head.length < 24 || head.readUInt32LE(0) !== MAGIC) return UNTOLD;
  const size = wide ? Number(head.readBigUInt64LE(16)) : head.readUInt32LE(8);
  if (!Number.isSafeInteger(size) || size < 32) return UNTOLD;
  const from = Math.max(0, size - TAIL);
  const tail = read(Math.min(size, TAIL), at + from);
  if (tail === null || tail.length < Math.min(size, TAIL)) return UNTOLD;
  const prefix = lastModule(tail, tail.length, PREFIX);
  if (prefix === null) return UNTOLD;
  const config = lastModule(tail, prefix.at, CONFIG);
  return { prefix: prefix.text, config: config?.text ?? null };
}

/** The module of this type that ends there: its type, its size with this head, its text. */
function lastModule(tail: Buffer, end: number, type: number): { at: number; text: string } | null {
  for (let at = end - 12; at >= 0; at -= 4)
    if (tail.readUInt32LE(at) === type && tail.readUInt32LE(at + 4) === end - at)
      return {
        at,
        text: tail
          .toString('utf8', at + 8, end)
          .replace(/\0.*$/s, '')
          .trim(),
      };
  return null;
}
