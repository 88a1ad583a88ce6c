import { describe, expect, it } from '@jest/globals';
import type { PackageManager } from '../../../src/packages/types.ts';
import { openZypper } from '../../../src/packages/zypper/zypper.ts';
import { linesOf, parseZypperLocks, planZypperLock, planZypperUnlock } from '../../../src/packages/zypper/locks.ts';
import { zypperTrouble } from '../../../src/packages/zypper/trouble.ts';
import { parseSolvables } from '../../../src/packages/zypper/xml.ts';

/**
 * `/etc/zypp/locks`, libzypp 17.38, after
 * `zypper al 'kernel-default != 5.14.21-150500.55.1' 'kmod = 0:25-18.el8' 'k*' 'bash < 6'`, `zypper al -r lab -m ours kmod` and
 * `zypper al -t patch kmod`
 */
const LOCKS = `
type: package
version: < 6
match_type: glob
case_sensitive: on
solvable_name: bash


type: package
match_type: glob
case_sensitive: on
solvable_name: k*


type: package
version: != 5.14.21-150500.55.1
match_type: glob
case_sensitive: on
solvable_name: kernel-default


type: package
version: = 0:25-18.el8
match_type: glob
case_sensitive: on
solvable_name: kmod


repo: lab
type: package
match_type: glob
case_sensitive: on
solvable_name: kmod
comment: ours


type: patch
match_type: glob
case_sensitive: on
solvable_name: kmod

`;

/** `zypper --non-interactive --xmlout update --dry-run`, zypper 1.14.101, in part */
const UPDATE = `<?xml version='1.0'?>
<stream>
<message type="info">Loading repository data...</message>
<install-summary download-size="24988" space-usage-diff="12" packages-to-change="4" need-restart="0" need-reboot="1">
<to-upgrade>
<solvable type="package" name="kmod" edition="25-19.el8" arch="x86_64" repository="lab" edition-old="25-18.el8" arch-old="x86_64" summary="a &lt; b &amp; c > d">
<description>k</description></solvable>
</to-upgrade>
<to-install>
<solvable type="package" name="kernel-default" edition="5.14.21-150500.55.12" arch="x86_64" repository="lab" summary="k">
<description>k</description></solvable>
</to-install>
</install-summary>
</stream>
`;

const locks = parseZypperLocks(LOCKS);
const packageOf = (name: string, version: string) => ({ name, version, arch: 'x86_64', kernel: null });

describe('the file of locks', () => {
  it('is told as zypper lists it, those on packages alone', () => {
    expect(locks.map(({ line, version, excludes }) => [line, version, excludes])).toEqual([
      ['bash < 6', '< 6', true],
      ['k*', '*', true],
      ['kernel-default != 5.14.21-150500.55.1', '5.14.21-150500.55.1', false],
      ['kmod = 25-18.el8', '25-18.el8', true],
      ['kmod in repository lab', '*', true],
    ]);
  });

  it('may be empty, or cut short', () => {
    expect(parseZypperLocks('')).toEqual([]);
    expect(parseZypperLocks('\ntype: package\nversion: != 1\nmatch_ty')).toEqual([]);
  });
});

describe('a plan for locks', () => {
  it('adds before it removes, so that at no time nothing is locked', () => {
    const plan = planZypperLock(
      locks,
      [packageOf('kmod', '25-18.el8'), packageOf('kernel-default', '5.14.21-150500.55.1')],
      true,
    );
    expect(plan.add.map(({ line }) => line)).toEqual(['kmod != 25-18.el8']);
    expect(plan.commands.map(({ command }) => command.slice(2))).toEqual([
      ['addlock', '--', 'kmod != 25-18.el8'],
      ['removelock', '--', 'k*', 'kmod = 25-18.el8'],
      ['removelock', '--repo', 'lab', '--', 'kmod'],
    ]);
  });

  it('changes nothing where all is as it should be, and leaves others where it is not exclusive', () => {
    const wanted = [packageOf('kernel-default', '5.14.21-150500.55.1')];
    const ours = locks.filter(({ name }) => name === 'kernel-default');
    expect(planZypperLock(ours, wanted, true)).toEqual({ remove: [], add: [], commands: [] });
    expect(planZypperLock(locks, wanted, false)).toEqual({ remove: [], add: [], commands: [] });
  });

  it('keeps names from becoming options', () => {
    const { commands } = planZypperLock([], [packageOf('--repo', '1-1')], true);
    expect(commands[0]?.command.slice(2)).toEqual(['addlock', '--', '--repo != 1-1']);
    expect(linesOf(commands[0]?.command ?? [])).toEqual(['--repo != 1-1']);
  });

  it('names in each command the locks that it is about', () => {
    const { commands } = planZypperUnlock(locks);
    expect(commands.flatMap(({ command }) => linesOf(command)).sort()).toEqual(locks.map(({ line }) => line).sort());
  });
});

