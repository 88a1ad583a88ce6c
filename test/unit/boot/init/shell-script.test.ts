import { describe, expect, test } from '@jest/globals';
import { readScript } from '../../../../src/boot/userspace/scripts/shell-script.ts';

function called(text: string) {
  const script = readScript(text);
  return script?.commands.map(({ words, certain }) => `${certain ? '' : '? '}${words.join(' ')}`);
}

describe('what a script is sure to call', () => {
  test.each([
    ['one after the other', 'a 1; b\nc & d', ['a 1', 'b', 'c', 'd']],
    ['and what it calls where something else went well or not', 'a && b || c; d', ['a', '? b', '? c', 'd']],
    ['the first of a pipe', 'a | b', ['a', 'b']],
    [
      'a condition, and no branch',
      'if a; then b; elif c; then d; else e; fi; f',
      ['a', '? b', '? c', '? d', '? e', 'f'],
    ],
    ['no body of a loop', 'while a; do b; done < /proc/x\nfor x in $(c) d; do e; done', ['a', '? b', '? e']],
    ['no case', 'case "$x" in (a|b) c ;; *) d;; esac; e', ['? c', '? d', 'e']],
    ['what stands in braces and parentheses', '{ a; b; } > /dev/null 2>&1; (c; d)', ['a', 'b', 'c', 'd']],
    ['with words assigned before it', 'X=1 Y="$(z)" a; Z=2', ['a']],
    ['without what is redirected', 'a 2>/dev/null <"$f" b >> /run/c', ['a b']],
    ['without comments', 'a # b\n#c\nd#e', ['a', 'd#e']],
    ['with lines that go on', 'a \\\n  b', ['a b']],
    ['with quotes kept in their words', `a "b ) $(c "d)") it's" 'e;f' g\\ h`, [`a "b ) $(c "d)") it's" 'e;f' g\\ h`]],
    ['past a here-document', 'a <<X; b\n$(c) `\nX\nd <<-"Y"\n\t"\n\tY\n', ['a', 'b', 'd']],
    ['past expansions', 'a ${x:-"}"} $((1 + (2))) `b "c"`; d', ['a ${x:-"}"} $((1 + (2))) `b "c"`', 'd']],
    ['not what a function does', 'f() {\n a\n}\nf', ['f']],
  ])('%s', (_name, text, commands) => {
    expect(called(text)).toEqual(commands);
  });

  test('functions are kept apart', () => {
    const script = readScript('f() { a; g() (b); }\nh ()\n{\n  c && d\n}\nif x; then h() { e; }; fi\n');
    expect([...(script?.functions ?? [])].map(([name, body]) => [name, body.map(({ words }) => words[0])])).toEqual([
      ['g', ['b']],
      ['f', ['a']],
      ['h', ['c', 'd', 'e']],
    ]);
  });
});

describe('a script that ends in the middle', () => {
  test.each([
    'if a; then b',
    'case $x in a) b',
    'f() {\n a\n',
    'while a; do',
    'for x in a b',
    "a 'b",
    'a "b',
    'a $(b',
    'a ${b',
    'a <<X\nb\n',
    'a &&',
    'a |\n',
    'a >',
    '(a',
  ])('%j is told', (text) => {
    expect(readScript(text)?.cutOff).toBe(true);
  });
});

test.each(['a=(1 2)', 'fi', 'a; }', 'a $(case x in y) z;; esac'])('%j is not understood, and so not judged', (text) => {
  expect(readScript(text)).toBeNull();
});
