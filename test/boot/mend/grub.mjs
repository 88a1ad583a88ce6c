// @ts-check
// GRUB for BIOS on a plain file: what grub-bios-setup does to a disk with an MBR, without a device.
// Offsets: GRUB's include/grub/i386/pc/boot.h and grub-core/boot/i386/pc/diskboot.S.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const SECTOR = 512;
/** The gap before the first partition: all of it is the loader's. */
const CORE_AT = 1;
const FIRST_PARTITION = 2048;

const KERNEL_SECTOR = 0x5c;
const BOOT_DRIVE = 0x64;
const DRIVE_CHECK = 0x66;
const CODE_SIZE = 440;
const ANY_DRIVE = 0xff;
const NOP = 0x90;
/** diskboot's first and only block list: where the rest of the core lies, how long it is, where it is loaded. */
const BLOCK_LIST = SECTOR - 12;
const LOAD_SEGMENT = 0x820;

const TABLE_AT = 446;
/** No one asks for cylinders, heads and sectors any more: the values of what lies beyond them. */
const BEYOND_CHS = [0xfe, 0xff, 0xff];

/** @typedef {{start: number, sectors: number, type: number}} Partition `start` in sectors; `type`: 0x83 Linux, 0x8e LVM */

/**
 * @param {string} disk
 * @param {string} bootImage GRUB's boot.img
 * @param {string} coreImage what grub-mkimage made
 * @param {readonly Partition[]} partitions the first one holds the loader's own files
 */
export function embedGrub(disk, bootImage, coreImage, partitions) {
  const core = padded(readFileSync(coreImage));
  const sectors = core.length / SECTOR;
  if (CORE_AT + sectors > FIRST_PARTITION) throw new Error(`GRUB's core does not fit: ${sectors} sectors`);
  core.writeBigUInt64LE(BigInt(CORE_AT + 1), BLOCK_LIST);
  core.writeUInt16LE(sectors - 1, BLOCK_LIST + 8);
  core.writeUInt16LE(LOAD_SEGMENT, BLOCK_LIST + 10);

  const first = Buffer.alloc(SECTOR);
  readFileSync(bootImage).copy(first, 0, 0, CODE_SIZE);
  first.writeBigUInt64LE(BigInt(CORE_AT), KERNEL_SECTOR);
  first[BOOT_DRIVE] = ANY_DRIVE;
  first.fill(NOP, DRIVE_CHECK, DRIVE_CHECK + 2);
  for (const [at, { start, sectors: size, type }] of partitions.entries()) {
    const entry = [at === 0 ? 0x80 : 0, ...BEYOND_CHS, type, ...BEYOND_CHS];
    Buffer.from(entry).copy(first, TABLE_AT + 16 * at);
    first.writeUInt32LE(start, TABLE_AT + 16 * at + 8);
    first.writeUInt32LE(size, TABLE_AT + 16 * at + 12);
  }
  first.writeUInt16LE(0xaa55, SECTOR - 2);

  const file = openSync(disk, 'r+');
  writeSync(file, first, 0, first.length, 0);
  writeSync(file, core, 0, core.length, CORE_AT * SECTOR);
  closeSync(file);
}

/** @param {Buffer} bytes */
function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (SECTOR - 1))]);
}
