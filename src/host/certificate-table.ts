/** Where a PE file says that its signatures are. */

/** Signatures are counted with what pads them to eight bytes, which not every signer writes. */
const PADDING = 7;
const SECURITY_DIRECTORY = 4;

/** PE32+, against PE32. @param at of the PE header */
export function isWide(head: Buffer, at: number): boolean {
  return at + 26 <= head.length && head.readUInt16LE(at + 24) === 0x20b;
}

/**
 * Data directory 4 of the optional header; unlike the others' its address is a place in the file. Null where there is none
 * or it is empty.
 * @returns how long the file has to be for it
 */
export function certificatesEnd(head: Buffer, at: number): number | null {
  const directories = at + 24 + (isWide(head, at) ? 112 : 96);
  const own = directories + SECURITY_DIRECTORY * 8;
  if (own + 8 > head.length || head.readUInt32LE(directories - 4) <= SECURITY_DIRECTORY) return null;
  const size = head.readUInt32LE(own + 4);
  return size === 0 ? null : head.readUInt32LE(own) + size - PADDING;
}
