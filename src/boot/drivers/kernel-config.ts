/**
 * The configuration word behind a module, for kernels whose list of built-in modules is not to be had
 * (no `modules.builtin`: kernels without loadable modules install none).
 */
const CONFIG_OF: Readonly<Record<string, string>> = {
  ahci: 'SATA_AHCI',
  ata_piix: 'ATA_PIIX',
  bcache: 'BCACHE',
  btrfs: 'BTRFS_FS',
  dm_cache: 'DM_CACHE',
  dm_crypt: 'DM_CRYPT',
  dm_mirror: 'DM_MIRROR',
  dm_mod: 'BLK_DEV_DM',
  dm_multipath: 'DM_MULTIPATH',
  dm_raid: 'DM_RAID',
  dm_snapshot: 'DM_SNAPSHOT',
  dm_thin_pool: 'DM_THIN_PROVISIONING',
  ext2: 'EXT2_FS',
  ext3: 'EXT3_FS',
  ext4: 'EXT4_FS',
  f2fs: 'F2FS_FS',
  hv_storvsc: 'HYPERV_STORAGE',
  hv_vmbus: 'HYPERV',
  iscsi_tcp: 'ISCSI_TCP',
  mmc_block: 'MMC_BLOCK',
  nfs: 'NFS_FS',
  nfsv4: 'NFS_V4',
  nvme: 'BLK_DEV_NVME',
  overlay: 'OVERLAY_FS',
  raid0: 'MD_RAID0',
  raid1: 'MD_RAID1',
  raid10: 'MD_RAID10',
  raid456: 'MD_RAID456',
  sd_mod: 'BLK_DEV_SD',
  usb_storage: 'USB_STORAGE',
  virtio_blk: 'VIRTIO_BLK',
  virtio_mmio: 'VIRTIO_MMIO',
  virtio_net: 'VIRTIO_NET',
  virtio_pci: 'VIRTIO_PCI',
  virtio_scsi: 'SCSI_VIRTIO',
  virtiofs: 'VIRTIO_FS',
  xen_blkfront: 'XEN_BLKDEV_FRONTEND',
  xfs: 'XFS_FS',
  xhci_pci: 'USB_XHCI_PCI',
  '9p': '9P_FS',
  '9pnet_virtio': 'NET_9P_VIRTIO',
  adiantum: 'CRYPTO_ADIANTUM',
  aes: 'CRYPTO_AES',
  cbc: 'CRYPTO_CBC',
  crc32c: 'CRYPTO_CRC32C',
  ecb: 'CRYPTO_ECB',
  essiv: 'CRYPTO_ESSIV',
  sha256: 'CRYPTO_SHA256',
  xts: 'CRYPTO_XTS',
};

/** `y`, `m` or `n` where the configuration settles it; null where it, or the word for this module, is not known. */
export function configuredAs(name: string, config: ReadonlyMap<string, string> | null): 'y' | 'm' | 'n' | null {
  const word = CONFIG_OF[name];
  if (config === null || word === undefined) return null;
  const value = config.get(`CONFIG_${word}`);
  return value === 'y' || value === 'm' ? value : 'n';
}
