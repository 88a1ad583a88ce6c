/** Scripts of a kernel make what they install the default (UPDATEDEFAULT, `grub2-set-default`): who did not ask keeps theirs. */
import { defaultEntryOf } from '../../host/loader/default-entry.ts';
import type { LoaderEntry } from '../../host/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { setDefault, wayOf } from '../make-default.ts';
import type { Site } from '../mending/with-site.ts';

/**
 * Sets what boots next back to what it was, and reads it back.
 * @returns what is to be told of it, in words
 * @throws BellwetherError `not_effective` where it is not what it was; those of `setDefault`
 */
export async function restoreDefault(site: Site, before: LoaderEntry | null): Promise<readonly string[]> {
  if (before === null) return [];
  const loader = await site.loader();
  const now = defaultEntryOf(loader);
  if (isSame(now, before)) return [];
  const moved = `what boots next had become ${nameOf(now)}`;
  const entry = loader.entries.find((each) => isSame(each, before));
  if (entry === undefined) throw notRestored(moved, before, now, 'its entry is gone');
  const way = wayOf(site, loader);
  // A menu that always boots its first entry boots what was installed: nothing that could be set would change that.
  if (way.kind === 'none') return [`${moved}, and was ${nameOf(before)}: ${way.reason}`];
  await setDefault(site, way, entry);
  const after = defaultEntryOf(await site.loader());
  if (!isSame(after, before)) throw notRestored(moved, before, after, 'setting it back had no effect');
  return [`${moved}, and is ${nameOf(before)} again`];
}

function isSame(one: LoaderEntry | null, other: LoaderEntry): boolean {
  return one !== null && one.id === other.id && one.kernel === other.kernel;
}

function nameOf(entry: LoaderEntry | null): string {
  return entry === null ? 'not known' : (entry.kernel ?? entry.title);
}

function notRestored(moved: string, before: LoaderEntry, now: LoaderEntry | null, why: string): BellwetherError {
  return new BellwetherError('not_effective', `${moved}, and is not ${nameOf(before)} again: ${why}`, {
    hint: `set it by hand: grubby --set-default ${before.linux?.path ?? before.id}, or grub2-set-default "${before.id}"`,
    at: { before: before.id, now: now?.id ?? null },
    changes: [{ what: 'what boots next', before: nameOf(before), after: nameOf(now) }],
  });
}
