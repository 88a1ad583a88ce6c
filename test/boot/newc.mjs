// @ts-check
// Plain newc archives taken apart and put together again, entry by entry, for faults to be planted in. Apart from the
// product's own reader on purpose.

/**
 * @typedef {{name: string, mode: number, fields: number[], data: Buffer}} Member
 */

const HEADER = 110;
const FIELDS = 13;
/** Which of the 13 numbers is which. */
const MODE = 1;
const SIZE = 6;
const NAME_SIZE = 11;

/** The entry that ends an archive; dracut puts modules into one of their own, before the rest. */
export const TRAILER = 'TRAILER!!!';

/** @param {number} at */
const aligned = (at) => (at + 3) & ~3;

/**
 * @param {Buffer} image uncompressed: one archive, or several with NULs between
 * @returns {Member[]} all of them, with the trailers between two archives and without the last
 */
export function readMembers(image) {
  /** @type {Member[]} */
  const members = [];
  for (let at = 0; image.toString('latin1', at, at + 6) === '070701';) {
    const fields = Array.from({ length: FIELDS }, (_, index) =>
      parseInt(image.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16),
    );
    const nameSize = fields[NAME_SIZE] ?? 0;
    const name = image.toString('utf8', at + HEADER, at + HEADER + nameSize - 1);
    const data = aligned(at + HEADER + nameSize);
    const end = data + (fields[SIZE] ?? 0);
    at = aligned(end);
    if (name === TRAILER) while (at < image.length && image[at] === 0) at += 4;
    if (name === TRAILER && at >= image.length) return members;
    members.push({ name, mode: fields[MODE] ?? 0, fields, data: image.subarray(data, end) });
  }
  throw new Error('the last archive has no trailer');
}

/**
 * @param {readonly Member[]} members
 * @returns {Buffer}
 */
export function writeMembers(members) {
  const trailer = { name: TRAILER, mode: 0, fields: new Array(FIELDS).fill(0), data: Buffer.alloc(0) };
  return Buffer.concat(
    [...members, trailer].flatMap(({ name, mode, fields, data }) => {
      const path = Buffer.from(`${name}\0`);
      const numbers = fields.map((value, index) =>
        index === MODE ? mode : index === SIZE ? data.length : index === NAME_SIZE ? path.length : value,
      );
      const head = `070701${numbers.map((value) => value.toString(16).toUpperCase().padStart(8, '0')).join('')}`;
      return [padded(Buffer.concat([Buffer.from(head), path])), padded(data)];
    }),
  );
}

/** @param {Buffer} bytes */
function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}
