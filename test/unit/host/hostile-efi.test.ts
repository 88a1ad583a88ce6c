import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEfiEntry } from '../../../src/host/loader/efi-entry.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { MAC, PARTITION, PCI, SHIM, bootEntry, espHost, filePath, grub, partition, variables } from './efi.ts';
import { makeRoot } from './roots.ts';

/** Some bytes replaced, the rest perhaps cut off. */
const damaged = (sound: Buffer) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(Math.min(sound.length, 0x600) - 1), fc.nat(255)), { maxLength: 24 }),
      fc.nat(sound.length),
      fc.boolean(),
    )
    .map(([edits, cut, isCut]) => {
      const bytes = Buffer.from(isCut ? sound.subarray(0, cut) : sound);
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
      return bytes;
    });

const ENTRY = bootEntry([PCI, MAC, partition(PARTITION), filePath('\\EFI\\debian\\shimx64.efi')]);

describe('nothing that firmware or an EFI partition holds makes reading a host fail', () => {
  test('boot entries with errors', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          damaged(ENTRY),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const entry = parseEfiEntry(bytes);
          expect(entry === null || typeof entry.leads === 'string').toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('programs and variables with errors', async () => {
    const at = '/boot/efi/EFI/debian';
    await fc.assert(
      fc.asyncProperty(
        damaged(SHIM),
        damaged(grub('/EFI/debian', 'normal (memdisk)/grub.cfg')),
        damaged(ENTRY),
        fc.uint8Array({ maxLength: 9 }),
        async (shim, core, entry, order) => {
          const raw = Object.keys(variables([3], {}, null)).map((name) => [name, Buffer.from(order)] as const);
          const root = makeRoot(
            espHost({
              [`${at}/shimx64.efi`]: shim,
              [`${at}/grubx64.efi`]: core,
              '/boot/efi/EFI/BOOT/BOOTX64.EFI': shim,
            }),
            variables([3], { '0003': entry }),
            order.length < 5 ? Object.fromEntries(raw) : {},
          );
          const { firmware } = (await readHost(root)).loader;
          expect(firmware?.programs.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
