import { DIFFERENCES } from '../protocol/words.ts';
import { boolean, listOf, nullable, number, object, text, type Shape } from './derived-shape.ts';
import type { HostTree } from './tree.ts';
import type { HostFacts, PackageFacts } from './types.ts';

/**
 * Asks the package database of one host. What package managers are is another room's matter: whoever has this host read
 * brings it along.
 * @param kernels those that are judged
 */
export type PackageReader = (
  tree: HostTree,
  host: Pick<HostFacts, 'source' | 'packageManager'>,
  kernels: readonly string[],
) => Promise<PackageFacts>;

export const NO_PACKAGES: PackageFacts = { kernels: null, damaged: [], locks: [], installonlyLimit: null };

const DIFFERENCE: Shape<(typeof DIFFERENCES)[number]> = (value): value is (typeof DIFFERENCES)[number] =>
  DIFFERENCES.some((difference) => difference === value);
const FILE = object({ path: text, differs: listOf(DIFFERENCE) });
const FACTS = object({
  kernels: nullable(listOf(object({ name: text, version: text, arch: text, kernel: nullable(text), boots: boolean }))),
  damaged: listOf(object({ name: text, version: text, kernel: nullable(text), files: listOf(FILE) })),
  locks: listOf(object({ name: text, version: text, source: text })),
  installonlyLimit: nullable(number),
});

/** What the reader says where the host is; of a capture, what it said there. */
export function readPackageFacts(
  tree: HostTree,
  host: Pick<HostFacts, 'source' | 'packageManager'>,
  kernels: readonly string[],
  read: PackageReader | undefined,
): Promise<PackageFacts> {
  if (read === undefined) return Promise.resolve(NO_PACKAGES);
  return tree.derive('packages', FACTS, async (plain) => {
    const { damaged, locks, installonlyLimit, ...found } = await read(plain, host, kernels);
    return {
      kernels:
        found.kernels?.map(({ name, version, arch, kernel, boots }) => ({ name, version, arch, kernel, boots })) ??
        null,
      damaged: damaged.map(({ name, version, kernel, files, unfinished }) => ({
        name,
        version,
        kernel,
        files: files.map(({ path, differs }) => ({ path, differs })),
        ...(unfinished === undefined ? {} : { unfinished }),
      })),
      locks: locks.map(({ name, version, source }) => ({ name, version, source })),
      installonlyLimit,
    };
  });
}
