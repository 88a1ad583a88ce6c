/** Which boot loader is in force, and what it will boot. */
import { isFile, type HostTree } from '../tree.ts';
import type { FirmwareFacts, LoaderFacts, LoaderMenu } from '../types.ts';
import type { BootFileSystems } from './boot-paths.ts';
import { isEfi, loaderVariable } from './efi-variables.ts';
import { findEsp } from './esp.ts';
import { readFirmware } from './firmware.ts';
import { readGrub } from './read-grub.ts';
import { readSystemdBoot } from './systemd-boot.ts';
import { findSystemdBoot } from './systemd-boot-files.ts';

const NONE = { entries: [], defaultEntry: null, defaultDangling: null, stub: null, lacks: [] } as const;

/** Loaders that are told by their configuration, and whose entries are not read. */
const NAMED_ONLY = [
  { name: 'zipl', path: '/etc/zipl.conf', part: 'entries of zipl' },
  { name: 'extlinux', path: '/boot/extlinux/extlinux.conf', part: 'entries of extlinux' },
] as const;

/** The loader in force, its entries, and what the firmware starts of the EFI partition. */
export async function readLoader(tree: HostTree, systems: BootFileSystems): Promise<LoaderFacts> {
  const firmware = await readFirmware(tree, systems);
  return { ...(await readMenu(tree, systems, firmware)), firmware };
}

/**
 * Several loaders may be installed. systemd-boot leaves a variable when it has started the host; where the firmware says
 * nothing, what is installed decides, GRUB before systemd-boot only where systemd-boot itself is not there.
 */
async function readMenu(tree: HostTree, systems: BootFileSystems, firmware: FirmwareFacts | null): Promise<LoaderMenu> {
  const efi = isEfi(tree);
  const started = loaderVariable(tree, 'LoaderInfo');
  const systemdBoot = findSystemdBoot(tree);
  const hasLoaderConf = ['/efi', '/boot', '/boot/efi'].find((at) => isFile(tree, `${at}/loader/loader.conf`));
  const bySystemd = started?.startsWith('systemd-boot') === true;
  if (bySystemd)
    return unlessUnseen(
      tree,
      systems,
      await readSystemdBoot(tree, systems, `the firmware's LoaderInfo says ${started}`),
    );

  const found = await readGrub(tree, systems, efi, firmware);
  const bare = found !== null && found.lacks.length > 0 ? found : null;
  const grub = bare === null ? found : null;
  // A host that was started by BIOS cannot run systemd-boot; one that GRUB just started has its own LoaderInfo.
  if (grub !== null && (efi === false || systemdBoot === null || started?.startsWith('GRUB') === true)) return grub;
  if (systemdBoot !== null && grub === null && (bare === null || efi !== false))
    return unlessUnseen(tree, systems, await readSystemdBoot(tree, systems, systemdBoot));
  if (systemdBoot !== null && grub !== null) {
    if (hasLoaderConf === undefined) return grub;
    const facts = await readSystemdBoot(tree, systems, `${systemdBoot} and ${hasLoaderConf}/loader/loader.conf`);
    if (facts.entries.length === 0) return grub;
    tree.miss(
      'the boot loader',
      `both ${systemdBoot} and ${grub.evidence} are there, and the firmware's choice is not known`,
    );
    return facts;
  }
  for (const { name, path, part } of NAMED_ONLY) {
    if (!isFile(tree, path)) continue;
    tree.miss(part, `${path} is there, but ${name} is not read`);
    return { name, evidence: path, ...NONE, defaultEvidence: `${name} is not read` };
  }
  // A GRUB without its grub.cfg may be what was left of it when another loader took its place.
  if (bare !== null) return bare;
  // Entries without a loader of ours: those of a removed systemd-boot, or of a loader that reads them by itself.
  const orphans = await readSystemdBoot(tree, systems, 'entries alone');
  if (orphans.entries.length > 0) {
    const evidence = 'boot entries by the Boot Loader Specification, but no loader that reads them was found';
    // Who reads them is not known, and so not what it puts in place of variables.
    const entries = orphans.entries.map((entry) => ({ ...entry, unresolved: variablesIn(entry.cmdline) }));
    return { ...orphans, entries, name: null, evidence };
  }
  return { name: null, evidence: 'no boot loader configuration was found', ...NONE, defaultEvidence: 'no boot loader' };
}

/**
 * A menu of systemd-boot without entries tells of what it reads only where the EFI partition that holds the loader is known
 * to be mounted, and every other boot partition too: Proxmox VE keeps its EFI partitions unmounted, others mount theirs by
 * hand.
 */
function unlessUnseen(tree: HostTree, systems: BootFileSystems, menu: LoaderMenu): LoaderMenu {
  if (menu.entries.length > 0) return menu;
  const esp = findEsp(tree, systems);
  const holdsLoader = esp !== null && findSystemdBoot(tree)?.startsWith(`${esp.mountPoint}/`) === true;
  if (holdsLoader && systems.all.every(({ mounted }) => mounted === true)) return menu;
  tree.miss(
    'the entries of systemd-boot',
    holdsLoader ? 'a boot partition is not mounted' : 'no EFI partition with systemd-boot on it is known to be mounted',
  );
  return { ...menu, defaultEvidence: 'the entries of systemd-boot are not seen', defaultDangling: null };
}

function variablesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/\$(\w+)/g), ([, name = '']) => name))].sort();
}
