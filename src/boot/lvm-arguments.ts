import { isOn, valuesOf } from './command-line.ts';
import type { CommandLine } from './types.ts';

/** What dracut's LVM scripts are told to activate (modules.d/…lvm/parse-lvm.sh). */
export interface ListedVolumes {
  /** False where `rd.lvm=0`, or nothing is listed and `rd.auto` is off: LVM is left alone. */
  readonly on: boolean;
  /** `VG/LV` */
  readonly volumes: readonly string[];
  readonly groups: readonly string[];
}

export function listedVolumes(words: CommandLine): ListedVolumes {
  const volumes = valuesOf(words, 'rd.lvm.lv', 'rd_LVM_LV').map(trimmed);
  const groups = valuesOf(words, 'rd.lvm.vg', 'rd_LVM_VG').map(trimmed);
  const off = !isOn(words, 'rd.lvm', true) || words.words.some(({ key }) => key === 'rd_NO_LVM');
  const listed = volumes.length + groups.length > 0;
  return { on: !off && (listed || isOn(words, 'rd.auto', false)), volumes, groups };
}

/** Whether a volume gets activated: by its name, by its group's, or because nothing in particular is listed. */
export function activates({ on, volumes, groups }: ListedVolumes, vg: string, lv: string): boolean {
  if (!on) return false;
  return volumes.includes(`${vg}/${lv}`) || groups.includes(vg) || volumes.length + groups.length === 0;
}

function trimmed(value: string): string {
  return value
    .trim()
    .replace(/^\/dev\//, '')
    .replace(/\/$/, '');
}
