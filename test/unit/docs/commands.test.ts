import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { explain, knownCodes } from '../../../src/ops/explain.ts';
import { command, parse } from '../cli/command.ts';

const top = fileURLToPath(new URL('../../../', import.meta.url));
const COMMANDS = ['check', 'inspect', 'repair', 'rebuild', 'reinstall', 'lock', 'unlock', 'call'];

/** The command lines of ours in a text, each without what is told beside it. */
function commandLinesIn(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/(?:^\s*(?:\$ )?|`|; |\| )bellwether ([^`\n]+)/gm)]
    .map(([, line = '']) => line.split(/\s{2,}|\s#|; |\s[|>]\s/)[0] ?? '')
    .map((line) => line.trim().replace(/\|\w+/g, '').split(/\s+/))
    .filter(([name = '']) => COMMANDS.includes(name) || name.startsWith('-'));
}

const texts: readonly (readonly [string, () => Promise<string> | string])[] = [
  ...['README.md', ...readdirSync(`${top}docs`).map((name) => `docs/${name}`)].map(
    (path) => [path, () => readFileSync(top + path, 'utf8')] as const,
  ),
  ...COMMANDS.map((name) => [`the help of ${name}`, async () => (await command(name, '--help')).stdout] as const),
  ['the help', async () => (await command('--help')).stdout],
  [
    'the cures',
    () =>
      knownCodes()
        .flatMap((code) => explain(code).cure)
        .join('\n'),
  ],
];

test('every command line of ours that is written down is one', async () => {
  let count = 0;
  for (const [where, read] of texts)
    for (const line of commandLinesIn(await read())) {
      count += 1;
      expect({ where, line, ...(await parse(...line)) }).toEqual({ where, line, status: 0, stdout: '', stderr: '' });
    }
  expect(count).toBeGreaterThan(60);
});

test('no line of any help is wider than a terminal', async () => {
  for (const args of [['--help'], ...COMMANDS.map((name) => [name, '--help'])])
    for (const line of (await command(...args)).stdout.split('\n'))
      expect({ args, line, width: Math.max(80, line.length) }).toEqual({ args, line, width: 80 });
});
