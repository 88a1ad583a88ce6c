import { isDracut } from '../dracut-arguments.ts';
import { loadedByModprobe } from '../drivers/by-modprobe.ts';
import { forcedModules } from '../drivers/forced-modules.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import { findExecutable, findProgram } from '../userspace/programs.ts';
import type { BootFacts, Check, Requirement } from '../types.ts';

/** What a kernel calls that was built before it could be told otherwise (5.12), and nearly any that came after. */
const CALLED = '/sbin/modprobe';

/** Drivers must be loaded that udev does not load itself, and the image has no `modprobe`, or none where the kernel calls it. */
export const kmodMissing: Check = {
  code: 'kmod_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"modprobe: not found", "unknown filesystem type"; no driver is loaded that udev does not load itself.',
  cause:
    'kmod was damaged or being replaced while the image was made, or only its binary was copied and its links were not (that of /sbin too, where most kernels call it).',
  cure: 'Reinstall kmod, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    if (!isDracut(image) && image.generator !== 'initramfs-tools') return;
    const called = calledByKernel(facts);
    if (findExecutable(image.tree, [called]) !== null) return;
    const isThere = findProgram(image.tree, 'modprobe') !== null;
    const modules = loadedByModprobe(facts, requirements).filter(
      (requirement) => !isThere || isLeftToKernel(requirement, facts, called),
    );
    const [first] = modules;
    if (first === undefined) return;
    const at = image.tree.resolve(called);
    const kmod = findProgram(image.tree, 'kmod');
    yield {
      defect: true,
      message: `The image has no ${isThere ? called : 'modprobe'} that can be run, and the kernel has it load ${first.name}: ${first.because}.`,
      evidence: {
        looked_for: isThere ? [called] : ['usr/sbin/modprobe', 'usr/bin/modprobe'],
        ...(at.found
          ? { mode: (at.entry.mode & 0o7777).toString(8), path: at.entry.path }
          : { missing: at.missing, links: at.via }),
        kmod: kmod?.path ?? null,
        drivers: modules.map(({ name }) => name).slice(0, 8),
      },
    };
  },
};

function calledByKernel({ kernel }: BootFacts): string {
  return kernel.config?.get('CONFIG_MODPROBE_PATH') ?? CALLED;
}

/** Not so what is listed: scripts load it, which look for modprobe wherever programs are, unless they call it by its path, too. */
function isLeftToKernel(requirement: Requirement, facts: BootFacts, called: string): boolean {
  const { image } = facts;
  const byPath = image !== null && (image.tree.text('scripts/functions') ?? '').includes(called);
  const supply = supplyOf(requirement, kernelDrivers(facts));
  return byPath || supply.state !== 'module' || !forcedModules(facts).has(supply.module);
}
