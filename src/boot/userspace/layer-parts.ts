import type { ImageFacts, ImageTree } from '../../image/types.ts';
import { valuesOf } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import { onceFor } from '../once-for.ts';
import type { CommandLine } from '../types.ts';
import { missingCryptroot } from './cryptroot-parts.ts';
import { missingDaemon } from './multipath-parts.ts';
import { runsOrdered } from './ordered-scripts.ts';
import { missingAsker } from './passphrase.ts';
import { findExecutable, findProgram, runsSystemd } from './programs.ts';
import { leavesPlain, missingPrograms, udevRules } from './udev-rules.ts';

/** A layer of the storage stack that user space assembles. */
export type LayerName = 'lvm' | 'crypt' | 'md' | 'multipath' | 'iscsi' | 'nfs' | 'btrfs' | 'bcache';

/** How a boot asks for what it stands on. */
export interface Asked {
  /** The command line as dracut takes it; null where it is not known, or nothing to this image. */
  readonly words: CommandLine | null;
  /** What `root=` says, whatever reads it; null where it is not known. */
  readonly root: string | null;
  /** Whether anything looks for what device-mapper makes by its name. */
  readonly named: boolean;
}

/**
 * What a layer lacks in an image, in words; empty where all is there, or where the generator's ways are not known.
 */
export function missingParts(layer: LayerName, image: ImageFacts, asked: Asked): readonly string[] {
  const below = BY_DEVICE_MAPPER.has(layer) ? missingOfDeviceMapper(layer, image, asked.named) : [];
  if (isDracut(image)) return [...missingOfDracut(layer, image, asked.words), ...below];
  if (image.generator === 'initramfs-tools') return [...missingOfInitramfsTools(layer, image, asked.root), ...below];
  return [];
}

const program = (tree: ImageTree, ...names: readonly string[]) =>
  names.some((name) => findProgram(tree, name) !== null) ? [] : [`the program ${names.join(' or ')}`];

/** What in a rule of udev's starts the layer's own program: the file may bear any name, and a file of the name may do less. */
const STARTS = {
  lvm: /[\s"'/](?:lvm_scan|pvscan|vgchange)(?=[\s"'])|lvm2-pvscan@/,
  md: /\bmdadm\b[^"]*\s(?:-I|--incremental)(?=[\s"]|$)/,
  btrfs: /\bbtrfs (?:ready|device (?:ready|scan))\b/,
  bcache: /\bbcache-register\b/,
  // Who sets such a device up waits until udev has done with it, and this says so.
  deviceMapper: /\bdmsetup udevcomplete\b/,
} as const;

const BY_DEVICE_MAPPER: ReadonlySet<LayerName> = new Set(['lvm', 'crypt', 'multipath']);

/**
 * Whether who sets a layer up waits for udev to answer that it has done with it, and the boot for that. Where a rule of udev's
 * own activates volumes it is that rule that waits, and the volumes are there all the same.
 */
export function awaitsUdev(layer: string, { generator, tree }: ImageFacts): boolean {
  return layer !== 'lvm' || generator !== 'initramfs-tools' || !activatesByRule(tree);
}

