/** Which packages make up kernels, and which kernel each belongs to: by what they provide, then by how they are called. */
import type { KernelPackage } from '../types.ts';

/** An installed package as rpm's database has it. */
export interface RpmRecord {
  readonly name: string;
  /** `[epoch:]version-release`, an epoch of 0 left off. */
  readonly version: string;
  readonly arch: string;
  /** The name of the source package that it was built from. */
  readonly source: string;
  /** What it provides, and in which version; empty for what has none. */
  readonly provides: ReadonlyMap<string, string>;
}

/** They are called kernel and are none: they can move alone. Live patches are of a kernel, and never boot one. */
const NO_KERNEL =
  /^kernel-(?:.*-)?(?:firmware.*|(?:[a-z]+-)?macros|abi-.*|docs?(?:-.*)?|source(?:-.*)?|syms(?:-.*)?|debug(?:info|source)(?:-.*)?|livepatch.*|obs-.*|selftests.*|install-tools)$/;
/** Of a kernel, and not what boots. */
const BESIDE = /-(?:devel(?:-matched)?|headers|tools|tools-libs|tools-libs-devel)$/;

/**
 * Whether a package is part of a kernel. Those that say so themselves are (`installonlypkg(kernel)`, `kernel-uname-r`),
 * whatever they are called; of the others those that are called `kernel…` and come from a kernel's source: perf and
 * bpftool come from there too, and go their own way.
 */
export function provesKernel({ name, source, provides }: RpmRecord): boolean {
  if (NO_KERNEL.test(name)) return false;
  if (kernelOf(provides) !== null || provides.has('installonlypkg(kernel)')) return true;
  return /^kernel(?:$|[-\d])/.test(name) && (source === '' || source.startsWith('kernel'));
}

/** K as the package provides it (`kernel-core-uname-r = K`, `kernel-uname-r = K`); null for one that does not. */
export function kernelOf(provides: ReadonlyMap<string, string>): string | null {
  for (const [name, version] of provides) if (/^kernel(?:-.+)?-uname-r$/.test(name) && version !== '') return version;
  return null;
}

/**
 * A package of a kernel with the kernel that it belongs to: what it provides, else what its fellow of the same version
 * provides (`kernel` leads to `kernel-core`, `kernel-rt` to `kernel-rt-core`), else null.
 * @param fellows all packages of kernels that are installed
 */
export function kernelPackageOf(record: RpmRecord, fellows: readonly RpmRecord[]): KernelPackage {
  const { name, version, arch, provides } = record;
  const core = fellows.find((each) => each.name === `${name}-core` && each.version === version && each.arch === arch);
  return {
    name,
    version,
    arch,
    kernel: kernelOf(provides) ?? (core === undefined ? null : kernelOf(core.provides)),
    boots: !BESIDE.test(name),
  };
}
