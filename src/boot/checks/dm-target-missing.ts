import { LEVELS_OF_DM_RAID, modulesOfTarget, targetsOf } from '../drivers/dm-targets.ts';
import { kernelDrivers, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import { neededNodes } from '../storage-stack.ts';
import type { StorageNode } from '../../host/types.ts';
import type { Check, Observation } from '../types.ts';

/** A logical volume is of a kind (RAID, thin, cache…) whose device-mapper target is not in the image. */
export const dmTargetMissing: Check = {
  code: 'dm_target_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"device-mapper: table: unknown target type"; the logical volume is not activated.',
  cause: 'The volume was converted to RAID, thin or cached after the image was built.',
  cure: 'Build the image anew while the volume is active: `dracut --force --kver K IMAGE`, or name the module: `dracut --force --add-drivers dm-raid --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    const { image, host } = facts;
    if (image === null || image.unread.length > 0) return;
    const drivers = kernelDrivers(facts);
    const told = new Set<string>();
    for (const { node, forRoot } of neededNodes(host.storage)) {
      if (!forRoot || node.kind !== 'lvm_lv') continue;
      yield* unknownLevel(node, drivers);
      for (const target of targetsOf(node)) {
        const [module] = modulesOfTarget(target, drivers);
        if (module === undefined || told.has(module)) continue;
        told.add(module);
        const supply = supplyOf({ kind: 'driver', name: module, because: '' }, drivers);
        if (supply.state === 'builtin' || supply.state === 'module') continue;
        const because = requirements.find(({ kind, name }) => kind === 'driver' && name === module)?.because;
        const evidence = { target, module, volume: node.name, vg: node.vg, lv: node.lv, because: because ?? null };
        if (supply.state === 'unknown' && !(drivers.builtinKnown && drivers.modulesKnown))
          yield {
            defect: false,
            what: `whether the kernel has the device-mapper target ${target}`,
            reason: supply.reason,
          };
        else
          yield {
            defect: true,
            message: `${node.name} has a table of type ${target}, and the image has no ${module}.`,
            evidence,
          };
      }
    }
  },
};

/** A RAID whose level is not known, where the image has not every level that it may be of. */
function* unknownLevel(node: StorageNode, drivers: KernelDrivers): Iterable<Observation> {
  if (!node.details.includes('raid') || node.details.some((detail) => /^raid\d/.test(detail))) return;
  const lacking = Object.keys(LEVELS_OF_DM_RAID).filter(
    (level) => !drivers.isBuiltin(level) && drivers.inImage(level) === null && drivers.hasModule(level),
  );
  if (lacking.length === 0) return;
  yield {
    defect: false,
    what: `whether the image has the RAID level of ${node.name}`,
    reason: `it lacks ${lacking.join(', ')}, and there is no copy of the metadata in /etc/lvm/backup to tell whether one of them is needed`,
  };
}
