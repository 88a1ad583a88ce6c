/** The signature at a module's end (Linux: include/linux/module_signature.h, scripts/sign-file.c), and whether a key made it. */
import { constants, createHash, createPublicKey, publicDecrypt, type KeyObject } from 'node:crypto';
import {
  CONTEXT_0,
  CONTEXT_1,
  derHex,
  INTEGER,
  OBJECT,
  OCTETS,
  readDer,
  readDerInside,
  SEQUENCE,
  SET,
  type DerValue,
} from './der.ts';
import { unlessRefused } from './error-text.ts';
import type { ModuleSignature } from './types.ts';

const MARK = Buffer.from('~Module signature appended~\n');
/** Algorithm, hash, kind, two lengths, three bytes of nothing, and the signature's size, big-endian. */
const TRAILER = 12;
const PKCS7 = 2;

/** Object identifiers, as hexadecimal digits of their content. */
const SIGNED_DATA = '2a864886f70d010702';
const DATA = '2a864886f70d010701';
/** How the signature was made: what the kernel goes by is the hash that the message names beside it. */
const METHODS = new Map<string, 'rsa' | 'ec'>([
  ['2a864886f70d010101', 'rsa'],
  ['2a8648ce3d040301', 'ec'],
  ['2a8648ce3d040302', 'ec'],
  ['2a8648ce3d040303', 'ec'],
  ['2a8648ce3d040304', 'ec'],
]);
const HASHES = new Map([
  ['2b0e03021a', 'sha1'],
  ['608648016503040204', 'sha224'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);

/** Whether the mark of a signature ends the file. */
export function isSigned(module: Uint8Array): boolean {
  return module.length >= MARK.length && MARK.equals(module.subarray(module.length - MARK.length));
}

/** What the signature at the end of an unpacked module says, with the digest that it is to be held against; null where none is there. */
export function readModuleSignature(module: Uint8Array): ModuleSignature | null {
  if (!isSigned(module)) return null;
  const trailer = module.length - MARK.length - TRAILER;
  if (trailer <= 0) return refused('it holds no more than the end of a signature');
  const at = (offset: number): number => module[trailer + offset] ?? 0;
  const size = ((at(8) * 256 + at(9)) * 256 + at(10)) * 256 + at(11);
  if (size >= trailer) return refused(`its signature claims ${size} bytes, and ${trailer} are there`);
  if (at(2) !== PKCS7) return FOREIGN;
  if ([0, 1, 3, 4, 5, 6, 7].some((offset) => at(offset) !== 0))
    return refused('the end of its signature is not as sign-file writes it');
  const message = readLikeLast(module, trailer - size, trailer);
  if ('state' in message) return message;
  const { signer, method, hash } = message;
  return {
    state: 'read',
    signer,
    method,
    hash,
    digest: createHash(hash)
      .update(module.subarray(0, trailer - size))
      .digest('base64'),
    value: Buffer.from(module.buffer, module.byteOffset + message.from, message.to - message.from).toString('base64'),
  };
}

type Unread = ModuleSignature & { readonly state: 'refused' | 'foreign' };

/** What a message says, and where in the module the signature itself lies. */
interface Message {
  readonly signer: string;
  readonly method: 'rsa' | 'ec';
  readonly hash: string;
  readonly from: number;
  readonly to: number;
}

/** A kernel's modules are signed by one key: up to the signature itself the messages of a thousand are the same. */
let last: { readonly head: Buffer; readonly size: number; readonly message: Message } | null = null;

function readLikeLast(module: Uint8Array, from: number, to: number): Message | Unread {
  if (last?.size === to - from && last.head.equals(module.subarray(from, from + last.head.length))) {
    return { ...last.message, from: from + last.message.from, to: from + last.message.to };
  }
  const message = readMessage(module, from, to);
  if ('state' in message) return message;
  last = {
    head: Buffer.from(module.subarray(from, message.from)),
    size: to - from,
    message: { ...message, from: message.from - from, to: message.to - from },
  };
  return message;
}

/** `[0]`, `[1]`: what a message may have beside what it must. */
const isExtra = (value: DerValue | undefined): boolean => value?.tag === CONTEXT_0 || value?.tag === CONTEXT_1;

const refused = (why: string): Unread => ({ state: 'refused', why });
const FOREIGN: Unread = { state: 'foreign' };

/** The first of these is a message of PKCS#7, with signers by issuer and serial number; the other one of CMS, by key. */
const VERSIONS = ['01', '03'];

/**
 * PKCS#7 (RFC 2315) as sign-file makes it: no content, no certificates, no attributes, one signer named by issuer and serial
 * number. What the kernel's parser stumbles over (crypto/asymmetric_keys/pkcs7.asn1, pkcs7_parser.c) is `refused`, what it
 * knows and is not followed here `foreign`.
 */
function readMessage(module: Uint8Array, from: number, to: number): Message | Unread {
  const { inside, hex, listOf, algorithmOf, isName } = shapesIn(module);
  const broken = refused('its signature is no PKCS#7 message any more');

  const [type, wrapped, ...more] = inside(readDer(module, from, to), SEQUENCE) ?? [];
  if (type?.tag !== OBJECT || hex(type) !== SIGNED_DATA || more.length > 0) return broken;
  const [unwrapped] = inside(wrapped, CONTEXT_0) ?? [];
  const [version, hashes, content, ...rest] = inside(unwrapped, SEQUENCE) ?? [];
  if (version?.tag !== INTEGER || !VERSIONS.includes(hex(version))) return broken;
  if (listOf(hashes)?.every((each) => algorithmOf(each) !== null) !== true) return broken;
  const [kind, ...carried] = inside(content, SEQUENCE) ?? [];
  if (kind?.tag !== OBJECT || hex(kind) !== DATA) return broken;
  if (carried.length > 0) return FOREIGN;
  if (isExtra(rest[0])) return FOREIGN; // certificates
  const signers = rest.length > 1 ? undefined : listOf(rest[0])?.map((each) => inside(each, SEQUENCE) ?? []);
  if (signers === undefined || signers.some(([first]) => first?.tag !== INTEGER || hex(first) !== hex(version)))
    return broken;
  const [signer, ...others] = signers;
  if (signer === undefined) return broken;
  if (others.length > 0) return FOREIGN;

  const [, name, hash, algorithm, value, ...unasked] = signer;
  const [digest, how] = [algorithmOf(hash), algorithmOf(algorithm)];
  if (hex(version) !== VERSIONS[0]) return FOREIGN; // its signer is named by key
  const [issuer, serial, ...beyond] = inside(name, SEQUENCE) ?? [];
  if (!isName(issuer) || serial?.tag !== INTEGER || beyond.length > 0 || digest === null) return broken;
  if (isExtra(algorithm) || isExtra(unasked[0])) return FOREIGN; // attributes
  if (how === null || value?.tag !== OCTETS || unasked.length > 0) return broken;
  const [known, method] = [HASHES.get(digest), METHODS.get(how)];
  if (known === undefined || method === undefined) return FOREIGN;
  return { signer: signerOf(hex(issuer), hex(serial)), method, hash: known, from: value.from, to: value.to };
}

/** The shapes that a message is made of; null for what has another. */
function shapesIn(bytes: Uint8Array) {
  type Value = DerValue | null | undefined;
  const inside = (value: Value, tag: number) => (value?.tag === tag ? readDerInside(bytes, value) : null);
  const listOf = (value: Value) => inside(value, SET) ?? inside(value, SEQUENCE);
  const hex = (value: DerValue): string => derHex(bytes, value);
  /** The name of an AlgorithmIdentifier, hexadecimal. */
  const algorithmOf = (value: Value): string | null => {
    const [name, , ...more] = inside(value, SEQUENCE) ?? [];
    return name?.tag === OBJECT && more.length === 0 ? hex(name) : null;
  };
  /** Sets of pairs: what, and its text. */
  const isName = (value: Value): value is DerValue =>
    inside(value, SEQUENCE)?.every(
      (part) =>
        inside(part, SET)?.every((pair) => {
          const [what, text, ...more] = inside(pair, SEQUENCE) ?? [];
          return what?.tag === OBJECT && text !== undefined && more.length === 0;
        }) === true,
    ) === true;
  return { inside, listOf, hex, algorithmOf, isName };
}

/** How signatures and certificates name the same key: by the issuer's name and the serial number, hexadecimal. */
export function signerOf(issuer: string, serial: string): string {
  return `${issuer} ${serial}`;
}

/** `DigestInfo` of RFC 8017. */
function digestInfo(hash: string, digest: Buffer): Buffer {
  const [oid = ''] = [...HASHES].find(([, name]) => name === hash) ?? [];
  const name = Buffer.from(oid, 'hex');
  const algorithm = [SEQUENCE, name.length + 4, OBJECT, name.length, ...name, 0x05, 0x00];
  const size = algorithm.length + 2 + digest.length;
  return Buffer.from([SEQUENCE, size, ...algorithm, OCTETS, digest.length, ...digest]);
}

/**
 * Whether the signature is the key's over the module that it was read from: RSA by PKCS #1 v1.5, or ECDSA on a curve of NIST's.
 * @param key SubjectPublicKeyInfo in DER, base64; what is none made nothing
 */
export async function isSignedBy(
  { method, hash, digest, value }: ModuleSignature & { readonly state: 'read' },
  key: string,
): Promise<boolean> {
  const own = unlessRefused(() => createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }));
  if (own?.asymmetricKeyType !== method) return false;
  const [made, told] = [Buffer.from(value, 'base64'), Buffer.from(digest, 'base64')];
  if (method === 'ec') return isOnCurve(own, made, told);
  // Where the key did not make it, no padding comes out.
  const opened = unlessRefused(() => publicDecrypt({ key: own, padding: constants.RSA_PKCS1_PADDING }, made));
  return opened?.equals(digestInfo(hash, told)) ?? false;
}

