/** How text is dressed: colour on a terminal alone, marks that a serial console can show. */
export interface Style {
  readonly columns: number;
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const MAX_COLUMNS = 80;
const MIN_COLUMNS = 40;

/**
 * @param terminal whether standard output is one
 * @param columns its width; text is set to 80 at most
 * @param env NO_COLOR (https://no-color.org) and TERM=dumb switch colour off
 */
export function styleFor(
  terminal: boolean,
  columns: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const coloured = terminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const sgr = (code: string) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    columns: Math.max(MIN_COLUMNS, Math.min(columns ?? MAX_COLUMNS, MAX_COLUMNS)),
    good: sgr('32'),
    bad: sgr('1;31'),
    doubtful: sgr('33'),
    strong: sgr('1'),
    faint: sgr('2'),
  };
}

/** Breaks text into lines of at most `width` columns, at spaces; a longer word (a path) is cut rather than run over. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line);
      line = '';
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}

const PLAIN: Readonly<Record<string, string>> = { '…': '...', '’': "'", '‘': "'", '“': '"', '”': '"', '–': '-' };

/**
 * Text that any console can show: a serial one knows no typographic signs, and control characters that come from a
 * host must not reach the terminal.
 */
export function printable(text: string): string {
  const plain = text.replace(/[…’‘“”–]/g, (sign) => PLAIN[sign] ?? sign);
  return Array.from(plain, (character) => (isControl(character) ? '\ufffd' : character)).join('');
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    (code < 0x20 && code !== 0x0a && code !== 0x09) ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}
