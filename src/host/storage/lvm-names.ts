/** Device-mapper's names of logical volumes: `vg-lv`, with dashes of the names themselves doubled. */
export interface LvName {
  readonly vg: string;
  readonly lv: string;
}

export function decodeLvName(dmName: string): LvName | null {
  const match = /^((?:[^-]|--)+)-((?:[^-]|--)+)(?:-.*)?$/.exec(dmName);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { vg: match[1].replaceAll('--', '-'), lv: match[2].replaceAll('--', '-') };
}

/** The logical volume that a device is, by its device-mapper UUID; null for every other device. */
export function lvOf(device: { readonly dmName: string | null; readonly dmUuid: string | null }): LvName | null {
  return device.dmName !== null && device.dmUuid?.startsWith('LVM-') === true ? decodeLvName(device.dmName) : null;
}

/** A layer below a logical volume that LVM makes for itself: `LVM-<64 characters>-real`, `…_rimage_0`. */
export function isHiddenLv(device: { readonly dmUuid: string | null; readonly dmName: string | null }): boolean {
  return (
    /^LVM-\w{64}-/.test(device.dmUuid ?? '') ||
    /_(?:[rm]image_\d+|rmeta_\d+|mlog|tdata|tmeta|cdata|cmeta|cpool|cvol|corig|wcorig|vdata|imeta|iorig|pmspare)$/.test(
      device.dmName ?? '',
    )
  );
}

/**
 * The device-mapper target of a logical volume, worked out from the layers that it stands on: sysfs does not show the
 * table. `linear` stands for the plain ones (linear, striped), which dm-mod itself brings.
 */
export function lvTargets(device: { readonly dmName: string | null }, below: readonly string[]): string[] {
  const has = (pattern: RegExp): boolean => below.some((name) => pattern.test(name));
  const name = device.dmName ?? '';
  if (name.endsWith('-tpool') || has(/_tdata$/)) return ['thin-pool'];
  if (has(/-tpool$/)) return ['thin'];
  if (has(/_vdata$/) || name.endsWith('-vpool')) return ['vdo'];
  if (has(/_rimage_\d+$/)) return ['raid'];
  if (has(/_mimage_\d+$/)) return ['mirror'];
  if (has(/_wcorig$/)) return ['writecache'];
  if (has(/_(?:cdata|corig|cvol)$/)) return ['cache'];
  if (has(/_(?:imeta|iorig)$/)) return ['integrity'];
  if (name.endsWith('-cow')) return ['linear'];
  if (has(/-cow$/)) return has(/-real$/) ? ['snapshot'] : ['snapshot-merge'];
  if (has(/-real$/)) return ['snapshot-origin'];
  return ['linear'];
}
