import type { Judged } from '../look.ts';

/**
 * The images of an entry that a generator made for its kernel, in loading order, as the entry names them: not those that
 * hold early microcode or ACPI tables alone. One that is not there counts where its path names the kernel, or where it
 * is the only one.
 */
export function mainImages({ target, facts }: Judged): readonly string[] {
  const { image } = facts;
  return target.images.filter((path) => {
    const at = image?.files.findIndex((file) => file.path === path) ?? -1;
    if (at === -1) return target.images.length === 1 || path.includes(target.kernel);
    const segments = image?.segments.filter(({ file }) => file === at) ?? [];
    return segments.length === 0 || segments.some(({ early }) => !early);
  });
}

/** What a generator has to write for this kernel; where nothing says that one made it, the image that is there or belongs there. */
export function imagesToBuild(judged: Judged): readonly string[] {
  const paths = mainImages(judged);
  return paths.length > 0 ? paths : [judged.target.images[0] ?? usualPath(judged)];
}

/** Where the image of a kernel that no entry names belongs: as the other kernels' are called, or the distribution's way. */
export function usualPath({ facts }: Judged): string {
  const { host, kernel } = facts;
  for (const other of [...host.kernels].reverse()) {
    const path = other.images.find((image) => image.startsWith('/boot/') && image.includes(other.kernel));
    if (path !== undefined) return path.split(other.kernel).join(kernel.kernel);
  }
  const family = [host.os?.id ?? '', ...(host.os?.like ?? [])];
  if (family.includes('debian')) return `/boot/initrd.img-${kernel.kernel}`;
  return family.includes('suse') ? `/boot/initrd-${kernel.kernel}` : `/boot/initramfs-${kernel.kernel}.img`;
}
