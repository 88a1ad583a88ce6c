import type { DlopenNote, Entry, ImageFacts } from '../../image/types.ts';
import { bootPrograms, type BootProgram } from '../userspace/boot-programs.ts';
import { librarySearch } from '../userspace/library-search.ts';
import { loadedObjects } from '../userspace/missing-libraries.ts';
import { findProgram } from '../userspace/programs.ts';
import type { Check, Observation, Requirement } from '../types.ts';

/** A library that a program opens while it runs (so that `ldd` does not show it) is not in the image. */
export const dlopenLibraryMissing: Check = {
  code: 'dlopen_library_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    'The passphrase is never asked for or never accepted; drivers are not loaded; a service says "… is not installed".',
  cause:
    'systemd and cryptsetup open libcryptsetup, libkmod, libgcc_s and others at run time; a generator that follows DT_NEEDED alone leaves them out.',
  cure: 'Name the library for the generator: `install_items+=" /usr/lib64/LIBRARY "` in /etc/dracut.conf.d/, then `dracut --force --kver K IMAGE`.',
  repair: ['configure', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    const needed = bootPrograms(facts, requirements);
    const search = librarySearch(image.tree);
    const told = new Set<string>();
    for (const program of needed.values()) {
      for (const object of loadedObjects(image.tree, program.entry)) {
        for (const note of object.elf?.dlopen ?? []) {
          if (note.sonames.length === 0 || note.sonames.some((name) => search.find(name, object, []) !== null))
            continue;
          const severity = severityOf(note, program, object, requirements);
          const key = note.sonames.join(' ');
          if (severity === null || told.has(key)) continue;
          told.add(key);
          yield noteMissing(note, program, object, severity);
        }
      }
    }
    yield* gccMissing(image, requirements);
  },
};

function noteMissing(note: DlopenNote, program: BootProgram, object: Entry, severity: 'fatal' | 'note'): Observation {
  const library = note.sonames.join(' or ');
  return {
    defect: true,
    severity,
    message: `${program.entry.path} opens ${library} while it runs, and the image has it not: ${program.because}.`,
    evidence: {
      libraries: note.sonames,
      feature: note.feature ?? null,
      priority: note.priority,
      program: program.entry.path,
      opened_by: object.path,
      because: program.because,
    },
  };
}

/**
 * What a note calls required is. What it recommends is most often a feature that an image has no use for, but two of
 * them are how disks are found: libkmod in udev, libcryptsetup where something must be unlocked.
 * Notes of a shared library stand for all that may ever use it, so they count only where this program needs them.
 */
function severityOf(
  note: DlopenNote,
  program: BootProgram,
  object: Entry,
  requirements: readonly Requirement[],
): 'fatal' | 'note' | null {
  const opens = (prefix: string) => note.sonames.some((name) => name.startsWith(prefix));
  const own = object === program.entry;
  if (opens('libcryptsetup.') && program.entry.path.endsWith('/systemd-cryptsetup'))
    return requirements.some(({ kind, name }) => kind === 'layer' && name === 'crypt') ? 'fatal' : null;
  if (opens('libkmod.') && /\/(systemd-udevd|udevadm)$/.test(program.entry.path))
    return requirements.some(({ kind }) => kind === 'driver') ? 'fatal' : null;
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

/**
 * glibc opens libgcc_s when a thread ends. libargon2 hashes LUKS2 passphrases in threads: without libgcc_s cryptsetup
 * aborts ("libgcc_s.so.1 must be installed for pthread_exit to work"). Which volumes are hashed so is in their headers.
 */
function* gccMissing({ tree }: ImageFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const crypt = requirements.find(({ kind, name }) => kind === 'layer' && name === 'crypt');
  if (crypt === undefined) return;
  const search = librarySearch(tree);
  const opener = ['systemd-cryptsetup', 'cryptsetup']
    .flatMap((name) => {
      const at = tree.resolve(`usr/lib/systemd/${name}`);
      return at.found ? [at.entry] : [findProgram(tree, name)].filter((entry) => entry !== null);
    })
    .find((entry) => (entry.elf?.interpreter ?? '').includes('ld-linux'));
  if (opener === undefined || search.find('libargon2.so.1', opener, []) === null) return;
  if (search.find('libgcc_s.so.1', opener, []) !== null) return;
  yield {
    defect: false,
    what: `whether ${opener.path} can unlock a volume whose passphrase is hashed with argon2`,
    reason: `libgcc_s.so.1, which threads of libargon2 need to end, is not in the image; ${crypt.because}`,
  };
}
