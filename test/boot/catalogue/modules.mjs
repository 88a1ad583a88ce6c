// @ts-check
// Kernel modules of an image: taken apart, changed, indexed anew by the real depmod.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contentOf, withFile } from './edit.mjs';
import { packed, unpackedXz } from './pack.mjs';

/** @typedef {import('../newc.mjs').Member} Member */
/** @typedef {import('./case.mjs').Sound} Sound */

const MODULE = /\.ko(\.\w+)?$/;
const INDEX = ['modules.dep', 'modules.dep.bin', 'modules.alias', 'modules.alias.bin', 'modules.symbols.bin'];
const SIGNED = '~Module signature appended~\n';
/** Bytes behind a module's signature: its size and what else is said of it, and the mark. */
export const AFTER_SIGNATURE = 12 + SIGNED.length;

/** @typedef {Pick<Sound, 'members' | 'modules'>} Modules */

/** @param {Modules} sound @param {string} name */
export function pathOf({ members, modules }, name) {
  const found = members.find(
    (member) => member.name.startsWith(`${modules}/`) && new RegExp(`/${name}\\.ko(\\.\\w+)?$`).test(member.name),
  );
  if (found === undefined) throw new Error(`the image has no module ${name}`);
  return found.name;
}

/**
 * A module's ELF file changed, packed again as it was.
 * @param {Modules} sound
 * @param {string} name
 * @param {(elf: Buffer) => Buffer} change
 * @returns {readonly Member[]}
 */
export function withModule(sound, name, change) {
  const path = pathOf(sound, name);
  const data = contentOf(sound.members, path);
  const elf = path.endsWith('.xz') ? unpackedXz(data) : data;
  const made = change(Buffer.from(elf));
  if (made.equals(elf)) throw new Error(`nothing changed in ${path}`);
  const content = path.endsWith('.xz') ? packed(made, 'xz crc32') : made;
  return sound.members.map((member) => (member.name === path ? { ...member, data: content } : member));
}

/**
 * Without what is appended behind the ELF file: the signature, 12 bytes about it and the marker (kernel/module/signing.c).
 * @param {Buffer} elf
 */
export function unsigned(elf) {
  const end = elf.length - SIGNED.length;
  if (elf.toString('latin1', end) !== SIGNED) throw new Error('the module is not signed');
  return elf.subarray(0, elf.length - AFTER_SIGNATURE - elf.readUInt32BE(end - 4));
}

/**
 * Another version magic, not longer than the old.
 * @param {(magic: string) => string} change
 */
export const withMagic = (change) => (/** @type {Buffer} */ elf) => {
  const at = elf.indexOf('vermagic=', 0, 'latin1') + 'vermagic='.length;
  const end = elf.indexOf(0, at);
  const magic = change(elf.toString('latin1', at, end));
  elf.fill(0, at, end);
  elf.write(magic, at, 'latin1');
  return elf;
};

/**
 * The index as depmod makes it of those modules that `keep` lets through, under the names that it gives them.
 * @param {Sound} sound
 * @param {(path: string) => string | null} keep
 * @returns {Map<string, Buffer>} file of the index → content
 */
export function indexed({ members, modules, kernel }, keep) {
  const root = mkdtempSync(join(tmpdir(), 'bellwether-depmod-'));
  try {
    for (const { name, data } of members) {
      if (!name.startsWith(`${modules}/`) || !(MODULE.test(name) || /modules\.(order|builtin.*)$/.test(name))) continue;
      const kept = MODULE.test(name) ? keep(name) : name;
      if (kept === null) continue;
      const path = join(root, kept.replace(/^usr\//, ''));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, kept.endsWith('.ko.xz') && name.endsWith('.ko') ? packed(data, 'xz crc32') : data);
    }
    const { status, stderr } = spawnSync('/usr/sbin/depmod', ['-b', root, kernel]);
    if (status !== 0) throw new Error(`depmod ended with ${status}: ${stderr.toString()}`);
    const read = (/** @type {string} */ file) => readFileSync(join(root, 'lib/modules', kernel, file));
    return new Map(INDEX.map((file) => [file, read(file)]));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * @param {readonly Member[]} members
 * @param {string} modules
 * @param {ReadonlyMap<string, Buffer>} index
 */
export function withIndex(members, modules, index) {
  return [...index].reduce((all, [file, content]) => withFile(all, `${modules}/${file}`, content), members);
}

/**
 * Every module compressed, and the index naming the compressed files. depmod reads xz; where gzip is wanted, which it
 * may not read, the names in its index are changed in place: they are as long.
 * @param {Sound} sound
 * @param {'xz' | 'gz'} how
 */
export function compressed(sound, how) {
  const index = indexed(sound, (path) => path.replace(/\.ko$/, '.ko.xz'));
  const renamed = new Map([...index].map(([file, content]) => [file, how === 'gz' ? gzInPlaceOfXz(content) : content]));
  const members = sound.members.map((member) =>
    member.name.endsWith('.ko')
      ? { ...member, name: `${member.name}.${how}`, data: packed(member.data, how === 'gz' ? 'gzip' : 'xz crc32') }
      : member,
  );
  return withIndex(members, sound.modules, renamed);
}

/** @param {Buffer} bytes */
const gzInPlaceOfXz = (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('.ko.xz', '.ko.gz'), 'latin1');
