import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readImage } from '../../../src/image/read-image.ts';

describe('what cannot be read as an image is refused by name, and never waited for', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-open-'));
    mkdirSync(join(folder, 'a-folder'));
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(folder, 'a-fifo')]);
    symlinkSync('a-loop', join(folder, 'a-loop'));
    writeFileSync(join(folder, 'secret'), 'x');
    chmodSync(join(folder, 'secret'), 0);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['absent', 'there is no such file'],
    ['a-folder', 'it is a folder'],
    ['a-fifo', 'it is a FIFO'],
    ['a-loop', 'its symlinks loop'],
    ['secret/below', 'part of its path is no folder'],
    ['/dev/null', 'it is a device'],
  ])('%s: %s', async (name, reason) => {
    const path = name.startsWith('/') ? name : join(folder, name);
    await expect(readImage([path])).rejects.toMatchObject({
      code: 'image_unreadable',
      message: `${path} cannot be read as an image: ${reason}`,
      at: { path },
    });
  });

  test('a file without permission', async () => {
    // Root reads it all the same: then it is an image of one byte that the kernel knows nothing of.
    const outcome = await readImage([join(folder, 'secret')]).then(
      ({ problems }) => problems[0]?.kind,
      (error: unknown) => String(error),
    );
    expect(outcome).toMatch(/^unknown_magic$|permission denied/);
  });
});
