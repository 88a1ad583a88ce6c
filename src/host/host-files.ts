/** Configuration that images freeze a copy of. */
import { parseFstab } from './fstab.ts';
import { isFile, type HostTree } from './tree.ts';
import type { HostFiles } from './types.ts';

const DRACUT_CONF = '/etc/dracut.conf';
const DRACUT_CONF_FOLDERS = ['/usr/lib/dracut/dracut.conf.d', '/etc/dracut.conf.d'];
/** Debian's place first: dracut and initramfs-tools take either. */
const MDADM = ['/etc/mdadm/mdadm.conf', '/etc/mdadm.conf'];

export type FrozenFiles = Omit<HostFiles, 'grubenv' | 'rootLayout'>;

/** Reads them, with their times of change. */
export function readFrozenFiles(tree: HostTree): FrozenFiles {
  const mtimes = new Map<string, number>();
  const read = (path: string): string | null => {
    const stat = tree.stat(path);
    if (stat?.type !== 'file') return null;
    const text = tree.text(path);
    if (text !== null) mtimes.set(path, stat.mtime);
    return text;
  };
  const dracutConf = new Map<string, { text: string; mtime: number }>();
  const folders = DRACUT_CONF_FOLDERS.flatMap((folder) =>
    tree
      .list(folder)
      .filter((name) => name.endsWith('.conf'))
      .map((name) => `${folder}/${name}`),
  );
  for (const path of [DRACUT_CONF, ...folders]) {
    const text = read(path);
    if (text !== null) dracutConf.set(path, { text, mtime: mtimes.get(path) ?? 0 });
  }
  const mdadm = MDADM.find((path) => isFile(tree, path));
  return {
    fstab: parseFstab(read('/etc/fstab') ?? ''),
    crypttab: read('/etc/crypttab'),
    mdadmConf: mdadm === undefined ? null : read(mdadm),
    multipathConf: read('/etc/multipath.conf'),
    lvmDevices: read('/etc/lvm/devices/system.devices'),
    dracutConf,
    mtimes,
  };
}
