/** Backups of images whose kernel is gone: whoever removes a kernel does not know of them, and nothing boots them any more. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isKernelName, modulesDirOf } from '../../host/kernels.ts';
import { isRescue } from '../../host/loader/entry-kernel.ts';
import type { HostTree } from '../../host/tree.ts';
import type { HostFacts } from '../../host/types.ts';
import { backedUpName } from '../../system/images/names.ts';
import type { Orphan } from './types.ts';

/** How distributions name the image of a kernel in /boot; one named otherwise is none that can be told to be left over. */
const IMAGES = [/^initramfs-(?<kernel>.+)\.img$/, /^initrd\.img-(?<kernel>.+)$/, /^initrd-(?<kernel>.+)(?<!\.img)$/];
/** Loaders whose entries are read. */
const READ: readonly HostFacts['loader']['name'][] = ['grub', 'systemd-boot'];

/** A folder of the host, as the host and as this machine names it. */
interface Folder {
  readonly path: string;
  readonly outside: string;
  readonly names: readonly string[];
}

/** Those of the files in a folder that are such backups. */
export async function findOrphans(
  host: HostFacts,
  tree: HostTree,
  { path, outside, names }: Folder,
): Promise<readonly Orphan[]> {
  const found = await Promise.all(
    names.map(async (name): Promise<readonly Orphan[]> => {
      const image = backedUpName(name);
      const kernel = image === null || names.includes(image) ? null : goneKernelOf(image, host);
      if (kernel === null || modulesDirOf(tree, kernel) !== null) return [];
      const stat = await lstat(join(outside, name));
      // A second name of it is somebody else's.
      if (!stat.isFile() || stat.nlink !== 1) return [];
      return [{ path: join(path, name), outside: join(outside, name), size: stat.size, kernel }];
    }),
  );
  return found.flat();
}

/**
 * The kernel of an image by its name, where nothing of that kernel is known any more: it does not run, has neither modules,
 * kernel file nor package, and no boot entry mentions it. Null for any other, and where any of that could not be read.
 */
export function goneKernelOf(
  image: string,
  host: Pick<HostFacts, 'boot' | 'kernels' | 'loader' | 'packages' | 'running' | 'unread'>,
): string | null {
  const kernel = IMAGES.map((form) => form.exec(image)?.groups?.kernel).find((name) => name !== undefined);
  if (kernel === undefined || !isKernelName(kernel) || isRescue(image) || kernel.includes('kdump')) return null;
  if (!isWhollyRead(host)) return null;
  const { kernels, loader, packages, running } = host;
  const there = [running, ...[...kernels, ...(packages.kernels ?? [])].map((each) => each.kernel)];
  if (there.some((name) => name !== null && image.includes(name))) return null;
  return JSON.stringify(loader.entries).includes(kernel) ? null : kernel;
}

function isWhollyRead({ boot, kernels, loader, unread }: Parameters<typeof goneKernelOf>[1]): boolean {
  return (
    READ.includes(loader.name) &&
    loader.entries.length > 0 &&
    kernels.some(({ modulesDir }) => modulesDir !== null) &&
    boot.mounts.every(({ mounted }) => mounted === true) &&
    !unread.some(({ part }) => part === 'loader' || part === 'kernels' || part === 'boot')
  );
}
