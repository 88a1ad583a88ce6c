import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLuksHeader, readLuksHeader } from '../../../src/host/storage/luks.ts';

const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

/** The first sectors of a LUKS1 container, by its on-disk format. */
function luks1(): Buffer {
  const header = Buffer.alloc(1024);
  header.write('LUKS\xba\xbe', 0, 'latin1');
  header.writeUInt16BE(1, 6);
  header.write('aes', 8);
  header.write('xts-plain64', 40);
  header.write('sha256', 72);
  header.write(UUID, 168);
  return header;
}

/** A LUKS2 header with the default 16 KiB of metadata, by its on-disk format. */
function luks2(json: string): Buffer {
  const header = Buffer.alloc(16384);
  header.write('LUKS\xba\xbe', 0, 'latin1');
  header.writeUInt16BE(2, 6);
  header.writeBigUInt64BE(16384n, 8);
  header.write(UUID, 168);
  header.write(json, 4096);
  return header;
}

const METADATA = JSON.stringify({
  keyslots: { '0': { type: 'luks2', key_size: 64 } },
  tokens: { '0': { type: 'systemd-tpm2', keyslots: ['1'] }, '1': { type: 'clevis', keyslots: ['2'] } },
  segments: { '0': { type: 'crypt', offset: '16777216', encryption: 'aes-xts-plain64', sector_size: 512 } },
});

describe('the head of a LUKS container', () => {
  test('of version 1 names its cipher in two parts', () => {
    expect(parseLuksHeader(luks1())).toEqual({ cipher: 'aes-xts-plain64', uuid: UUID, tokens: [] });
  });

  test('of version 2 names its cipher and what unlocks it', () => {
    expect(parseLuksHeader(luks2(METADATA))).toEqual({
      cipher: 'aes-xts-plain64',
      uuid: UUID,
      tokens: ['clevis', 'systemd-tpm2'],
    });
  });

  test('whose metadata are damaged still is one', () => {
    expect(parseLuksHeader(luks2('{"segments": {'))).toEqual({ cipher: null, uuid: UUID, tokens: [] });
  });

  test('is none where the first bytes are not its', () => {
    expect(parseLuksHeader(Buffer.alloc(4096))).toBeNull();
    expect(parseLuksHeader(Buffer.from('LUKS\xba\xbe', 'latin1'))).toBeNull();
  });

  test('whatever bytes are there, is read without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 8192 }), (bytes) => {
        const header = Buffer.concat([luks2(METADATA).subarray(0, 16), Buffer.from(bytes)]);
        expect(parseLuksHeader(header)).not.toBeNull();
      }),
    );
  });

  describe('on a device', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-luks-'));
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    test('is read as long as it says it is, and no longer than any is', () => {
      const file = join(folder, 'disk');
      writeFileSync(file, Buffer.concat([luks2(METADATA), Buffer.alloc(4096, 'data')]));
      expect(readLuksHeader(file)?.tokens).toEqual(['clevis', 'systemd-tpm2']);
      const endless = luks2(METADATA);
      endless.writeBigUInt64BE(0xffff_ffff_ffff_ffffn, 8);
      writeFileSync(file, endless);
      expect(readLuksHeader(file)?.cipher).toBe('aes-xts-plain64');
    });
  });
});
