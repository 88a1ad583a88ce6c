import type { DamagedFile } from '../../protocol/messages.ts';

type Difference = DamagedFile['differs'][number];

/** The columns of `dpkg --verify`, which are those of `rpm -V`; dpkg itself fills in only the mode and the digest. */
const COLUMNS: readonly (readonly [sign: string, difference: Difference])[] = [
  ['S', 'size'],
  ['M', 'mode'],
  ['5', 'digest'],
  ['D', 'device'],
  ['L', 'link'],
  ['U', 'owner'],
  ['G', 'group'],
  ['T', 'mtime'],
  ['P', 'capabilities'],
];
const LINE = /^(?:(?<missing>missing)\s{2}|(?<columns>[SM5DLUGTP.?]{9}))\s(?<kind>[cdglr ]?)\s(?<path>\/.*)$/;
/** A file that could not be looked at: dpkg adds the reason. */
const REASON = / \([^()]*\)$/;
const DOCUMENTATION = /^\/usr\/share\/(?:doc|doc-base|info|locale|lintian|man|bug|reportbug)(?:\/|$)/;

/**
 * What `dpkg --verify` prints of one package, one file a line. Configuration and documentation differ without harm.
 * dpkg(1), "--verify".
 */
export function parseDpkgVerify(text: string): readonly DamagedFile[] {
  return text.split('\n').flatMap((line) => {
    const { missing, columns, kind, path } = LINE.exec(line)?.groups ?? {};
    if (path === undefined) return [];
    const differs: Difference[] =
      missing === undefined
        ? COLUMNS.filter((_, at) => columns?.[at] === COLUMNS[at]?.[0]).map(([, what]) => what)
        : ['missing'];
    if (differs.length === 0) return [];
    const where = missing === undefined ? path : path.replace(REASON, '');
    return [{ path: where, differs, harmless: kind === 'c' || kind === 'd' || isDocumentation(where) }];
  });
}

/** Whether nothing that runs reads it. */
export function isDocumentation(path: string): boolean {
  return DOCUMENTATION.test(path);
}
