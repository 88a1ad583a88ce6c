import type { StorageNode } from '../../host/types.ts';

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
  verity: ['dm_verity'],
  writecache: ['dm_writecache'],
  zero: ['dm_zero'],
};

/** The targets of a device-mapper device's table that dm_mod alone does not bring. */
export function targetsOf(node: StorageNode): readonly string[] {
  return node.details.filter((target) => target in MODULES_OF_TARGET);
}

export function modulesOfTarget(target: string): readonly string[] {
  return MODULES_OF_TARGET[target] ?? [];
}

/** Whether a module brings a target that logical volumes are made of: whether it is there is a rule of its own. */
export function isVolumeTarget(module: string): boolean {
  return TARGETS_OF_VOLUMES.has(module);
}

const TARGETS_OF_VOLUMES: ReadonlySet<string> = new Set(
  Object.entries(MODULES_OF_TARGET).flatMap(([target, [module]]) =>
    module === undefined || /^(crypt|multipath|verity|integrity)$/.test(target) ? [] : [module],
  ),
);
