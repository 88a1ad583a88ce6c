import { describe, expect, it } from '@jest/globals';
import { openDnf5 } from '../../../src/packages/dnf5/dnf5.ts';
import { planDnf5Lock, planDnf5Unlock } from '../../../src/packages/dnf5/locking.ts';
import { parseTransaction } from '../../../src/packages/dnf5/transaction.ts';
import { dnf5Trouble } from '../../../src/packages/dnf5/trouble.ts';
import {
  formatVersionlockFile,
  lockOf,
  parseVersionlockList,
  type LockEntry,
} from '../../../src/packages/dnf5/versionlock.ts';
import type { PackageManager } from '../../../src/packages/types.ts';
import type { CommandResult } from '../../../src/system/run-command.ts';

/** `dnf5 versionlock list`, dnf5 5.4.6 */
const LIST = `# why
Package name: bash
evr < 6
arch = x86_64

Package name: kernel-core
evr != 4.18.0-999.el8

Package name: kernel*
evr = 4.18.0-348.el8

# Added by 'versionlock add' command on 2026-11-21 17:57:58
Package name: kmod
evr = 0:25-348.el8

# two
lines
Package name: empty # entry is invalid: missing package conditions

Package name: bad
color = red # invalid condition key "color"
`;

/** `/etc/dnf/versionlock.toml` after `dnf5 versionlock add kernel-core kmod`, 5.4.6 */
const FILE = `version = "1.0"

[[packages]]
name = "kernel-core"
comment = "Added by 'versionlock add' command on 2026-11-21 17:57:23"

[[packages.conditions]]
key = "evr"
comparator = "="
value = "4.18.0-348.el8"

[[packages]]
name = "kmod"
comment = "Added by 'versionlock add' command on 2026-11-21 17:57:23"

[[packages.conditions]]
key = "evr"
comparator = "="
value = "25-348.el8"

`;

/** `dnf5 --assumeno upgrade` on stdout, 5.4.6, with `installonly_limit=2` and two kernels. */
const UPGRADE = `Package                                                                         Arch   Version                                                       Repository      Size
Removing:
 kernel-default                                                                 x86_64 0:5.14.21-150500.55.1                                         lab          8.0   B
Upgrading:
 kernel-modules-extra-matched-with-a-very-long-name-indeed-for-real             x86_64 0:1.23456789.123456789.20261121git1234567890abcdef-300.2.fc42 lab          0.0   B
   replacing kernel-modules-extra-matched-with-a-very-long-name-indeed-for-real x86_64 0:1.23456789.123456789.20261121git1234567890abcdef-300.1.fc42 lab          0.0   B
 kmod                                                                           x86_64 0:25-19.el8                                                   lab        174.4 KiB
   replacing kmod                                                               x86_64 0:25-18.el8                                                   lab        174.4 KiB
Installing:
 kernel-default                                                                 x86_64 0:5.14.21-150500.55.12                                        lab          8.0   B
 kernel-default-devel                                                           x86_64 0:5.14.21-150500.55.12                                        lab          2.0   B

Transaction Summary:
 Installing:         2 packages
 Upgrading:          2 packages
 Replacing:          2 packages
 Removing:           1 package

`;

const entries = parseVersionlockList(LIST);
const entry = (name: string, value: string): LockEntry => ({
  name,
  comment: '',
  conditions: [{ key: 'evr', comparator: '=', value }],
  fault: null,
});
const packageOf = (name: string, version: string) => ({ name, version, arch: 'x86_64', kernel: null });

