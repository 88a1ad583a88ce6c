import { bootedVersion } from '../booted-kernel.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import { inWords, refused, unreadModules } from '../refused.ts';
import type { ImageFacts } from '../../image/types.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** Kernel, image and modules on disk are of different versions. */
export const versionMismatch: Check = {
  code: 'version_mismatch',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"Module … not found in directory /lib/modules/K"; no disks, or a system without network and sound.',
  cause:
    'Kernel and image were copied by hand, the image was built for the running kernel, or an update replaced one of the three and failed before the others.',
  cure: 'Build the image for the kernel that the entry loads: `dracut --force --kver K IMAGE`; reinstall the kernel where its modules are gone.',
  repair: ['rebuild', 'reinstall'],
  *observe(facts, requirements) {
    const { version, from } = bootedVersion(facts);
    yield* kernelUnread(facts);
    yield* imageOfAnother(version, from, facts, requirements);
    yield* ukiOfAnother(version, facts);
    if (unreadModules(facts) === null) yield* noModulesOnDisk(version, from, facts);
  },
};

function* kernelUnread(facts: BootFacts): Iterable<Observation> {
  const { kernel, vmlinuz } = facts.kernel;
  const unread = vmlinuz === null ? null : refused(facts, (path) => path === vmlinuz.path);
  if (unread !== null)
    yield {
      defect: false,
      what: `whether the kernel file of ${kernel} is whole, and its own`,
      reason: inWords(unread),
    };
}

function* imageOfAnother(
  version: string,
  from: string,
  facts: BootFacts,
  requirements: readonly Requirement[],
): Iterable<Observation> {
  const { image } = facts;
  if (image === null) return;
  const held = moduleVersions(image);
  // An image without any modules is another rule's matter; one with several kernels' needs only this one's.
  if (held.length === 0 || held.includes(version)) return;
  const drivers = kernelDrivers(facts);
  const needed = requirements.filter((requirement) => supplyOf(requirement, drivers).state !== 'builtin');
  yield {
    defect: true,
    message: `The kernel that boots is ${version}, but the image holds modules for ${held.join(', ')}.`,
    evidence: {
      kernel_version: version,
      kernel_version_from: from,
      image: image.files[image.files.length - 1]?.path ?? null,
      image_modules: held,
      ...(needed[0] === undefined ? {} : { needed: needed[0].because }),
    },
    ...(needed.length === 0 && facts.host.storage.state === 'complete' ? { severity: 'warning' } : {}),
  };
}

function moduleVersions(image: ImageFacts): readonly string[] {
  return [...new Set([...image.indexes.keys(), ...image.modules.map(({ kernel }) => kernel)])].sort();
}

function* ukiOfAnother(version: string, { image }: BootFacts): Iterable<Observation> {
  const uname = image?.uki?.uname?.trim() ?? '';
  if (uname === '' || uname === version) return;
  yield {
    defect: true,
    severity: 'warning',
    message: `The unified image calls its kernel ${uname}, but the kernel in it is ${version}.`,
    evidence: { uname, kernel_version: version, path: image?.files[0]?.path ?? null },
  };
}

function* noModulesOnDisk(version: string, from: string, { host, kernel }: BootFacts): Iterable<Observation> {
  if (kernel.config !== null && kernel.config.get('CONFIG_MODULES') !== 'y') return;
  const onDisk = host.kernels.find((other) => other.kernel === version) ?? kernel;
  if (onDisk.kernel === version && onDisk.modulesDir !== null) return;
  yield {
    defect: true,
    severity: 'warning',
    message: `The kernel that boots is ${version}, and the root file system has no modules for it.`,
    evidence: {
      kernel_version: version,
      kernel_version_from: from,
      modules_dir: `/usr/lib/modules/${version}`,
      modules_of: host.kernels.filter((other) => other.modulesDir !== null).map((other) => other.kernel),
    },
    repair: ['reinstall'],
  };
}
