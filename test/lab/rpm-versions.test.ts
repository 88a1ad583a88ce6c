import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareSegments } from '../../src/versions/rpm-versions.ts';
import { whyNot } from '../setup/cache.mjs';
import { run } from '../setup/command.mjs';
import { describeUnless } from '../support/where.ts';

/** What versions are made of, and what separates: rpm takes no other bytes in them. */
const PARTS = [
  '0',
  '00',
  '1',
  '01',
  '9',
  '10',
  '348',
  'a',
  'el',
  'el8',
  'rc',
  'Z',
  '.',
  '..',
  '_',
  '+',
  '~',
  '~~',
  '^',
  '^^',
];
const version = fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

describeUnless(whyNot('apt'), 'the order of versions', () => {
  test('is that of the real rpm, for two thousand pairs', async () => {
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 2000, seed: 1 });
    const script = pairs.map(([a, b]) => `print(rpm.vercmp("${a}","${b}").." ")`).join('\n');
    const answers = (await run('rpm', ['--eval', `%{lua:${script}}`])).trim().split(/\s+/).map(Number);
    expect(answers).toHaveLength(pairs.length);
    const differing = pairs.filter(([a, b], index) => Math.sign(compareSegments(a, b)) !== answers[index]);
    expect(differing).toEqual([]);
  });
});
