import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { walkKmodIndex } from '../../../src/image/kmod-index.ts';
import { searchKmodIndex } from '../../../src/image/kmod-search.ts';
import { mutate } from './mutate.ts';

const sheep = new URL(
  '../../../examples/sheep/sound/usr/lib/modules/6.1.0-56-amd64/modules.alias.bin',
  import.meta.url,
);
const index = readFileSync(sheep);

test('a search finds every pattern that a walk finds to begin alike', () => {
  const pairs: [string, string][] = [];
  walkKmodIndex(index, (pattern, module) => pairs.push([pattern, module]));
  expect(pairs.length).toBeGreaterThan(50);
  const literal = (pattern: string) => /^[^*?[\\]*/.exec(pattern)?.[0] ?? '';
  for (const [pattern] of pairs) {
    const alias = pattern.replace(/[*?]/g, 'x');
    const expected = pairs.filter(([other]) => alias.startsWith(literal(other)));
    expect([pattern, searchKmodIndex(index, alias).map(String).sort()]).toEqual([pattern, expected.map(String).sort()]);
  }
});

test('a search for what nobody claims finds nothing', () => {
  expect(searchKmodIndex(index, 'nosuchbus:v1')).toEqual([]);
  expect(searchKmodIndex(Buffer.alloc(0), 'virtio:d00000002v00001AF4')).toEqual([]);
  expect(searchKmodIndex(index.subarray(0, 12), 'virtio:d00000002v00001AF4')).toEqual([]);
});

test('a search through damaged bytes comes to an end', () => {
  for (let round = 0; round < 2_000; round++) {
    const { bytes, what } = mutate(index, round);
    expect(() => [what, searchKmodIndex(bytes, 'virtio:d00000002v00001AF4')]).not.toThrow();
  }
});
