import { readVmlinuz } from '../vmlinuz.ts';
import type { HostTree } from '../tree.ts';
import type { LoaderPath } from '../types.ts';

const RESCUE = /(?:^|[-/_ ])0?-?rescue/i;

/** Whether an entry's names say that it is the rescue system's. */
export function isRescue(...names: readonly (string | null)[]): boolean {
  return names.some((name) => name !== null && RESCUE.test(name));
}

/** K as the path of a kernel file tells: `/vmlinuz-K`, `/<token>/K/linux`. */
export function kernelOfPath(path: string): string | null {
  const named = /\/(?:vmlinuz|vmlinux|Image|linux|kernel)-([^/]+)$/.exec(path)?.[1];
  if (named !== undefined && /^\d/.test(named) && !RESCUE.test(named)) return named;
  return /\/(\d[^/]*\.[^/]*)\/(?:linux|vmlinuz)$/.exec(path)?.[1] ?? null;
}

/**
 * K of an entry: by the path of its kernel, or of what that links to; by its `version` field; else by what the kernel
 * file says inside.
 */
export async function kernelOfEntry(
  tree: HostTree,
  linux: LoaderPath | null,
  version: string | null,
): Promise<string | null> {
  if (linux === null) return plainVersion(version);
  const byName = kernelOfPath(linux.raw) ?? (linux.path === null ? null : kernelOfPath(linux.path));
  if (byName !== null) return byName;
  const real = linux.path === null || linux.exists !== true ? null : tree.real(linux.path);
  const byLink = real === null ? null : kernelOfPath(real);
  if (byLink !== null) return byLink;
  if (plainVersion(version) !== null) return version;
  return real === null ? null : ((await readVmlinuz(tree, real))?.version ?? null);
}

/** A `version` field that can be a kernel's: those of rescue entries are made-up names. */
function plainVersion(version: string | null): string | null {
  return version !== null && /^\d+\.\d/.test(version) && !/\s/.test(version) ? version : null;
}
