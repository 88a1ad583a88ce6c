/** Words that a shell reads as they stand. */
const PLAIN = /^[\w@%+=:,./~-]+$/;
/** What one can see on any console. The rest (control characters, typographic signs) may not reach a terminal as it is. */
const VISIBLE = /^[\x20-\x7e]*$/;

/** A command as it could be typed: never cut, so that it can be copied. */
export function shellWords(command: readonly string[]): string {
  return command.map(shellWord).join(' ');
}

/** One word of a command line, quoted where a shell (POSIX; bash for what cannot be seen) would read it otherwise. */
export function shellWord(word: string): string {
  if (PLAIN.test(word) && !word.startsWith('~')) return word;
  if (VISIBLE.test(word)) return `'${word.replace(/'/g, `'\\''`)}'`;
  const bytes = [...Buffer.from(word)].map((byte) => {
    const sign = String.fromCharCode(byte);
    return /[\x20-\x7e]/.test(sign) && !/['\\]/.test(sign) ? sign : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}