/** ECDSA over a digest, which Node offers over whole messages alone. */
async function isOnCurve(key: KeyObject, value: Buffer, digest: Buffer): Promise<boolean> {
  const { crv, x, y } = key.export({ format: 'jwk' });
  const curves = await import('@noble/curves/nist');
  const curve = new Map([
    ['P-256', curves.p256],
    ['P-384', curves.p384],
    ['P-521', curves.p521],
  ]).get(crv ?? '');
  if (curve === undefined || x === undefined || y === undefined) throw new Error(`no curve ${String(crv)} is known`);
  const [r, s, ...more] = integersOf(value);
  const isInRange = (one: bigint | undefined): one is bigint =>
    one !== undefined && one > 0n && one < curve.Point.Fn.ORDER;
  if (!isInRange(r) || !isInRange(s) || more.length > 0) return false;
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return curve.verify(new curve.Signature(r, s).toBytes('compact'), digest, point, {
    prehash: false,
    lowS: false,
    format: 'compact',
  });
}

/** A sequence of positive integers; none where it is no such. */
function integersOf(der: Uint8Array): readonly bigint[] {
  const list = readDer(der, 0, der.length);
  const parts = list?.tag === SEQUENCE ? (readDerInside(der, list) ?? []) : [];
  return parts.every(({ tag, from, to }) => tag === INTEGER && to > from)
    ? parts.map((part) => BigInt(`0x${derHex(der, part)}`))
    : [];
}
