import type { Platform } from '../../protocol/messages.ts';

/** What a platform offers disks on. */
interface PlatformDrivers {
  /** Without any of these there is no disk. */
  readonly always: readonly string[];
  /** Which of these it takes depends on the machine's settings. */
  readonly oneOf: readonly string[];
}

export const PLATFORM_DRIVERS: Readonly<Record<Platform, PlatformDrivers>> = {
  kvm: { always: ['virtio_pci'], oneOf: ['virtio_blk', 'virtio_scsi'] },
  vmware: { always: ['sd_mod'], oneOf: ['vmw_pvscsi', 'mptspi', 'ahci', 'nvme'] },
  hyperv: { always: ['hv_vmbus', 'sd_mod'], oneOf: ['hv_storvsc'] },
  xen: { always: [], oneOf: ['xen_blkfront'] },
  /** Nitro instances have NVMe alone, the older ones Xen. */
  aws: { always: [], oneOf: ['nvme', 'xen_blkfront'] },
  gce: { always: ['virtio_pci'], oneOf: ['virtio_scsi', 'nvme'] },
  azure: { always: ['hv_vmbus'], oneOf: ['hv_storvsc', 'nvme'] },
  metal: { always: [], oneOf: ['ahci', 'nvme', 'megaraid_sas', 'mpt3sas', 'smartpqi', 'hpsa', 'aacraid'] },
};
