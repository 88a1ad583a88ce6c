import type { ImageTree } from '../image/types.ts';
import { hasWord, isOn } from './command-line.ts';
import { dracutArguments } from './dracut-arguments.ts';
import { readLvmConf, type LvmSettings } from './lvm-conf.ts';
import type { BootFacts } from './types.ts';

/** Where LVM lists the devices that it goes by, instead of filters, unless `devices/devicesfile` has another name for it. */
const FOLDER = 'etc/lvm/devices';
export const SYSTEM_DEVICES = `${FOLDER}/system.devices`;

/** Of these the last counts (lvm.conf(5), "lvmlocal.conf"). */
export const CONF = 'etc/lvm/lvm.conf';
const LOCAL_CONF = 'etc/lvm/lvmlocal.conf';

/** LVM's settings in an image; `broken`: the file that LVM stops at. Null where they are written in a way that is not known here. */
type ImageSettings = { readonly settings: LvmSettings } | { readonly broken: string } | null;

export function lvmSettings(tree: ImageTree, files: readonly string[] = [CONF, LOCAL_CONF]): ImageSettings {
  const read = files.map((path) => ({ path, conf: readLvmConf(tree.text(path) ?? '') }));
  const broken = read.find(({ conf }) => conf === 'broken');
  if (broken !== undefined) return { broken: broken.path };
  const understood = read.flatMap(({ conf }) => (conf === null || conf === 'broken' ? [] : [conf.settings]));
  return understood.length < read.length ? null : { settings: new Map(understood.flatMap((one) => [...one])) };
}

/** dracut takes lvm.conf out of its own image where it is told to. */
export function leavesOutLvmConf(facts: BootFacts): boolean {
  const words = dracutArguments(facts);
  return words !== null && (!isOn(words, 'rd.lvm.conf', true) || hasWord(words, 'rd_NO_LVMCONF'));
}

/** A devices file, as lvmdevices(8) has it. */
export interface DevicesFile {
  readonly path: string;
  readonly text: string;
  /** Whether LVM goes by it; null where that is not known. */
  readonly used: boolean | null;
}

/**
 * The devices file of the image, null where there is none: LVM goes by filters then, whatever is set. One that lists nothing
 * counts as any other. LVM goes by it as lvm.conf says, or else as it was built to: 1 with Red Hat, 0 with Debian.
 */
export function devicesFile(facts: BootFacts): DevicesFile | null {
  const tree = facts.image?.tree;
  if (tree === undefined) return null;
  const read = lvmSettings(tree, leavesOutLvmConf(facts) ? [LOCAL_CONF] : undefined);
  const settings = read !== null && 'settings' in read ? read.settings : null;
  const name = settings?.get('devices/devicesfile')?.[0];
  const path = name === undefined ? SYSTEM_DEVICES : `${FOLDER}/${name}`;
  const text = tree.text(path);
  if (text === null) return null;
  return { path, text, used: settings === null ? null : (said(settings) ?? builtIn(tree.text(CONF) ?? '')) };
}

/** libdm-config.c, _find_config_bool. */
function said(settings: LvmSettings): boolean | null {
  const [value = ''] = settings.get('devices/use_devicesfile') ?? [];
  if (/^(?:-?0+|n|no|off|false)$/i.test(value)) return false;
  return /^(?:-?\d+|y|yes|on|true)$/i.test(value) ? true : null;
}

/** The default that LVM was built with stands in its lvm.conf as a comment; null where there is none, or several that differ. */
function builtIn(conf: string): boolean | null {
  const values = new Set(
    [...conf.matchAll(/^\s*#\s*use_devicesfile\s*=\s*([01])/gm)].map(([, value]) => value === '1'),
  );
  const [value = null] = values;
  return values.size === 1 ? value : null;
}
