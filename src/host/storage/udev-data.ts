/** What udev knows of one device: `/run/udev/data/b8:1` and the like. */
export interface UdevData {
  /** Links below /dev, as paths. */
  readonly links: readonly string[];
  /** ID_FS_UUID and the other properties. */
  readonly properties: ReadonlyMap<string, string>;
}

/** `S:disk/by-uuid/…` links, `E:ID_FS_TYPE=…` properties; other lines are udev's own business. */
export function parseUdevData(text: string): UdevData {
  const links: string[] = [];
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('S:')) links.push(`/dev/${line.slice(2)}`);
    const match = /^E:([^=]+)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) properties.set(match[1], match[2]);
  }
  return { links, properties };
}

/** udev writes what is not plain in a name as `\x20`. */
export function unescapeUdev(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => `%${hex}`);
  try {
    return decodeURIComponent(bytes.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return text; // not UTF-8: the escaped form is still a stable name
  }
}
