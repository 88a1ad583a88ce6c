import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { forcedModules } from './forced-modules.ts';
import { kernelDrivers } from './kernel-drivers.ts';
import { supplyOf } from './supply.ts';

/** What the kernel asks for by itself has names of its own; all other aliases are devices', which udev answers. */
const ASKED_BY_KERNEL = /^(?:fs|crypto|md|dm|net-pf|char-major|block-major|devname)[-:]/;

/** Of no device: whoever makes a mapped device, mounts or registers one has the kernel, or modprobe, load it. */
const OF_NO_DEVICE = /^(?:dm_\w+|nfsv4|bcache)$/;

/** Whether udev loads it, by the alias of a device. */
export function isDeviceDriver({ kind, name, modalias }: Requirement): boolean {
  return kind === 'driver' && (modalias === undefined ? !OF_NO_DEVICE.test(name) : !ASKED_BY_KERNEL.test(modalias));
}

/**
 * The required drivers that are modules of the image and that nobody but modprobe loads: the kernel runs it for a file
 * system, a cipher, a dm target. The driver of a device is loaded by udev, which reads modules itself, as systemd does
 * those that are listed for it.
 */
export function loadedByModprobe(facts: BootFacts, requirements: readonly Requirement[]): readonly Requirement[] {
  if (facts.image === null) return [];
  const drivers = kernelDrivers(facts);
  const listed = runsSystemd(facts.image.tree) ? forcedModules(facts) : new Set<string>();
  return requirements.filter((requirement) => {
    const { kind, modalias } = requirement;
    if (kind === 'driver' && modalias !== undefined && !ASKED_BY_KERNEL.test(modalias)) return false;
    const supply = supplyOf(requirement, drivers);
    return supply.state === 'module' && !listed.has(supply.module);
  });
}
