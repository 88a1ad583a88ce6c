// @ts-check
// Fatal codes that no guest of the boot lab can bear out, and why.

/** @type {Readonly<Record<string, string>>} */
export const UNSHOWN = {
  compression_unsupported: 'the kernels of the lab unpack every compression; its near misses are booted',
  platform_driver_missing: 'is a question about another machine, asked by --platform',
  input_driver_missing: 'the console of the guests is a serial line, which needs no keyboard',
  iscsi_missing: 'no base of the lab stands on iSCSI',
  nfs_missing: 'no base of the lab stands on NFS',
  ostree_missing: 'no base of the lab is an ostree deployment',
  squash_unreadable: 'no image of the lab is made with the squash module',
  fips_hmac: 'needs a kernel and an image in FIPS mode',
  root_mount_point_missing: 'the first program of the guests needs none of these folders, as systemd would',
};
