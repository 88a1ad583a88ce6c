import type { Entry, ImageTree } from '../../image/types.ts';
import type { BootProgram } from '../userspace/boot-programs.ts';
import { damageOf } from '../userspace/damaged.ts';
import { neededObjects, type NeededObject } from '../userspace/needed-objects.ts';
import { isExecutable } from '../userspace/programs.ts';
import { startInit } from '../userspace/start-init.ts';
import type { BootFacts, Check, CopyState } from '../types.ts';

/** A program that this boot needs, or a library that it is linked with or opens, is there and is no longer what it was. */
export const programDamaged: Check = {
  code: 'program_damaged',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    '"error while loading shared libraries: … file too short" or "invalid ELF header", "cannot execute binary file", then "Attempted to kill init!".',
  cause:
    'A full disk or a crash while the package was installed or the image was built: the file has its name and its size, and zeros or half of itself. Or a bad disk or bad memory: where no checksum covers the file in the image (one that is not compressed, or by lz4), what the host has of the same build tells.',
  cure: 'Reinstall the package that the file comes from, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || image.unread.length > 0) return;
    const told = new Set<string>();
    const { run, instead } = startInit(image.tree, cmdline);
    if (!run.runs && instead === null) told.add(fileAt(image.tree, run.missing)); // init_missing tells
    for (const needed of neededObjects(facts, requirements)) {
      const { object, program } = needed;
      const file = fileAt(image.tree, object.path);
      const damage = told.has(file) ? null : whatIsWrong(needed, facts, image.tree);
      if (damage === null) continue;
      told.add(file);
      const { entry, because } = program;
      yield {
        defect: true,
        message:
          damage === DIFFERS
            ? `${object.path} is not what the host has there, and both are of the same build: one of the two is damaged, and ${entry.path} needs it: ${because}.`
            : `${object.path} is damaged (${damage})${whatStops(needed)}: ${because}.`,
        evidence: { path: object.path, size: object.size, damage, program: entry.path, because },
        // An image that is built of a damaged program is no better.
        ...(damage === DIFFERS ? { repair: [] } : {}),
      };
    }
  },
};

const DAMAGED = "its content is not that of the host's own, which is of the same build, and as its package brought it";
/** On which side is not known. */
const DIFFERS = "its content is not that of the host's own, which is of the same build";

/** The same for all names of a file. */
function fileAt(tree: ImageTree, path: string): string {
  return tree.entries.get(path)?.sameAs ?? path;
}

/** Null where nothing is, or the program goes on past it. */
function whatIsWrong({ object, program, opened }: NeededObject, { copies }: BootFacts, tree: ImageTree): string | null {
  const { entry, survives } = program;
  const damage =
    damageOf(object, object === entry ? 'program' : 'library') ??
    (opened === null ? whyNotStarted(tree, object, entry) : null) ??
    whatDiffers(copies.get(object.path));
  return damage === null || (opened === null && isPassedOver(object, entry, survives)) ? null : damage;
}

function whatDiffers(copy: CopyState | undefined): string | null {
  return copy === 'damaged' ? DAMAGED : copy === 'differs' ? DIFFERS : null;
}

/** What becomes of the program, in words, where it is not the damaged object itself. */
function whatStops({ object, program, opened }: NeededObject): string {
  if (opened !== null) return `, so ${program.entry.path} cannot open ${opened.path}`;
  return object === program.entry ? '' : `, so ${program.entry.path} does not start`;
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
