import { expect, test } from '@jest/globals';
import { readShellWords } from '../../../src/builders/read-shell-words.ts';

test.each([
  ['', []],
  [" --add 'lvm crypt'  -H\n", ['--add', 'lvm crypt', '-H']],
  [`a"b c"'d e'f`, ['ab cd ef']],
  [`'' ""`, ['', '']],
  ['a\\ b "c\\"d\\e" \'f\\g\'', ['a b', 'c"d\\e', 'f\\g']],
])('words of %j', (text, words) => {
  expect(readShellWords(text)?.map((word) => word.text)).toEqual(words);
});

test('whether a word was quoted is known', () => {
  expect(readShellWords("--a '--b'")).toEqual([
    { text: '--a', quoted: false },
    { text: '--b', quoted: true },
  ]);
});

test.each(["a 'b", 'a "b', 'a\\'])('%j has no end', (text) => {
  expect(readShellWords(text)).toBeNull();
});
