// @ts-check
// A bcache device in a plain file, without a cache: the superblock by make-bcache, the file system behind it.

const DATA_SECTORS = 16;

/**
 * @param {string} from
 * @param {string} file
 */
export const backingDevice = (from, file) =>
  `truncate -s $(( $(stat -c %s ${from}) + ${DATA_SECTORS * 512} )) ${file}
   device=$(losetup -f --show ${file})
   trap 'losetup -d $device' EXIT
   make-bcache -B --data-offset ${DATA_SECTORS} $device
   sync
   dd if=${from} of=${file} bs=1M seek=${DATA_SECTORS * 512} oflag=seek_bytes conv=notrunc,sparse status=none
   rm ${from}`;
