/** Distribution, architecture and other single facts of a host. */
import { arch as machineArch } from 'node:os';
import { parseAssignments } from './assignments.ts';
import { text } from './derived-shape.ts';
import { elfArch } from './vmlinuz.ts';
import { isFile, line, type HostTree } from './tree.ts';
import type { HostFacts } from './types.ts';

export function readOs(tree: HostTree): HostFacts['os'] {
  const path = ['/etc/os-release', '/usr/lib/os-release'].find((at) => isFile(tree, at));
  const content = path === undefined ? null : tree.text(path);
  if (content === null) return null;
  const fields = parseAssignments(content);
  const id = fields.get('ID') ?? 'linux';
  return {
    id,
    like: (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== ''),
    version: fields.get('VERSION_ID') ?? null,
    name: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? id,
  };
}

/** As systemd keeps it; `uninitialized` and an empty file are none. */
export function readMachineId(tree: HostTree): string | null {
  const id = isFile(tree, '/etc/machine-id') ? line(tree, '/etc/machine-id') : null;
  return id !== null && /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** MemTotal in bytes. */
export function readMemory(tree: HostTree): number | null {
  const kib = /^MemTotal:\s+(\d+) kB$/m.exec(tree.text('/proc/meminfo') ?? '')?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

const NODE_ARCHES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  ia32: 'i686',
  arm64: 'aarch64',
  arm: 'armv7l',
  ppc64: 'ppc64le',
  loong64: 'loongarch64',
};

/** Programs that every host has, in one place or another. */
const PROGRAMS = ['/usr/bin/sh', '/bin/sh', '/usr/lib/systemd/systemd', '/lib/systemd/systemd', '/sbin/init'];

/** Of the machine where the host runs here, else of the host's programs, else of its kernels. */
export function readArch(tree: HostTree, live: boolean, kernelArches: readonly (string | null)[]): Promise<string> {
  return tree.derive('arch', text, (plain) => Promise.resolve(live ? ownArch() : archOf(plain, kernelArches)));
}

function ownArch(): string {
  const ours = machineArch();
  return NODE_ARCHES[ours] ?? ours;
}

function archOf(tree: HostTree, kernelArches: readonly (string | null)[]): string {
  for (const path of PROGRAMS) {
    const head = isFile(tree, path) ? tree.bytes(path, 64) : null;
    const arch = head === null ? null : elfArch(head);
    if (arch !== null) return arch;
  }
  return kernelArches.find((arch): arch is string => arch !== null) ?? 'unknown';
}