function missingOfDeviceMapper(layer: LayerName, image: ImageFacts, named: boolean): readonly string[] {
  const { tree } = image;
  return [
    ...(awaitsUdev(layer, image) ? starter(tree, 'deviceMapper', '95-dm-notify.rules') : []),
    ...(named ? namer(tree, /SYMLINK\+="mapper\//, 'device-mapper devices (10-dm.rules, 55-dm.rules)') : []),
  ];
}

/** A rule that gives devices the names that others wait for. */
function namer(tree: ImageTree, links: RegExp, what: string): readonly string[] {
  const rules = udevRules(tree);
  const named = rules === null || rules.some(({ lines }) => lines.some((line) => links.test(line)));
  return named ? [] : [`udev's rules that name ${what}`];
}

/** A rule that starts the layer, and the programs that it names for that. */
function starter(tree: ImageTree, layer: keyof typeof STARTS, name: string): readonly string[] {
  const rules = udevRules(tree);
  if (rules === null) return []; // not known
  const lines = rules
    // Rules for device-mapper alone start nothing for the disks of a file system on several.
    .flatMap((file) => (layer === 'btrfs' && leavesPlain(file) ? [] : file.lines))
    .filter((line) => /RUN|IMPORT|PROGRAM|SYSTEMD_WANTS/.test(line) && !line.includes('ACTION=="remove"'))
    .filter((line) => STARTS[layer].test(line));
  const lacking = lines.map((line) => missingPrograms(tree, line));
  const [first] = lacking;
  if (first === undefined) return [`udev's rules for it (${name})`];
  return lacking.some((paths) => paths.length === 0) ? [] : first.map((path) => `the program ${path}`);
}

/** A module of dracut by its name in modules.txt; images that do not list theirs (before 030) are taken at their files. */
function dracutModule(image: ImageFacts, ...names: readonly string[]): readonly string[] {
  const modules = image.dracut?.modules ?? [];
  if (modules.length === 0 || names.some((name) => modules.includes(name))) return [];
  return [`dracut's module ${names.join(' or ')}`];
}

function missingOfDracut(layer: LayerName, image: ImageFacts, words: CommandLine | null): readonly string[] {
  const { tree } = image;
  switch (layer) {
    case 'lvm':
      return [
        ...program(tree, 'lvm'),
        ...dracutModule(image, 'lvm'),
        ...starter(tree, 'lvm', '64-lvm.rules'),
        // dracut waits for /dev/VG/LV of each volume that it is told of.
        ...(words !== null && valuesOf(words, 'rd.lvm.lv', 'rd.lvm.vg', 'rd_LVM_LV', 'rd_LVM_VG').length > 0
          ? namer(tree, /SYMLINK\+=".*DM_LV_NAME/, 'logical volumes (11-dm-lvm.rules, 56-lvm.rules)')
          : []),
      ];
    case 'crypt':
      return [
        ...dracutModule(image, 'crypt', 'systemd-cryptsetup'),
        ...cryptProgram(tree),
        ...(words === null ? [] : missingAsker(tree, words)),
      ];
    case 'md':
      return [
        ...program(tree, 'mdadm'),
        ...dracutModule(image, 'mdraid'),
        ...starter(tree, 'md', '65-md-incremental-imsm.rules'),
      ];
    case 'multipath':
      return [...missingDaemon(image), ...dracutModule(image, 'multipath')];
    case 'iscsi':
      return [...program(tree, 'iscsistart', 'iscsiadm', 'iscsiroot'), ...dracutModule(image, 'iscsi')];
    case 'nfs':
      return [...program(tree, 'mount.nfs', 'mount.nfs4'), ...dracutModule(image, 'nfs')];
    case 'btrfs':
      return starter(tree, 'btrfs', '64-btrfs.rules');
    case 'bcache':
      return registration(tree);
  }
}

/**
 * With systemd, dracut leaves unlocking to systemd-cryptsetup: `cryptsetup` alone is never called there.
 * Clevis and the like come on top.
 */
function cryptProgram(tree: ImageTree): readonly string[] {
  if (!runsSystemd(tree)) return program(tree, 'cryptsetup');
  const inSystemd = (name: string) =>
    findExecutable(
      tree,
      ['usr/lib/systemd', 'lib/systemd', 'usr/bin'].map((folder) => `${folder}/${name}`),
    ) === null
      ? [name]
      : [];
  return [
    ...inSystemd('systemd-cryptsetup').map(() => 'the program systemd-cryptsetup'),
    ...inSystemd('system-generators/systemd-cryptsetup-generator').map(
      () => 'the generator systemd-cryptsetup-generator',
    ),
  ];
}

function missingOfInitramfsTools(layer: LayerName, image: ImageFacts, root: string | null): readonly string[] {
  const { tree } = image;
  switch (layer) {
    case 'lvm':
      return [...program(tree, 'lvm'), ...missingActivation(tree, root)];
    case 'crypt':
      return missingCryptroot(image);
    case 'md':
      return [
        ...program(tree, 'mdadm'),
        ...(runsOrdered(tree, 'mdadm') || starter(tree, 'md', '64-md-raid-assembly.rules').length === 0
          ? []
          : ['what assembles it (64-md-raid-assembly.rules or scripts/local-block/mdadm)']),
      ];
    case 'multipath':
      return [...program(tree, 'multipath', 'multipathd'), ...script(tree, 'multipath')];
    case 'iscsi':
      return [...program(tree, 'iscsistart'), ...script(tree, 'iscsi')];
    case 'btrfs':
      return runsOrdered(tree, 'btrfs') ? [] : starter(tree, 'btrfs', '64-btrfs.rules');
    case 'bcache':
      return registration(tree);
    case 'nfs':
      return [
        ...program(tree, 'nfsmount', 'mount.nfs', 'mount.nfs4'),
        ...(tree.resolve('scripts/nfs').found ? [] : ['the script scripts/nfs']),
      ];
  }
}

/** Volumes are activated by udev (lvm2 2.03.15 and later), or by a script, which may do so for what `root=` names alone. */
function missingActivation(tree: ImageTree, root: string | null): readonly string[] {
  if (activatesByRule(tree)) return [];
  if (!runsOrdered(tree, 'lvm2')) return ['what activates it (69-lvm.rules or scripts/local-top/lvm2)'];
  const texts = ['local-top', 'local-block'].map((folder) => tree.text(`scripts/${folder}/lvm2`) ?? '');
  const byName = root === null || /^\/dev\/(?!disk\/)[^/]+\/[^/]+$/.test(root);
  if (byName || texts.some((text) => text.includes('vgchange'))) return [];
  return ['what activates it (scripts/local-block/lvm2 does so by the name of a volume, and root= is none)'];
}

/** Where no systemd runs, the rule itself has to activate the group: what it leaves to a unit is not done. */
const activatesByRule = onceFor((tree: ImageTree): boolean => {
  const rules = udevRules(tree);
  if (rules === null) return true; // not known
  return rules
    .flatMap((file) => file.lines)
    .filter((line) => /RUN\+?=.*\b(?:vgchange|pvscan)\b.*\s-(?:aay|-activate)/.test(line))
    .some((line) => !line.includes('systemd-run') && missingPrograms(tree, line).length === 0);
});

/** The kernel looks for no bcache by itself: udev's rule registers each device, by a program beside udev's own. */
function registration(tree: ImageTree): readonly string[] {
  const registrar = findExecutable(
    tree,
    ['usr/lib/udev', 'lib/udev'].map((folder) => `${folder}/bcache-register`),
  );
  return [
    ...starter(tree, 'bcache', '69-bcache.rules'),
    ...(registrar === null ? ['the program /usr/lib/udev/bcache-register'] : []),
  ];
}

function script(tree: ImageTree, name: string): readonly string[] {
  return runsOrdered(tree, name) ? [] : [`the script that sets it up (scripts/local-top/${name})`];
}
