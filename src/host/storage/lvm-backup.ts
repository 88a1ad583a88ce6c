/** What LVM itself keeps of a volume group below /etc/lvm/backup: the metadata as it last wrote them. */

/**
 * The types of each volume's segments: `linear`, `striped`, `raid1`, `thin`… The format is that of vgcfgbackup(8), sections
 * `name { … }` and settings `name = value`, a line each.
 * @param text of the backup of one group
 * @returns by the volume's name; empty for what is no such text
 */
export function parseLvmBackup(text: string): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, Set<string>>();
  const open: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*$/, '').trim();
    const section = /^([\w.+-]+) \{$/.exec(line)?.[1];
    if (section !== undefined) open.push(section);
    else if (line === '}') open.pop();
    else {
      const [, volumes, volume, segment] = open;
      const type = /^type = "(\w+)"$/.exec(line)?.[1];
      if (type === undefined || open.length !== 4 || volume === undefined) continue;
      if (volumes === 'logical_volumes' && segment?.startsWith('segment') === true)
        types.set(volume, (types.get(volume) ?? new Set()).add(type));
    }
  }
  return new Map([...types].map(([volume, found]) => [volume, [...found]]));
}

/** The kernel's name for the level of a segment type of LVM's (`raid5_ls` is raid5); null for what is no RAID. */
export function raidLevelOf(type: string): string | null {
  return /^raid(?:10|[01456])(?=_|$)/.exec(type)?.[0] ?? null;
}
