import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isLeftover, backupPath, buildPath, copyPath } from '../../../../src/system/images/names.ts';
import { replaceImage } from '../../../../src/system/images/replace-image.ts';

let folder: string;
let image: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellwether-images-'));
  image = join(folder, 'initramfs-6.1.img');
  writeFileSync(image, 'old');
  chmodSync(image, 0o640);
  utimesSync(image, 1000, 1000);
  writeFileSync(buildPath(image), 'new', { mode: 0o600 });
  utimesSync(buildPath(image), 2000, 2000);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const text = (path: string): string => readFileSync(path, 'utf8');

describe('an image that is replaced', () => {
  test('is the new one, with the mode of the old one and its own time; the old one is the backup', async () => {
    expect(await replaceImage(image, 'renew')).toBeNull();
    expect(text(image)).toBe('new');
    expect(statSync(image).mode & 0o777).toBe(0o640);
    expect(statSync(image).mtimeMs).toBe(2_000_000);
    expect(text(backupPath(image))).toBe('old');
    expect(statSync(backupPath(image)).mtimeMs).toBe(1_000_000);
    expect(readdirSync(folder).sort()).toEqual(['initramfs-6.1.img', 'initramfs-6.1.img.bellwether-backup']);
  });

  test('has one backup: the last old one', async () => {
    await replaceImage(image, 'renew');
    writeFileSync(buildPath(image), 'newer');
    await replaceImage(image, 'renew');
    expect([text(image), text(backupPath(image))]).toEqual(['newer', 'new']);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('leaves an earlier backup alone where that is worth more', async () => {
    writeFileSync(backupPath(image), 'proven');
    await replaceImage(image, 'leave');
    expect([text(image), text(backupPath(image))]).toEqual(['new', 'proven']);
  });

  test('has no backup where none is wanted', async () => {
    writeFileSync(backupPath(image), 'earlier');
    await replaceImage(image, 'remove');
    expect(readdirSync(folder)).toEqual(['initramfs-6.1.img']);
  });

  test('need not be there', async () => {
    rmSync(image);
    expect(await replaceImage(image, 'renew')).toBeNull();
    expect(readdirSync(folder)).toEqual(['initramfs-6.1.img']);
    expect(statSync(image).mode & 0o777).toBe(0o600);
  });

  test('goes on where a run was killed after its backup was linked', async () => {
    await replaceImage(image, 'renew');
    writeFileSync(copyPath(image), 'half a backup');
    writeFileSync(buildPath(image), 'newer');
    await replaceImage(image, 'renew');
    expect([text(image), text(backupPath(image))]).toEqual(['newer', 'new']);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

describe('names beside an image', () => {
  test('are told from images, backups and everything else', () => {
    expect(
      [buildPath('/boot/i'), copyPath('/boot/i')].map((path) => path.slice('/boot/'.length)).every(isLeftover),
    ).toBe(true);
    for (const name of ['i', 'i.bellwether-backup', '.bellwether-', '.bellwether.new', 'x.bellwether-i.new'])
      expect(isLeftover(name)).toBe(false);
  });
});
