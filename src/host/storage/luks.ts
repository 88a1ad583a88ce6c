/** The head of a LUKS container: how it is encrypted, and what can unlock it besides a passphrase. */
import { closeSync, openSync, readSync } from 'node:fs';

export type LuksHeader = Readonly<{
  /** As cryptsetup writes it: aes-xts-plain64. */
  cipher: string | null;
  uuid: string | null;
  /** Types of its tokens (LUKS2): systemd-tpm2, systemd-fido2, clevis… */
  tokens: readonly string[];
}>;

const HEAD = 4096;
/** cryptsetup makes metadata areas of at most 4 MiB. */
const JSON_LIMIT = 4 * 1024 * 1024;
const MAGIC = Buffer.from('LUKS\xba\xbe', 'latin1');

const cString = (bytes: Buffer): string => bytes.toString('latin1').replace(/\0.*$/s, '');

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The values of one of a JSON object's tables. */
function rows(value: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const table = isObject(value) ? value[key] : null;
  return isObject(table) ? Object.values(table).filter(isObject) : [];
}

/**
 * Both on-disk formats: https://gitlab.com/cryptsetup/cryptsetup/-/wikis/Specification and the LUKS2 specification there.
 * Null for what is no LUKS container. Keys are neither read nor kept.
 */
export function parseLuksHeader(bytes: Buffer): LuksHeader | null {
  if (bytes.length < 512 || !bytes.subarray(0, 6).equals(MAGIC)) return null;
  const uuid = cString(bytes.subarray(168, 208));
  if (bytes.readUInt16BE(6) === 1) {
    const cipher = `${cString(bytes.subarray(8, 40))}-${cString(bytes.subarray(40, 72))}`;
    return { cipher, uuid, tokens: [] };
  }
  const json = parseJson(cString(bytes.subarray(HEAD)));
  const ciphers = rows(json, 'segments').map(({ encryption }) => encryption);
  const tokens = rows(json, 'tokens').map(({ type }) => type);
  const isText = (value: unknown): value is string => typeof value === 'string';
  return { cipher: ciphers.find(isText) ?? null, uuid, tokens: tokens.filter(isText).sort() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a damaged header: cryptsetup has a second copy, and nothing is said of the cipher here
  }
}

/** Reads the header from a block device of this machine. Throws what opening it throws. */
export function readLuksHeader(device: string): LuksHeader | null {
  const file = openSync(device, 'r');
  try {
    const head = Buffer.alloc(HEAD);
    if (readSync(file, head, 0, HEAD, 0) < 512) return null;
    const size = head.readUInt16BE(6) === 2 ? Math.min(Number(head.readBigUInt64BE(8)), JSON_LIMIT) : HEAD;
    const whole = Buffer.alloc(Math.max(size, HEAD));
    const count = readSync(file, whole, 0, whole.length, 0);
    return parseLuksHeader(whole.subarray(0, count));
  } finally {
    closeSync(file);
  }
}
