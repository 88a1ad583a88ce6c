import { defaultEntryOf } from '../host/loader/default-entry.ts';
import { readHost } from '../host/read-host.ts';
import type { HostFacts, KernelFacts, StorageNode } from '../host/types.ts';
import type { ImageFacts } from '../image/types.ts';
import type { InspectAnswer, InspectRequest } from '../protocol/messages.ts';
import { RequestMemory } from './request-memory.ts';
import { readTargets } from './read-images.ts';
import { selectTargets, type Target } from './select-targets.ts';
import { unchanged } from './unchanged.ts';

/**
 * What is seen of a host: the facts that a verdict is made from, without the verdict.
 * @throws BellwetherError `root_absent`, `kernel_absent`
 */
export async function inspect(request: InspectRequest, signal: AbortSignal): Promise<InspectAnswer> {
  let targets: readonly Target[] = [];
  const host = await readHost(request.root, {
    signal,
    select: (choices) => {
      targets = selectTargets(choices, request.params.kernels);
      return targets.map(({ kernel }) => kernel);
    },
  });
  const { images } = await readTargets(host, targets, {}, signal, new RequestMemory());
  return {
    ...unchanged('inspect'),
    summary: `${host.os?.name ?? 'an unknown system'} on ${host.platform.name ?? 'unknown hardware'}, ${countKernels(host.kernels.length)}, facts ${host.source}`,
    facts: {
      source: host.source,
      root: host.root,
      os: host.os === null ? null : { id: host.os.id, version: host.os.version, name: host.os.name },
      arch: host.arch,
      platform: { ...host.platform },
      running: host.running,
      generator: host.generator === null ? null : { name: host.generator.name, version: host.generator.version },
      package_manager: host.packageManager,
      loader: describeLoader(host.loader),
      storage: host.storage.nodes.map((node) => describeNode(node, host.storage.required)),
      kernels: host.kernels.map((kernel) => {
        const index = targets.findIndex((target) => target.kernel === kernel.kernel);
        return describeKernel(kernel, index !== -1, images[index]?.facts ?? null);
      }),
      unread: host.unread.map(({ what, reason }) => ({ what, reason })),
    },
  };
}

function countKernels(count: number): string {
  if (count === 0) return 'no kernel';
  return count === 1 ? 'one kernel' : `${count} kernels`;
}

function describeLoader(loader: HostFacts['loader']): Record<string, unknown> {
  return {
    name: loader.name,
    evidence: loader.evidence,
    default: defaultEntryOf(loader)?.id ?? null,
    default_evidence: loader.defaultEvidence,
    default_dangling: loader.defaultDangling,
    entries: loader.entries.map((entry) => ({
      id: entry.id,
      title: entry.title,
      type: entry.type,
      source: entry.source,
      kernel: entry.kernel,
      linux: entry.linux?.path ?? entry.linux?.raw ?? null,
      initrds: entry.initrds.map((initrd) => initrd.path ?? initrd.raw),
      cmdline: entry.cmdline,
      rescue: entry.rescue,
    })),
  };
}

function describeNode(node: StorageNode, required: HostFacts['storage']['required']): Record<string, unknown> {
  return {
    id: node.id,
    kind: node.kind,
    type: node.type,
    name: node.name,
    below: [...node.below],
    mount_points: [...node.mountPoints],
    drivers: node.drivers.map((driver) => driver.name),
    required: required.find(({ id }) => id === node.id)?.why ?? null,
  };
}

/** Modules and index are told of the kernels that were selected: of the others they were not read. */
function describeKernel(kernel: KernelFacts, selected: boolean, image: ImageFacts | null): Record<string, unknown> {
  return {
    kernel: kernel.kernel,
    vmlinuz: kernel.vmlinuz?.path ?? null,
    modules_dir: kernel.modulesDir,
    images: [...kernel.images],
    ...(selected
      ? {
          modules: kernel.modules.length,
          indexed: kernel.index?.dep.keys ?? null,
          index: kernel.index?.dep.state ?? null,
          config: kernel.configSource,
          image: image === null ? null : describeImage(image, kernel.kernel),
        }
      : {}),
  };
}

function describeImage(image: ImageFacts, kernel: string): Record<string, unknown> {
  return {
    files: image.files.map(({ path, size }) => ({ path, size })),
    generator: image.generator,
    dracut: image.dracut === null ? null : { version: image.dracut.version, modules: [...image.dracut.modules] },
    segments: image.segments.map(({ offset, size, compression, unpackedSize, entries, early }) => ({
      offset,
      size,
      compression,
      unpacked_size: unpackedSize,
      entries,
      early,
    })),
    problems: image.problems.map(({ kind, offset, detail }) => ({ kind, offset, detail })),
    unpacked_size: image.unpackedSize,
    entries: image.tree.entries.size,
    modules: image.modules.filter((module) => module.kernel === kernel).length,
    indexed: image.indexes.get(kernel)?.dep.keys ?? null,
    index: image.indexes.get(kernel)?.dep.state ?? null,
  };
}
