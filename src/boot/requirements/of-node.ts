import type { StorageNode } from '../../host/types.ts';
import { algorithmsOf } from '../drivers/ciphers.ts';
import { LEVELS_OF_DM_RAID, modulesOfTarget, targetsOf } from '../drivers/dm-targets.ts';
import type { KernelDrivers } from '../drivers/kernel-drivers.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { translate } from './bound-drivers.ts';
import { isMultipathNamed } from './multipath.ts';

/** A requirement before it is said why. */
type Need = Omit<Requirement, 'because'>;

const driver = (name: string, modalias?: string): Need =>
  modalias === undefined ? { kind: 'driver', name } : { kind: 'driver', name, modalias };
const layer = (name: string): Need => ({ kind: 'layer', name });

/** What one node of the storage stack needs of kernel and image. */
export function needsOf(node: StorageNode, facts: BootFacts, drivers: KernelDrivers): readonly Need[] {
  switch (node.kind) {
    case 'filesystem':
      return needsOfFilesystem(node);
    case 'lvm_lv':
      return [
        layer('lvm'),
        driver('dm_mod'),
        ...targetsOf(node)
          .flatMap((target) => modulesOfTarget(target, drivers))
          .map((name) => driver(name)),
        ...node.details.flatMap((level) => {
          const alias = LEVELS_OF_DM_RAID[level];
          return alias === undefined ? [] : [driver(level, alias)];
        }),
      ];
    case 'crypt':
      return needsOfCrypt(node, drivers);
    case 'md':
      return [layer('md'), ...node.details.flatMap(needsOfLevel)];
    case 'multipath':
      return [layer('multipath'), ...(isMultipathNamed(facts) ? needsOfPaths(drivers) : [])];
    case 'bcache':
      return [layer('bcache'), driver('bcache')];
    case 'disk':
      return needsOfDisk(node, facts, drivers);
    case 'network':
      return [...needsOfFilesystem(node), ...needsOfBound(node, facts, drivers)];
    case 'partition':
      return [];
    case 'swap':
      return [];
  }
}

function needsOfFilesystem(node: StorageNode): readonly Need[] {
  const filesystem: Need = { kind: 'filesystem', name: node.type };
  switch (node.type) {
    case 'zfs':
      return [filesystem, layer('zfs')];
    case 'btrfs':
      return node.below.length > 1 ? [filesystem, layer('btrfs')] : [filesystem];
    case 'nfs':
      return [filesystem, layer('nfs')];
    case 'nfs4':
      return [filesystem, driver('nfsv4'), layer('nfs')];
    case '9p':
      return [filesystem, driver('9pnet_virtio')];
    default:
      return node.type === '' ? [] : [filesystem];
  }
}

function needsOfCrypt(node: StorageNode, drivers: KernelDrivers): readonly Need[] {
  if (node.type === 'verity' || node.type === 'integrity') return [driver('dm_mod'), driver(`dm_${node.type}`)];
  return [
    layer('crypt'),
    driver('dm_mod'),
    driver('dm_crypt'),
    ...node.details.flatMap((cipher) => needsOfCipher(cipher, drivers)),
  ];
}

/**
 * Before Linux 5.2 nothing tells what algorithms are built in, and essiv was part of dm_crypt until 5.4: there, one that
 * no module claims is taken for built in.
 */
function needsOfCipher(cipher: string, drivers: KernelDrivers): readonly Need[] {
  return (algorithmsOf(cipher) ?? [])
    .filter((name) => drivers.builtinAliasesKnown || drivers.modulesFor(`crypto-${name}`).length > 0)
    .map((name) => driver(name, `crypto-${name}`));
}

/** How dm_multipath may choose a path; which of them is the configuration's choice, the first of them by default. */
const PATH_SELECTORS = [
  'dm_service_time',
  'dm_queue_length',
  'dm_round_robin',
  'dm_historical_service_time',
  'dm_io_affinity',
] as const;

function needsOfPaths(drivers: KernelDrivers): readonly Need[] {
  const some = PATH_SELECTORS.some((name) => drivers.isBuiltin(name) || drivers.inImage(name) !== null);
  return [driver('dm_mod'), driver('dm_multipath'), ...(some ? [] : [driver(PATH_SELECTORS[0])])];
}

/** md levels by the aliases that md asks for: `md-raid5` is raid456's. */
function needsOfLevel(level: string): readonly Need[] {
  switch (level) {
    case 'raid4':
    case 'raid5':
    case 'raid6':
      return [driver('raid456', `md-${level}`)];
    case 'raid0':
    case 'raid1':
    case 'raid10':
    case 'linear':
      return [driver(level, `md-${level}`)];
    case 'dmraid':
      return [driver('dm_mod')];
    default:
      return [];
  }
}

/** The transport's own driver, for disks whose chain sysfs does not show: they hang below /sys/devices/virtual. */
const DRIVER_OF_TRANSPORT: Readonly<Record<string, string>> = {
  iscsi: 'iscsi_tcp',
  nbd: 'nbd',
  nvme: 'nvme',
  virtio: 'virtio_blk',
  xen: 'xen_blkfront',
};

function needsOfDisk(node: StorageNode, facts: BootFacts, drivers: KernelDrivers): readonly Need[] {
  const bound = needsOfBound(node, facts, drivers);
  const transport = DRIVER_OF_TRANSPORT[node.type];
  const remote = node.type === 'iscsi' || node.type === 'nbd';
  // A software initiator has no device of its own; an HBA that speaks iSCSI is bound like any other.
  const own = transport !== undefined && (node.drivers.length === 0 || node.type === 'nbd') ? [driver(transport)] : [];
  return [...(remote ? [layer(node.type)] : []), ...own, ...bound];
}

function needsOfBound(node: StorageNode, facts: BootFacts, drivers: KernelDrivers): readonly Need[] {
  return node.drivers.flatMap((bound) => {
    const name = translate(bound, facts, drivers);
    return name === null ? [] : [driver(name, bound.modalias ?? undefined)];
  });
}
