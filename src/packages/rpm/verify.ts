import { BellwetherError } from '../../protocol/errors.ts';
import type { DamagedFile, Difference } from '../../protocol/messages.ts';
import type { Runner } from '../../system/runner.ts';
import { queryRpm, rpmAnswers } from './query.ts';
import type { Verified } from '../types.ts';

/** The columns of `rpm -V`, in any number: EL 5 has eight, later ones nine. rpm(8), VERIFY OPTIONS */
const COLUMNS: Readonly<Record<string, Difference>> = {
  S: 'size',
  M: 'mode',
  '5': 'digest',
  D: 'device',
  L: 'link',
  U: 'owner',
  G: 'group',
  T: 'mtime',
  P: 'capabilities',
};
/** Artifact (a link to debug data), configuration, documentation, ghost, license, readme: a host may do as it likes with them. */
const OWN_AFFAIR = /^[acdglr]$/;
const LINE =
  /^(?:(?<missing>missing)|(?<columns>[SM5DLUGTP.?]{8,12})) +(?:(?<attribute>[a-z]) )? *(?<path>\/.*?)(?: \((?<why>[^()]*)\))?$/;
/** A kernel-modules package has some thousand files, to be read whole. */
const TWENTY_MINUTES = 1200;

/** rpm's own verification of each installed package of these names, without dependencies and without any script. */
export async function verifyWithRpm(runner: Runner, names: readonly string[]): Promise<readonly Verified[]> {
  const installed = await queryRpm(runner, names);
  return Promise.all(
    installed.map(async ({ name, version, arch }) => {
      const label = `${name}-${version.replace(/^\d+:/, '')}.${arch}`;
      const stdout = await rpmAnswers(runner, ['-V', '--nodeps', '--noscripts', '--', label], TWENTY_MINUTES);
      const files = parseVerification(stdout);
      return { name, version, arch, files, damaged: files.some(({ harmless }) => !harmless) };
    }),
  );
}

/**
 * What `rpm -V` printed, sorted by path. A test that could not be made (`?`) is no difference, save for a file that could not
 * be looked at at all.
 * @throws BellwetherError `command_failed` naming a line that is none of rpm's: what is not understood is not sound
 */
export function parseVerification(stdout: string): readonly DamagedFile[] {
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  return lines.map(parseLine).sort((a, b) => Number(a.path > b.path) - Number(a.path < b.path));
}

function parseLine(line: string): DamagedFile {
  const { missing, columns = '', attribute = '', path, why } = LINE.exec(line)?.groups ?? {};
  if (path === undefined) throw new BellwetherError('command_failed', `rpm -V: not understood: ${line}`);
  // `missing PATH (Permission denied)` is a file in a folder that cannot be entered: root can.
  if (why !== undefined && missing === undefined) {
    throw new BellwetherError('not_permitted', `${path} cannot be verified: ${why}`, { hint: 'run it as root' });
  }
  const differs = missing === undefined ? differences(columns) : (['missing'] as const);
  const harmless = OWN_AFFAIR.test(attribute) || differs.every((each) => each === 'mtime') || prelinked(columns);
  return { path, differs: [...differs], harmless };
}

function differences(columns: string): readonly Difference[] {
  return Array.from(columns, (column) => COLUMNS[column] ?? []).flat();
}

/**
 * prelink (EL 7 and older) rewrites programs in place, and rpm asks it for the digest of what was there before. Where it
 * has none to give, the size and the digest prove nothing.
 */
function prelinked(columns: string): boolean {
  return columns[2] === '?' && /^S?\.\?[.T]*$/.test(columns.replace(/^\./, ''));
}
