import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { readTrustedKeys, type TrustedKey } from '../../../src/host/trusted-keys.ts';
import { isSigned, isSignedBy, readModuleSignature } from '../../../src/image/module-signature.ts';
import ecdsa from './fixtures/signatures-ecdsa.json' with { type: 'json' };
import rsa from './fixtures/signatures-rsa.json' with { type: 'json' };

const root = mkdtempSync(join(tmpdir(), 'bellwether-keys-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
/** What is found in a kernel file that is not compressed and holds these bytes. */
const keysIn = async (...parts: readonly (string | Uint8Array)[]): Promise<readonly TrustedKey[]> => {
  mkdirSync(join(root, 'boot'), { recursive: true });
  writeFileSync(join(root, 'boot/vmlinuz'), Buffer.concat(parts.map((part) => Buffer.from(part))));
  return (await readTrustedKeys(openTree(root, []), '/boot/vmlinuz')) ?? [];
};
const certificate = Buffer.from(rsa.certificate, 'base64');

/** What a kernel that does not demand signatures makes of a module, as far as that is read here. */
async function isTaken(module: Uint8Array, keys: readonly TrustedKey[]): Promise<boolean> {
  const signature = readModuleSignature(module);
  if (signature?.state === 'refused') return false;
  if (signature?.state !== 'read') return true;
  const key = keys.find(({ signer }) => signer === signature.signer);
  return key === undefined || isSignedBy(signature, key.key);
}

describe.each([
  ['rsa', rsa, 'Linux 6.1'],
  ['ecdsa', ecdsa, 'Linux 6.12'],
])('the signature of a module, %s', (kind, recorded, name) => {
  const sound = readFileSync(new URL(`fixtures/signed-${kind}.ko`, import.meta.url));
  const keys = keysIn('kernel text, of some length', Buffer.from(recorded.certificate, 'base64'), 'and more');
  const changed = (at: number, to: number): Buffer => {
    const bytes = Buffer.from(sound);
    bytes[at] = to;
    return bytes;
  };

  test('is read, with who made it', async () => {
    const [key] = await keys;
    expect(key?.signer).toMatch(/^[0-9a-f]+ [0-9a-f]{40}$/);
    expect(readModuleSignature(sound)).toMatchObject({ state: 'read', hash: 'sha256', signer: key?.signer });
    expect(await isTaken(sound, await keys)).toBe(true);
    expect(readModuleSignature(sound.subarray(0, -1))).toBeNull();
    expect(isSigned(Buffer.alloc(0))).toBe(false);
  });

  test(`${name} takes what is taken here, and refuses what is refused`, async () => {
    const others: number[][] = [];
    for (const row of recorded.changes) {
      const [at = 0, to = 0, error] = row;
      if ((await isTaken(changed(at, to), await keys)) !== (error === 0)) others.push(row);
    }
    expect(others).toEqual([]);
    expect(recorded.changes.filter(([, , error]) => error === 0).length).toBeGreaterThan(300);
    expect(recorded.changes.filter(([, , error]) => error !== 0).length).toBeGreaterThan(500);
  });

  test('no key but its own made it', async () => {
    const signature = readModuleSignature(sound);
    const other = new X509Certificate(Buffer.from((kind === 'rsa' ? ecdsa : rsa).certificate, 'base64')).publicKey;
    if (signature?.state !== 'read') throw new Error('the signature is not read');
    for (const key of ['', 'AAAA', other.export({ format: 'der', type: 'spki' }).toString('base64')])
      expect(await isSignedBy(signature, key)).toBe(false);
  });

  test('one that claims more bytes than there are, or stands alone', () => {
    const longer = Buffer.from(sound);
    longer.writeUInt32BE(sound.length, sound.length - 28 - 4);
    expect(readModuleSignature(longer)).toEqual({
      state: 'refused',
      why: `its signature claims ${sound.length} bytes, and ${sound.length - 40} are there`,
    });
    expect(readModuleSignature(sound.subarray(-30))).toMatchObject({ state: 'refused' });
  });

  test('any bytes at all end in an answer', () => {
    for (let size = 0; size < 800; size += 7) {
      const junk = Buffer.concat([Buffer.alloc(size, size), sound.subarray(-(40 + (size % 300)))]);
      expect(['read', 'refused', 'foreign', undefined]).toContain(readModuleSignature(junk)?.state);
    }
  });
});

describe('the keys in a kernel', () => {
  test('are its certificates, each once', async () => {
    const both = await keysIn(certificate, 'x', Buffer.from(ecdsa.certificate, 'base64'));
    expect(new Set(both.map(({ signer }) => signer)).size).toBe(2);
  });
  test('what only begins like a certificate is none', async () => {
    const broken = Buffer.from(certificate);
    broken.fill(0, 200);
    expect(await keysIn(broken, certificate.subarray(0, 300))).toEqual([]);
    expect(await keysIn(certificate.subarray(8), 'no room before it')).toEqual([]);
  });
  test('of a file that is not there nothing is known', async () => {
    expect(await readTrustedKeys(openTree(root, []), '/boot/none')).toBeNull();
  });
});
