import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import { isLeftover } from '../../../src/system/images/names.ts';
import { dropKept, keepFile, keptName, keptPath, putBack } from '../../../src/system/kept-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-'));
  path = join(folder, 'initramfs-6.1.img');
  writeFileSync(path, 'sound', { mode: 0o600 });
  utimesSync(path, 1_600_000_000, 1_600_000_000);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a file that is kept', () => {
  it('is its copy, with its time and mode: whoever writes into the file does not reach it', async () => {
    expect(await keepFile(path, 0)).toBe(true);
    writeFileSync(path, 'not');
    await putBack(path);
    expect(readFileSync(path, 'utf8')).toBe('sound');
    const { mode, mtimeMs } = statSync(path);
    expect([mode & 0o777, mtimeMs]).toEqual([0o600, 1_600_000_000_000]);
    expect(readdirSync(folder)).toEqual(['initramfs-6.1.img']);
  });

  it('is a second name where there is no room for a copy', async () => {
    expect(await keepFile(path, Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(statSync(keptPath(path)).ino).toBe(statSync(path).ino);
    rmSync(path);
    await putBack(path);
    expect(readFileSync(path, 'utf8')).toBe('sound');
  });

  it('takes the place of one that was kept before, and goes when it is told to', async () => {
    writeFileSync(keptPath(path), 'older');
    await keepFile(path, 0);
    expect(readFileSync(keptPath(path), 'utf8')).toBe('sound');
    await dropKept(path);
    expect(readdirSync(folder)).toEqual(['initramfs-6.1.img']);
  });

  it('takes no place that it cannot have: both stay as they were, and it is said what to do', async () => {
    mkdirSync(keptPath(path));
    writeFileSync(join(keptPath(path), 'older'), 'older');
    const error = await keepFile(path, 0).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(BellwetherError);
    expect(error).toMatchObject({
      code: 'command_failed',
      message: expect.stringContaining(`${keptPath(path)}, which an earlier run left behind, cannot be replaced: `),
      hint: `it is a folder: move ${keptPath(path)} elsewhere`,
      at: { path: keptPath(path), errno: 'EISDIR' },
    });
    expect(readdirSync(folder)).toEqual([basename(keptPath(path)), 'initramfs-6.1.img']);
    expect(readFileSync(join(keptPath(path), 'older'), 'utf8')).toBe('older');
    expect(readFileSync(path, 'utf8')).toBe('sound');
  });

  it('has a name that is told from all others, and that no rebuild clears away', () => {
    expect(keptName('.bellwether-initramfs-6.1.img.kept')).toBe('initramfs-6.1.img');
    expect(keptName('.bellwether-initramfs-6.1.img.new')).toBeNull();
    expect(isLeftover('.bellwether-initramfs-6.1.img.kept')).toBe(false);
    // What is cut short while it is made, one does.
    expect(isLeftover('.bellwether-initramfs-6.1.img.kept.new')).toBe(true);
  });
});
