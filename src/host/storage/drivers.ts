/** The drivers bound along a device's chain of parents in sysfs, from the device up to the bus. */
import { line, type HostTree } from '../tree.ts';
import type { BoundDriver } from '../types.ts';

/** Bridges carry what is behind them without a driver that an image could lack. */
const BRIDGE_DRIVERS = new Set(['pcieport', 'pci_bridge', 'shpchp', 'pcieport_driver']);

/** A module or driver name as modules are compared: '-' and '_' are equal. */
const normalize = (name: string): string => name.replaceAll('-', '_').replaceAll(' ', '_');

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The driver bound to the device in this folder; null where none is, or a mere bridge's. */
function driverOf(tree: HostTree, device: string): BoundDriver | null {
  const driver = tree.link(`${device}/driver`);
  if (driver === null) return null;
  const name = normalize(lastName(driver));
  const bridge = (line(tree, `${device}/class`) ?? '').startsWith('0x0604');
  if (BRIDGE_DRIVERS.has(name) || bridge) return null;
  const module = tree.link(`${device}/driver/module`);
  return {
    name: module === null ? name : normalize(lastName(module)),
    module: module !== null,
    modalias: line(tree, `${device}/modalias`),
    device,
  };
}

/** @param path a device's folder below /sys/devices, links resolved */
export function driverChain(tree: HostTree, path: string): BoundDriver[] {
  const found: BoundDriver[] = [];
  for (let at = path; at.startsWith('/sys/devices/'); at = at.slice(0, at.lastIndexOf('/'))) {
    const driver = driverOf(tree, at);
    if (driver !== null) found.push(driver);
    const host = scsiHostModule(tree, at);
    if (host !== null && !found.some(({ name }) => name === host.name)) found.push(host);
  }
  return found;
}

/** A SCSI host without a device of its own (iSCSI, libfc) names its driver in proc_name. */
function scsiHostModule(tree: HostTree, device: string): BoundDriver | null {
  const host = lastName(device);
  if (!/^host\d+$/.test(host)) return null;
  const name = line(tree, `${device}/scsi_host/${host}/proc_name`);
  if (name === null || name === '<NULL>' || name === '(null)') return null;
  // Where the parent has a driver, that is the one: proc_name may differ from its module's name.
  if (tree.link(`${device.slice(0, device.lastIndexOf('/'))}/driver`) !== null) return null;
  if (/\/ata\d+\/host\d+$/.test(device) || device.includes('/usb')) return null;
  return { name: normalize(name), module: false, modalias: null, device };
}

/** Chains of several devices as one list, each driver on a device once. */
export function mergeDrivers(chains: readonly (readonly BoundDriver[])[]): BoundDriver[] {
  const seen = new Set<string>();
  return chains.flat().filter(({ name, device }) => {
    const key = `${name} ${device}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
