/** Which entry systemd-boot takes by itself. */
import { isFile, type HostTree } from '../tree.ts';
import type { LoaderEntry, LoaderMenu } from '../types.ts';
import { loaderVariable } from './efi-variables.ts';
import { PARTITIONS, findSystemdBoot } from './systemd-boot-files.ts';

/** fnmatch(3) of an entry's name, without regard to case. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`, 'i').test(name);
  } catch {
    return false; // an unclosed bracket matches nothing
  }
}

/** An entry by the name that patterns are held against. */
export interface Named {
  readonly entry: LoaderEntry;
  readonly name: string;
}

const NOT_OFFERED = 'names an entry whose kernel is not there, or for another architecture';

/**
 * systemd-boot does not offer an entry without its kernel, nor one that says it is for another architecture. Where none is
 * left, the first is as good as any to tell of.
 */
function offeredOf(shown: readonly Named[], machine: string | null): readonly Named[] {
  const offered = shown.filter(
    ({ entry: { linux, architecture } }) =>
      linux?.exists !== false &&
      (architecture === null || machine === null || architecture.toLowerCase() === machine.toLowerCase()),
  );
  return offered.length === 0 ? shown : offered;
}

/** @param shown in the order of the menu */
export function decideDefault(
  tree: HostTree,
  shown: readonly Named[],
): Pick<LoaderMenu, 'defaultEntry' | 'defaultEvidence' | 'defaultDangling'> {
  const machine = /systemd-boot([a-z0-9]+)\.efi$/i.exec(findSystemdBoot(tree) ?? '')?.[1] ?? null;
  const offered = offeredOf(shown, machine);
  const configured = readConfigured(tree);
  const lastBooted = (value: string) =>
    value.toLowerCase() === '@saved' ? loaderVariable(tree, 'LoaderEntryLastBooted') : null;
  const wishes: { value: string; evidence: string }[] = [];
  for (const name of ['LoaderEntryOneShot', 'LoaderEntryDefault']) {
    const value = loaderVariable(tree, name);
    if (value !== null) wishes.push({ value: lastBooted(value) ?? value, evidence: `EFI variable ${name}=${value}` });
  }
  if (configured !== null) {
    const saved = lastBooted(configured.value);
    wishes.push({
      value: saved ?? configured.value,
      evidence: `${configured.path} default ${configured.value}${saved === null ? '' : `, last booted ${saved}`}`,
    });
  }
  let dangling: { value: string; evidence: string; why: string } | null = null;
  for (const wish of wishes) {
    const is = ({ name }: Named) => matches(wish.value, name);
    const found = offered.find(is);
    if (found !== undefined)
      return { defaultEntry: shown.indexOf(found), defaultEvidence: wish.evidence, defaultDangling: null };
    // Nothing was booted yet: "@saved" then means the first entry.
    if (wish.value.toLowerCase() !== '@saved')
      dangling ??= { ...wish, why: shown.some(is) ? NOT_OFFERED : 'names no entry' };
  }
  const [first] = offered;
  const defaultEntry = first === undefined ? null : shown.indexOf(first);
  if (dangling !== null) {
    const instead =
      first === undefined ? 'there is no entry at all' : `systemd-boot falls back to "${first.entry.title}"`;
    return {
      defaultEntry,
      defaultEvidence: `${dangling.evidence}, which ${dangling.why}: ${instead}`,
      defaultDangling: dangling.value,
    };
  }
  return {
    defaultEntry,
    defaultEvidence: first === undefined ? 'there is no entry' : 'no default configured: first menu entry',
    defaultDangling: null,
  };
}

function readConfigured(tree: HostTree): { path: string; value: string } | null {
  for (const at of PARTITIONS) {
    const path = `${at}/loader/loader.conf`;
    const text = isFile(tree, path) ? tree.text(path) : null;
    // The last line that says so counts.
    const value = [...(text ?? '').matchAll(/^\s*default\s+(\S+)/gm)].pop()?.[1];
    if (value !== undefined) return { path, value };
  }
  return null;
}
