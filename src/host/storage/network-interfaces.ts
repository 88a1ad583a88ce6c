/** The network interface that a server is reached by: a root on the network needs its driver. */
import type { HostTree } from '../tree.ts';
import type { BoundDriver } from '../types.ts';
import { driverChain, mergeDrivers } from './drivers.ts';

/** IPv4 addresses as /proc/net/route writes them: a word in the host's byte order, which on these machines is little-endian. */
function toWord(address: string): number | null {
  const parts = address.split('.').map(Number);
  const [a, b, c, d] = parts;
  if (a === undefined || b === undefined || c === undefined || d === undefined || parts.length !== 4) return null;
  return parts.every((part) => part >= 0 && part < 256) ? ((d << 24) | (c << 16) | (b << 8) | a) >>> 0 : null;
}

/** The interface of the narrowest route to an address, else of the default route. */
function interfaceFor(routes: string, address: string | null): string | null {
  const target = address === null ? null : toWord(address);
  let best: { name: string; mask: number } | null = null;
  for (const line of routes.split('\n').slice(1)) {
    const [name, destination, , , , , , mask] = line.split(/\s+/);
    if (name === undefined || destination === undefined || mask === undefined) continue;
    const bits = parseInt(mask, 16);
    const isDefault = bits === 0;
    const matches = target !== null && (target & bits) >>> 0 === parseInt(destination, 16);
    if ((isDefault || matches) && (best === null || bits > best.mask)) best = { name, mask: bits };
  }
  return best?.name ?? null;
}

/** Drivers below an interface: through bonds, bridges, VLANs and teams down to the hardware. */
function interfaceDrivers(tree: HostTree, name: string, depth: number): BoundDriver[] {
  const folder = tree.real(`/sys/class/net/${name}`);
  if (folder === null || depth > 8) return [];
  const device = tree.real(`${folder}/device`);
  if (device !== null) return driverChain(tree, device);
  const lower = tree.list(folder).flatMap((entry) => /^lower_(.+)$/.exec(entry)?.[1] ?? []);
  return mergeDrivers(lower.map((below) => interfaceDrivers(tree, below, depth + 1)));
}

/** @param server an IPv4 address; null where it is not known or is a name: then the default route counts */
export function networkDrivers(tree: HostTree, server: string | null): BoundDriver[] {
  const name = interfaceFor(tree.text('/proc/net/route') ?? '', server);
  if (name !== null) return interfaceDrivers(tree, name, 0);
  const physical = tree
    .list('/sys/class/net')
    .filter((entry) => tree.exists(`/sys/class/net/${entry}/device`) === true);
  return mergeDrivers(physical.map((entry) => interfaceDrivers(tree, entry, 0)));
}