describe('the list of locks', () => {
  it('is read with comments, patterns, and what dnf passes over', () => {
    expect(entries.map(({ name, comment, fault }) => [name, comment, fault])).toEqual([
      ['bash', 'why', null],
      ['kernel-core', '', null],
      ['kernel*', '', null],
      ['kmod', "Added by 'versionlock add' command on 2026-11-21 17:57:58", null],
      ['empty', 'two\nlines', 'entry is invalid: missing package conditions'],
      ['bad', '', 'invalid condition key "color"'],
    ]);
  });

  it('is told as versions, without an epoch of 0, and what is not one version as it stands', () => {
    expect(
      entries
        .slice(0, 4)
        .map(lockOf)
        .map(({ version, excludes }) => [version, excludes]),
    ).toEqual([
      ['evr < 6, arch = x86_64', false],
      ['4.18.0-999.el8', true],
      ['4.18.0-348.el8', false],
      ['25-348.el8', false],
    ]);
  });

  it('is written as dnf writes it', () => {
    const comment = "Added by 'versionlock add' command on 2026-11-21 17:57:23";
    const both = [entry('kernel-core', '4.18.0-348.el8'), entry('kmod', '25-348.el8')];
    expect(formatVersionlockFile(both.map((each) => ({ ...each, comment })))).toBe(FILE);
  });

  it('is written so that no name and no comment becomes a line of its own', () => {
    const odd = { ...entry('a"\n[[packages]]\nname = "b', '1-1'), comment: '\u007f\\' };
    expect(formatVersionlockFile([odd]).split('\n').slice(2, 5)).toEqual([
      '[[packages]]',
      'name = "a\\"\\n[[packages]]\\nname = \\"b"',
      'comment = "\\u007f\\\\"',
    ]);
  });
});

describe('a plan for locks', () => {
  it('adds by dnf what nothing stands in the way of', () => {
    const wanted = [packageOf('kmod', '25-348.el8'), packageOf('--all', '1-1'), packageOf('--all', '1-1')];
    const plan = planDnf5Lock(entries, entries.slice(0, 4).map(lockOf), wanted, true);
    expect(plan.remove).toEqual([]);
    expect(plan.commands.map(({ command }) => command)).toEqual([
      ['dnf5', '--assumeyes', 'versionlock', 'add', '--', '--all-1-1'],
    ]);
  });

  it('writes the file where another version and an exclusion must go, and keeps a pattern that says the same', () => {
    const standing = [...entries, entry('kernel-core', '4.18.0-373.el8')];
    const wanted = [packageOf('kernel-core', '4.18.0-348.el8')];
    const plan = planDnf5Lock(standing, standing.filter(({ fault }) => fault === null).map(lockOf), wanted, true);
    expect(plan.remove.map(({ line }) => line)).toEqual([
      'kernel-core evr != 4.18.0-999.el8',
      'kernel-core evr = 4.18.0-373.el8',
    ]);
    expect(plan.add.map(({ line }) => line)).toEqual(['kernel-core evr = 4.18.0-348.el8']);
    expect(plan.commands).toHaveLength(1);
    const input = plan.commands[0]?.input ?? '';
    expect(input.match(/^name = .*$/gm)).toEqual([
      'name = "bash"',
      'name = "kernel*"',
      'name = "kmod"',
      'name = "empty"',
      'name = "bad"',
      'name = "kernel-core"',
    ]);
  });

  it('leaves other locks alone where it is not exclusive', () => {
    const standing = [entry('kmod', '25-373.el8')];
    const plan = planDnf5Lock(standing, standing.map(lockOf), [packageOf('kmod', '25-348.el8')], false);
    expect(plan).toMatchObject({ remove: [], commands: [{ command: expect.arrayContaining(['kmod-25-348.el8']) }] });
  });

  it('deletes by name only where all of that name goes', () => {
    const two = [entry('kmod', '1-1'), entry('kmod', '2-1'), entry('bash', '1-1')];
    const [first, second] = two.map(lockOf);
    expect(planDnf5Unlock(two, [first!, second!]).commands[0]?.command).toEqual([
      'dnf5',
      '--assumeyes',
      'versionlock',
      'delete',
      '--',
      'kmod',
    ]);
    expect(planDnf5Unlock(two, [second!]).commands[0]).toMatchObject({
      command: expect.arrayContaining(['/bin/sh', '/etc/dnf/versionlock.toml']),
      input: formatVersionlockFile([two[0]!, two[2]!]),
    });
    expect(planDnf5Unlock(two, []).commands).toEqual([]);
  });
});

