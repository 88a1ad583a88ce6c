import { isOn, lastValue } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { findOfSystemd, findProgram, runsSystemd } from './programs.ts';

/**
 * Whether dracut's scripts unmount / to have it checked: they have mounted it before, to read its fstab, and the checker
 * refuses what is mounted.
 */
export function unmountedForChecker(facts: BootFacts, requirements: readonly Requirement[]): boolean {
  const { image } = facts;
  if (image === null || !isDracut(image) || runsSystemd(image.tree)) return false;
  return checkersOf(facts, requirements).some((name) => findProgram(image.tree, name) !== null);
}

/** dracut's scripts, and systemd, check / with what the image has for its type; one that is not there is not asked. */
export function checkersOf({ image, cmdline }: BootFacts, requirements: readonly Requirement[]): readonly string[] {
  if (image === null || !isDracut(image)) return [];
  if (runsSystemd(image.tree)) {
    if (findOfSystemd(image.tree, 'systemd-fsck') === null) return [];
    if (cmdline !== null && lastValue(cmdline, 'fsck.mode') === 'skip') return [];
  } else {
    if (!image.tree.resolve('/lib/fs-lib.sh').found) return [];
    if (cmdline !== null && isOn(cmdline, 'rd.skipfsck', false)) return [];
  }
  return requirements
    .filter(({ kind }) => kind === 'filesystem')
    .flatMap(({ name }) => (/^ext[234]$/.test(name) ? ['e2fsck'] : [`fsck.${name}`]))
    .filter((name) => name !== 'fsck.xfs' && name !== 'fsck.btrfs');
}
