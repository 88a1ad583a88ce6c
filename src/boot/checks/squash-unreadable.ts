import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** The system of the image is packed in a file system image inside it, which is not read here. */
export const squashUnreadable: Check = {
  code: 'squash_unreadable',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"Failed to mount squashfs", then a panic; or nothing: what is inside may be sound.',
  cause:
    "dracut's squash module packs the system into squashfs or erofs; the kernel needs loop, overlay and that file system to open it.",
  cure: 'Build the image without it: `dracut --force --omit "squash squash-lib" --kver K IMAGE`; it can then be judged whole.',
  repair: ['rebuild'],
  *observe(facts) {
    for (const { path, format } of facts.image?.unread ?? []) {
      for (const module of ['loop', 'overlay', format]) yield* driverOutside(module, path, facts);
      yield {
        defect: false,
        what: `the programs, drivers and settings inside ${path}`,
        reason: `they are packed as ${format}, which is not read`,
      };
    }
  },
};

/** What opens the inner image must lie outside it. */
function* driverOutside(module: string, path: string, facts: BootFacts): Iterable<Observation> {
  const supply = supplyOf({ kind: 'driver', name: module, because: '' }, kernelDrivers(facts));
  if (supply.state !== 'not_in_image' && supply.state !== 'not_in_kernel') return;
  yield {
    defect: true,
    message: `The image packs its system into ${path} and has no ${module} outside it to open it with.`,
    evidence: { path, module, kernel: facts.kernel.kernel },
  };
}
