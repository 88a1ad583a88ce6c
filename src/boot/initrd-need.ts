import { lastValue } from './command-line.ts';
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
  const { cmdline, kernel, host } = facts;
  if (cmdline === null) return { needed: 'unknown', because: 'the command line is not known' };
  const builtIn = kernel.config?.get('CONFIG_INITRAMFS_SOURCE') ?? '';
  if (builtIn !== '') return { needed: 'unknown', because: `an initramfs is built into the kernel (${builtIn})` };
  const root = lastValue(cmdline, 'root');
  if (root === null || root === '')
    return { needed: true, because: 'the command line has no root=, which a kernel alone cannot do without' };
  if (!isKernelName(root)) return { needed: true, because: `the kernel alone does not understand root=${root}` };
  const missing = requirements.find((requirement) => !isBuiltIn(requirement, facts));
  if (missing !== undefined)
    return { needed: true, because: `${missing.name} is not built into the kernel: ${missing.because}` };
  if (host.storage.state !== 'complete' || kernel.index === null)
    return { needed: 'unknown', because: `it is not known which drivers root=${root} takes` };
  return { needed: false, because: `root=${root} and all that it takes are built into the kernel` };
}

function isKernelName(root: string): boolean {
  if (KERNEL_NAMES.some((pattern) => pattern.test(root))) return true;
  return root.startsWith('/dev/') && !USERSPACE_DEVICES.test(root);
}

/** A layer of user space (lvm, crypt…) never is; a driver or file system is where K's modules.builtin names it. */
export function isBuiltIn(requirement: Requirement, { kernel }: BootFacts): boolean {
  if (requirement.kind === 'layer') return false;
  const builtin = kernel.index?.builtin;
  if (builtin?.has(requirement.name.replace(/-/g, '_')) === true) return true;
  const { modalias } = requirement;
  if (modalias !== undefined && kernel.index !== null)
    return [...kernel.index.builtinAliases].some(([, aliases]) =>
      aliases.some((alias) => globMatches(alias, modalias)),
    );
  return false;
}

/** fnmatch as kmod uses it for aliases: `*`, `?` and brackets. */
function globMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(text);
}
