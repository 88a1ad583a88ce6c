/** A section of multipath.conf(5), `devices` for one; the file itself is the outermost, without a name. */
export interface MultipathSection {
  readonly name: string;
  readonly settings: readonly { readonly keyword: string; readonly value: string }[];
  readonly sections: readonly MultipathSection[];
}

interface OpenSection extends MultipathSection {
  readonly settings: { keyword: string; value: string }[];
  readonly sections: OpenSection[];
}

/** Which sections may begin in which; elsewhere such a word begins none. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  '': ['defaults', 'blacklist', 'blacklist_exceptions', 'devices', 'overrides', 'multipaths'],
  blacklist: ['device'],
  blacklist_exceptions: ['device'],
  devices: ['device'],
  overrides: ['protocol'],
  multipaths: ['multipath'],
};

/** Those that begin only where something follows on their line. */
const BRACED: ReadonlySet<string> = new Set(['overrides', 'protocol']);

/** Blanks, a comment, a value in quotes (two in it stand for one; the last may be missing), a brace, a word. */
const TOKEN = /[\s\u0080-\uffff]+|[!#].*|"((?:[^"]|"")*)(?:"|$)|[{}]|[^\s!#{}"\u0080-\uffff]+/g;

/**
 * Reads multipath.conf(5) as libmultipath does (libmpathutil/parser.c): line by line, a keyword and one value in each. What
 * follows on the line of an opening brace is passed over, a closing one among it: `defaults { find_multipaths yes }` sets nothing.
 */
export function readMultipathConf(text: string): MultipathSection {
  const conf: OpenSection = { name: '', settings: [], sections: [] };
  const around: OpenSection[] = [];
  let section = conf;
  for (const line of text.split('\n')) {
    const [first, second] = tokensOf(line);
    if (first === undefined || first.quoted || first.text === '{') continue;
    const keyword = first.text;
    if (keyword === '}') section = around.pop() ?? section;
    else if (WITHIN[section.name]?.includes(keyword) === true) {
      if (second === undefined && BRACED.has(keyword)) continue;
      const inner: OpenSection = { name: keyword, settings: [], sections: [] };
      section.sections.push(inner);
      around.push(section);
      section = inner;
    } else if (second !== undefined) section.settings.push({ keyword, value: second.text });
  }
  return conf;
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

function tokensOf(line: string): readonly Token[] {
  return [...line.matchAll(TOKEN)].flatMap(([text, quoted]): readonly Token[] => {
    if (quoted !== undefined) return [{ text: quoted.replaceAll('""', '"'), quoted: true }];
    return /^[\s\u0080-\uffff!#]/.test(text) ? [] : [{ text, quoted: false }];
  });
}

/** What a keyword of `defaults` is set to: of several the last; null where it is not set. */
export function defaultOf({ sections }: MultipathSection, keyword: string): string | null {
  const values = sections.filter(({ name }) => name === 'defaults').flatMap((section) => valuesOf(section, keyword));
  return values[values.length - 1] ?? null;
}

/** Every value that a keyword is given in a section and in those within it. */
export function valuesOf({ settings, sections }: MultipathSection, keyword: string): readonly string[] {
  return [
    ...settings.flatMap((setting) => (setting.keyword === keyword ? [setting.value] : [])),
    ...sections.flatMap((section) => valuesOf(section, keyword)),
  ];
}
