import { createHash } from 'node:crypto';
import type { Runner } from '../../system/runner.ts';
import type { PackageFiles } from '../package-files.ts';
import { rpmAnswers } from './query.ts';

/** The owner's files with their digests, below the algorithm of these (RFC 4880, 9.4); EL 5 has none to tell, and MD5. */
const FORMAT = '%|FILEDIGESTALGO?{%{FILEDIGESTALGO}}:{1}|\\n[%{FILENAMES}\\t%{FILEDIGESTS}\\n]';
const ALGORITHMS: Readonly<Record<string, string>> = { 1: 'md5', 2: 'sha1', 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const WHOLE = 512 * 1024 * 1024;

/**
 * Whether a file is just what the package brought that owns it; null where rpm's database does not tell. The file alone is read:
 * rpm's own verification would read all of the package.
 */
export async function isAsRpmBrought(files: PackageFiles, path: string, rpm: Runner): Promise<boolean | null> {
  const stdout = await rpmAnswers(rpm, ['-q', '--qf', FORMAT, '-f', '--', path]);
  return compareWithRpm(files, path, stdout);
}

/** @param stdout what rpm printed for FORMAT; other lines say that nothing owns the file */
export function compareWithRpm(files: PackageFiles, path: string, stdout: string): boolean | null {
  const bytes = files.bytes(path, WHOLE);
  if (bytes === null) return null;
  let algorithm: string | undefined;
  let known: boolean | null = null;
  for (const line of stdout.split('\n')) {
    const [name = '', digest] = line.split('\t');
    if (digest === undefined) algorithm = ALGORITHMS[name] ?? algorithm;
    else if (digest !== '' && algorithm !== undefined && files.real(name) === files.real(path)) {
      const fits = createHash(algorithm).update(bytes).digest('hex') === digest;
      // Several packages may own a file: as any of them brought it is well.
      known = known === true || fits;
    }
  }
  return known;
}
