import { describe, expect, test } from '@jest/globals';
import { boundAnswer, MAX_SUMMARY_BYTES } from '../../../src/ops/bound-answer.ts';
import type { CheckAnswer, Finding } from '../../../src/protocol/messages.ts';
import { serialize } from '../../../src/protocol/serialize.ts';

const finding = (n: number, severity: Finding['severity']): Finding => ({
  code: 'driver_missing',
  severity,
  checkpoint: 'drivers',
  kernel: '6.1.0-53-amd64',
  message: `finding ${n}`,
  evidence: { modules: Array.from({ length: 50 }, (_, i) => `kernel/drivers/some/where/module-${n}-${i}.ko`) },
  repair: ['rebuild'],
});

const answer = (findings: Finding[]): CheckAnswer => ({
  protocol: 1,
  op: 'check',
  version: '0.1.0',
  changed: false,
  changes: [],
  summary: 'it will not boot',
  error: null,
  duration_ms: 1,
  facts: 'live',
  verdict: 'unhealthy',
  kernels: [],
  findings,
  unknowns: [],
  fingerprint: 'v1:unhealthy:6.1.0-53-amd64:0123',
});

describe('a summary answer', () => {
  test('that is small stays as it is and carries no truncated flag', () => {
    const small = answer([{ ...finding(1, 'fatal'), evidence: { path: '/boot' } }]);
    expect(boundAnswer(small)).toBe(small);
  });

  test('has its long lists cut to ten, and says so', () => {
    const bounded = boundAnswer(answer([finding(1, 'fatal')]));
    expect(bounded).toMatchObject({ truncated: true, findings: [{ code: 'driver_missing' }] });
    expect(JSON.stringify(bounded)).not.toContain('module-1-10.ko');
  });

  test('of a thousand findings has at most 16 KiB, keeps the worst, and the verdict whole', () => {
    const many = [finding(0, 'fatal'), ...Array.from({ length: 999 }, (_, i) => finding(i + 1, 'warning'))];
    const bounded = boundAnswer(answer(many));
    expect(Buffer.byteLength(serialize(bounded))).toBeLessThanOrEqual(MAX_SUMMARY_BYTES);
    expect(bounded).toMatchObject({
      verdict: 'unhealthy',
      truncated: true,
      fingerprint: 'v1:unhealthy:6.1.0-53-amd64:0123',
    });
    expect(bounded).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ message: 'finding 0' })]),
    });
  });
});

test('equal answers are equal bytes, whatever the order in which their keys were set', () => {
  expect(serialize({ b: 1, a: { d: [2, 1], c: null } })).toBe(serialize({ a: { c: null, d: [2, 1] }, b: 1 }));
  expect(serialize({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
});
