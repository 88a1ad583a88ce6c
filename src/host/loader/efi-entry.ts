/** The firmware's boot entries, as far as they say what is started (UEFI 2.10, 3.1.3 "Load Options", 10.3 "Device Path Nodes"). */
import { boolean, nullable, object, text } from '../derived-shape.ts';

/** Where an entry leads. */
export type EfiEntry = Readonly<{
  /** A file of a partition, a device without more (its fallback program is started), the network, anything else. */
  leads: 'file' | 'device' | 'network' | 'other';
  active: boolean;
  /** As PARTUUID names it; null where it names no partition. */
  partition: string | null;
  /** From the partition's top, with slashes; null where it names no file. */
  file: string | null;
  /** Whether something is handed to the program. */
  options: boolean;
}>;

export const ENTRY = nullable(
  object({
    leads: (value): value is EfiEntry['leads'] =>
      value === 'file' || value === 'device' || value === 'network' || value === 'other',
    active: boolean,
    partition: nullable(text),
    file: nullable(text),
    options: boolean,
  }),
);

const ACTIVE = 1;
const HARDWARE = 1;
const ACPI = 2;
const MESSAGING = 3;
const MEDIA = 4;
/** Messaging: MAC address, IPv4, IPv6, URI. */
const NETWORK = new Set([11, 12, 13, 24]);
const HARD_DRIVE = 1;
const CD_ROM = 2;
const FILE_PATH = 4;

/** @param bytes a Boot#### variable's value, without the attributes that efivarfs puts before it; null where it is cut or none */
export function parseEfiEntry(bytes: Buffer): EfiEntry | null {
  if (bytes.length < 8) return null;
  const pathLength = bytes.readUInt16LE(4);
  let at = 6;
  while (at + 2 <= bytes.length && bytes.readUInt16LE(at) !== 0) at += 2;
  const start = at + 2;
  const end = start + pathLength;
  if (end > bytes.length) return null;

  let partition: string | null = null;
  let file: string | null = null;
  const kinds = new Set<string>();
  for (const { type, subtype, body } of nodesOf(bytes.subarray(start, end))) {
    kinds.add(String(type));
    if (type === MESSAGING && NETWORK.has(subtype)) kinds.add('network');
    if (type === MEDIA && subtype === HARD_DRIVE) partition = partitionOf(body) ?? partition;
    if (type === MEDIA && subtype === FILE_PATH) file = `${file ?? ''}/${pathOf(body)}`;
    if (type === MEDIA && subtype !== HARD_DRIVE && subtype !== CD_ROM && subtype !== FILE_PATH) kinds.add('other');
  }
  const leadsTo = (): EfiEntry['leads'] => {
    if (kinds.has('network')) return 'network';
    if (kinds.has('other')) return 'other';
    if (file !== null) return 'file';
    return [HARDWARE, ACPI, MESSAGING, MEDIA].some((type) => kinds.has(String(type))) ? 'device' : 'other';
  };
  return {
    leads: leadsTo(),
    active: (bytes.readUInt32LE(0) & ACTIVE) !== 0,
    partition,
    file: file === null ? null : file.replace(/\/+/g, '/'),
    options: end < bytes.length,
  };
}

function nodesOf(path: Buffer): { type: number; subtype: number; body: Buffer }[] {
  const nodes: { type: number; subtype: number; body: Buffer }[] = [];
  for (let at = 0; at + 4 <= path.length;) {
    const [type = 0, subtype = 0] = path.subarray(at, at + 2);
    const length = path.readUInt16LE(at + 2);
    // 0x7f ends a path; what is shorter than its own head is no node.
    if (type === 0x7f || length < 4 || at + length > path.length) break;
    nodes.push({ type, subtype, body: path.subarray(at + 4, at + length) });
    at += length;
  }
  return nodes;
}

/** A hard drive node: number, start, size, signature, table format, kind of signature (1: MBR, 2: GUID). */
function partitionOf(body: Buffer): string | null {
  if (body.length < 38) return null;
  if (body[37] === 2) return guidOf(body.subarray(20, 36));
  if (body[37] !== 1) return null;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(body.readUInt32LE(20), 8)}-${hex(body.readUInt32LE(0), 2)}`;
}

/** The first three parts are little-endian. */
function guidOf(bytes: Buffer): string {
  const hex = (from: number, to: number, swapped: boolean) => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (swapped ? part.reverse() : part).toString('hex');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
}

function pathOf(body: Buffer): string {
  return body.toString('utf16le').replace(/\0.*$/s, '').replaceAll('\\', '/');
}
