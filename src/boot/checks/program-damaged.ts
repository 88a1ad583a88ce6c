import type { Entry, ImageTree } from '../../image/types.ts';
import { bootPrograms, type BootProgram } from '../userspace/boot-programs.ts';
import { damageOf } from '../userspace/damaged.ts';
import { loadedObjects } from '../userspace/missing-libraries.ts';
import { isExecutable } from '../userspace/programs.ts';
import { startInit } from '../userspace/start-init.ts';
import { openedLibraries, type OpenedLibrary } from '../userspace/opened-libraries.ts';
import type { Check } from '../types.ts';

/** A program that this boot needs, or a library that it is linked with or opens, is there and is no longer what it was. */
export const programDamaged: Check = {
  code: 'program_damaged',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    '"error while loading shared libraries: … file too short" or "invalid ELF header", "cannot execute binary file", then "Attempted to kill init!".',
  cause:
    'A full disk or a crash while the package was installed or the image was built: the file has its name and its size, and zeros or half of itself.',
  cure: 'Reinstall the package that the file comes from, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || image.unread.length > 0) return;
    const programs = bootPrograms(facts, requirements);
    const told = new Set<string>();
    const { run, instead } = startInit(image.tree, cmdline);
    if (!run.runs && instead === null) told.add(fileAt(image.tree, run.missing)); // init_missing tells
    for (const { object, damage, program, stops } of [
      ...damagedAtStart(image.tree, programs.values()),
      ...damagedLater(openedLibraries(facts, image.tree, programs.values(), requirements), image.tree),
    ]) {
      const file = fileAt(image.tree, object.path);
      if (told.has(file)) continue;
      told.add(file);
      const { entry, because } = program;
      yield {
        defect: true,
        message: `${object.path} is damaged (${damage})${stops}: ${because}.`,
        evidence: { path: object.path, size: object.size, damage, program: entry.path, because },
      };
    }
  },
};

/** The same for all names of a file. */
function fileAt(tree: ImageTree, path: string): string {
  return tree.entries.get(path)?.sameAs ?? path;
}

interface Damaged {
  readonly object: Entry;
  readonly damage: string;
  readonly program: BootProgram;
  /** What becomes of the program, in words, where it is not the damaged object itself. */
  readonly stops: string;
}

/** Of what is loaded as a program starts. */
function* damagedAtStart(tree: ImageTree, programs: Iterable<BootProgram>): Iterable<Damaged> {
  for (const program of programs) {
    const { entry, survives } = program;
    for (const object of loadedObjects(tree, entry)) {
      const damage = damageOf(object, object === entry ? 'program' : 'library') ?? whyNotStarted(tree, object, entry);
      if (damage === null || isPassedOver(object, entry, survives)) continue;
      yield { object, damage, program, stops: object === entry ? '' : `, so ${entry.path} does not start` };
    }
  }
}

/** Of what a program cannot do without opening. */
function* damagedLater(libraries: readonly OpenedLibrary[], tree: ImageTree): Iterable<Damaged> {
  for (const { program, severity, found } of libraries) {
    if (severity !== 'fatal' || found === null) continue;
    for (const object of loadedObjects(tree, found)) {
      const damage = damageOf(object, 'library');
      if (damage !== null)
        yield { object, damage, program, stops: `, so ${program.entry.path} cannot open ${found.path}` };
    }
  }
}

/** The kernel executes ld.so as it does the program. */
function whyNotStarted(tree: ImageTree, object: Entry, program: Entry): string | null {
  if (object === program || isExecutable(object)) return null;
  const loader = tree.resolve(program.elf?.interpreter ?? '');
  return loader.found && loader.entry === object ? 'it may not be executed' : null;
}

/** A checker that a signal ends is passed over too: what it is linked with may be cut off, and not be something else. */
function isPassedOver(object: Entry, program: Entry, survives: BootProgram['survives']): boolean {
  if (survives === 'any') return object === program || object.elf?.cutOff === true;
  return survives === 'refused' && object === program && program.elf === undefined;
}
