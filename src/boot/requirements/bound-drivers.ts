import type { BoundDriver } from '../../host/types.ts';
import { moduleNameOf, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import type { BootFacts } from '../types.ts';

/** What a driver that is bound now is called in the kernel judged; null: nothing of it is needed there. */
export function translate(bound: BoundDriver, facts: BootFacts, drivers: KernelDrivers): string | null {
  const { name, modalias } = bound;
  if (isInfrastructure(bound)) return null;
  if (bound.module && (drivers.isBuiltin(name) || drivers.hasModule(name))) return name;
  // A driver's name alone (`sd`, `xhci_hcd`, `virtio_pci`) is no module's, and modules are renamed from kernel to
  // kernel: so the device is asked who claims it in this one.
  const claimants = modalias === null ? [] : drivers.modulesFor(modalias);
  if (claimants.includes(name) || drivers.isBuiltin(name)) return name;
  if (modalias !== null && drivers.builtinFor(modalias) !== null) return null;
  if (claimants[0] !== undefined) return claimants[0];
  if (drivers.hasModule(name)) return name;
  return couldBeModule(bound, facts) ? name : null;
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

/** Buses whose devices tell what they are: what drives a disk or a controller on them can always be a module. */
const TELLING_BUS = /^(pci|usb|virtio|scsi|xen|vmbus|mmc|hid):/;

/**
 * Whether a driver that this kernel does not know by name could be absent from it: if not, it is core code that is in
 * every kernel of this kind. `modules.builtin` of the running kernel lists all that could have been a module.
 */
function couldBeModule({ name, module, modalias }: BoundDriver, { host, kernel }: BootFacts): boolean {
  if (host.running === kernel.kernel && !module) return false;
  if (modalias !== null && TELLING_BUS.test(modalias)) return true;
  const running = host.kernels.find((other) => other.kernel === host.running);
  return (
    running?.index?.builtin.has(name) === true ||
    running?.modules.some(({ path }) => moduleNameOf(path) === name) === true
  );
}
