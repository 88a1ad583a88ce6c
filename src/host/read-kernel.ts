/** One kernel's facts: what its files are called, then what is in them. */
import { boolean } from './derived-shape.ts';
import { readKernelConfig } from './kernel-config.ts';
import { listModules, readHostIndex } from './kernel-modules.ts';
import type { KernelFiles } from './kernels.ts';
import type { HostTree } from './tree.ts';
import type { KernelFacts } from './types.ts';
import { readInside, readVmlinuz } from './vmlinuz.ts';

/** What a listing and the first bytes of the kernel file tell. */
export async function readLight(
  tree: HostTree,
  { kernel, modulesDir, vmlinuz, images }: KernelFiles,
): Promise<KernelFacts> {
  return {
    kernel,
    vmlinuz: vmlinuz === null ? null : await readVmlinuz(tree.noting('kernels', kernel), vmlinuz),
    modulesDir,
    modules: [],
    index: null,
    config: null,
    configSource: null,
    images,
  };
}

/** All of it: module files, index and configuration. `fips`: the kernel file's HMAC is verified too. */
export async function readWhole(tree: HostTree, kernel: KernelFacts, fips: boolean): Promise<KernelFacts> {
  const name = kernel.kernel;
  const at = kernel.modulesDir;
  // A capture holds the kernels whole that were asked for when it was made.
  const there = await tree.derive(`whole:${name}`, boolean, (plain) => Promise.resolve(!plain.captured));
  if (!there) {
    tree
      .noting('modules', name)
      .miss(`modules of ${name}`, 'this kernel was not taken whole when the host was captured');
    tree.noting('config', name).miss(`configuration of ${name}`, 'it is not in the capture');
    return kernel;
  }
  const config = await readKernelConfig(tree, name, at, kernel.vmlinuz?.path ?? null);
  const noting = tree.noting('modules', name);
  return {
    ...kernel,
    vmlinuz: kernel.vmlinuz === null ? null : await readInside(tree.noting('kernels', name), kernel.vmlinuz, fips),
    modules: at === null ? [] : await listModules(noting, at),
    index: at === null ? null : await readHostIndex(noting, name, at),
    config: config?.values ?? null,
    configSource: config?.source ?? null,
  };
}
