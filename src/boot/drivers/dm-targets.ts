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

/** LVM's hidden volumes tell by their names what stands on them: `vg0-pool-tpool`, `vg0-root_rimage_0`. */
const TARGET_OF_HIDDEN: readonly (readonly [pattern: RegExp, target: string])[] = [
  [/-tpool$|_t(data|meta)$/, 'thin-pool'],
  [/_r(image|meta)_\d+$/, 'raid'],
  [/_c(data|meta|orig)$|_cvol$/, 'cache'],
  [/_mimage_\d+$|_mlog$/, 'mirror'],
  [/-cow$|-real$/, 'snapshot'],
  [/_wcorig$/, 'writecache'],
];

/** The targets of a device-mapper device, as its table or LVM's hidden names tell; linear and striped left out. */
export function targetsOf(node: StorageNode): readonly string[] {
  const hidden = TARGET_OF_HIDDEN.filter(([pattern]) => pattern.test(node.name)).map(([, target]) => target);
  return [...new Set([...node.details.filter((target) => target in MODULES_OF_TARGET), ...hidden])];
}

export function modulesOfTarget(target: string): readonly string[] {
  return MODULES_OF_TARGET[target] ?? [];
}
