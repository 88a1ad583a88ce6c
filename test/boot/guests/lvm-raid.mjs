// @ts-check
// A mirrored volume on two plain files, as `lvcreate --type raid1` makes it, without the kernel's device mapper: the group's
// metadata by vgcfgrestore. The volumes for the mirror's own metadata hold zeros, as new ones do.

import { volume } from './lvm-thin.mjs';

const EXTENT_SECTORS = 8192; // 4 MiB

/**
 * Puts the file system of `from` into both legs of vg0/root, and what LVM keeps of the group where a host has it.
 * @param {string} from
 * @param {readonly string[]} files the physical volumes
 * @param {string} backup
 */
export const mirroredVolume = (from, files, backup) =>
  `extents=$(( ($(stat -c %s ${from}) / 512 + ${EXTENT_SECTORS} - 1) / ${EXTENT_SECTORS} ))
   devices=()
   for file in ${files.join(' ')}; do
     truncate -s $(( (extents + 5) * ${EXTENT_SECTORS} * 512 )) $file
     devices+=($(losetup -f --show $file))
   done
   trap 'losetup -d "\${devices[@]}"' EXIT
   export LVM_SUPPRESS_FD_WARNINGS=1
   lvm_() { lvm "$@" --driverloaded n --devices "$(IFS=,; echo "\${devices[*]}")" --config 'activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}'; }
   lvm_ pvcreate -y "\${devices[@]}"
   lvm_ vgcreate -s 4m vg0 "\${devices[@]}"
   lvm_ vgcfgbackup -f /tmp/vg0 vg0
   sed -i '/^vg0 {/,/^}/ s/^}$//' /tmp/vg0
   cat >> /tmp/vg0 <<GROUP
${VOLUMES}
}
GROUP
   lvm_ vgcfgrestore --force -f /tmp/vg0 vg0
   mkdir -p $(dirname ${backup}) && lvm_ vgcfgbackup -f ${backup} vg0
   sed -i 's/^creation_host = .*/creation_host = "lab"/' ${backup}
   start=$(lvm_ pvs --noheadings --units b --nosuffix -o pe_start "\${devices[0]}" | tr -d ' ')
   sync
   for file in ${files.join(' ')}; do
     dd if=${from} of=$file bs=1M seek=$(( start + ${EXTENT_SECTORS * 512} )) oflag=seek_bytes conv=notrunc,sparse status=none
   done`;

/** @param {string} extents @param {number} leg @param {number} from */
const striped = (extents, leg, from) => `    extent_count = ${extents}
    type = "striped"
    stripe_count = 1
    stripes = [ "pv${leg}", ${from} ]`;

/** @param {number} leg */
const legOf = (leg) => `${volume(`root_rmeta_${leg}`, `0meta${leg}`, '"READ", "WRITE"', striped('1', leg, 0))}
${volume(`root_rimage_${leg}`, `0data${leg}`, '"READ", "WRITE"', striped('$extents', leg, 1))}`;

const VOLUMES = `logical_volumes {
${volume(
  'root',
  '00root',
  '"READ", "WRITE", "VISIBLE"',
  `    extent_count = $extents
    type = "raid1"
    device_count = 2
    region_size = 4096
    raids = [ "root_rmeta_0", "root_rimage_0", "root_rmeta_1", "root_rimage_1" ]`,
)}
${legOf(0)}
${legOf(1)}
}`;
