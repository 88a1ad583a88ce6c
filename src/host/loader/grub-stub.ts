import { isFile, type HostTree } from '../tree.ts';
import type { FirmwareFacts, LoaderFacts } from '../types.ts';

const VENDORS = ['/boot/efi/EFI', '/efi/EFI', '/boot/EFI'] as const;

/** GRUB's configurations on the EFI partition, one of each vendor. */
export function findVendorConfigs(tree: HostTree): readonly string[] {
  return VENDORS.flatMap((at) => tree.list(at).map((name) => `${at}/${name}/grub.cfg`)).filter((path) =>
    isFile(tree, path),
  );
}

/**
 * The configuration on the EFI partition that only leads to the real one, on the file system that it searches for. Null
 * where there is none, or several, and it is not known by which the GRUB that the firmware starts goes.
 */
export function readGrubStub(tree: HostTree, firmware: FirmwareFacts | null): LoaderFacts['stub'] {
  const found = new Set(findVendorConfigs(tree).map((path) => tree.real(path) ?? path));
  const path = found.size > 1 ? goesBy(firmware) : [...found][0];
  if (path === undefined || path === null) return null;
  const lines = (tree.text(path) ?? '').split('\n').map((line) => line.trim());
  if (
    !lines.some((line) => line.startsWith('configfile')) ||
    lines.some((line) => /^(?:menuentry|blscfg)\b/.test(line))
  )
    return null;
  const search = lines.find((line) => /^search(?:\.fs_uuid\s|\s(?:.*\s)?(?:--fs-uuid|-u)\s)/.test(line));
  const uuid = search?.split(/\s+/).find((word) => /^[0-9a-f]{4,}(?:-[0-9a-f]{4,})*$/i.test(word));
  return uuid === undefined ? null : { path, uuid };
}

function goesBy(firmware: FirmwareFacts | null): string | null {
  const started = firmware?.variables === true ? firmware.programs.find(({ fault }) => fault === null) : undefined;
  return started?.goesBy ?? null;
}
