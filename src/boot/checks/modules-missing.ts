import { unreadContents } from '../drivers/contents.ts';
import { usesBinaryIndex } from '../drivers/index-state.ts';
import { kernelDrivers, modulesOfKernel, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import { supplyOf } from '../drivers/supply.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** The image holds a fraction of the modules that its own metadata, or images beside it, speak of. */
export const modulesMissing: Check = {
  code: 'modules_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: "dracut's emergency shell: no disks.",
  cause: 'The generator was called with a broken kmod or for the wrong kernel and copied next to nothing.',
  cure: 'Reinstall kmod, `depmod -a K`, then `dracut --force --kver K IMAGE`, and compare the count with the rescue image.',
  repair: ['reinstall', 'depmod', 'rebuild'],
  *observe(facts, requirements) {
    if (facts.image === null || unreadContents(facts.image) !== null) return;
    yield* outOfReach(facts, requirements);
    const told = [...againstMetadata(facts, requirements)];
    yield* told;
    if (told.length === 0) yield* againstSiblings(facts);
  },
};

/** modprobe and udev look below /lib/modules, which in most images a link leads from. */
function* outOfReach(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const { image, kernel } = facts;
  const [needed] = neededModules(facts, requirements);
  if (image === null || needed === undefined || !usesBinaryIndex(image)) return;
  const path = kernelDrivers(facts).inImage(needed.name)?.path;
  if (path === undefined) return; // another rule tells
  if (image.tree.resolve(`lib/modules/${kernel.kernel}`).found) return;
  yield {
    defect: true,
    message: `The modules lie in ${path.replace(/\/kernel\/.*/, '')}, and /lib/modules/${kernel.kernel}, where modprobe and udev look, does not lead there: ${needed.requirement.because}.`,
    evidence: { path, wanted: `/lib/modules/${kernel.kernel}`, requirement: needed.requirement.because },
  };
}

/**
 * dracut notes which modules were loaded, or matched the hardware, when it built the image. Most of them (sound, network
 * filters) do not belong into it: what counts is what `/` needs, and the disk drivers as a whole.
 */
function* againstMetadata(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const listed = facts.image?.dracut?.hostModules ?? [];
  if (listed.length === 0) return;
  const drivers = kernelDrivers(facts);
  const asModules = listed.filter((name) => drivers.hasModule(name) && !drivers.isBuiltin(name));
  const absent = new Set(asModules.filter((name) => drivers.inImage(name) === null));
  const needed = requirements.find((requirement) => {
    const supply = supplyOf(requirement, drivers);
    return supply.state === 'not_in_image' && supply.candidates.some((name) => absent.has(name));
  });
  const disk = asModules.filter((name) => isDiskDriver(name, drivers));
  const noDisk = disk.length >= 3 && disk.every((name) => absent.has(name));
  if (needed === undefined && !noDisk) return;
  const settled = needed === undefined && facts.host.storage.state === 'complete';
  const modules = modulesOfKernel(facts).length;
  yield {
    defect: true,
    // Everything that `/` needs is known to be there: what else was loaded at that time is no matter.
    ...(settled ? { severity: 'warning' } : {}),
    message:
      `The image holds ${modules} modules; its own list of the host's names ${listed.length}, of which ${absent.size} are not in it` +
      (needed === undefined ? ', every disk driver among them.' : `: ${needed.because}.`),
    evidence: {
      list: facts.image?.dracut?.hostModulesPath ?? null,
      listed: listed.length,
      absent: absent.size,
      modules,
      examples: [...absent].sort().slice(0, 10),
      ...comparison(facts),
      ...(needed === undefined ? {} : { requirement: needed.because }),
    },
  };
}

/** Images of like kind for other kernels of this host, or the one that the request names, hold ten times as many. */
function* againstSiblings(facts: BootFacts): Iterable<Observation> {
  const modules = modulesOfKernel(facts).length;
  const richest = facts.siblings
    .filter(({ role }) => role !== 'rescue')
    .reduce<BootFacts['siblings'][number] | null>(
      (best, next) => (next.modules > (best?.modules ?? 0) ? next : best),
      null,
    );
  if (richest === null || richest.modules < 50 || modules * 10 > richest.modules) return;
  if (!hasManyModules(facts)) return;
  yield {
    defect: true,
    severity: 'warning',
    message: `The image holds ${modules} modules, ${richest.path} holds ${richest.modules}.`,
    evidence: { modules, ...comparison(facts) },
  };
}

/** A kernel with all built in has few modules to put into an image. */
function hasManyModules({ kernel }: BootFacts): boolean {
  return kernel.modules.length >= 100;
}

function comparison({ siblings }: BootFacts): Readonly<Record<string, unknown>> {
  return siblings.length === 0
    ? {}
    : { compared_with: siblings.map(({ path, role, modules }) => ({ path, role, modules })) };
}

function isDiskDriver(name: string, drivers: KernelDrivers): boolean {
  return /^kernel\/drivers\/(ata|block|message|nvme|scsi|virtio)\//.test(drivers.onHost(name) ?? '');
}
