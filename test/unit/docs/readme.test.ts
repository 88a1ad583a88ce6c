import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderCheck } from '../../../src/cli/render/check-text.ts';
import { styleFor } from '../../../src/cli/render/style.ts';
import { perform } from '../../../src/ops/perform.ts';
import { validateRequest } from '../../../src/protocol/parse-request.ts';
import { expectKind } from '../../support/answers.ts';

const top = new URL('../../../', import.meta.url);
const readme = readFileSync(new URL('README.md', top), 'utf8');

test('the picture in the README is what the program prints', async () => {
  const shown = /<!-- output: check --root (\S+) -->\s+```\n([^]*?)```/.exec(readme);
  const root = fileURLToPath(new URL(shown?.[1] ?? '', top));
  const request = { protocol: 1, op: 'check', root };
  const answer = expectKind('check', await perform(validateRequest(request), Date.now(), new AbortController().signal));
  expect(shown?.[2]).toBe(renderCheck(answer, styleFor(false, 80, {}), root));
});

test('every file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect([link, existsSync(new URL(link, top))]).toEqual([link, true]);
});
