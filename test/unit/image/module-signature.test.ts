import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { readTrustedKeys, type TrustedKey } from '../../../src/host/trusted-keys.ts';
import { isSigned, isSignedBy, readModuleSignature } from '../../../src/image/module-signature.ts';
import recorded from './fixtures/signatures.json' with { type: 'json' };

const sound = readFileSync(new URL('fixtures/signed.ko', import.meta.url));
const certificate = Buffer.from(recorded.certificate, 'base64');
const changed = (at: number, to: number): Buffer => {
  const bytes = Buffer.from(sound);
  bytes[at] = to;
  return bytes;
};

const root = mkdtempSync(join(tmpdir(), 'bellwether-keys-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
/** What is found in a kernel file that is not compressed and holds these bytes. */
const keysIn = (...parts: readonly (string | Uint8Array)[]) => {
  mkdirSync(join(root, 'boot'), { recursive: true });
  writeFileSync(join(root, 'boot/vmlinuz'), Buffer.concat(parts.map((part) => Buffer.from(part))));
  return readTrustedKeys(openTree(root, []), '/boot/vmlinuz');
};

let keys: readonly TrustedKey[] = [];
beforeAll(async () => {
  keys = (await keysIn('kernel text, of some length', certificate, 'and more')) ?? [];
});

/** What a kernel that does not demand signatures makes of a module, as far as that is read here. */
function isTaken(module: Uint8Array): boolean {
  const signature = readModuleSignature(module);
  if (signature?.state === 'refused') return false;
  if (signature?.state !== 'read') return true;
  const key = keys.find(({ signer }) => signer === signature.signer);
  return key === undefined || isSignedBy(signature, key.key);
}

describe('the signature of a module', () => {
  test('is read, with who made it', () => {
    expect(readModuleSignature(sound)).toMatchObject({ state: 'read', hash: 'sha256', signer: keys[0]?.signer });
    expect(isTaken(sound)).toBe(true);
    expect(readModuleSignature(sound.subarray(0, -1))).toBeNull();
    expect(isSigned(Buffer.alloc(0))).toBe(false);
  });

  test('Linux 6.1 takes what is taken here, and refuses what is refused', () => {
    const others = recorded.changes.filter(([at = 0, to = 0, error]) => isTaken(changed(at, to)) !== (error === 0));
    expect(others).toEqual([]);
    expect(recorded.changes.filter(([, , error]) => error === 0).length).toBeGreaterThan(300);
    expect(recorded.changes.filter(([, , error]) => error !== 0).length).toBeGreaterThan(500);
  });

  test('one that claims more bytes than there are, or stands alone', () => {
    const length = sound.length - 28 - 4;
    const longer = Buffer.from(sound);
    longer.writeUInt32BE(sound.length, length);
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
  test('are its certificates, by issuer and serial number', () => {
    expect(keys).toHaveLength(1);
    expect(keys[0]?.signer).toMatch(/^[0-9a-f]+ [0-9a-f]{40}$/);
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
