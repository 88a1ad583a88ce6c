// @ts-check
// A linear logical volume in a plain file, by lvm itself and without the kernel's device mapper.

/**
 * Puts the file system of `from` into the volume vg0/root of the physical volume `file`.
 * @param {string} from
 * @param {string} file
 */
export const linearVolume = (from, file) =>
  `size=$(stat -c %s ${from})
   truncate -s $(( size + (64 << 20) )) ${file}
   device=$(losetup -f --show ${file})
   trap 'losetup -d $device' EXIT
   export LVM_SUPPRESS_FD_WARNINGS=1
   lvm_() { lvm "$@" --driverloaded n --devices $device --config 'activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}'; }
   lvm_ pvcreate -y $device
   lvm_ vgcreate vg0 $device
   lvm_ lvcreate -an -Zn -Wn -y -n root -L \${size}b vg0
   start=$(lvm_ pvs --noheadings --units b --nosuffix -o pe_start $device | tr -d ' ')
   sync
   dd if=${from} of=${file} bs=1M seek=$start oflag=seek_bytes conv=notrunc,sparse status=none
   rm ${from}`;
