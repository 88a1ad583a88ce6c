import { findLayer } from '../requirements/find-layer.ts';
import type { Entry, ImageFacts } from '../../image/types.ts';
import { bootPrograms } from '../userspace/boot-programs.ts';
import { librarySearch } from '../userspace/library-search.ts';
import { missingBelow } from '../userspace/missing-libraries.ts';
import { openedLibraries, type OpenedLibrary } from '../userspace/opened-libraries.ts';
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
    const programs = bootPrograms(facts, requirements);
    for (const opened of openedLibraries(facts, image.tree, programs.values(), requirements)) {
      if (opened.found === null) yield absent(opened);
      else if (opened.severity === 'fatal')
        for (const library of missingBelow(image.tree, opened.found)) yield absentBelow(opened, opened.found, library);
    }
    yield* gccMissing(image, requirements);
  },
};

function absent({ note, program, opener, severity }: OpenedLibrary): Observation {
  const library = note.sonames.join(' or ');
  return {
    defect: true,
    severity,
    message: `${program.entry.path} opens ${library} while it runs, and the image has it not: ${program.because}.`,
    evidence: { libraries: note.sonames, ...evidenceOf({ note, program, opener }) },
  };
}

function absentBelow({ note, program, opener }: OpenedLibrary, found: Entry, library: string): Observation {
  return {
    defect: true,
    message: `${program.entry.path} opens ${found.path} while it runs, which needs ${library}, and the image has it not: ${program.because}.`,
    evidence: { libraries: [library], needed_by: found.path, ...evidenceOf({ note, program, opener }) },
  };
}

function evidenceOf({ note, program, opener }: Pick<OpenedLibrary, 'note' | 'program' | 'opener'>) {
  return {
    feature: note.feature ?? null,
    priority: note.priority,
    program: program.entry.path,
    opened_by: opener.path,
    because: program.because,
  };
}

/**
 * glibc opens libgcc_s when a thread ends. libargon2 hashes LUKS2 passphrases in threads: without libgcc_s cryptsetup
 * aborts ("libgcc_s.so.1 must be installed for pthread_exit to work"). Which volumes are hashed so is in their headers.
 */
function* gccMissing({ tree }: ImageFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const crypt = findLayer(requirements, 'crypt');
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
