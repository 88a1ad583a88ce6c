import { findLayer } from '../requirements/find-layer.ts';
import type { DlopenNote, Entry, ImageTree } from '../../image/types.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import type { BootFacts, Requirement } from '../types.ts';
import type { BootProgram } from './boot-programs.ts';
import { librarySearch } from './library-search.ts';
import { loadedObjects } from './missing-libraries.ts';

/** A library that a program of this boot opens while it runs, which `ldd` does not show: told by `.note.dlopen`. */
export interface OpenedLibrary {
  readonly note: DlopenNote;
  readonly program: BootProgram;
  /** What holds the note: the program, or a library that it is linked with. */
  readonly opener: Entry;
  /** What it would be to miss it. */
  readonly severity: 'fatal' | 'note';
  /** The first of the note's names that the image has; null: it has none. */
  readonly found: Entry | null;
}

/**
 * The libraries that programs of this boot open, each once, by the program that needs it most. What only adds a feature
 * that nobody waits for is left out.
 */
export function openedLibraries(
  facts: BootFacts,
  tree: ImageTree,
  programs: Iterable<BootProgram>,
  requirements: readonly Requirement[],
): readonly OpenedLibrary[] {
  const search = librarySearch(tree);
  const opened = new Map<string, OpenedLibrary>();
  for (const program of programs) {
    for (const opener of loadedObjects(tree, program.entry)) {
      for (const note of opener.elf?.dlopen ?? []) {
        const severity = severityOf(note, program, opener, facts, requirements);
        const key = note.sonames.join(' ');
        const before = opened.get(key)?.severity;
        if (severity === null || note.sonames.length === 0 || before === 'fatal' || before === severity) continue;
        const found = note.sonames.map((name) => search.find(name, opener, [])).find((entry) => entry !== null) ?? null;
        opened.set(key, { note, program, opener, severity, found });
      }
    }
  }
  return [...opened.values()];
}

/** Whether udev has a driver to load: not where all are built in, or loaded by name before it is asked. */
function udevLoads(facts: BootFacts, requirements: readonly Requirement[]): boolean {
  if (facts.host.storage.state !== 'complete') return requirements.some(({ kind }) => kind === 'driver');
  return loadedByAlias(facts, requirements).some(({ requirement }) => requirement.kind === 'driver');
}

/**
 * What a note calls required is. What it recommends is most often a feature that an image has no use for, but two of
 * them are how disks are found: libkmod in udev, libcryptsetup where something must be unlocked.
 * Notes of a shared library stand for all that may ever use it, so they count only where this program needs them.
 */
function severityOf(
  note: DlopenNote,
  program: BootProgram,
  opener: Entry,
  facts: BootFacts,
  requirements: readonly Requirement[],
): OpenedLibrary['severity'] | null {
  const opens = (prefix: string) => note.sonames.some((name) => name.startsWith(prefix));
  const own = opener === program.entry;
  if (opens('libcryptsetup.') && program.entry.path.endsWith('/systemd-cryptsetup'))
    return findLayer(requirements, 'crypt') !== undefined ? 'fatal' : null;
  if (opens('libkmod.') && /\/(systemd-udevd|udevadm)$/.test(program.entry.path))
    return udevLoads(facts, requirements) ? 'fatal' : null;
  if (!own) return null;
  switch (note.priority) {
    case 'required':
      return 'fatal';
    case 'recommended':
      return 'note';
    case 'suggested':
      return null;
  }
}
