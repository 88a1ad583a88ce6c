// @ts-check
// Shell that turns the folder /tmp/guest, of $(cat /tmp/size) MiB, into file systems in plain files.

const SIZE = (/** @type {number} */ spare) => `$(( $(cat /tmp/size) * 5 / 4 + ${spare} ))M`;

/**
 * Without a mount: mkfs.ext4 fills its own.
 * @param {string} uuid
 * @param {string} file
 * @param {string} [folder]
 */
export const ext4 = (uuid, file, folder = '/tmp/guest') =>
  `mkfs.ext4 -q -U ${uuid} -L labroot -d ${folder} ${file} "${SIZE(64)}" 2>&1`;

/**
 * @param {string} uuid
 * @param {string} file
 */
export const xfs = (uuid, file) =>
  `truncate -s "${SIZE(320)}" ${file}
   mkfs.xfs -q -m uuid=${uuid} -L labroot ${file}
   mount -o loop ${file} /mnt && cp -a /tmp/guest/. /mnt/ && umount /mnt`;

/**
 * On one device or several: its superblocks name them all, and it is whole only with all of them.
 * @param {string} uuid
 * @param {readonly string[]} files
 */
export const btrfs = (uuid, files) =>
  `devices=() options=
   for file in ${files.join(' ')}; do
     truncate -s "${SIZE(320)}" $file
     device=$(losetup -f --show $file)
     devices+=($device) options+=\${options:+,}device=$device
   done
   trap 'losetup -d "\${devices[@]}"' EXIT
   mkfs.btrfs -q -U ${uuid} -L labroot "\${devices[@]}"
   mount -o $options "\${devices[0]}" /mnt && cp -a /tmp/guest/. /mnt/ && umount /mnt`;
