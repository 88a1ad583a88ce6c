/** One package as dpkg's database has it. deb-control(5), dpkg(1) "Package states". */
export interface DpkgPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** What is wanted of it: install, hold, deinstall, purge. */
  readonly wanted: string;
  /** installed, config-files, half-configured, unpacked… */
  readonly state: string;
  /** The source package that it was built from; its own name where the database names no other. */
  readonly source: string;
  /** Without the archive area: `contrib/kernel` is `kernel`. */
  readonly section: string;
  /** What it needs, the names alone, the first of alternatives. */
  readonly depends: readonly string[];
  readonly provides: readonly string[];
}

/** The fields that are read, as `dpkg-query --showformat` prints them in the database's own form. */
export const STATUS_FORMAT = [
  'Package',
  'Status',
  'Version',
  'Architecture',
  'Source',
  'Section',
  'Depends',
  'Provides',
]
  .map((field) => `${field}: \${${field}}\\n`)
  .join('')
  .concat('\\n');

/** States in which no file is there but configuration. */
const GONE = ['not-installed', 'config-files'];
/** States that dpkg left in the middle of its work, or that a package's script failed in. */
const UNFINISHED = ['half-installed', 'unpacked', 'half-configured'];

/** Whether its files are there, configured or not: what is only held, or has left configuration, is not. */
export function isPresent({ state }: Pick<DpkgPackage, 'state'>): boolean {
  return !GONE.includes(state);
}

/** The state of a package that is not whole: unpacked, and not configured, or not even that; null for all others. */
export function unfinishedState({ state }: Pick<DpkgPackage, 'state'>): string | null {
  return UNFINISHED.includes(state) ? state : null;
}

/**
 * The packages among the paragraphs of `/var/lib/dpkg/status`, in their order: those whose files are there, in whatever
 * state, and those that are held. No other leftover configuration.
 * @param wanted whether a package of this name, whose paragraph this is, is of interest
 */
export function parseDpkgStatus(
  text: string,
  wanted: (name: string, paragraph: string) => boolean = () => true,
): readonly DpkgPackage[] {
  return paragraphs(text).flatMap((paragraph) => {
    // The name is the first line: whoever wants a few of thousands is not to pay for all.
    const name = paragraph.startsWith(NAME)
      ? paragraph.slice(NAME.length, endOfLine(paragraph))
      : field(paragraph, 'Package');
    if (name === null || !wanted(name, paragraph)) return [];
    const [selection = '', , state = ''] = (field(paragraph, 'Status') ?? '').split(' ');
    const version = field(paragraph, 'Version');
    const isHeld = selection === 'hold';
    if (!isHeld && (!isPresent({ state }) || version === null)) return [];
    return [
      {
        name,
        version: version ?? '',
        arch: field(paragraph, 'Architecture') ?? '',
        wanted: selection,
        state,
        source: /^\S+/.exec(field(paragraph, 'Source') ?? '')?.[0] ?? name,
        section: (field(paragraph, 'Section') ?? '').replace(/^.*\//, ''),
        depends: names(field(paragraph, 'Depends')),
        provides: names(field(paragraph, 'Provides')),
      },
    ];
  });
}

/** Paragraphs of a control file: what empty lines part. */
export function paragraphs(text: string): readonly string[] {
  return text.split('\n\n').flatMap((part) => {
    const paragraph = part.startsWith('\n') ? part.replace(/^\n+/, '') : part;
    return paragraph === '' ? [] : [paragraph];
  });
}

const NAME = 'Package: ';

function endOfLine(text: string): number | undefined {
  const end = text.indexOf('\n');
  return end === -1 ? undefined : end;
}

/** The first line of a field of one paragraph; null where it is absent or empty. */
export function field(paragraph: string, name: string): string | null {
  const mark = `${name}:`;
  const at = paragraph.startsWith(mark) ? 0 : paragraph.indexOf(`\n${mark}`) + 1;
  if (at === 0 && !paragraph.startsWith(mark)) return null;
  const end = paragraph.indexOf('\n', at);
  const value = paragraph.slice(at + mark.length, end === -1 ? undefined : end).trim();
  return value === '' ? null : value;
}

/** `a (= 1) | b, c:any` leads to a and c. */
function names(relations: string | null): readonly string[] {
  return (relations ?? '').split(',').flatMap((relation) => /[^\s(|:]+/.exec(relation)?.[0] ?? []);
}
