import { blockedModules } from '../drivers/blocked-modules.ts';
import { forcedModules } from '../drivers/forced-modules.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import type { Check } from '../types.ts';

/** A needed module is in the image, and a blacklist keeps it from being loaded. */
export const driverBlocked: Check = {
  code: 'driver_blocked',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: 'No disks, or "unknown filesystem type", with every driver in the image and no error about it.',
  cause: 'A blacklist meant for other hardware, or for hardening, names a driver that this host boots by.',
  cure: 'Take the name out of the command line or of /etc/modprobe.d, then `dracut --force --kver K IMAGE`.',
  repair: ['configure', 'rebuild'],
  *observe(facts, requirements) {
    const blocked = blockedModules(facts);
    if (blocked.size === 0) return;
    const forced = forcedModules(facts);
    // initramfs-tools has modprobe heed blacklists for names too: MODPROBE_OPTIONS=-qb.
    const heedsAlways = /MODPROBE_OPTIONS=\S*b/.test(facts.image?.tree.text('init') ?? '');
    for (const { name, neededBy, requirement } of neededModules(facts, requirements)) {
      const block = blocked.get(name);
      const byAlias =
        neededBy === null &&
        (requirement.kind === 'filesystem' || requirement.modalias !== undefined) &&
        (!forced.has(name) || heedsAlways);
      if (block === undefined || (block.when === 'by_alias' && !byAlias)) continue;
      yield {
        defect: true,
        message: `${block.by} keeps ${name} from being loaded: ${requirement.because}.`,
        evidence: { module: name, blocked_by: block.by, needed_by: neededBy, requirement: requirement.because },
      };
    }
  },
};
