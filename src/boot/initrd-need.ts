import { lastValue } from './command-line.ts';
import { kernelDrivers } from './drivers/kernel-drivers.ts';
import { supplyOf } from './drivers/supply.ts';
import type { BootFacts, Requirement } from './types.ts';

/** Whether K can reach `/` by itself. `because` completes "…, because". */
export interface InitrdNeed {
  readonly needed: boolean | 'unknown';
  readonly because: string;
}

/** What the kernel itself takes for `root=` (init/do_mounts.c): no file system's UUID, no LABEL, no device-mapper name. */
const KERNEL_NAMES = [/^PARTUUID=/i, /^PARTLABEL=/, /^\/dev\/nfs$/, /^\/dev\/ram\d*$/, /^[0-9a-f]{3,5}$/i, /^\d+:\d+$/];
const USERSPACE_DEVICES = /^\/dev\/(mapper|disk|md\/|dm-|[^/]+\/[^/]+$)/;

/** Whether this kernel with this command line needs an initramfs to mount `/`. */
export function initrdNeed(facts: BootFacts, requirements: readonly Requirement[]): InitrdNeed {
  const { cmdline, kernel } = facts;
  if (cmdline === null) return { needed: 'unknown', because: 'the command line is not known' };
  const builtIn = kernel.config?.get('CONFIG_INITRAMFS_SOURCE') ?? '';
  if (builtIn !== '') return { needed: 'unknown', because: `an initramfs is built into the kernel (${builtIn})` };
  const root = lastValue(cmdline, 'root');
  if (root === null || root === '')
    return { needed: true, because: 'the command line has no root=, which a kernel alone cannot do without' };
  if (!isKernelName(root)) return { needed: true, because: `the kernel alone does not understand root=${root}` };
  const drivers = kernelDrivers(facts);
  for (const requirement of requirements) {
    const { name, because } = requirement;
    if (requirement.kind === 'layer') return { needed: true, because: `the kernel alone does not assemble ${because}` };
    const supply = supplyOf(requirement, drivers);
    if (supply.state === 'unknown')
      return {
        needed: 'unknown',
        because: `it is not known whether ${name} is built into the kernel: ${supply.reason}`,
      };
    if (supply.state !== 'builtin') return { needed: true, because: `the kernel has not built in ${because}` };
  }
  if (facts.host.storage.state !== 'complete')
    return { needed: 'unknown', because: `it is not known which drivers root=${root} takes` };
  // Most inits are linked into it (/sbin -> usr/sbin), and those that are not expect it to be there.
  if (facts.host.storage.nodes.some(({ mountPoints }) => mountPoints.includes('/usr')))
    return {
      needed: 'unknown',
      because:
        'the kernel mounts / alone, /usr is a file system of its own, and whether the init of / runs without it is not known',
    };
  return { needed: false, because: `root=${root} and all that it takes are built into the kernel` };
}

function isKernelName(root: string): boolean {
  if (KERNEL_NAMES.some((pattern) => pattern.test(root))) return true;
  return root.startsWith('/dev/') && !USERSPACE_DEVICES.test(root);
}
