import { wrap } from './style.ts';

/**
 * A cure as lines of at most `width` columns: prose wrapped, each command (in backquotes, of two words or more) on lines
 * of its own, continued by a backslash where it is long, so that it can be copied as it stands.
 */
export function cureLines(text: string, width: number): readonly string[] {
  return text.split('`').flatMap((part, index, parts) => {
    const quoted = index % 2 === 1;
    if (quoted && part.includes(' ')) return commandLines(part, width - 2).map((line) => `  ${line}`);
    if (quoted) return [];
    return wrap(proseAround(parts, index), width);
  });
}

/** The prose between two commands, with the single words in backquotes (names, paths) left in it. */
function proseAround(parts: readonly string[], index: number): string {
  if (index > 0 && !isCommand(parts, index - 1)) return '';
  let prose = parts[index] ?? '';
  for (let at = index; at + 2 < parts.length && !isCommand(parts, at + 1); at += 2) {
    prose += `${parts[at + 1] ?? ''}${parts[at + 2] ?? ''}`;
  }
  // What joined it to the command before, or opened a bracket for the one behind, has nothing to join now.
  return prose.replace(/^[\s,;.)]+/, '').replace(/[\s(]+$/, '');
}

function isCommand(parts: readonly string[], index: number): boolean {
  return (parts[index] ?? '').includes(' ');
}

/** Breaks a command between its words, quoted ones kept whole. */
function commandLines(command: string, width: number): readonly string[] {
  const words = command.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const indent = lines.length === 0 ? '' : '  ';
    if (line !== '' && line.length + 1 + word.length > width - 2) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else {
      line = line === '' ? `${indent}${word}` : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
