import { describe, expect, test } from '@jest/globals';
import { lvUnknown } from '../../../src/boot/checks/lv-unknown.ts';
import { rootUnknown } from '../../../src/boot/checks/root-unknown.ts';
import { unexpanded } from '../../../src/boot/command-line.ts';
import { facts, type FactsSpec } from './facts.ts';
import { observe } from './observe.ts';

const REASON = 'permission denied (not root?)';
const unread = (what: string) => ({ host: { unread: [{ part: 'loader' as const, what, reason: REASON }] } });

describe('a command line of which a part may be elsewhere, in what the loader could not be asked', () => {
  const gone: FactsSpec = { cmdline: 'root=UUID=0bad0bad-0000-4000-8000-0bad0bad0bad rd.lvm.lv=vg0/gone' };

  test('accuses nothing', () => {
    for (const check of [rootUnknown, lvUnknown]) {
      expect(observe(check, facts(gone)).defects).toHaveLength(1);
      expect(observe(check, facts({ ...gone, ...unread('/boot/grub2/grubenv') }))).toEqual({
        defects: [],
        unknowns: [expect.objectContaining({ reason: `/boot/grub2/grubenv: ${REASON}` })],
      });
    }
  });

  test('may lack words', () => {
    expect(unexpanded(facts())).toBeNull();
    expect(unexpanded(facts(unread('/boot/grub2')))).toBe(`/boot/grub2: ${REASON}`);
    expect(unexpanded(facts(unread('/sys/firmware/efi/efivars/SecureBoot')))).toBeNull();
    expect(unexpanded(facts(unread('the boot loader')))).toBeNull();
  });
});
