import type { Entry, ImageTree } from '../../image/types.ts';

/** Where boot scripts and units look for programs, links not followed. */
const FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin', 'usr/local/sbin', 'usr/local/bin'] as const;

/** The program of this name, links followed, where it is there and may be executed. */
export function findProgram(tree: ImageTree, name: string): Entry | null {
  return findExecutable(
    tree,
    FOLDERS.map((folder) => `${folder}/${name}`),
  );
}

/** The first of the paths that leads to a file with an execute bit. */
export function findExecutable(tree: ImageTree, paths: readonly string[]): Entry | null {
  for (const path of paths) {
    const at = tree.resolve(path);
    if (at.found && isExecutable(at.entry)) return at.entry;
  }
  return null;
}

/** A program of systemd's own folder, which some distributions have below /lib. */
export function findOfSystemd(tree: ImageTree, name: string): Entry | null {
  return findExecutable(tree, [`usr/lib/systemd/${name}`, `lib/systemd/${name}`]);
}

/** root may execute what has any of the three bits. */
export function isExecutable(entry: Entry): boolean {
  return entry.type === 'file' && (entry.mode & 0o111) !== 0;
}

/** udev's rules in the image by file name, from all its folders. */
export function hasRules(tree: ImageTree, pattern: RegExp): boolean {
  for (const path of tree.entries.keys()) {
    const name = /^(?:usr\/lib|lib|etc|run)\/udev\/rules\.d\/([^/]+\.rules)$/.exec(path)?.[1];
    if (name !== undefined && pattern.test(name)) return true;
  }
  return false;
}

/** Whether PID 1 of the image is systemd. */
export function runsSystemd(tree: ImageTree): boolean {
  return findOfSystemd(tree, 'systemd') !== null;
}

/** The version of systemd in the image, from the name of its shared library; null where it has none. */
export function systemdVersion(tree: ImageTree): number | null {
  for (const path of tree.entries.keys()) {
    const version = /\/libsystemd-(?:shared|core)-(\d+)[^/]*\.so$/.exec(path)?.[1];
    if (version !== undefined) return Number(version);
  }
  return null;
}
