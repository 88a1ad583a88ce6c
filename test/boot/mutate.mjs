// @ts-check
// A sound image damaged as a disk or a copy damages files: bytes flipped or zeroed, the end or a stretch cut, at a place
// that a seed chooses and nobody else.
import { readMembers, writeMembers } from './newc.mjs';
import { random } from './sample.mjs';

/** @typedef {import('./newc.mjs').Member} Member */

/** What is hit: any byte of the file, a file of the module index, a kernel module that this boot needs. */
export const PLACES = /** @type {const} */ (['container', 'index', 'module']);
/** What the container is packed in before it is hit; inside a plain archive alone are index and modules within reach. */
export const PACKINGS = /** @type {const} */ (['plain', 'gzip', 'zstd', 'xz']);
export const FAULTS = /** @type {const} */ (['flipped', 'zeroed', 'cut off', 'cut out']);
/** As powers of two: up to 64 KiB are zeroed or cut out, short runs as likely as long ones. */
const LONGEST_RUN = 16;
const MOST_FLIPPED = 8;

/** @typedef {(typeof PLACES)[number]} Place */
/** @typedef {(typeof PACKINGS)[number]} Packing */
/** @typedef {(typeof FAULTS)[number]} Fault */
/** @typedef {() => number} Next the next number from 0 to 1 */
/** @typedef {{seed: number, base: string, place: Place, packing: Packing, next: Next}} Mutation */
/** @typedef {{bytes: Buffer, fault: Fault, at: number, length: number}} Damage `at` and `length` in bytes */

/**
 * Where a seed hits.
 * @param {number} seed
 * @param {readonly string[]} bases
 * @returns {Mutation} `next` goes on where the choice ended
 */
export function mutationOf(seed, bases) {
  const next = random(seed);
  const base = oneOf(bases, next);
  const place = oneOf(PLACES, next);
  const packing = place === 'container' ? oneOf(PACKINGS, next) : 'plain';
  return { seed, base, place, packing, next };
}

/**
 * @template T
 * @param {readonly T[]} all
 * @param {Next} next
 */
export function oneOf(all, next) {
  return /** @type {T} */ (all[Math.floor(next() * all.length)]);
}

/**
 * Damages bytes, and sees to it that they differ.
 * @param {Buffer} bytes at least one
 * @param {Next} next
 * @returns {Damage}
 */
export function damage(bytes, next) {
  for (;;) {
    const fault = oneOf(FAULTS, next);
    const at = Math.floor(next() * bytes.length);
    const length = Math.min(lengthOf(fault, next), bytes.length - at);
    const made = applied(bytes, fault, at, length, next);
    if (!made.equals(bytes))
      return { bytes: made, fault, at, length: fault === 'cut off' ? bytes.length - at : length };
  }
}

/** @param {Fault} fault @param {Next} next */
function lengthOf(fault, next) {
  return Math.floor(fault === 'flipped' ? 1 + next() * MOST_FLIPPED : 2 ** (next() * LONGEST_RUN));
}

/**
 * @param {Buffer} bytes
 * @param {Fault} fault
 * @param {number} at
 * @param {number} length
 * @param {Next} next
 */
function applied(bytes, fault, at, length, next) {
  switch (fault) {
    case 'flipped': {
      const copy = Buffer.from(bytes);
      for (let index = at; index < at + length; index += 1)
        copy[index] = (copy[index] ?? 0) ^ (1 + Math.floor(next() * 255));
      return copy;
    }
    case 'zeroed':
      return Buffer.from(bytes).fill(0, at, at + length);
    case 'cut off':
      return bytes.subarray(0, at);
    case 'cut out':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  }
}

/**
 * A file inside a plain image damaged: its archive is sound, as if the file had been damaged before it was packed.
 * @param {readonly Member[]} members
 * @param {readonly string[]} names from which one is chosen
 * @param {Next} next
 * @returns {Damage & {entry: string, size: number}} `bytes`: the whole image
 */
export function damageMember(members, names, next) {
  const entry = oneOf(names, next);
  const { data } = /** @type {Member} */ (members.find(({ name }) => name === entry));
  const damaged = damage(data, next);
  const image = writeMembers(
    members.map((member) => (member.name === entry ? { ...member, data: damaged.bytes } : member)),
  );
  return { ...damaged, bytes: image, entry, size: data.length };
}

