// Blanks what makes programs and modules large and what no boot check reads: machine code, data, symbols. Signatures, which
// would fit no more, are taken off. An image of blanked files has every name, header, dependency and module description of the real one, and packs small.

import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHT_NOBITS = 8;
const DT_STRING_TAGS = new Set([1n, 14n, 15n, 29n]); // NEEDED, SONAME, RPATH, RUNPATH
const KEPT = /^\.(interp|dynamic|shstrtab|modinfo|note\..*|gnu\.linkonce\.this_module)$/;
const SIGNED = Buffer.from('~Module signature appended~\n');

/**
 * Blanks a 64-bit little-endian ELF file in place; anything else stays as it is.
 * @param {Buffer} file
 * @returns {Buffer} of it, what lies before its signature
 */
export function blankElf(file) {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return file;
  const sections = readSections(file);
  const dynamic = sections.find(({ name }) => name === '.dynamic');
  for (const { name, type, offset, size } of sections) {
    if (type === 0 || type === SHT_NOBITS || KEPT.test(name)) continue;
    if (name === '.dynstr' && dynamic) keepStrings(file.subarray(offset, offset + size), stringOffsets(file, dynamic));
    else file.fill(0, offset, offset + size);
  }
  return file.subarray(-SIGNED.length).equals(SIGNED) ? withoutSignature(file) : file;
}

function readSections(file) {
  const table = Number(file.readBigUInt64LE(40));
  const [entrySize, count, namesIndex] = [file.readUInt16LE(58), file.readUInt16LE(60), file.readUInt16LE(62)];
  const at = (index) => {
    const header = table + index * entrySize;
    return {
      nameOffset: file.readUInt32LE(header),
      type: file.readUInt32LE(header + 4),
      offset: Number(file.readBigUInt64LE(header + 24)),
      size: Number(file.readBigUInt64LE(header + 32)),
    };
  };
  const names = at(namesIndex);
  return Array.from({ length: count }, (_, index) => {
    const section = at(index);
    const start = names.offset + section.nameOffset;
    return { ...section, name: file.toString('latin1', start, file.indexOf(0, start)) };
  });
}

function stringOffsets(file, { offset, size }) {
  const offsets = new Set();
  for (let at = offset; at + 16 <= offset + size; at += 16) {
    if (DT_STRING_TAGS.has(file.readBigInt64LE(at))) offsets.add(Number(file.readBigUInt64LE(at + 8)));
  }
  return offsets;
}

/** Zeroes every string of a table but those that start at these offsets. */
function keepStrings(table, offsets) {
  const original = Buffer.from(table);
  table.fill(0);
  for (const start of offsets) original.copy(table, start, start, original.indexOf(0, start));
}

/** Behind the sections lie the signature, 12 bytes that describe it (the last four its length, big-endian), the marker. */
function withoutSignature(file) {
  const description = file.length - SIGNED.length - 12;
  return file.subarray(0, description - file.readUInt32BE(description + 8));
}

/**
 * Blanks every ELF file of an uncompressed image and packs it as dracut packs with xz.
 * @param {import('../../test/setup/overlay.mjs').OverlayHost} host
 * @param {string} image a path inside the host; the sheared one replaces it
 */
export async function shearImage(host, image) {
  const work = '/tmp/shear';
  await host.sh(`rm -rf ${work} && mkdir ${work} && cd ${work} && cpio -idm --quiet < ${image}`);
  const files = (await host.sh(`cd ${work} && find . -type f -size +0`)).trim();
  for (const file of files.split('\n')) shearFile(host.path(join(work, file)));
  await host.sh(
    `cd ${work} && find . -print0 | sort -z | cpio --null --reproducible -o -H newc --quiet | xz -9e --check=crc32 > ${image}`,
  );
}

/** @param {string} path */
function shearFile(path) {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, blankElf(readFileSync(path)));
  utimesSync(path, atime, mtime);
}
