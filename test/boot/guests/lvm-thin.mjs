// @ts-check
// A thin volume in a plain file, without the kernel's device mapper: the pool's own metadata by thin_restore (the format is
// in thin_dump(8)), the group's by vgcfgrestore (in lvm's metadata format, as vgcfgbackup writes it).

const EXTENT_SECTORS = 8192; // 4 MiB
const CHUNK_SECTORS = 128;
const META_EXTENTS = 2;
/** The root is the pool's first volume, made in its first transaction. */
const DEVICE_ID = 1;
const TRANSACTION = 1;

/**
 * Puts the file system of `from` into the thin volume vg0/root of the pool vg0/pool, on the physical volume `file`.
 * @param {string} from
 * @param {string} file
 */
export const thinVolume = (from, file) =>
  `extents=$(( ($(stat -c %s ${from}) / 512 + ${EXTENT_SECTORS} - 1) / ${EXTENT_SECTORS} ))
   blocks=$(( extents * ${EXTENT_SECTORS / CHUNK_SECTORS} ))
   truncate -s $(( (extents + ${META_EXTENTS} + 4) * ${EXTENT_SECTORS} * 512 )) ${file}
   cat > /tmp/thin.xml <<XML
${POOL_METADATA}
XML
   truncate -s $(( ${META_EXTENTS * EXTENT_SECTORS} * 512 )) /tmp/thin.metadata
   thin_restore -i /tmp/thin.xml -o /tmp/thin.metadata >&2
   device=$(losetup -f --show ${file})
   trap 'losetup -d $device' EXIT
   export LVM_SUPPRESS_FD_WARNINGS=1
   lvm_() { lvm "$@" --driverloaded n --devices $device --config 'activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}'; }
   lvm_ pvcreate -y $device
   lvm_ vgcreate -s 4m vg0 $device
   lvm_ vgcfgbackup -f /tmp/vg0 vg0
   sed -i '/^vg0 {/,/^}/ s/^}$//' /tmp/vg0
   cat >> /tmp/vg0 <<GROUP
${VOLUMES}
}
GROUP
   lvm_ vgcfgrestore --force -f /tmp/vg0 vg0
   start=$(lvm_ pvs --noheadings --units b --nosuffix -o pe_start $device | tr -d ' ')
   sync
   dd if=${from} of=${file} bs=1M seek=$start oflag=seek_bytes conv=notrunc,sparse status=none
   dd if=/tmp/thin.metadata of=${file} bs=1M seek=$(( start + extents * ${EXTENT_SECTORS} * 512 )) oflag=seek_bytes conv=notrunc status=none
   rm ${from}`;

/** One volume, all of it mapped to the pool's data from their beginning on. */
const POOL_METADATA = `<superblock uuid="" time="0" transaction="${TRANSACTION}" data_block_size="${CHUNK_SECTORS}" nr_data_blocks="$blocks">
  <device dev_id="${DEVICE_ID}" mapped_blocks="$blocks" transaction="0" creation_time="0" snap_time="0">
    <range_mapping origin_begin="0" data_begin="0" length="$blocks" time="0"/>
  </device>
</superblock>`;

/** @param {string} name @param {string} id @param {string} status @param {string} segment */
export const volume = (name, id, status, segment) => `${name} {
  id = "labLVM-0000-0000-0000-0000-0000-${id}"
  status = [${status}]
  flags = []
  creation_time = 1
  creation_host = "lab"
  segment_count = 1
  segment1 {
    start_extent = 0
${segment}
  }
}`;

/** @param {string} extents @param {string} from */
const striped = (extents, from) => `    extent_count = ${extents}
    type = "striped"
    stripe_count = 1
    stripes = [ "pv0", ${from} ]`;

const VOLUMES = `logical_volumes {
${volume(
  'root',
  '00root',
  '"READ", "WRITE", "VISIBLE"',
  `    extent_count = $extents
    type = "thin"
    thin_pool = "pool"
    transaction_id = 0
    device_id = ${DEVICE_ID}`,
)}
${volume(
  'pool',
  '00pool',
  '"READ", "WRITE", "VISIBLE"',
  `    extent_count = $extents
    type = "thin-pool"
    metadata = "pool_tmeta"
    pool = "pool_tdata"
    transaction_id = ${TRANSACTION}
    chunk_size = ${CHUNK_SECTORS}
    discards = "passdown"
    zero_new_blocks = 1`,
)}
${volume('pool_tmeta', '0tmeta', '"READ", "WRITE"', striped(String(META_EXTENTS), '$extents'))}
${volume('pool_tdata', '0tdata', '"READ", "WRITE"', striped('$extents', '0'))}
}`;
