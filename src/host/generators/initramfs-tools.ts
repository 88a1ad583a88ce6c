import { nullable, text as isText } from '../derived-shape.ts';
import { isFile, type HostTree } from '../tree.ts';
import type { GeneratorFacts } from '../types.ts';

/** Debian's own generator; its version is what dpkg says. */
export async function readInitramfsTools(tree: HostTree): Promise<GeneratorFacts | null> {
  if (!isFile(tree, '/usr/sbin/mkinitramfs') && !isFile(tree, '/usr/sbin/update-initramfs')) return null;
  return { name: 'initramfs-tools', version: await dpkgVersion(tree, 'initramfs-tools-core'), modules: [] };
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
