import type { Entry, ImageTree } from '../../image/types.ts';
import { bootPrograms, type BootProgram } from '../userspace/boot-programs.ts';
import { damageOf } from '../userspace/damaged.ts';
import { loadedObjects } from '../userspace/missing-libraries.ts';
import { isExecutable } from '../userspace/programs.ts';
import { openedLibraries } from '../userspace/opened-libraries.ts';
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
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    const told = new Set<string>();
    for (const { entry, because, survives } of bootPrograms(facts, requirements).values()) {
      for (const object of loadedObjects(image.tree, entry)) {
        const damage =
          damageOf(object, object === entry ? 'program' : 'library') ?? whyNotStarted(image.tree, object, entry);
        if (damage === null || told.has(object.path) || isPassedOver(object, entry, survives)) continue;
        told.add(object.path);
        yield {
          defect: true,
          message: `${object.path} is damaged (${damage})${object === entry ? '' : `, so ${entry.path} does not start`}: ${because}.`,
          evidence: { path: object.path, size: object.size, damage, program: entry.path, because },
        };
      }
    }
    for (const { program, severity, found } of openedLibraries(facts, requirements)) {
      if (severity !== 'fatal' || found === null) continue;
      const { entry, because } = program;
      for (const object of loadedObjects(image.tree, found)) {
        const damage = damageOf(object, 'library');
        if (damage === null || told.has(object.path)) continue;
        told.add(object.path);
        yield {
          defect: true,
          message: `${object.path} is damaged (${damage}), so ${entry.path} cannot open ${found.path}: ${because}.`,
          evidence: { path: object.path, size: object.size, damage, program: entry.path, because },
        };
      }
    }
  },
};

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
