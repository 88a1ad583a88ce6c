import { kernelDrivers } from '../boot/drivers/kernel-drivers.ts';
import { signedModules } from '../boot/drivers/signed-modules.ts';
import type { BootFacts, SignatureState } from '../boot/types.ts';
import { openTree, type HostTree } from '../host/tree.ts';
import type { HostFacts } from '../host/types.ts';
import type { FileFacts } from '../image/file-facts.ts';
import { parseModuleFileName } from '../image/module-name.ts';
import { createModuleReader } from '../image/module-reader.ts';
import { isSignedBy } from '../image/module-signature.ts';
import type { ModuleFacts } from '../image/types.ts';
import { intactFiles } from '../packages/intact-files.ts';
import type { RequestMemory } from './request-memory.ts';

/**
 * Whether the signed modules that a boot needs fit their signatures, by their paths in the image. Proof is the key in the
 * kernel file, which takes up to a second to unpack; so a module that is the host's own, and there just what its package
 * brought, is taken at that word.
 */
export async function proveSignatures(
  facts: BootFacts,
  memory: RequestMemory,
): Promise<ReadonlyMap<string, SignatureState>> {
  const modules = signedModules(facts);
  if (modules.length === 0) return new Map();
  const tree = openTree(facts.host.root, []);
  const intact = tree.captured ? new Set<ModuleFacts>() : await intactModules(tree, facts, modules);
  const left = modules.filter((module) => !intact.has(module));
  const proven = new Map<string, SignatureState>([...intact].map(({ path }) => [path, 'fits']));
  const { vmlinuz } = facts.kernel;
  const keys = left.length === 0 || vmlinuz === null ? null : await memory.keys(tree, vmlinuz.path);
  for (const { path, signature } of left) {
    if (signature?.state !== 'read') continue;
    const made = keys?.filter(({ signer }) => signer === signature.signer) ?? [];
    const answers = await Promise.all(made.map(({ key }) => isSignedBy(signature, key)));
    if (answers.length > 0) proven.set(path, answers.includes(true) ? 'fits' : 'does_not_fit');
  }
  return proven;
}

/**
 * Unpacks the kernels' keys while images are read, where they will be asked for: rpm's database does not tell by its files what
 * the modules were.
 */
export function foreseeKeys(
  { root, kernels, packageManager }: Pick<HostFacts, 'root' | 'kernels' | 'packageManager'>,
  selected: readonly string[],
  memory: RequestMemory,
): void {
  if (packageManager === null || packageManager.name === 'apt') return;
  const tree = openTree(root, []);
  for (const { kernel, vmlinuz } of kernels) {
    if (vmlinuz === null || !selected.includes(kernel)) continue;
    memory.keys(tree, vmlinuz.path).catch(() => undefined); // told to whoever asks
  }
}

/** Those that the host has as well, with the same content and the same signature, as its packages brought them. */
async function intactModules(
  tree: HostTree,
  facts: BootFacts,
  modules: readonly ModuleFacts[],
): Promise<ReadonlySet<ModuleFacts>> {
  const { host, kernel } = facts;
  const { modulesDir } = kernel;
  const drivers = kernelDrivers(facts);
  const at = new Map(
    modules.flatMap((module) => {
      const path = drivers.onHost(module.name);
      return modulesDir === null || path === null ? [] : [[module, `${modulesDir}/${path}`] as const];
    }),
  );
  const packages = host.packages.kernels?.filter((each) => each.kernel === kernel.kernel) ?? [];
  const intact = intactFiles(tree, host.packageManager?.name ?? null, packages, [...at.values()]);
  const reader = createModuleReader();
  const read = new Map<ModuleFacts, FileFacts>();
  for (const [module, path] of at) {
    const bytes = intact.get(path);
    const compression = parseModuleFileName(path)?.compression;
    if (bytes === undefined || compression === undefined) continue;
    const found: FileFacts = {};
    read.set(module, found);
    reader.read(bytes, compression, found);
  }
  await reader.finish();
  return new Set(modules.filter((module) => isSame(module, read.get(module))));
}

function isSame({ signature }: ModuleFacts, file: FileFacts | undefined): boolean {
  const own = file?.module?.signature;
  return (
    signature?.state === 'read' &&
    own?.state === 'read' &&
    own.hash === signature.hash &&
    own.digest === signature.digest &&
    own.value === signature.value
  );
}
