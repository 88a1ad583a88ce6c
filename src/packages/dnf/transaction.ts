import type { Package } from '../types.ts';

const REMOVED = 'none: it would be removed';

/** One line of the table that dnf 4 and yum 3 show before they ask. */
export interface DnfRow {
  /** The heading that it stands under, without the colon: `Upgrading`, `Installing dependencies`, `Removing`… */
  readonly section: string;
  readonly name: string;
  readonly arch: string;
  /** `[epoch:]version-release`, an epoch of 0 left off. */
  readonly version: string;
}

/**
 * The table of a transaction, as `dnf --assumeno …` and `yum --assumeno …` print it on stdout: between its second rule and the summary. Where
 * its columns do not fit into 80 characters a row goes on in the next line, which is set in deeper.
 */
export function parseDnfTransaction(stdout: string): readonly DnfRow[] {
  const [, , body = ''] = stdout.split(/^=+$/m);
  const rows: DnfRow[] = [];
  let section = '';
  let words: string[] = [];
  const flush = (): void => {
    const [name, arch, version] = words;
    words = [];
    if (name === undefined || arch === undefined || version === undefined) return;
    rows.push({ section, name, arch, version: version.replace(/^0:/, '') });
  };
  for (const line of body.replace(/^Transaction Summary[^]*/m, '').split('\n')) {
    const heading = /^(?<section>[A-Z].*):$/.exec(line)?.groups?.section;
    if (heading !== undefined || /^ \S/.test(line)) flush();
    section = heading ?? section;
    const isRow = /^ \S/.test(line);
    const goesOn = words.length > 0 && words.length < 3 && /^ {2,}\S/.test(line);
    if (isRow || goesOn) words.push(...line.trim().split(/\s+/));
  }
  flush();
  return rows;
}

/** The version that a transaction takes in place of this one; null where the package stays as it is. */
export function movedTo(rows: readonly DnfRow[], { name, version, arch }: Package): string | null {
  const own = rows.filter((row) => row.name === name && row.arch === arch);
  // Nothing else in the table moves a package: what is skipped stands there too.
  const taken = own.find((row) => /^(?:Installing|Upgrading|Updating|Downgrading)\b/.test(row.section));
  if (taken !== undefined && taken.version !== version) return taken.version;
  return own.some((row) => row.section.startsWith('Removing') && row.version === version) ? REMOVED : null;
}
