import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeWhole } from '../../../src/system/atomic-write.ts';

describe('a file that is written whole', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-write-'));
    path = join(folder, 'grubenv');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('holds the new text, in the mode that it had, and nothing lies beside it', async () => {
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    await writeWhole(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['grubenv']);
  });

  test('may be new, and what a killed run left does not matter', async () => {
    writeFileSync(join(folder, '.grubenv.bellwether-new'), 'half');
    await writeWhole(path, 'new');
    expect(readdirSync(folder)).toEqual(['grubenv']);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('that cannot be written is as it was', async () => {
    await expect(writeWhole(join(folder, 'none/grubenv'), 'new')).rejects.toMatchObject({ code: 'not_permitted' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
