/** The keys that a kernel takes modules by: the certificates compiled into it (Linux, certs/system_keyring.c). */
import { X509Certificate } from 'node:crypto';
import { CONTEXT_0, derHex, INTEGER, readDer, readDerInside, SEQUENCE } from '../image/der.ts';
import { unlessRefused } from '../image/error-text.ts';
import { signerOf } from '../image/module-signature.ts';
import { listOf, nullable, object, text } from './derived-shape.ts';
import { unpackKernel } from './kernel-payload.ts';
import type { HostTree } from './tree.ts';

export type TrustedKey = Readonly<{
  /** As `ModuleSignature.signer`. */
  signer: string;
  /** SubjectPublicKeyInfo in DER, base64. */
  key: string;
}>;

const WHOLE = 256 * 1024 * 1024;
const KEYS = nullable(listOf(object({ signer: text, key: text })));
/** Where a certificate says that it is of version 3: `[0] { INTEGER 2 }`, and the serial number follows. */
const VERSION = Buffer.from('a00302010202', 'hex');
/** Two sequences before it, each with two bytes of length: the kernel takes no shorter certificates (certs/system_keyring.c). */
const HEAD = 8;
/** Kinds of keys that signatures are held against: `isSignedBy`. */
const FOLLOWED = /^(?:rsa|ec)$/;

/**
 * All of them that are RSA or EC keys; null where the kernel file could not be read. That takes as long as unpacking the kernel:
 * a tenth of a second for lz4, one for xz.
 */
export async function readTrustedKeys(tree: HostTree, vmlinuz: string): Promise<readonly TrustedKey[] | null> {
  return tree.derive(`trusted keys:${vmlinuz}`, KEYS, async (plain) => {
    const bytes = plain.bytes(vmlinuz, WHOLE);
    const kernel = bytes === null ? null : await unpackKernel(bytes);
    return kernel === null ? null : findKeys(kernel);
  });
}

function findKeys(kernel: Buffer): readonly TrustedKey[] {
  const found: TrustedKey[] = [];
  for (let at = kernel.indexOf(VERSION); at !== -1; at = kernel.indexOf(VERSION, at + 1)) {
    const key = at < HEAD ? null : keyAt(kernel, at - HEAD);
    if (key !== null) found.push(key);
  }
  return found;
}

/** Of the certificate that begins there; null where none does, or its key is of another kind. */
function keyAt(kernel: Buffer, at: number): TrustedKey | null {
  const certificate = readDer(kernel, at, kernel.length);
  const [signed] = certificate?.tag === SEQUENCE ? (readDerInside(kernel, certificate) ?? []) : [];
  const [version, serial, , issuer] = signed?.tag === SEQUENCE ? (readDerInside(kernel, signed) ?? []) : [];
  if (certificate === null || version?.tag !== CONTEXT_0 || serial?.tag !== INTEGER || issuer?.tag !== SEQUENCE)
    return null;
  const key = publicKeyOf(kernel.subarray(certificate.start, certificate.to));
  return key === null ? null : { signer: signerOf(derHex(kernel, issuer), derHex(kernel, serial)), key };
}

/** Null for what only looks like a certificate, and for keys of other kinds. */
function publicKeyOf(der: Buffer): string | null {
  const key = unlessRefused(() => new X509Certificate(der).publicKey);
  if (key === null || !FOLLOWED.test(key.asymmetricKeyType ?? '')) return null;
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}
