/** Where systemd-boot and what it reads are. */
import type { HostTree } from '../tree.ts';

/** Where the EFI partition and $BOOT are mounted, by the specification. */
export const PARTITIONS = ['/efi', '/boot', '/boot/efi'] as const;

/** The loader itself, installed; null where it is not. */
export function findSystemdBoot(tree: HostTree): string | null {
  for (const at of PARTITIONS) {
    const name = tree.list(`${at}/EFI/systemd`).find((file) => /^systemd-boot.*\.efi$/i.test(file));
    if (name !== undefined) return `${at}/EFI/systemd/${name}`;
  }
  return null;
}
