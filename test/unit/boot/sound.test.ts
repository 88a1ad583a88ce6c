import { describe, expect, test } from '@jest/globals';
import { CHECKS } from '../../../src/boot/checks/index.ts';
import { facts } from './facts.ts';
import { observe } from './observe.ts';

describe('a sound host', () => {
  test.each(CHECKS.map((check) => [check.code, check] as const))('gives %s nothing to say', (_, check) => {
    expect(observe(check, facts())).toEqual({ defects: [], unknowns: [] });
  });
});

describe('the registry', () => {
  test('has each code once', () => {
    const codes = CHECKS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('keeps the order in which a boot meets the rules', () => {
    const order = ['loader', 'unpack', 'init', 'drivers', 'devices', 'root', 'switch-root', 'host'];
    const at = CHECKS.map(({ checkpoint }) => order.indexOf(checkpoint));
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test.each(CHECKS.map((check) => [check.code, check] as const))(
    '%s says what is seen, why, and what cures it',
    (_, check) => {
      for (const text of [check.symptom, check.cause, check.cure]) expect(text).toMatch(/^.{15,}[.!?]$/s);
      expect(check.repair.length).toBeGreaterThan(0);
    },
  );
});
