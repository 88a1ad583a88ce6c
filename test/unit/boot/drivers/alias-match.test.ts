import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesAlias, normaliseAlias } from '../../../../src/boot/drivers/alias-match.ts';

test.each([
  ['virtio:d00000002v*', 'virtio:d00000002v00001AF4', true],
  ['virtio:d00000002v*', 'virtio:d00000008v00001AF4', false],
  ['pci:v*d*sv*sd*bc01sc08i02*', 'pci:v00008086d0000F1A8sv00008086sd0000390Dbc01sc08i02', true],
  ['pci:v*d*sv*sd*bc01sc08i02*', 'pci:v00008086d0000A338sv00000000sd00000000bc06sc04i00', false],
  ['scsi:t-0x00*', 'scsi:t-0x00', true],
  ['usb:v0525pA4A[0-5]d*dc*', 'usb:v0525pA4A3d0100dc00', true],
  ['usb:v0525pA4A[0-5]d*dc*', 'usb:v0525pA4A7d0100dc00', false],
  ['acpi*:PNP0C0A:*', 'acpi:PNP0C0A:', true],
  ['a[!b]c', 'axc', true],
  ['a[!b]c', 'abc', false],
  ['a\\*c', 'a*c', true],
  ['a\\*c', 'abc', false],
  ['', '', true],
  ['*', '', true],
])('pattern %s and alias %s: %j', (pattern, alias, matches) => {
  expect(matchesAlias(normaliseAlias(pattern), normaliseAlias(alias))).toBe(matches);
});

test('dashes and underscores are equal, but for ranges in brackets', () => {
  expect(normaliseAlias('crypto-crc32c-[0-9]-x')).toBe('crypto_crc32c_[0-9]_x');
});

test('any text matches itself, and itself with any part turned into a star', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', ':', '_', '0') });
  fc.assert(
    fc.property(plain, plain, plain, (before, middle, after) => {
      const text = before + middle + after;
      expect(matchesAlias(text, text)).toBe(true);
      expect(matchesAlias(`${before}*${after}`, text)).toBe(true);
    }),
  );
});
