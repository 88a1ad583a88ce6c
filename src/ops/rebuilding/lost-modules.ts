import type { BootFacts } from '../../boot/types.ts';

/** Names that are told. */
const SHOWN = 5;

/** In words, the kernel's modules that the old image had and the new one has not; null where there are none. */
export function tellLostModules(old: BootFacts, next: BootFacts): string | null {
  // What could not be read of the new one may be in there.
  if (next.image?.unread.length !== 0) return null;
  const kept = modulesOf(next);
  const lost = [...modulesOf(old)].filter((name) => !kept.has(name)).sort();
  if (lost.length === 0) return null;
  const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : '';
  return `the old image had modules that the new one has not: ${lost.slice(0, SHOWN).join(', ')}${more}`;
}

function modulesOf({ image, kernel }: BootFacts): ReadonlySet<string> {
  return new Set((image?.modules ?? []).flatMap((each) => (each.kernel === kernel.kernel ? [each.name] : [])));
}
