/** What makes this host's images, and which package manager it has: by their files, none is run. */
import { nullable, text as isText } from './derived-shape.ts';
import { isDirectory, isFile, type HostTree } from './tree.ts';
import type { HostFacts } from './types.ts';

const DRACUT = ['/usr/lib/dracut', '/lib/dracut'];

/** Where both are installed dracut counts: Debian's dracut replaces the other's hooks. */
export async function readGenerator(tree: HostTree): Promise<HostFacts['generator']> {
  const dracut = DRACUT.find((at) => isDirectory(tree, `${at}/modules.d`));
  if (dracut !== undefined && hasProgram(tree, 'dracut')) {
    const version = /^DRACUT_VERSION=["']?([^"'\s]+)/m.exec(tree.text(`${dracut}/dracut-version.sh`) ?? '')?.[1];
    const modules = tree
      .list(`${dracut}/modules.d`)
      .flatMap((name) => /^\d\d(.+)$/.exec(name)?.[1] ?? [])
      .sort();
    return { name: 'dracut', version: version ?? null, modules };
  }
  if (isFile(tree, '/usr/sbin/mkinitramfs') || isFile(tree, '/usr/sbin/update-initramfs'))
    return { name: 'initramfs-tools', version: await dpkgVersion(tree, 'initramfs-tools-core'), modules: [] };
  return null;
}

/** Of one package in dpkg's status file; null where it is not installed or there is no dpkg. */
function dpkgVersion(tree: HostTree, name: string): Promise<string | null> {
  return tree.derive(`dpkg:${name}`, nullable(isText), (plain) => {
    const path = '/var/lib/dpkg/status';
    const text = isFile(plain, path) ? (plain.bytes(path, 64 * 1024 * 1024)?.toString('latin1') ?? '') : '';
    const at = text.startsWith(`Package: ${name}\n`) ? 0 : text.indexOf(`\nPackage: ${name}\n`);
    const end = text.indexOf('\n\n', at + 1);
    const paragraph = at === -1 ? '' : text.slice(at, end === -1 ? undefined : end);
    return Promise.resolve(/^Version: (\S+)$/m.exec(paragraph)?.[1] ?? null);
  });
}

const hasProgram = (tree: HostTree, name: string): boolean =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((at) => isFile(tree, `${at}/${name}`));

/** The one that installs kernels here. A Debian with rpm tools beside it is still dpkg's. */
export function readPackageManager(tree: HostTree): HostFacts['packageManager'] {
  if (isFile(tree, '/var/lib/dpkg/status') && hasProgram(tree, 'apt-get')) return { name: 'apt' };
  const order = ['zypper', 'dnf5', 'dnf', 'yum'] as const;
  const found = order.find((name) => hasProgram(tree, name));
  return found === undefined ? null : { name: found };
}
