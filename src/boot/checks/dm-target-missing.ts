import { modulesOfTarget, targetsOf } from '../drivers/dm-targets.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import { neededNodes } from '../storage-stack.ts';
import type { Check } from '../types.ts';

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
      for (const target of targetsOf(node)) {
        const [module] = modulesOfTarget(target);
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
