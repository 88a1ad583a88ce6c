import { bootPrograms } from '../userspace/boot-programs.ts';
import { missingLibraries, type MissingLibrary } from '../userspace/missing-libraries.ts';
import type { Check } from '../types.ts';

const SHOWN = 5;

/** A shared library that programs of the image are linked with is not in it: they do not start. */
export const libraryMissing: Check = {
  code: 'library_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom: '"error while loading shared libraries: … cannot open shared object file", then "Attempted to kill init!".',
  cause:
    'The generator dropped the library: it was being updated, its folder is not in ld.so.conf, or the temporary folder of the build had a name that the generator filters on (such as one with "ko" in it).',
  cure: 'Look with `ldd PROGRAM` that the host has it, then build the image anew with a plain temporary folder: `TMPDIR=/var/tmp dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    const needed = bootPrograms(facts, requirements);
    for (const [library, misses] of groupByLibrary(missingLibraries(image.tree))) {
      const programs = [...new Set(misses.map(({ program }) => program.path))].sort();
      const fatal = programs.flatMap((path) => needed.get(path) ?? []);
      const [first] = fatal;
      const through = misses.find(({ program }) => program.path === (first?.entry.path ?? programs[0]));
      yield {
        defect: true,
        message:
          first === undefined
            ? `${library} is not in the image; ${listed(programs)} will not start there, which this boot can do without.`
            : `${library} is not in the image, so ${first.entry.path} does not start: ${first.because}.`,
        evidence: {
          library,
          needed_by: through?.neededBy.path ?? null,
          programs: programs.slice(0, SHOWN),
          program_count: programs.length,
          ...(first === undefined ? {} : { because: first.because }),
        },
        ...(first === undefined ? { severity: 'warning' } : {}),
      };
    }
  },
};

function groupByLibrary(missing: readonly MissingLibrary[]): ReadonlyMap<string, readonly MissingLibrary[]> {
  const groups = new Map<string, MissingLibrary[]>();
  for (const miss of missing) groups.set(miss.library, [...(groups.get(miss.library) ?? []), miss]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function listed(programs: readonly string[]): string {
  const [first = '', ...rest] = programs;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
