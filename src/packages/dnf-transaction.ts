/** One line of the table that dnf 4 shows before it asks. */
export interface DnfRow {
  /** The heading that it stands under, without the colon: `Upgrading`, `Installing dependencies`, `Removing`… */
  readonly section: string;
  readonly name: string;
  readonly arch: string;
  /** `[epoch:]version-release`, an epoch of 0 left off. */
  readonly version: string;
}

/**
 * The table of a transaction, as `dnf --assumeno …` prints it on stdout: between its second rule and the summary. Where
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

/** Nothing else in the table moves a package. */
export function isTaken({ section }: DnfRow): boolean {
  return /^(?:Installing|Upgrading|Downgrading)\b/.test(section);
}

export function isRemoved({ section }: DnfRow): boolean {
  return section.startsWith('Removing');
}
