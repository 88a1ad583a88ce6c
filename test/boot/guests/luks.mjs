// @ts-check
// A LUKS2 container in a plain file: its header by cryptsetup, its payload encrypted here, without the kernel's dm-crypt.
import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

/** Where the payload of a container begins that cryptsetup formats without being told otherwise. */
const PAYLOAD = 16 << 20;
/** A file system with blocks of 1 KiB could not be mounted from sectors any larger. */
const SECTOR = 512;
const BATCH = 1 << 20;

/**
 * Shell that formats `file` to hold what `from` does; the volume's key is left at /tmp/volume.key.
 * @param {string} uuid
 * @param {string} from
 * @param {string} file
 * @param {string} key the file that unlocks it
 */
export const luksHeader = (uuid, from, file, key) =>
  `head -c 64 /dev/urandom > /tmp/volume.key
   truncate -s $(( $(stat -c %s ${from}) + ${PAYLOAD} )) ${file}
   cryptsetup -q luksFormat --type luks2 --uuid ${uuid} --cipher aes-xts-plain64 --key-size 512 --sector-size ${SECTOR} \\
     --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --volume-key-file /tmp/volume.key --key-file ${key} ${file}`;

/**
 * aes-xts-plain64: each sector by itself, its number (in units of 512 bytes) the tweak.
 * @param {string} keyFile the volume's key
 * @param {string} from
 * @param {string} file
 */
export function encryptPayload(keyFile, from, file) {
  const key = readFileSync(keyFile);
  const [source, target] = [openSync(from, 'r'), openSync(file, 'r+')];
  const batch = Buffer.alloc(BATCH);
  const tweak = Buffer.alloc(16);
  for (let at = 0; ; at += BATCH) {
    const size = readSync(source, batch, 0, BATCH, at);
    if (size === 0) break;
    const sealed = [];
    for (let sector = 0; sector < size; sector += SECTOR) {
      tweak.writeBigUInt64LE(BigInt((at + sector) / 512));
      sealed.push(createCipheriv('aes-256-xts', key, tweak).update(batch.subarray(sector, sector + SECTOR)));
    }
    writeSync(target, Buffer.concat(sealed), 0, size, PAYLOAD + at);
  }
  closeSync(source);
  closeSync(target);
}
