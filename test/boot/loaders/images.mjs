// @ts-check
// Broken images, unified images and kernels, for loaders to load.
import { unsigned, withModule } from '../catalogue/modules.mjs';
import { readMembers, writeMembers } from '../newc.mjs';

/** Where depmod's indexes are, whatever the kernel. */
const INDEXES = /\/modules\.(?:dep|alias|symbols)(?:\.bin)?$/;

/**
 * The same image, its module indexes empty: no driver is found by it.
 * @param {Buffer} image
 */
export function withoutIndex(image) {
  const members = readMembers(image);
  if (!members.some(({ name }) => INDEXES.test(name))) throw new Error('the image has no module index');
  return writeMembers(
    members.map((member) => (INDEXES.test(member.name) ? { ...member, data: Buffer.alloc(0) } : member)),
  );
}

/** One file that nothing reads. */
export function addition() {
  const fields = new Array(13).fill(0);
  fields[4] = 1; // links
  return writeMembers([{ name: 'lab-addition', mode: 0o100644, fields, data: Buffer.from('lab\n') }]);
}

/** @param {Buffer} bytes */
export const firstHalf = (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2));

/**
 * A program or a kernel without its signatures: data directory 4 of its PE header emptied, and what it led to cut off.
 * @param {Buffer} file PE32+
 */
export function withoutSignature(file) {
  const copy = Buffer.from(file);
  const directory = copy.readUInt32LE(0x3c) + 24 + 112 + 4 * 8;
  const [at, size] = [copy.readUInt32LE(directory), copy.readUInt32LE(directory + 4)];
  if (size === 0 || at + size !== copy.length) throw new Error('the file does not end in its signatures');
  copy.fill(0, directory, directory + 8);
  return copy.subarray(0, at);
}

/**
 * The same image, one of its modules without its signature.
 * @param {Buffer} image
 * @param {string} kernel
 * @param {string} name
 */
export function withUnsignedModule(image, kernel, name) {
  const members = readMembers(image);
  return writeMembers(withModule({ members, modules: `usr/lib/modules/${kernel}` }, name, unsigned));
}

/**
 * A section of a PE file, in place.
 * @param {Buffer} file
 * @param {string} name
 */
export function sectionOf(file, name) {
  const pe = file.readUInt32LE(0x3c);
  const table = pe + 24 + file.readUInt16LE(pe + 20);
  for (let at = table; at < table + 40 * file.readUInt16LE(pe + 6); at += 40) {
    if (file.toString('latin1', at, at + 8).replace(/\0.*$/s, '') !== name) continue;
    const offset = file.readUInt32LE(at + 20);
    return { header: at, bytes: file.subarray(offset, offset + file.readUInt32LE(at + 8)) };
  }
  throw new Error(`the file has no section ${name}`);
}

/**
 * The same unified image with another image in it, no larger than its own.
 * @param {Buffer} unified
 * @param {(image: Buffer) => Buffer} change
 */
export function withImage(unified, change) {
  const copy = Buffer.from(unified);
  const { header, bytes } = sectionOf(copy, '.initrd');
  const image = change(Buffer.from(bytes));
  if (image.length > bytes.length) throw new Error('the image is larger than its section');
  bytes.fill(0);
  image.copy(bytes);
  copy.writeUInt32LE(image.length, header + 8);
  return copy;
}

/**
 * @param {Buffer} unified
 * @param {string} from
 * @param {string} to of the same length
 */
export function withSectionRenamed(unified, from, to) {
  const copy = Buffer.from(unified);
  copy.write(to, sectionOf(copy, from).header, 'latin1');
  return copy;
}
