// @ts-check
// Changes to the members of an archive. A member that is not there is an error: no case plants nothing.
/** @typedef {import('../newc.mjs').Member} Member */

const FIELDS = 13;
const LINKS = 4;
const FORMAT = 0o170000;
const REGULAR = 0o100000;

/**
 * @param {readonly Member[]} members
 * @param {string | RegExp} path
 * @returns {(member: Member) => boolean}
 */
function matcher(members, path) {
  const is = (/** @type {Member} */ { name }) => (typeof path === 'string' ? name === path : path.test(name));
  if (!members.some(is)) throw new Error(`the image has no ${String(path)}`);
  return is;
}

/**
 * @param {readonly Member[]} members
 * @param {...(string | RegExp)} paths
 */
export function without(members, ...paths) {
  const gone = paths.map((path) => matcher(members, path));
  return members.filter((member) => !gone.some((is) => is(member)));
}

/**
 * The content of regular files changed.
 * @param {readonly Member[]} members
 * @param {string | RegExp} path
 * @param {(data: Buffer) => Buffer} change
 */
export function changed(members, path, change) {
  const is = matcher(members, path);
  return members.map((member) =>
    is(member) && (member.mode & FORMAT) === REGULAR && member.data.length > 0
      ? { ...member, data: change(member.data) }
      : member,
  );
}

/**
 * @param {readonly Member[]} members
 * @param {string} from
 * @param {string} to
 */
export function renamed(members, from, to) {
  matcher(members, from);
  return members.map((member) =>
    member.name === from || member.name.startsWith(`${from}/`)
      ? { ...member, name: to + member.name.slice(from.length) }
      : member,
  );
}

/**
 * A file, at the end of the archive; folders that it takes come before it.
 * @param {readonly Member[]} members
 * @param {string} path
 * @param {string | Buffer} content
 * @param {number} [mode]
 * @returns {readonly Member[]}
 */
export function withFile(members, path, content, mode = 0o100644) {
  const there = new Set(members.map(({ name }) => name));
  const folders = path
    .split('/')
    .slice(0, -1)
    .map((_, at, parts) => parts.slice(0, at + 1).join('/'))
    .filter((folder) => !there.has(folder));
  return [
    ...members.filter(({ name }) => name !== path),
    ...folders.map((folder) => member(folder, 0o040755, Buffer.alloc(0))),
    member(path, mode, Buffer.from(content)),
  ];
}

/**
 * @param {readonly Member[]} members
 * @param {string} path
 * @param {string} target
 */
export const withLink = (members, path, target) => withFile(members, path, target, 0o120777);

/** @param {string} name @param {number} mode @param {Buffer} data @returns {Member} */
function member(name, mode, data) {
  const fields = new Array(FIELDS).fill(0);
  fields[LINKS] = 1;
  return { name, mode, fields, data };
}

/**
 * @param {readonly Member[]} members
 * @param {string} path
 */
export function contentOf(members, path) {
  const found = members.find(({ name }) => name === path);
  if (found === undefined) throw new Error(`the image has no ${path}`);
  return found.data;
}

/** @param {Buffer} data */
export const half = (data) => data.subarray(0, Math.floor(data.length / 2));

/** @param {Buffer} data */
export const zeroed = (data) => Buffer.alloc(data.length);
