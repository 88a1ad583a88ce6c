import type { StorageNode } from '../../host/types.ts';
import type { KernelDrivers } from './kernel-drivers.ts';

/** Device-mapper targets that are not in dm_mod itself, and the modules that bring them (drivers/md of the kernel). */
const MODULES_OF_TARGET: Readonly<Record<string, readonly string[]>> = {
  cache: ['dm_cache', 'dm_cache_smq'],
  clone: ['dm_clone'],
  crypt: ['dm_crypt'],
  era: ['dm_era'],
  integrity: ['dm_integrity'],
  mirror: ['dm_mirror'],
  multipath: ['dm_multipath'],
  raid: ['dm_raid'],
  snapshot: ['dm_snapshot'],
  'snapshot-merge': ['dm_snapshot'],
  'snapshot-origin': ['dm_snapshot'],
  thin: ['dm_thin_pool'],
  'thin-pool': ['dm_thin_pool'],
  vdo: ['dm_vdo'],
  verity: ['dm_verity'],
  writecache: ['dm_writecache'],
  zero: ['dm_zero'],
};

/** Modules that were kept apart from the kernel, under another name, before they became part of it (VDO: Linux 6.9). */
const NAME_BEFORE: Readonly<Record<string, string>> = { dm_vdo: 'kvdo' };

/** The targets of a device-mapper device's table that dm_mod alone does not bring. */
export function targetsOf(node: StorageNode): readonly string[] {
  return node.details.filter((target) => target in MODULES_OF_TARGET);
}

/** As the kernel in question names them. */
export function modulesOfTarget(target: string, drivers: KernelDrivers): readonly string[] {
  return (MODULES_OF_TARGET[target] ?? []).map((module) => {
    const before = NAME_BEFORE[module];
    return before !== undefined && drivers.hasModule(before) ? before : module;
  });
}

/**
 * Levels that dm_raid has the kernel load a module of its own for (drivers/md/md.c, `md-level-`), by that module's name; those
 * of the others (raid456) dm_raid depends on.
 */
export const LEVELS_OF_DM_RAID: Readonly<Record<string, string>> = {
  raid0: 'md-level-0',
  raid1: 'md-level-1',
  raid10: 'md-level-10',
};

/** Whether a module brings a target that logical volumes are made of: whether it is there is a rule of its own. */
export function isVolumeTarget(module: string): boolean {
  return TARGETS_OF_VOLUMES.has(module);
}

const TARGETS_OF_VOLUMES: ReadonlySet<string> = new Set(
  Object.entries(MODULES_OF_TARGET).flatMap(([target, [module]]) => {
    if (module === undefined || /^(crypt|multipath|verity|integrity)$/.test(target)) return [];
    return [module, ...[NAME_BEFORE[module] ?? []].flat()];
  }),
);
