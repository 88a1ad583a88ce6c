import { expect, test } from '@jest/globals';
import { runScript } from '../../support/run-script.ts';

test('the catalogue of findings is what the rules say of themselves', async () => {
  expect(await runScript('scripts/findings-doc.mjs', ['--check'])).toEqual({ exit: 0, output: '' });
});
