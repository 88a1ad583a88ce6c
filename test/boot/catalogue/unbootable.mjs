// @ts-check
// Fatal codes whose fault these guests cannot show: a disk of virtio-blk with ext4 on it, started by the emulator itself.

/** @type {Readonly<Record<string, string>>} */
export const UNBOOTABLE = {
  entry_file_missing: 'no loader takes part: the emulator loads kernel and image itself',
  default_entry_stale: 'no loader takes part',
  compression_unsupported: 'these kernels unpack every compression; its near misses are booted',
  modules_missing: 'fatal only with the list of modules that a host-only build leaves; these images are generic',
  squash_unreadable: 'needs an image made with the squash module',
  root_mount_point_missing: 'the first program of the guests needs none of these folders, as systemd would',
  resume_unknown: 'fatal where systemd waits without end: no console line ever decides; its near misses are booted',
  fstab_unknown: 'fatal for /usr alone: needs a disk of its own',
  crypto_driver_missing: 'needs LUKS',
  crypt_missing: 'needs LUKS',
  luks_unlisted: 'needs LUKS',
  crypttab_stale: 'needs LUKS',
  input_driver_missing: 'needs LUKS with a passphrase',
  lvm_missing: 'needs LVM',
  lv_unknown: 'needs LVM',
  lv_unlisted: 'needs LVM',
  lvm_devices_stale: 'needs LVM',
  dm_target_missing: 'needs device-mapper below /',
  mdraid_missing: 'needs md',
  md_unlisted: 'needs md',
  mdadm_stale: 'needs md',
  multipath_missing: 'needs multipath',
  iscsi_missing: 'needs iSCSI',
  nfs_missing: 'needs NFS',
  ostree_missing: 'needs an ostree deployment',
  fips_hmac: 'needs a kernel and an image in FIPS mode',
  platform_driver_missing: 'is a question about another machine, asked by --platform',
};
