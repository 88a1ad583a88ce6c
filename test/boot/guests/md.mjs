// @ts-check
// A mirror of two disks with md metadata 1.2, both in sync, in plain files and without the kernel's md driver. The format:
// struct mdp_superblock_1 in the kernel's include/uapi/linux/raid/md_p.h.
import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';

const SECTOR = 512;
const SUPERBLOCK_AT = 8 * SECTOR;
const DATA_AT = 2048 * SECTOR;
const MAGIC = 0xa92b4efc;
const ROLES = 128;
const ROLES_AT = 256;
const FAULTY = 0xffff;
/** No resync is under way: all of it is done. */
const ALL_SYNCED = 0xffffffffffffffffn;

/** @param {string} uuid */
const uuidBytes = (uuid) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/**
 * @param {{uuid: string, sectors: number, member: number, members: number}} array `sectors`: of the data on each member
 * @returns {Buffer}
 */
function superblock({ uuid, sectors, member, members }) {
  const block = Buffer.alloc(ROLES_AT + 2 * ROLES);
  block.writeUInt32LE(MAGIC, 0);
  block.writeUInt32LE(1, 4); // major version
  uuidBytes(uuid).copy(block, 16);
  block.write('lab:0', 32); // the array's name
  block.writeUInt32LE(1, 72); // level
  block.writeBigUInt64LE(BigInt(sectors), 80); // of each device that is used
  block.writeUInt32LE(members, 92);
  block.writeBigUInt64LE(BigInt(DATA_AT / SECTOR), 128);
  block.writeBigUInt64LE(BigInt(sectors), 136); // that can be used
  block.writeBigUInt64LE(BigInt(SUPERBLOCK_AT / SECTOR), 144);
  block.writeUInt32LE(member, 160);
  block.writeUInt32LE(0x1000 + member, 180); // the end of the device's own uuid
  block.writeBigUInt64LE(1n, 200); // events: the same on all members
  block.writeBigUInt64LE(ALL_SYNCED, 208);
  block.writeUInt32LE(ROLES, 220);
  for (let role = 0; role < ROLES; role++) block.writeUInt16LE(role < members ? role : FAULTY, ROLES_AT + 2 * role);
  let sum = 0;
  for (let at = 0; at < block.length; at += 4) sum += block.readUInt32LE(at);
  block.writeUInt32LE(((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) >>> 0, 216);
  return block;
}

/**
 * Members of a mirror of what `from` holds.
 * @param {string} uuid of the array
 * @param {string} from
 * @param {readonly string[]} files
 * @param {(from: string, to: string, offset: number) => Promise<unknown>} copyAt
 */
export async function mirror(uuid, from, files, copyAt) {
  const size = statSync(from).size;
  for (const [member, file] of files.entries()) {
    const disk = openSync(file, 'w');
    ftruncateSync(disk, DATA_AT + size);
    const block = superblock({ uuid, sectors: size / SECTOR, member, members: files.length });
    writeSync(disk, block, 0, block.length, SUPERBLOCK_AT);
    closeSync(disk);
    await copyAt(from, file, DATA_AT);
  }
}
