import type { BoundDriver } from '../../host/types.ts';
import { moduleNameOf, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import type { BootFacts } from '../types.ts';

/** What a driver that is bound now is called in the kernel judged; null: nothing of it is needed there. */
export function translate(bound: BoundDriver, facts: BootFacts, drivers: KernelDrivers): string | null {
  if (isInfrastructure(bound)) return null;
  if (bound.module) return bound.name;
  // A driver's name alone, as of code built into the running kernel: `sd`, `xhci_hcd`, `virtio_pci`. It is no module's
  // name, so the device is asked first: who claims it in this kernel?
  const claimants = bound.modalias === null ? [] : drivers.modulesFor(bound.modalias);
  if (claimants.includes(bound.name)) return bound.name;
  if (drivers.isBuiltin(bound.name)) return bound.name;
  if (bound.modalias !== null && drivers.builtinFor(bound.modalias) !== null) return null;
  if (claimants[0] !== undefined) return claimants[0];
  if (drivers.hasModule(bound.name)) return bound.name;
  return couldBeModule(bound.name, facts) ? bound.name : null;
}

/**
 * Bridges, ports and hubs carry a disk, but the kernel's core drives them: modules that claim them too (shpchp for
 * every PCI bridge) are for hot-plugging.
 */
function isInfrastructure({ name, modalias }: BoundDriver): boolean {
  return (
    /^(pcieport|shpchp|pciehp|hub|usb|usbcore|usb_port|acpi\w*|port|portdrv|agpgart\w*)$/.test(name) ||
    (modalias !== null && /^pci:.*bc06/i.test(modalias) && name !== 'vmd')
  );
}

/**
 * Whether code that is built into the running kernel could be left out of another: `modules.builtin` lists all that
 * could have been a module. What it does not list is in every kernel of this kind.
 */
function couldBeModule(name: string, { host, kernel }: BootFacts): boolean {
  if (host.running === null || host.running === kernel.kernel) return false;
  const running = host.kernels.find((other) => other.kernel === host.running);
  return (
    running?.index?.builtin.has(name) === true ||
    running?.modules.some(({ path }) => moduleNameOf(path) === name) === true
  );
}
