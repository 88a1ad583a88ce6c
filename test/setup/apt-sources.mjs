// @ts-check
// The Debian mirror that this machine's own apt uses, so that nothing else has to be reachable.
// Both formats are described in sources.list(5).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{uri: string, trusted: boolean}} Mirror `trusted`: its signatures are not to be checked
 * @typedef {{types: readonly string[], uris: readonly string[], suites: readonly string[], components: readonly string[], trusted: boolean}} Source
 */

/** The mirror of the whole distribution among this machine's sources, or null. */
export function ownMirror() {
  return mirrorOf(sourceFiles().flatMap(({ name, text }) => parseSources(name, text)));
}

/**
 * The first source that has the whole distribution: updates for security lie in an archive of their own.
 * @param {readonly Source[]} sources
 * @returns {Mirror | null}
 */
export function mirrorOf(sources) {
  for (const { types, uris, suites, components, trusted } of sources) {
    const whole = suites.some((suite) => !/[-/]/.test(suite));
    const uri = uris.find((each) => /^(?:https?|file):/.test(each));
    if (types.includes('deb') && whole && components.includes('main') && uri !== undefined) return { uri, trusted };
  }
  return null;
}

/**
 * @param {string} name a file name that ends with `.list` or `.sources`
 * @param {string} text
 * @returns {Source[]}
 */
export function parseSources(name, text) {
  return name.endsWith('.sources') ? parseStanzas(text) : parseLines(text);
}

/**
 * One line each: `deb [option=value …] uri suite component…`.
 * @param {string} text
 */
function parseLines(text) {
  return text.split('\n').flatMap((line) => {
    const [, type, options = '', rest] =
      /^\s*(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?([^#]*)/.exec(line) ?? /** @type {string[]} */ ([]);
    if (type === undefined || rest === undefined) return [];
    const [uri = '', suite = '', ...components] = words(rest);
    return [{ types: [type], uris: [uri], suites: [suite], components, trusted: /\btrusted=yes\b/.test(options) }];
  });
}

/**
 * Stanzas of `Field: values`, a line that begins with a blank going on with the field before it.
 * @param {string} text
 */
function parseStanzas(text) {
  const bare = text.replaceAll(/^#.*\n/gm, '');
  return bare.split(/\n\s*\n/).flatMap((stanza) => {
    /** @param {string} field */
    const field = (field) => words(new RegExp(`^${field}:((?:.*\\n[ \\t])*.*)`, 'im').exec(stanza)?.[1] ?? '');
    if (field('Types').length === 0 || field('Enabled')[0] === 'no') return [];
    return [
      {
        types: field('Types'),
        uris: field('URIs'),
        suites: field('Suites'),
        components: field('Components'),
        trusted: field('Trusted')[0] === 'yes',
      },
    ];
  });
}

/** @param {string} text */
const words = (text) => text.split(/\s+/).filter((word) => word !== '');

function sourceFiles() {
  const folder = '/etc/apt/sources.list.d';
  const dropped = existsSync(folder) ? readdirSync(folder).sort() : [];
  return ['/etc/apt/sources.list', ...dropped.map((name) => join(folder, name))]
    .filter((name) => /\.(?:list|sources)$/.test(name) && existsSync(name))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}
