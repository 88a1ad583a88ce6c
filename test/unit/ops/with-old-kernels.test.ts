import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withOldKernels } from '../../../src/ops/mending/with-old-kernels.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';

const SOUND = fileURLToPath(new URL('../../../examples/sheep/sound', import.meta.url));
const OLD = ['5.10.0-1-amd64', '5.10.0-2-amd64'];

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'full-'));
  cpSync(SOUND, root, { recursive: true });
  for (const kernel of OLD) {
    writeFileSync(join(root, `boot/vmlinuz-${kernel}`), '');
    writeFileSync(join(root, `boot/initrd.img-${kernel}`), 'x');
  }
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const full = (at: Readonly<Record<string, unknown>>): BellwetherError =>
  new BellwetherError('boot_full', '/boot lacks 30MB', { hint: 'the old image is as it was', at });

describe('the error of a full file system', () => {
  test('names the old kernels that may go, behind what it says itself', async () => {
    expect(await withOldKernels(root, full({ folder: '/boot', exit: 1 }))).toMatchObject({
      code: 'boot_full',
      message: '/boot lacks 30MB',
      hint: expect.stringMatching(
        /^the old image is as it was; remove what is left of .* \(here 5\.10\.0-1-amd64, 5\.10\.0-2-amd64\):/,
      ),
      at: { folder: '/boot', exit: 1, old_kernels: OLD },
    });
  });

  test('names none where their images lie elsewhere, or where it is not known which one is full', async () => {
    expect(await withOldKernels(root, full({ folder: '/boot/efi' }))).toMatchObject({ at: { old_kernels: [] } });
    const unplaced = full({});
    expect(await withOldKernels(root, unplaced)).toBe(unplaced);
  });

  test('is told also where the host cannot be read any more', async () => {
    const error = await withOldKernels(join(root, 'absent'), full({ folder: '/boot' }));
    expect(error).toMatchObject({
      code: 'boot_full',
      message: expect.stringMatching(/^\/boot lacks 30MB; which old kernels may go for it cannot be told: .*absent/),
    });
  });

  test('is the only one that is touched', async () => {
    const others = [new BellwetherError('boot_read_only', 'x', { at: { folder: '/boot' } }), new Error('x')];
    for (const other of others) expect(await withOldKernels(root, other)).toBe(other);
  });
});
