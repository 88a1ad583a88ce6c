/** `/proc/PID/mountinfo`: https://www.kernel.org/doc/html/latest/filesystems/proc.html, section 3.5. */
export interface Mount {
  /** `major:minor` of st_dev of its files. */
  readonly device: string;
  /** The path inside the file system that is mounted: `/`, or a bind mount's or a btrfs subvolume's. */
  readonly fsRoot: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  /** Options of the mount and of the superblock. */
  readonly options: readonly string[];
}

/** Octal escapes of mountinfo and fstab: `\040` for a blank. */
export function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** The mounts in mounting order; lines that are none are left out. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [, , device, fsRoot, mountPoint, options] = fields;
    const [type, source, superOptions] = fields.slice(dash + 1);
    if (dash < 0 || device === undefined || fsRoot === undefined || mountPoint === undefined || type === undefined)
      continue;
    mounts.push({
      device,
      fsRoot: unescapeOctal(fsRoot),
      mountPoint: unescapeOctal(mountPoint),
      type,
      source: unescapeOctal(source ?? ''),
      options: [...(options ?? '').split(','), ...(superOptions ?? '').split(',')].filter((option) => option !== ''),
    });
  }
  return mounts;
}

/** The mounts below `root`, with it taken off their mount points; a root of `/` leaves them as they are. */
export function below(mounts: readonly Mount[], root: string): Mount[] {
  if (root === '/') return [...mounts];
  return mounts.flatMap((mount) => {
    if (mount.mountPoint === root) return [{ ...mount, mountPoint: '/' }];
    return mount.mountPoint.startsWith(`${root}/`)
      ? [{ ...mount, mountPoint: mount.mountPoint.slice(root.length) }]
      : [];
  });
}

/** What is mounted there: the last mount on a point covers those before it. */
export function mountAt(mounts: readonly Mount[], mountPoint: string): Mount | null {
  return [...mounts].reverse().find((mount) => mount.mountPoint === mountPoint) ?? null;
}
