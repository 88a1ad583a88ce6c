import { line, type HostTree } from '../tree.ts';
import type { BoundDriver } from '../types.ts';
import { driverChain, mergeDrivers } from './drivers.ts';

/** Bits 1 to 31 of the key map: Escape, the digits, Q to D. What has all of them is a keyboard, as udev tells it. */
const KEYBOARD = 0xfffffffe;

/** Drivers below every keyboard, for a passphrase typed at the console. */
export function readKeyboards(tree: HostTree): BoundDriver[] {
  const chains = tree.list('/sys/class/input').flatMap((name) => {
    if (!/^input\d+$/.test(name)) return [];
    const keys = line(tree, `/sys/class/input/${name}/capabilities/key`)?.split(' ').pop() ?? '';
    const low = parseInt(keys.slice(-8) || '0', 16);
    const path = (low & KEYBOARD) >>> 0 === KEYBOARD ? tree.real(`/sys/class/input/${name}`) : null;
    return path === null ? [] : [driverChain(tree, path)];
  });
  return mergeDrivers(chains);
}
