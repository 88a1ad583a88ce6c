/**
 * What Secure Boot asks for, as the kernel's stub and shim see it (Linux: drivers/firmware/efi/libstub/secureboot.c; shim:
 * secure_mode, check_allowlist).
 */
import { boolean, nullable, object } from '../derived-shape.ts';
import type { HostTree } from '../tree.ts';
import type { HostFacts } from '../types.ts';
import { efiVariable, isEfi, type VENDORS } from './efi-variables.ts';

const NON_VOLATILE = 1;
/** What shim leaves lasts until the next boot: a variable of that name which stays is not shim's. */
const VALIDATION_OFF = 'MokSBStateRT';
const SHIM_KEYS = 'MokListRT';
/** More than any firmware keeps in one variable. */
const LIST_LIMIT = 1 << 20;

/**
 * Whether what is not signed is refused; false where firmware has no keys yet, or shim was told to let everything pass
 * (`mokutil --disable-validation`), and on firmware without EFI. Null where not known.
 */
export function readSecureBoot(of: HostTree): boolean | null {
  const tree = of.noting('signing');
  const on = flag(tree, 'global', 'SecureBoot');
  if (on === null) return isEfi(tree) === false ? false : null;
  if (!on.set || flag(tree, 'global', 'SetupMode')?.set === true) return false;
  const off = flag(tree, 'shim', VALIDATION_OFF);
  return !(off?.set === true && (off.attributes & NON_VOLATILE) === 0);
}

function flag(
  tree: HostTree,
  vendor: keyof typeof VENDORS,
  name: string,
): { readonly attributes: number; readonly set: boolean } | null {
  const variable = efiVariable(tree, vendor, name, 8);
  return variable === null ? null : { attributes: variable.attributes, set: variable.value[0] === 1 };
}

const TRUST = nullable(object({ shim: boolean, keysAlone: boolean }));

/** A capture carries what the lists come to, and not the lists. */
export function readTrust(tree: HostTree): Promise<HostFacts['trust']> {
  return tree.noting('signing').derive('efi trust', TRUST, (plain) => {
    const firmware = efiVariable(plain, 'security', 'db', LIST_LIMIT)?.value;
    const shim = efiVariable(plain, 'shim', SHIM_KEYS, LIST_LIMIT)?.value;
    if (firmware === undefined) return Promise.resolve(null);
    const keysAlone = holdsKeysAlone(firmware) && (shim === undefined || holdsKeysAlone(shim));
    return Promise.resolve({ shim: shim !== undefined, keysAlone });
  });
}

/** EFI_CERT_X509_GUID, as it lies in memory. */
const CERTIFICATE = Buffer.from('a159c0a5e494a74a87b5ab155c2bf072', 'hex');
const LIST_HEADER = 28;

/**
 * Whether signature lists (UEFI 2.10, 32.4.1 "Signature Database") are whole and hold certificates alone: by a hash in them
 * a program is let through that is not signed.
 */
export function holdsKeysAlone(lists: Buffer): boolean {
  let at = 0;
  while (at + LIST_HEADER <= lists.length) {
    const size = lists.readUInt32LE(at + CERTIFICATE.length);
    if (!lists.subarray(at, at + CERTIFICATE.length).equals(CERTIFICATE) || size < LIST_HEADER) return false;
    at += size;
  }
  return at === lists.length;
}
