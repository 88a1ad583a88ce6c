/** dpkg's own verification by its files alone: what `dpkg --verify` does, for a few packages, in milliseconds. */
import { createHash } from 'node:crypto';
import type { DamagedFile } from '../../protocol/messages.ts';
import type { DpkgPackage } from './status.ts';
import { isDocumentation } from './verify.ts';
import { patternMatches } from '../name-pattern.ts';
import type { PackageFiles } from '../package-files.ts';

const DATABASE = '/var/lib/dpkg';
const CONFIGURATION = '/etc/dpkg/dpkg.cfg';
const WHOLE = 512 * 1024 * 1024;

/** What the host's own configuration of dpkg says of where files lie, and whether at all. */
export interface DpkgLayout {
  /** Where a path lies instead, and for which package it does not. */
  readonly diversions: ReadonlyMap<string, { readonly to: string; readonly by: string }>;
  /** What was not to be unpacked, and what nevertheless, in order. */
  readonly excluded: readonly { readonly pattern: string; readonly include: boolean }[];
}

/** `diversions` has three lines each: from, to, by whom. `path-exclude` and `path-include`: dpkg(1). */
export function readDpkgLayout(files: PackageFiles): DpkgLayout {
  const lines = (files.text(`${DATABASE}/diversions`) ?? '').split('\n');
  const diversions = new Map<string, { to: string; by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3)
    diversions.set(lines[at] ?? '', { to: lines[at + 1] ?? '', by: lines[at + 2] ?? '' });
  const configured = [
    CONFIGURATION,
    ...files.list(`${CONFIGURATION}.d`).map((name) => `${CONFIGURATION}.d/${name}`),
  ].flatMap((path) => (files.text(path) ?? '').split('\n'));
  const excluded = configured.flatMap((line) => {
    const { verb, pattern } =
      /^\s*(?:--)?path-(?<verb>exclude|include)[=\s]\s*(?<pattern>\S+)/.exec(line)?.groups ?? {};
    return pattern === undefined ? [] : [{ pattern: pattern.replace(/^["']|["']$/g, ''), include: verb === 'include' }];
  });
  return { diversions, excluded };
}

/**
 * The files of one installed package that differ from what it brought: changed, or gone. Configuration and
 * documentation are left aside, so is what another package took over. Null where its sums are not there.
 * @param wanted which of its files to look at, by path
 */
export function verifyDpkgFiles(
  files: PackageFiles,
  { name, arch }: Pick<DpkgPackage, 'name' | 'arch'>,
  layout: DpkgLayout,
  wanted: (path: string) => boolean,
): readonly DamagedFile[] | null {
  const sums = readSums(files, { name, arch });
  const list = sums === null ? null : files.bytes(`${sums.info}.list`, WHOLE)?.toString('utf8');
  if (sums === null || list === undefined || list === null) return null;
  const own = new Set(list.split('\n'));
  const conffiles = new Set((files.text(`${sums.info}.conffiles`) ?? '').split('\n').map((line) => line.trim()));
  return sums.text.split('\n').flatMap((line) => {
    const { path: at, sum } = parseSum(line) ?? {};
    if (at === undefined || sum === undefined) return [];
    if (!own.has(at) || conffiles.has(at) || isDocumentation(at) || !wanted(at)) return [];
    const diverted = layout.diversions.get(at);
    const differs = compare(files, diverted === undefined || diverted.by === name ? at : diverted.to, sum);
    if (differs === null || (differs === 'missing' && isExcluded(layout, at))) return [];
    return [{ path: at, differs: [differs], harmless: false }];
  });
}

/**
 * Those of the paths that are files of the package and just what it brought, with their bytes.
 * @param paths below `/lib`, with or without `/usr` before it: dpkg tells them as they were packed
 */
export function intactDpkgFiles(
  files: PackageFiles,
  { name, arch }: Pick<DpkgPackage, 'name' | 'arch'>,
  paths: readonly string[],
): readonly (readonly [path: string, bytes: Buffer])[] {
  const text = `${readSums(files, { name, arch })?.text ?? ''}\n`;
  return paths.flatMap((path) => {
    // A kernel has thousands of lines: only those asked for are taken apart.
    const packed = withoutUsr(path);
    const at = text.indexOf(`${packed.slice(1)}\n`);
    const told = at === -1 ? null : parseSum(text.slice(text.lastIndexOf('\n', at) + 1, at + packed.length - 1));
    if (told === null || withoutUsr(told.path) !== packed) return [];
    const bytes = files.bytes(path, WHOLE);
    return bytes !== null && md5(bytes) === told.sum ? [[path, bytes] as const] : [];
  });
}

/** Whether a file is just what the package brought that has it; null where no installed package tells of it. */
export function isAsDpkgBrought(files: PackageFiles, path: string): boolean | null {
  const packed = withoutUsr(path);
  for (const name of files.list(`${DATABASE}/info`)) {
    if (!name.endsWith('.md5sums')) continue;
    const text = files.bytes(`${DATABASE}/info/${name}`, WHOLE)?.toString('utf8') ?? '';
    // Hundreds of packages have thousands of lines each: few are taken apart.
    if (!text.includes(packed.slice(1))) continue;
    const told = text.split('\n').flatMap((line) => parseSum(line) ?? []);
    const own = told.find((line) => line.path === path) ?? told.find((line) => withoutUsr(line.path) === packed);
    if (own !== undefined) return compare(files, path, own.sum) === null;
  }
  return null;
}

/** As packages were made before /bin, /sbin and /lib were merged into /usr. */
const withoutUsr = (path: string): string => path.replace(/^\/usr(?=\/(?:lib\w*|s?bin)\/)/, '');

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

/** The sums of an installed package's files, as text, and where its other lists lie; null where it has none. */
function readSums(files: PackageFiles, { name, arch }: Pick<DpkgPackage, 'name' | 'arch'>) {
  const info = [`${DATABASE}/info/${name}:${arch}`, `${DATABASE}/info/${name}`].find(
    (at) => files.stat(`${at}.md5sums`) !== null,
  );
  const text = info === undefined ? null : files.bytes(`${info}.md5sums`, WHOLE)?.toString('utf8');
  return info === undefined || text === undefined || text === null ? null : { info, text };
}

/** One line of them: the sum, and the absolute path. */
function parseSum(line: string): { readonly path: string; readonly sum: string } | null {
  const { sum, path } = /^(?<sum>[0-9a-f]{32}) [ *](?:\.?\/)?(?<path>.+)$/.exec(line)?.groups ?? {};
  return sum === undefined || path === undefined ? null : { path: `/${path}`, sum };
}

/** Null where it is as it was, or cannot be looked at. */
function compare(files: PackageFiles, path: string, sum: string): 'missing' | 'digest' | null {
  const bytes = files.bytes(path, WHOLE);
  if (bytes !== null) return md5(bytes) === sum ? null : 'digest';
  const stat = files.stat(path);
  if (stat === null) return files.link(path) === null ? 'missing' : null;
  return stat.type === 'file' ? null : 'digest';
}

/** The last pattern that takes it in decides. */
function isExcluded({ excluded }: DpkgLayout, path: string): boolean {
  return excluded.reduce((out, { pattern, include }) => (patternMatches(pattern, path) ? !include : out), false);
}
