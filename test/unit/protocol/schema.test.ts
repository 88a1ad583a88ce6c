import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BOOT_ORDER } from '../../../src/boot/judge.ts';
import { ANSWERS, REQUESTS } from '../../../src/protocol/messages.ts';
import { VERSION } from '../../../src/protocol/version.ts';
import { CHECKPOINTS, OPERATIONS } from '../../../src/protocol/words.ts';
import { runScript } from '../../support/run-script.ts';

const top = new URL('../../../', import.meta.url);

test('the published schemas are what the source declares', async () => {
  expect(await runScript('scripts/generate.mjs', ['--check'])).toEqual({ exit: 0, output: '' });
});

test('every message has a schema, and every schema a message', () => {
  const expected = [
    ...Object.keys(ANSWERS).map((name) => `answer-${name}.json`),
    ...Object.keys(REQUESTS).map((name) => `request-${name}.json`),
  ];
  expect(readdirSync(fileURLToPath(new URL('schema', top))).sort()).toEqual(expected.sort());
  expect(Object.keys(REQUESTS).sort()).toEqual([...OPERATIONS].sort());
});

test('the version is one', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', top), 'utf8'));
  expect(manifest).toMatchObject({ version: VERSION });
});

test('the rules and the protocol have the same checkpoints in the same order', () => {
  expect(BOOT_ORDER).toEqual(CHECKPOINTS);
});
