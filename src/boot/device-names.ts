import type { StorageFacts, StorageNode } from '../host/types.ts';

/** `known`: it is there · `absent`: it is not · `undecided`: the facts do not tell. */
export type DeviceState = 'known' | 'absent' | 'undecided';

const BY_LINK: readonly (readonly [folder: string, tag: string])[] = [
  ['/dev/disk/by-uuid/', 'UUID'],
  ['/dev/disk/by-label/', 'LABEL'],
  ['/dev/disk/by-partuuid/', 'PARTUUID'],
  ['/dev/disk/by-partlabel/', 'PARTLABEL'],
];

/**
 * Whether a device is there by the name that a command line or a configuration file gives it: `UUID=…`, `LABEL=…`,
 * `PARTUUID=…`, `PARTLABEL=…`, `/dev/…`. Upper and lower case are equal in identifiers.
 */
export function lookUpDevice(spec: string, storage: StorageFacts): DeviceState {
  const name = canonicalName(spec);
  if (findNode(spec, storage) !== null) return 'known';
  if (storage.names === null) return 'undecided';
  for (const known of storage.names) if (canonicalName(known) === name) return 'known';
  if (isLogicalVolume(name, storage)) return 'known';
  // by-id, by-path and other links of udev's rules are not all listed.
  return name.startsWith('/dev/disk/') ? 'undecided' : 'absent';
}

/** The layer of the storage stack that goes by this name; null where none is known to. */
export function findNode(spec: string, storage: StorageFacts): StorageNode | null {
  const name = canonicalName(spec);
  return storage.nodes.find((node) => namesOf(node).some((known) => canonicalName(known) === name)) ?? null;
}

/**
 * How udev spells the UUID or PARTUUID that a name is of, where the name has some of its letters in the other case: its links
 * are compared to the letter. Null where it is spelled so, or no device is known to have it.
 */
export function otherSpelling(spec: string, storage: StorageFacts): string | null {
  const written = taggedName(spec);
  if (!/^(?:PART)?UUID=/.test(written) || storage.names === null) return null;
  const name = canonicalName(spec);
  const known = [...storage.names, ...storage.nodes.flatMap(namesOf)]
    .map(taggedName)
    .filter((other) => canonicalName(other) === name);
  return known.includes(written) ? null : (known[0] ?? null);
}

/** One spelling for each device: tags for udev's by-… links, identifiers in lower case, no offset behind a PARTUUID. */
export function canonicalName(spec: string): string {
  const tagged = taggedName(spec);
  return /^(?:PART)?UUID=/.test(tagged) ? tagged.replace(/=.*/, (value) => value.toLowerCase()) : tagged;
}

/** The same with identifiers as they are written. */
function taggedName(spec: string): string {
  const plain = spec.replace(/^block:/, '');
  const link = BY_LINK.find(([folder]) => plain.startsWith(folder));
  const tagged = link === undefined ? plain : `${link[1]}=${unescapeLink(plain.slice(link[0].length))}`;
  const [tag = '', ...rest] = tagged.split('=');
  const value = rest.join('=').replace(/^"(.*)"$/, '$1');
  if (rest.length === 0) return tagged.replace(/\/+/g, '/');
  return `${tag}=${tag === 'PARTUUID' ? value.replace(/\/PARTNROFF=.*$/i, '') : value}`;
}

/** udev writes what a link must not hold as `\xNN`. */
function unescapeLink(text: string): string {
  return text.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function namesOf(node: StorageNode): readonly string[] {
  const tag = (name: string, value: string | null) => (value === null ? [] : [`${name}=${value}`]);
  return [
    ...(node.name.startsWith('/dev/') ? [node.name] : []),
    ...tag('UUID', node.uuid),
    ...tag('LABEL', node.label),
    ...tag('PARTUUID', node.partuuid),
    ...tag('PARTLABEL', node.partlabel),
    ...(node.vg !== null && node.lv !== null ? [`/dev/${node.vg}/${node.lv}`, mapperName(node.vg, node.lv)] : []),
  ];
}

/** device-mapper joins the two names with '-' and doubles the dashes within each. */
function mapperName(vg: string, lv: string): string {
  return `/dev/mapper/${vg.replace(/-/g, '--')}-${lv.replace(/-/g, '--')}`;
}

function isLogicalVolume(name: string, storage: StorageFacts): boolean {
  if (storage.lvs === null) return false;
  for (const known of storage.lvs) {
    const [vg = '', lv = ''] = known.split('/');
    if (name === `/dev/${known}` || name === mapperName(vg, lv)) return true;
  }
  return false;
}
