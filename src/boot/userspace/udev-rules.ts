import type { ImageTree } from '../../image/types.ts';
import { findExecutable } from './programs.ts';

/** One file of udev's rules in the image: its path, and the lines that say something. */
export interface RulesFile {
  readonly path: string;
  readonly lines: readonly string[];
}

const IS_RULES = /^(?:usr\/lib|lib|etc|run)\/udev\/rules\.d\/[^/]+\.rules$/;

/** All rules of the image; null where one of the files was not kept as text, so that what it says is not known. */
export function udevRules(tree: ImageTree): readonly RulesFile[] | null {
  const files: RulesFile[] = [];
  for (const [path, entry] of tree.entries) {
    if (!IS_RULES.test(path)) continue;
    if (entry.size === 0) continue;
    const text = tree.text(path);
    if (text === null && tree.resolve(path).found) return null;
    files.push({ path, lines: linesOf(text ?? '') });
  }
  return files;
}

/** Comments left out, continued lines joined. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/\\\r?\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Programs that a rule names by their paths and that are not there: udev asks no shell for others. */
export function missingPrograms(tree: ImageTree, line: string): readonly string[] {
  return (line.match(/\/(?:usr\/)?s?bin\/[\w.-]+/g) ?? []).filter((path) => findExecutable(tree, [path]) === null);
}

/** A rule that has the driver of a new device loaded by its modalias. */
export function loadsDrivers({ lines }: RulesFile): boolean {
  return lines.some((line) => /RUN|IMPORT/.test(line) && /kmod load|modprobe/.test(line) && line.includes('MODALIAS'));
}

/** A rule that makes systemd see block devices, so that units may wait for them. */
export function tagsBlockDevices({ lines }: RulesFile): boolean {
  return lines.some((line) => line.includes('SUBSYSTEM=="block"') && line.includes('TAG+="systemd"'));
}

/** Kinds of block devices that have rules of their own for their names. */
export type DeviceKind = 'plain' | 'dm' | 'md';

/** Rules for device-mapper or md alone: they begin so that whatever else comes leaves them. */
export function leavesPlain({ lines }: RulesFile): boolean {
  return lines.some((line) => /(?:KERNEL!="(?:dm-|md)|ENV\{(?:DM|MD)_\w+\}!="\?\*").*GOTO=/.test(line));
}

/**
 * Rules that look into devices of this kind (blkid) and link them by what was found there: `/dev/disk/by-uuid/…`. A
 * file that names devices first and probes elsewhere does not do by itself.
 */
export function linksByContent(file: RulesFile, folder: string, kind: DeviceKind): boolean {
  const { lines } = file;
  const links = lines.some((line) => line.includes(`SYMLINK+="disk/${folder}/`));
  const probes = lines.filter((line) => /IMPORT\{(?:builtin|program)\}="(?:\S*\/)?blkid/.test(line));
  if (!links || probes.length === 0) return false;
  const text = lines.join('\n');
  switch (kind) {
    case 'plain':
      return !leavesPlain(file) && probes.some((line) => !line.includes('KERNEL=="'));
    case 'dm':
      return /\bdm-|\bDM_/.test(text);
    case 'md':
      return /"md|MD_/.test(text);
  }
}
