import { isOn, valuesOf } from './command-line.ts';
import type { CommandLine } from './types.ts';

/**
 * What dracut's LVM scripts are told to activate (modules.d/…lvm/parse-lvm.sh, dracut 033 to 112). Where nothing is listed
 * they mean to ask for `rd.auto`, and never do: what they look at is the space between two empty lists. All is activated
 * then, as a boot shows.
 */
export interface ListedVolumes {
  /** False where `rd.lvm=0`: LVM is left alone. */
  readonly on: boolean;
  /** `VG/LV` */
  readonly volumes: readonly string[];
  readonly groups: readonly string[];
}

export function listedVolumes(words: CommandLine): ListedVolumes {
  const volumes = valuesOf(words, 'rd.lvm.lv', 'rd_LVM_LV').map(trimmed);
  const groups = valuesOf(words, 'rd.lvm.vg', 'rd_LVM_VG').map(trimmed);
  const off = !isOn(words, 'rd.lvm', true) || words.words.some(({ key }) => key === 'rd_NO_LVM');
  return { on: !off, volumes, groups };
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
