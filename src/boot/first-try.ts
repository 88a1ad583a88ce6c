import { lastValue, parseCommandLine } from './command-line.ts';
import { initrdNeed } from './initrd-need.ts';
import { requirementsOf } from './requirements.ts';
import type { BootFacts } from './types.ts';

/**
 * The facts of what will run in the end, of an entry that boots without an image at first. Where the kernel reaches `/` that
 * way, or stops there for good, the image that the entry has for a second try is never loaded; where it panics and starts
 * the host again, GRUB loads it.
 */
export function asBooted(facts: BootFacts): BootFacts {
  if (facts.entry?.firstTry === undefined) return facts;
  const { firstTry, ...entry } = facts.entry;
  const first: BootFacts = {
    ...facts,
    entry: { ...entry, ...firstTry },
    cmdline: parseCommandLine(firstTry.cmdline),
    image: null,
    imageError: null,
  };
  return initrdNeed(first, requirementsOf(first)).needed !== false && startsAgain(first) ? facts : first;
}

/** After a panic the kernel stops, unless it is told after how many seconds it starts the machine again (`panic=-1`: none). */
function startsAgain({ cmdline, kernel }: BootFacts): boolean {
  const told = cmdline === null ? null : lastValue(cmdline, 'panic');
  return Number(told ?? kernel.config?.get('CONFIG_PANIC_TIMEOUT') ?? 0) !== 0;
}
