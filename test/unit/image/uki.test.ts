import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { kindsOf, readBytes } from './archive.ts';

interface Section {
  readonly name: string;
  readonly body: Buffer;
  readonly claimed?: number;
}

/** A PE file with these sections, each stored at a multiple of 512 as ukify does. */
function pe(sections: readonly Section[]): Buffer {
  const header = Buffer.alloc(512);
  header.write('MZ', 0, 'latin1');
  header.writeUInt32LE(64, 60);
  header.write('PE\0\0', 64, 'latin1');
  header.writeUInt16LE(0x8664, 68);
  header.writeUInt16LE(sections.length, 70);
  let offset = 512;
  const bodies = sections.map(({ name, body, claimed }, index) => {
    const stored = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
    const entry = 64 + 24 + 40 * index;
    header.write(name, entry, 'latin1');
    header.writeUInt32LE(claimed ?? body.length, entry + 8);
    header.writeUInt32LE(claimed ?? stored.length, entry + 16);
    header.writeUInt32LE(offset, entry + 20);
    offset += stored.length;
    return stored;
  });
  return Buffer.concat([header, ...bodies]);
}

const image = readFileSync(new URL('fixtures/gzip.img', import.meta.url));
const early = readFileSync(new URL('fixtures/early.img', import.meta.url)).subarray(0, 1536);
const text = [
  { name: '.cmdline', body: Buffer.from('root=/dev/vda1 ro\n\0') },
  { name: '.uname', body: Buffer.from('6.1.0-56-amd64') },
  { name: '.osrel', body: Buffer.from('ID=debian\n') },
];

describe('a unified kernel image', () => {
  test('gives its .ucode and then its .initrd, wherever they lie in the file', async () => {
    const facts = await readBytes(
      pe([...text, { name: '.initrd', body: image }, { name: '.ucode', body: early }, { name: '.linux', body: early }]),
    );
    expect(facts.problems).toEqual([]);
    expect(facts.uki).toMatchObject({ cmdline: 'root=/dev/vda1 ro', uname: '6.1.0-56-amd64', osrel: 'ID=debian' });
    expect(facts.segments.map(({ compression, early: isEarly }) => [compression, isEarly])).toEqual([
      ['none', true],
      ['gzip', false],
    ]);
    expect(facts.segments[1]?.offset).toBe(facts.uki?.sections.find(({ name }) => name === '.initrd')?.offset);
    expect(facts.tree.entries.has('usr/bin/init')).toBe(true);
  });

  test('without .initrd is not an image', async () => {
    expect(kindsOf(await readBytes(pe(text)))).toContain('not_an_image');
  });

  test('whose section reaches beyond the file is truncated', async () => {
    const facts = await readBytes(pe([{ name: '.initrd', body: image, claimed: image.length + 10_000 }]));
    expect(kindsOf(facts)).toContain('truncated');
    expect(facts.uki?.truncated).toMatch(/^\.initrd .* reaches beyond/);
  });

  test('whose header counts thousands of sections is truncated, not read', async () => {
    const file = pe(text);
    file.writeUInt16LE(0xffff, 70);
    expect(kindsOf(await readBytes(file))).toContain('truncated');
  });
});

test('a kernel is no image', async () => {
  expect(kindsOf(await readBytes(pe([{ name: '.text', body: early }])))).toContain('not_an_image');
});
