/** Which kernels are installed, and by which names their files go. */
import { compareKernels } from './version-order.ts';
import { isDirectory, isFile, type HostTree } from './tree.ts';

/** What `uname -r` prints starts with a number; it goes into paths, so no slash. */
const KERNEL = /^\d[A-Za-z0-9_.+~:-]*$/;

/** Whether this may be the name of a kernel. */
export function isKernelName(name: string): boolean {
  return KERNEL.test(name);
}

/** Where boot entries' own folders lie: $BOOT by the Boot Loader Specification. */
export const BOOT_ROOTS = ['/efi', '/boot', '/boot/efi'] as const;

/** The folder of a kernel's modules; null where there is none. */
export function modulesDirOf(tree: HostTree, kernel: string): string | null {
  return (
    ['/usr/lib/modules', '/lib/modules'].map((at) => `${at}/${kernel}`).find((at) => isDirectory(tree, at)) ?? null
  );
}

/** `<token>` folders of a boot root that hold kernels: `<root>/<token>/K/linux`, as kernel-install lays them out. */
function tokenFolders(tree: HostTree): { readonly path: string; readonly kernel: string }[] {
  const reserved = new Set(['efi', 'EFI', 'loader', 'grub', 'grub2', 'lost+found']);
  return BOOT_ROOTS.flatMap((at) =>
    tree
      .list(at)
      .filter((token) => !reserved.has(token) && !token.startsWith('.') && isDirectory(tree, `${at}/${token}`))
      .flatMap((token) =>
        tree
          .list(`${at}/${token}`)
          .filter((kernel) => KERNEL.test(kernel) && isDirectory(tree, `${at}/${token}/${kernel}`))
          .map((kernel) => ({ path: `${at}/${token}/${kernel}`, kernel })),
      ),
  );
}

export interface KernelFiles {
  readonly kernel: string;
  readonly modulesDir: string | null;
  readonly vmlinuz: string | null;
  /** In search order. */
  readonly images: readonly string[];
}

/**
 * Every kernel that has modules, a kernel file or a folder of boot files, oldest first. `loaded` are the kernel files that
 * boot entries name and that are there, wherever they lie.
 */
export function listKernels(tree: HostTree, loaded: ReadonlyMap<string, string>): KernelFiles[] {
  const folders = tokenFolders(tree);
  const names = new Set<string>();
  for (const at of ['/usr/lib/modules', '/lib/modules']) {
    for (const name of tree.list(at)) {
      // An empty folder is what is left when a package is gone; extramodules-… and the like hold no kernel's own index.
      if (isDirectory(tree, `${at}/${name}`) && tree.list(`${at}/${name}`).length > 0) names.add(name);
    }
  }
  for (const name of tree.list('/boot')) {
    const kernel = /^(?:vmlinuz|vmlinux|Image)-(.+)$/.exec(name)?.[1];
    // Rescue kernels are copies of another: their names, 0-rescue-<machine id>, are no versions.
    if (kernel !== undefined && !kernel.includes('rescue')) names.add(kernel);
  }
  for (const { path, kernel } of folders) {
    if (['linux', 'vmlinuz', 'initrd'].some((file) => isFile(tree, `${path}/${file}`))) names.add(kernel);
  }
  for (const kernel of loaded.keys()) names.add(kernel);
  return [...names]
    .filter(isKernelName)
    .sort(compareKernels)
    .map((kernel) => {
      const own = folders.filter((folder) => folder.kernel === kernel).map((folder) => folder.path);
      const modulesDir = modulesDirOf(tree, kernel);
      return {
        kernel,
        modulesDir,
        vmlinuz: firstFile(tree, vmlinuzPaths(kernel, own, modulesDir)) ?? loaded.get(kernel) ?? null,
        images: imagePaths(kernel, own, modulesDir).filter((path) => isFile(tree, path)),
      };
    });
}

const firstFile = (tree: HostTree, paths: readonly string[]): string | null =>
  paths.find((path) => isFile(tree, path)) ?? null;

function vmlinuzPaths(kernel: string, folders: readonly string[], modulesDir: string | null): string[] {
  return [
    ...folders.flatMap((folder) => [`${folder}/linux`, `${folder}/vmlinuz`]),
    `/boot/vmlinuz-${kernel}`,
    `/boot/vmlinux-${kernel}`,
    `/boot/Image-${kernel}`,
    ...(modulesDir === null ? [] : [`${modulesDir}/vmlinuz`]),
  ];
}

/** The names that lsinitrd and its kin look for, in their order; kdump's images have names of their own. */
function imagePaths(kernel: string, folders: readonly string[], modulesDir: string | null): string[] {
  return [
    ...folders.map((folder) => `${folder}/initrd`),
    ...(modulesDir === null ? [] : [`${modulesDir}/initrd`, `${modulesDir}/initramfs.img`]),
    `/boot/initramfs-${kernel}.img`,
    `/boot/initrd.img-${kernel}`,
    `/boot/initrd-${kernel}`,
  ];
}
