/** One line of the table that dnf 5 shows before it asks. */
export interface TransactionRow {
  /** The heading that it stands under, without the colon: `Upgrading`, `Installing dependencies`, `Removing`… */
  readonly section: string;
  readonly name: string;
  readonly arch: string;
  /** `[epoch:]version-release`, an epoch of 0 left off. */
  readonly version: string;
}

/** The table of a transaction, as `dnf5 --assumeno …` prints it on stdout; what it replaces is told apart and left out here. */
export function parseTransaction(stdout: string): readonly TransactionRow[] {
  const rows: TransactionRow[] = [];
  let section = '';
  for (const line of stdout.split('\n')) {
    const heading = /^(?<section>[A-Z][a-z ]+):$/.exec(line)?.groups?.section;
    if (heading === 'Transaction Summary') break;
    if (heading !== undefined) section = heading;
    const row = /^ (?<name>\S+) +(?<arch>\S+) +(?:0:)?(?<version>\S+) +\S+ +[\d.]+ +\S+$/.exec(line)?.groups;
    if (section !== '' && row !== undefined) {
      rows.push({ section, name: row.name ?? '', arch: row.arch ?? '', version: row.version ?? '' });
    }
  }
  return rows;
}

/** Nothing else in the table moves a package: what stands under `Skipping …` stays. */
export function isTaken({ section }: TransactionRow): boolean {
  return /^(?:Installing|Upgrading|Downgrading)\b/.test(section);
}

export function isRemoved({ section }: TransactionRow): boolean {
  return section.startsWith('Removing');
}
