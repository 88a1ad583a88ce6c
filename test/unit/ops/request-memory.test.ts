import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { RequestMemory } from '../../../src/ops/request-memory.ts';
import { cpio } from '../image/archive.ts';

const { signal } = new AbortController();
let folder: string;
let image: string;
let memory: RequestMemory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellwether-memory-'));
  image = join(folder, 'image');
  writeFileSync(image, cpio([{ path: 'init', body: 'x' }]));
  memory = new RequestMemory();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('what remembers images and keys', () => {
  it('reads a file once, and knows it by another name', async () => {
    const first = await memory.read([image], signal);
    renameSync(image, `${image}.moved`);
    const second = await memory.read([`${image}.moved`], signal);
    expect(second.tree).toBe(first.tree);
    expect(second.files.map(({ path }) => path)).toEqual([`${image}.moved`]);
  });

  it('reads again what has changed: in size, in time, or as another file of that name', async () => {
    const seen = [(await memory.read([image], signal)).tree];
    const again = async () => {
      const { tree } = await memory.read([image], signal);
      expect(seen).not.toContain(tree);
      seen.push(tree);
    };
    appendFileSync(image, Buffer.alloc(512));
    await again();
    utimesSync(image, 1_000_000, 1_000_000);
    await again();
    writeFileSync(`${image}.new`, cpio([{ path: 'init', body: 'y' }]));
    renameSync(`${image}.new`, image);
    await again();
  });

  it('unpacks a kernel once for its keys, and again where it has changed', async () => {
    const tree = openTree(folder, []);
    const first = memory.keys(tree, '/image');
    expect(memory.keys(tree, '/image')).toBe(first);
    appendFileSync(image, 'x');
    expect(memory.keys(tree, '/image')).not.toBe(first);
    expect(await first).toEqual([]);
  });

  it('tries again what could not be read', async () => {
    const late = join(folder, 'late');
    await expect(memory.read([late], signal)).rejects.toMatchObject({ code: 'image_unreadable' });
    renameSync(image, late);
    expect((await memory.read([late], signal)).files).toHaveLength(1);
  });
});
