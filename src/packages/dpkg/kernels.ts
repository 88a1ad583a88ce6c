import type { DpkgPackage } from './status.ts';
import { compareDpkgVersions } from './versions.ts';
import type { KernelPackage } from '../types.ts';

/** A kernel's own package carries its version in the name, or provides that name. Unsigned twins are told before or after it. */
const IMAGE = /^(?:linux-image|(?:proxmox|pve)-kernel)-(?:unsigned-)?(?<kernel>\d\S*?)(?:-unsigned|-signed)?$/;
/** Debug symbols are no part of what runs. */
const ASIDE = /-dbg(?:sym)?$/;
/** Of the packages beside the image those that a boot reads: modules, and what newer Debians part from the image. */
const BOOTS = /^(?:modules|image|base|binary)(?:-|$)/;
/** Source packages that kernels and the packages that lead to them are built from. */
const SOURCE = /^(?:linux|proxmox-kernel|pve-kernel)(?:-|$)/;

/**
 * The packages that make up kernels, and those that lead to them (linux-image-amd64, linux-generic…), oldest version
 * first. What leads to a kernel is told by what it depends on and by the source that it was built from, not by its name.
 */
export function dpkgKernelPackages(packages: readonly DpkgPackage[]): readonly KernelPackage[] {
  const images = new Map(packages.map((each) => [each.name, imageKernel(each)]));
  const kernels = [...new Set([...images.values()].filter((kernel) => kernel !== null))];
  const found = new Map<DpkgPackage, KernelPackage>();
  const take = (each: DpkgPackage, kernel: string | null, boots: boolean): void => {
    const { name, version, arch } = each;
    found.set(each, { name, version, arch, kernel, boots });
  };
  for (const each of packages) {
    const image = images.get(each.name) ?? null;
    const part = image === null ? partOf(each, kernels) : null;
    if (image !== null) take(each, image, true);
    else if (part !== null) take(each, part.kernel, BOOTS.test(part.part));
  }
  const booting = new Set([...found.values()].filter(({ boots }) => boots).map(({ name }) => name));
  // linux-generic leads to linux-image-generic, and that to an image: round by round until no more is found.
  for (let before = -1; before < found.size;) {
    before = found.size;
    const family = new Set([...found.keys()].map(({ name }) => name));
    for (const each of packages) {
      if (found.has(each) || !SOURCE.test(each.source) || !each.depends.some((name) => family.has(name))) continue;
      take(
        each,
        null,
        each.depends.some((name) => booting.has(name)),
      );
    }
  }
  return [...found.values()].sort(
    (a, b) => compareDpkgVersions(a.version, b.version) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** K of a package that holds a kernel; null for all others. */
function imageKernel({ name, provides }: DpkgPackage): string | null {
  if (ASIDE.test(name)) return null;
  for (const each of [name, ...provides]) {
    const kernel = IMAGE.exec(each)?.groups?.kernel;
    if (kernel !== undefined) return kernel;
  }
  return null;
}

/**
 * What is made for one installed kernel, or for all flavours of its version (`linux-headers-6.1.0-56-common`,
 * `linux-headers-5.15.0-91`): of that kernel where it serves but one, else of none.
 */
function partOf(
  { name, source }: DpkgPackage,
  kernels: readonly string[],
): { part: string; kernel: string | null } | null {
  if (!SOURCE.test(source) || ASIDE.test(name)) return null;
  const own = kernels.find((kernel) => name.endsWith(`-${kernel}`));
  if (own !== undefined) return { part: name.slice('linux-'.length, -own.length - 1), kernel: own };
  const { part, version } = /^linux-(?<part>[a-z-]+?)-(?<version>\d\S*?)(?:-common\S*)?$/.exec(name)?.groups ?? {};
  const served = version === undefined ? [] : kernels.filter((kernel) => kernel.startsWith(`${version}-`));
  if (part === undefined || served.length === 0) return null;
  return { part, kernel: served.length === 1 ? (served[0] ?? null) : null };
}
