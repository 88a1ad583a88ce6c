/** Reading a host: everything below one root, `proc` and `sys` included. */
import { realpath, stat } from 'node:fs/promises';
import { BellwetherError } from '../protocol/errors.ts';
import { readBootDirectory, readBootFileSystems } from './boot-directory.ts';
import { parseCommandLine, valuesOf, type CommandLineWords } from './command-line.ts';
import { readGenerator } from './generators/index.ts';
import { readFrozenFiles } from './host-files.ts';
import { listKernels } from './kernels.ts';
import { defaultEntryOf } from './loader/default-entry.ts';
import type { Files } from './files.ts';
import { findGrubConfigs, readGrubEnvironment } from './loader/read-grub.ts';
import { readLoader } from './loader/read-loader.ts';
import { readSecureBoot, readTrust } from './loader/secure-boot.ts';
import { readArch, readMachineId, readMemory, readOs } from './os.ts';
import { readPackageManager } from './package-managers.ts';
import { NO_PACKAGES, readPackageFacts, type PackageReader } from './package-facts.ts';
import { readPlatform } from './platform.ts';
import { readRootLayout } from './root-layout.ts';
import { tellOrigin } from './source.ts';
import { readBlockDevices } from './storage/block-devices.ts';
import { nameDevices } from './storage/device-names.ts';
import { readStorage } from './storage/read-storage.ts';
import { errorCode, line, openTree, type HostTree } from './tree.ts';
import type { HostFacts, KernelFacts, LoaderFacts, Unread } from './types.ts';
import { readLight, readWhole } from './read-kernel.ts';

export interface ReadHostOptions {
  readonly signal?: AbortSignal;
  /**
   * Which kernels to read whole. Given the facts with every kernel's files named but none read inside; the others keep
   * empty `modules`, and `index` and `config` null. Default: all.
   */
  readonly select?: (host: HostFacts) => readonly string[];
  /** Where the running system's own proc and sys lie, `/` by default: for a host mounted somewhere. */
  readonly machine?: string;
  /** Asks the package database; where none is given, nothing is known of packages. */
  readonly packages?: PackageReader;
  /** Stands between the readers and the files: how a capture takes down what is read. */
  readonly through?: (files: Files, whose: 'host' | 'machine') => Files;
}

/**
 * Reads the host whose root is `root`, a path on this machine. Paths in the answer are the host's own. What could not be
 * read is in `unread`, with the reason; only a root that is no folder is an error (`root_absent`).
 */
export async function readHost(root: string, options: ReadHostOptions = {}): Promise<HostFacts> {
  const { signal } = options;
  const { unread, tree, origin, blocks, names, frozen, loaderTree, systems } = await openHost(root, options);
  const { devices, source } = origin;
  const running = source === 'live' || source === 'captured' ? tree : null;

  refuseIfAborted(signal);
  const loader = await readLoader(loaderTree, systems);

  refuseIfAborted(signal);
  const cmdlines = {
    running: running === null ? null : line(running, '/proc/cmdline'),
    kernelInstall: line(tree.noting('loader'), '/etc/kernel/cmdline'),
  };
  const commandLine = nextCommandLine(loader, cmdlines);
  const commandLines = allCommandLines(loader, cmdlines);
  const storage = await readStorage(
    tree.noting('storage'),
    { origin, files: frozen, commandLine, commandLines },
    blocks === null || names === null ? null : { devices: blocks, names },
  );

  const kernelTree = tree.noting('kernels');
  const files = listKernels(kernelTree, loadedKernels(loader));
  const light = await Promise.all(files.map((kernel) => readLight(kernelTree, kernel)));
  const facts: HostFacts = {
    source,
    root,
    os: readOs(tree),
    arch: await readArch(
      tree,
      source === 'live',
      light.map(({ vmlinuz }) => vmlinuz?.arch ?? null),
    ),
    platform: readPlatform(devices),
    cpu: devices === null ? null : line(devices, '/sys/devices/system/cpu/modalias'),
    ...(await readSigning(devices)),
    memory: running === null ? null : readMemory(running),
    machineId: readMachineId(tree.noting('loader')),
    running: running === null ? null : line(running, '/proc/sys/kernel/osrelease'),
    cmdlines,
    kernels: light,
    loader,
    boot: await readBootDirectory(tree.noting('boot'), frozen.fstab, origin),
    storage,
    files: {
      ...frozen,
      grubenv: readGrubEnvironment(loaderTree, findGrubConfigs(loaderTree, false)),
      rootLayout: await readRootLayout(tree.noting('storage'), valuesOf(commandLines, 'init')),
    },
    generator: await readGenerator(tree.noting('packages')),
    packageManager: await readPackageManager(tree.noting('packages')),
    packages: NO_PACKAGES,
    unread,
  };

  const selected = new Set(options.select?.(facts) ?? light.map(({ kernel }) => kernel));
  // Asked while the kernels are read here, and their images elsewhere.
  const packages = readPackageFacts(tree.noting('packages'), facts, [...selected], options.packages);
  packages.catch(() => undefined); // awaited below; should a kernel fail first, that is the error to tell
  const fips = [cmdlines.running, ...loader.entries.map(({ cmdline }) => cmdline)].some(
    (cmdline) => cmdline !== null && /(?:^|\s)fips=1(?:\s|$)/.test(cmdline),
  );
  const kernels: KernelFacts[] = [];
  for (const kernel of light) {
    refuseIfAborted(signal);
    kernels.push(selected.has(kernel.kernel) ? await readWhole(tree, kernel, fips) : kernel);
  }
  return { ...facts, kernels, packages: await packages, unread: sortUnread(unread) };
}

