/** One type 1 entry: https://uapi-group.org/specifications/specs/boot_loader_specification/ */
export interface BlsEntry {
  /** File name less `.conf` and less its boot counter. */
  readonly id: string;
  readonly source: string;
  /** Values by key, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Boot attempts left by the counter in its file name; null where it has none. */
  readonly triesLeft: number | null;
}

/** @param fileName with `.conf` */
export function parseBlsEntry(fileName: string, source: string, text: string): BlsEntry {
  const fields = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const match = /^\s*([^\s#]\S*)\s+(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || match[2] === '') continue;
    const values = fields.get(match[1]);
    if (values === undefined) fields.set(match[1], [match[2]]);
    else values.push(match[2]);
  }
  return { ...splitCounter(fileName.replace(/\.conf$/, '')), source, fields };
}

/** `name+LEFT-DONE` or `name+LEFT`. */
export function splitCounter(name: string): { id: string; triesLeft: number | null } {
  const match = /^(.+)\+(\d+)(?:-\d+)?$/.exec(name);
  return match?.[1] === undefined ? { id: name, triesLeft: null } : { id: match[1], triesLeft: Number(match[2]) };
}

/** The first value of a field; null where it has none. */
export function field(entry: BlsEntry, key: string): string | null {
  return entry.fields.get(key)?.[0] ?? null;
}
