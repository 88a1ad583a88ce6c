import { setFlagsFromString } from 'node:v8';

/** Thirty times what V8 waits for of itself. */
const FLAGS = [
  { from: 9, to: 11, flags: ['--interrupt-budget=2000000'] },
  { from: 12, to: 14, flags: ['--no-maglev', '--invocation-count-for-turbofan=100000'] },
] as const;

/**
 * Has V8 optimize only what runs for long. A run lasts half a second, most of its code runs a few hundred times, and what the
 * optimizing compiler makes of that comes too late: on two cores it takes a quarter of all the processor time, which the
 * decompressor could use. A loop over millions of bytes still gets its machine code, some milliseconds later.
 * @param v8 its version, as in `process.versions`; versions whose flags are not known are left alone
 */
export function spareCompiler(v8: string): void {
  const major = Number.parseInt(v8, 10);
  for (const { from, to, flags } of FLAGS) if (from <= major && major <= to) flags.forEach(setFlag);
}

function setFlag(flag: string): void {
  setFlagsFromString(flag);
}