describe('the table of a transaction', () => {
  it('says what would be where, what is replaced left out', () => {
    expect(parseTransaction(UPGRADE).map(({ section, name, version }) => [section, name, version])).toEqual([
      ['Removing', 'kernel-default', '5.14.21-150500.55.1'],
      [
        'Upgrading',
        'kernel-modules-extra-matched-with-a-very-long-name-indeed-for-real',
        '1.23456789.123456789.20261121git1234567890abcdef-300.2.fc42',
      ],
      ['Upgrading', 'kmod', '25-19.el8'],
      ['Installing', 'kernel-default', '5.14.21-150500.55.12'],
      ['Installing', 'kernel-default-devel', '5.14.21-150500.55.12'],
    ]);
    expect(parseTransaction('Nothing to do.\n')).toEqual([]);
  });
});

/** `dnf5 --assumeno --no-best upgrade`, 5.4.6, with a lock on kernel-default */
const SKIPPING = `Package Arch   Version Repository      Size
Skipping packages with broken dependencies:
 needy  noarch 2-1     lab          0.0   B

Nothing to do.
`;

/** `dnf5 --assumeno --best upgrade`, on stderr, in part */
const UNRESOLVED = `Repositories loaded.
Failed to resolve the transaction:
Problem: package needy-2-1.noarch from lab requires kernel-default = 5.14.21-150500.55.12, but none of the providers can be installed
`;

describe('what an upgrade would move', () => {
  const needy = { name: 'needy', version: '1-1', arch: 'noarch' };
  const answering = (result: CommandResult): PackageManager =>
    openDnf5({ root: '/', run: () => Promise.resolve(result) });

  it('is what it installs, not what it skips', async () => {
    expect(
      await answering({ exit: 1, stdout: SKIPPING, stderr: 'Operation aborted by the user' }).wouldMove(needy),
    ).toBeNull();
    const kmod = { name: 'kmod', version: '25-18.el8', arch: 'x86_64' };
    const upgrade = answering({ exit: 1, stdout: UPGRADE, stderr: 'Operation aborted by the user' });
    expect(await upgrade.wouldMove(kmod)).toBe('25-19.el8');
    expect(await upgrade.wouldMove({ ...kmod, arch: 'i686' })).toBeNull();
  });

  it('is nothing where it cannot be resolved, and an error where it fails otherwise', async () => {
    expect(await answering({ exit: 1, stdout: '', stderr: UNRESOLVED }).wouldMove(needy)).toBeNull();
    const stderr = 'Failed to download metadata (baseurl: "file:///srv") for repository "lab": Usable URL not found';
    await expect(answering({ exit: 1, stdout: '', stderr }).wouldMove(needy)).rejects.toMatchObject({
      code: 'repository_unreachable',
    });
  });
});

describe('the words of a failed dnf 5', () => {
  const codeOf = (words: string): string => dnf5Trouble(['dnf5'], 1, words).code;

  it.each([
    ['Failed to resolve the transaction:\nNo match for argument: kmod-25-300.el8.x86_64', 'version_absent'],
    [
      "Failed to resolve the transaction:\nPackages for argument 'kmod-25-18.el8.x86_64' installed, but not available.",
      'version_absent',
    ],
    [
      'Failed to download metadata (baseurl: "file:///srv/gone") for repository "lab": Usable URL not found',
      'repository_unreachable',
    ],
    [
      '>>> Curl error (37): Could not read a file:// file\n>>> Usable URL not found\nRepositories loaded.\nNo match for argument: kmod',
      'repository_unreachable',
    ],
    [
      "Failed to resolve the transaction:\nArgument 'kernel-core-4.18.0-373.el8' matches only packages excluded by versionlock.",
      'command_failed',
    ],
    ['Failed to obtain rpm transaction lock. Another transaction is in progress.', 'busy'],
    [
      'Transaction failed: Rpm transaction failed.\n  - installing package kernel-core-5-1.x86_64 needs 12MB more space on the /boot filesystem',
      'boot_full',
    ],
    ["terminate called after throwing an instance of 'toml::syntax_error'", 'command_failed'],
    ['', 'command_failed'],
  ])('%j', (words, code) => {
    expect(codeOf(words)).toBe(code);
  });
});