describe("zypper's XML", () => {
  it('says what would be where', () => {
    expect(parseSolvables(UPDATE).map(({ list, attributes }) => [list, attributes.name, attributes.edition])).toEqual([
      ['to-upgrade', 'kmod', '25-19.el8'],
      ['to-install', 'kernel-default', '5.14.21-150500.55.12'],
    ]);
    expect(parseSolvables(UPDATE)[0]?.attributes.summary).toBe('a < b & c > d');
  });
});

/** `zypper --non-interactive --xmlout update --dry-run kmod`, 1.14.101, with a lock on kmod; exit status 4; in part */
const PROBLEM = `<?xml version='1.0'?>
<stream>
<message type="info">Problem: 1: conflicting requests</message>
<prompt id="1">
<description>Problem: 1: Detailed information:
- conflicting requests
 Solution 2: remove lock to allow installation of kmod-25-19.el8.x86_64[lab]
</description>
</prompt>
</stream>
`;

describe('what an update would move', () => {
  const kmod = { name: 'kmod', version: '25-18.el8', arch: 'x86_64' };
  const answering = (exit: number, stdout: string): PackageManager =>
    openZypper({ root: '/', run: () => Promise.resolve({ exit, stdout, stderr: '' }) });

  it('is what it installs', async () => {
    expect(await answering(0, UPDATE).wouldMove(kmod)).toBe('25-19.el8');
    expect(await answering(0, UPDATE).wouldMove({ ...kmod, version: '25-19.el8' })).toBeNull();
    const removal = UPDATE.replaceAll('to-upgrade', 'to-remove').replace('25-19', '25-18');
    expect(await answering(0, removal).wouldMove(kmod)).toBe('none: it would be removed');
  });

  it('is nothing where it cannot be resolved, and an error where it fails otherwise', async () => {
    expect(await answering(4, PROBLEM).wouldMove(kmod)).toBeNull();
    await expect(answering(4, '<message type="error">Cannot open</message>').wouldMove(kmod)).rejects.toMatchObject({
      code: 'command_failed',
    });
  });
});

describe('the words of a failed zypper', () => {
  it.each([
    [
      7,
      '<message type="error">System management is locked by the application with pid 79 (zypper).\nClose this application before trying again.</message>',
      { code: 'busy', at: { pid: 79 } },
    ],
    [
      106,
      '<message type="error">Repository &apos;lab&apos; is invalid.\n[lab|file:/srv/r2] Failed to retrieve new repository metadata.\nHistory:\n - x</message>',
      { code: 'repository_unreachable', message: "Repository 'lab' is invalid." },
    ],
    [104, "Package 'kmod=25-300.el8' not found.", { code: 'version_absent' }],
    [
      104,
      "'x' not found in package names. Trying capabilities.\nNo provider of 'x' found.",
      { code: 'version_absent' },
    ],
    [
      4,
      'Problem: 1: conflicting requests\n Solution 2: remove lock to allow installation of kmod-25-19.el8.x86_64[lab]',
      { code: 'command_failed', hint: expect.stringContaining('remove lock to allow installation of kmod') },
    ],
    [
      8,
      'error: installing package kernel-default-5-1.x86_64 needs 12MB more space on the /boot filesystem',
      { code: 'boot_full' },
    ],
    [
      4,
      'Problem: 1: nothing provides x',
      { code: 'command_failed', message: expect.stringContaining('nothing provides') },
    ],
    [1, '', { code: 'command_failed' }],
  ])('exit %d: %j', (exit, words, expected) => {
    expect(zypperTrouble(['zypper'], exit, words)).toMatchObject(expected);
  });
});
