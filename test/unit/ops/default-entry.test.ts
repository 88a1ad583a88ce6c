import { describe, expect, test } from '@jest/globals';
import { parseGrubenv } from '../../../src/host/loader/grubenv.ts';
import { withVariable } from '../../../src/ops/default-entry/grubenv.ts';

describe("GRUB's environment block", () => {
  const block = withVariable('', 'saved_entry', 'one');

  test('is 1024 bytes, whatever is in it', () => {
    expect(block).toMatch(/^# GRUB Environment Block\nsaved_entry=one\n#+$/);
    expect(block).toHaveLength(1024);
    expect(Buffer.byteLength(withVariable(block, 'saved_entry', 'Gerät'))).toBe(1024);
  });

  test('keeps the other variables, and escapes what must be', () => {
    const more = withVariable(withVariable(block, 'kernelopts', 'a\\b\nc'), 'saved_entry', 'two');
    expect([...parseGrubenv(more)]).toEqual([
      ['saved_entry', 'two'],
      ['kernelopts', 'a\\b\nc'],
    ]);
  });

  test('that has no room is an error: it is never made longer', () => {
    expect(() => withVariable(block, 'x', 'y'.repeat(1000))).toThrow(
      expect.objectContaining({ code: 'not_supported' }),
    );
  });
});