/** @param {readonly Member[]} members */
export function indexFiles(members) {
  return members
    .filter(({ name, data }) => /^(?:usr\/)?lib\/modules\/[^/]+\/modules\.[^/]+$/.test(name) && data.length > 0)
    .map(({ name }) => name);
}

/**
 * The modules that drivers take, themselves among them, by the image's own modules.dep.
 * @param {readonly Member[]} members
 * @param {readonly string[]} drivers by name, as modprobe takes them; one that is built in has no module
 * @returns {string[]} names of members
 */
export function modulesOf(members, drivers) {
  const index = members.find(({ name }) => name.endsWith('/modules.dep'));
  if (index === undefined) throw new Error('the image has no modules.dep');
  const folder = index.name.slice(0, -'modules.dep'.length);
  const wanted = new Set(drivers.map(plainName));
  const paths = index.data
    .toString()
    .split('\n')
    .map((line) => line.split(/:?\s+|:$/).filter(Boolean))
    .filter(([own = '']) => wanted.has(plainName(own.replace(/^.*\//, '').replace(/\.ko(?:\.\w+)?$/, ''))))
    .flat();
  const there = new Set(members.map(({ name }) => name));
  return [...new Set(paths.map((path) => folder + path))].filter((path) => there.has(path));
}

/** @param {string} name */
const plainName = (name) => name.replaceAll('-', '_');

/**
 * What lies at a byte of a plain image.
 * @param {readonly Member[]} members as readMembers() took them from this image
 * @param {Buffer} image
 * @param {number} at
 * @returns {{entry: string | null, kind: string, offset: number}} `offset` in the content, where `kind` says whose it is
 */
export function hitAt(members, image, at) {
  const outside = { entry: null, kind: 'trailer', offset: 0 };
  for (const { name, mode, data } of members) {
    const start = data.byteOffset - image.byteOffset;
    const offset = at - start;
    if (at < start) return { entry: name, kind: 'header', offset: 0 };
    if (at < start + data.length) return { entry: name, kind: kindOf(name, mode, data), offset };
    if (at < ((start + data.length + 3) >> 2) << 2) return { entry: name, kind: 'padding', offset: 0 };
  }
  return outside;
}

/** @param {string} name @param {number} mode @param {Buffer} data */
function kindOf(name, mode, data) {
  if ((mode & 0o170000) === 0o120000) return 'link';
  if (/\.ko(?:\.\w+)?$/.test(name)) return 'module';
  if (/\/modules\/[^/]+\/modules\.[^/]+$/.test(name)) return 'index';
  if (data.toString('latin1', 0, 4) === '\u007fELF') return 'program or library';
  if (data.toString('latin1', 0, 2) === '#!') return 'script';
  return 'other file';
}

/**
 * The image that a mutation makes, and what it hit.
 * @param {Mutation} mutation
 * @param {Buffer} plain the sound image, uncompressed
 * @param {Buffer} packed the same, packed as the mutation wants it
 * @param {readonly string[]} drivers that this base needs
 * @returns {{image: Buffer, entry: string | null, where: string, fault: Fault, words: string}}
 */
export function mutate({ place, packing, next }, plain, packed, drivers) {
  const members = readMembers(plain);
  if (place === 'container') {
    const hit = damage(packed, next);
    const words = inWords(hit, packed.length);
    const { bytes: image, fault } = hit;
    if (packing !== 'plain') return { image, entry: null, where: `container, ${packing}`, fault, words };
    const { entry, kind, offset } = hitAt(members, plain, hit.at);
    const inside = offset === 0 ? words : `${words}, ${offset} in its content`;
    return { image, entry, where: `container, plain: ${kind}`, fault, words: inside };
  }
  const names = place === 'index' ? indexFiles(members) : modulesOf(members, drivers);
  const hit = damageMember(members, names, next);
  return { image: hit.bytes, entry: hit.entry, where: place, fault: hit.fault, words: inWords(hit, hit.size) };
}

/** @param {Damage} damage @param {number} size */
function inWords({ fault, at, length }, size) {
  return `${fault}: ${length} bytes at ${at} of ${size}`;
}