/**
 * The loader alone, as `readHost` reads it: whoever asks for nothing else does not wait for the rest.
 * @throws BellwetherError `root_absent`
 */
export async function readHostLoader(root: string): Promise<LoaderFacts> {
  const { loaderTree, systems } = await openHost(root, {});
  return readLoader(loaderTree, systems);
}

/** The trees that facts are read from, and what of the host tells where its loader reads. */
async function openHost(root: string, { through, machine: running = '/' }: ReadHostOptions) {
  const at = await resolveRoot(root);
  const via = (whose: 'host' | 'machine') =>
    through === undefined ? undefined : (files: Files): Files => through(files, whose);
  const unread: Unread[] = [];
  const tree = openTree(at, unread, via('host'));
  const machine = at === '/' ? tree : openTree(running, unread, via('machine'));

  const origin = tellOrigin(tree.noting('storage'), machine.noting('storage'), at);
  const blocks = origin.devices === null ? null : readBlockDevices(origin.devices.noting('storage'));
  const names = blocks === null ? null : nameDevices(blocks);
  const frozen = readFrozenFiles(tree.noting('config'));
  const systems = readBootFileSystems(frozen.fstab, origin.mounts, names);
  return { unread, tree, origin, blocks, names, frozen, loaderTree: tree.noting('loader'), systems };
}

async function readSigning(devices: HostTree | null): Promise<Pick<HostFacts, 'secureBoot' | 'trust'>> {
  const secureBoot = devices === null ? null : readSecureBoot(devices);
  return { secureBoot, trust: devices === null || secureBoot !== true ? null : await readTrust(devices) };
}

/** As `AbortSignal.throwIfAborted`, which Node 16 has not. */
function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

async function resolveRoot(root: string): Promise<string> {
  try {
    const at = await realpath(root);
    if ((await stat(at)).isDirectory()) return at;
  } catch (error) {
    const reason = errorCode(error) ?? String(error);
    throw new BellwetherError('root_absent', `root "${root}" cannot be read: ${reason}`, {
      at: { path: root },
      cause: error,
    });
  }
  throw new BellwetherError('root_absent', `root "${root}" is no folder`, { at: { path: root } });
}

/** What the kernel that boots next is told: its entry's words, else those for entries to come, else the running one's. */
function nextCommandLine(loader: LoaderFacts, fallback: HostFacts['cmdlines']): CommandLineWords | null {
  const entry = defaultEntryOf(loader);
  const text = entry?.cmdline ?? fallback.kernelInstall ?? fallback.running;
  return text === null ? null : parseCommandLine(text);
}

/** Every command line that a kernel of this host may get. */
function allCommandLines(loader: LoaderFacts, others: HostFacts['cmdlines']): readonly CommandLineWords[] {
  const ofEntries = loader.entries.flatMap(({ cmdline, firstTry }) => [cmdline, firstTry?.cmdline ?? null]);
  const texts = [...ofEntries, others.kernelInstall, others.running].filter((text) => text !== null);
  return [...new Set(texts)].map(parseCommandLine);
}

/** Kernel files that entries load and that are there, by K; the first entry of the menu counts. */
function loadedKernels(loader: LoaderFacts): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { kernel, linux, type } of loader.entries) {
    if (kernel === null || type === 'uki' || linux?.exists !== true || linux.path === null) continue;
    if (!found.has(kernel)) found.set(kernel, linux.path);
  }
  return found;
}

function sortUnread(unread: readonly Unread[]): Unread[] {
  const key = ({ part, kernel, what, reason }: Unread): string => [part, kernel ?? '', what, reason].join('\n');
  return [...unread].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
