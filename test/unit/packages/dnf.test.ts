import { describe, expect, it } from '@jest/globals';
import { runDnf } from '../../../src/packages/dnf/run.ts';
import { movedTo, parseDnfTransaction } from '../../../src/packages/dnf/transaction.ts';
import { dnfTrouble } from '../../../src/packages/dnf/trouble.ts';
import { parseHolder } from '../../../src/packages/rpm/lock.ts';
import { scriptedRunner } from './scripted-runner.ts';

/** `dnf --assumeno upgrade`, dnf 4.14, on the EL-like sheep with the older of two kernels */
const UPGRADE = `sheep                                           4.4 MB/s | 4.7 kB     00:00    
Dependencies resolved.
================================================================================
 Package                    Architecture Version              Repository   Size
================================================================================
Installing:
 kernel                     x86_64       4.18.0-373.el8       sheep       5.6 k
 kernel-core                x86_64       4.18.0-373.el8       sheep       7.9 M
Upgrading:
 bind                       x86_64       32:9.11.36-11.el8    sheep       2.1 M
 kernel-headers             x86_64       4.18.0-373.el8       sheep       6.2 k
     replacing  glibc-kernheaders.x86_64 3.0-46
Removing:
 kernel-core                x86_64       4.18.0-240.el8       @System     8.2 M
Skipping packages with broken dependencies:
 kernel-modules             x86_64       4.18.0-373.el8       sheep       2.4 M

Transaction Summary
================================================================================
Install  2 Packages
Upgrade  2 Packages
`;

/** `dnf --assumeno install kmod`, dnf 4.14, with a repository of a long name: the columns go on below */
const WRAPPED = `Dependencies resolved.
================================================================================
 Package
      Arch   Version     Repository                                        Size
================================================================================
Installing:
 kernel-modules-extra-matched
      x86_64 4.18.0-373.el8
                         rhel-8-for-x86_64-baseos-debug-rpms-of-the-place  86 k
 kmod x86_64 25-18.el8   rhel-8-for-x86_64-baseos-debug-rpms-of-the-place  86 k

Transaction Summary
================================================================================
Install  2 Packages
`;

const at = (name: string, version: string) => ({ name, version, arch: 'x86_64' });
const trouble = (output: string) => dnfTrouble(['dnf', 'install'], 1, output);

describe('what dnf 4 would do', () => {
  const rows = parseDnfTransaction(UPGRADE);

  it('a package moves to what the table installs or upgrades', () => {
    expect(movedTo(rows, at('kernel-core', '4.18.0-348.el8'))).toBe('4.18.0-373.el8');
    expect(movedTo(rows, at('kernel-headers', '4.18.0-348.el8'))).toBe('4.18.0-373.el8');
    expect(movedTo(rows, at('bind', '32:9.11.36-1.el8'))).toBe('32:9.11.36-11.el8');
  });

  it('what the table does not name, skips, or replaces in another architecture stays', () => {
    expect(movedTo(rows, at('kmod', '25-19.el8'))).toBeNull();
    expect(movedTo(rows, at('kernel-modules', '4.18.0-348.el8'))).toBeNull();
    expect(movedTo(rows, { ...at('kernel-headers', '4.18.0-348.el8'), arch: 'i686' })).toBeNull();
  });

  it('a kernel that goes because there are too many does not stay', () => {
    const removal = rows.filter(({ section }) => section === 'Removing');
    expect(movedTo(removal, at('kernel-core', '4.18.0-240.el8'))).toBe('none: it would be removed');
    expect(movedTo(removal, at('kernel-core', '4.18.0-348.el8'))).toBeNull();
  });

  it('a row that does not fit goes on in the next lines', () => {
    expect(parseDnfTransaction(WRAPPED)).toEqual([
      { section: 'Installing', ...at('kernel-modules-extra-matched', '4.18.0-373.el8') },
      { section: 'Installing', ...at('kmod', '25-18.el8') },
    ]);
  });

  it('nothing to do is no table', () => {
    expect(parseDnfTransaction('Dependencies resolved.\nNothing to do.\nComplete!\n')).toEqual([]);
  });
});

describe('what a failed dnf 4 says', () => {
  it.each([
    ['metadata already locked by 261\n  The application with PID 261 is: dnf\n    Memory : 1.8 M RSS\n', 261],
    ['RPMDB already locked by 7\n', 7],
  ])('%j: another is at work', (output, pid) => {
    expect(trouble(output)).toMatchObject({ code: 'busy', at: { pid } });
  });

  it('a repository that is gone', () => {
    expect(
      trouble(`sheep                                           0.0  B/s |   0  B     00:00    
Errors during downloading metadata for repository 'sheep':
  - Curl error (37): Couldn't read a file:// file for file:///srv/repo/repodata/repomd.xml
Error: Failed to download metadata for repo 'sheep': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried
`),
    ).toMatchObject({
      code: 'repository_unreachable',
      message: expect.stringMatching(/^Failed to download metadata for repo 'sheep'/),
    });
  });

  it.each([
    'Package kmod available, but not installed.\nNo match for argument: kmod-25-18.el8.x86_64\nError: No packages marked for reinstall.\n',
    'No match for argument: kernel-core-4.18.0-400.el8.x86_64\nError: Unable to find a match: kernel-core-4.18.0-400.el8.x86_64\n',
  ])('%j: the version is not there', (output) => {
    expect(trouble(output)).toMatchObject({ code: 'version_absent' });
  });

  it('a version that is locked out is there', () => {
    expect(
      trouble(
        'All matches were filtered out by exclude filtering for argument: kernel-core-4.18.0-373.el8.x86_64\nError: Unable to find a match: kernel-core-4.18.0-373.el8.x86_64\n',
      ),
    ).toMatchObject({ code: 'command_failed', message: expect.stringContaining('locked out') });
  });

  it('no room on /boot is told as that, elsewhere as it is', () => {
    const full = (path: string) =>
      `Error: Transaction test error:\n  installing package kernel-core needs 5MB more space on the ${path} filesystem\n\nError Summary\n-------------\nDisk Requirements:\n   At least 5MB more space needed on the ${path} filesystem.\n`;
    expect(trouble(full('/boot'))).toMatchObject({ code: 'boot_full' });
    expect(trouble(full('/'))).toMatchObject({
      code: 'command_failed',
      message:
        'dnf failed: Transaction test error: installing package kernel-core needs 5MB more space on the / filesystem',
    });
  });
});

describe('a dnf that waits', () => {
  it('for another transaction of rpm is ended, and the holder named', async () => {
    const { runner } = scriptedRunner(([program]) => {
      if (program === 'stat') return { stdout: '163\n' };
      if (program === 'cat') return { stdout: '1: POSIX  ADVISORY  WRITE 213 00:28:163 0 EOF\n' };
      return {
        exit: 1,
        stderr:
          "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\n",
      };
    });
    await expect(runDnf(runner, ['dnf', 'install'])).rejects.toMatchObject({ code: 'busy', at: { pid: 213 } });
  });

  it('holders are found by inode, and by writing alone', () => {
    const locks = `1: FLOCK  ADVISORY  WRITE 90 fd:01:163 0 EOF
2: POSIX  ADVISORY  READ  91 00:28:164 128 128
3: POSIX  ADVISORY  WRITE 92 00:28:164 0 EOF
3: -> POSIX  ADVISORY  WRITE 93 00:28:165 0 EOF
`;
    expect(parseHolder(locks, '164')).toBe(92);
    expect(parseHolder(locks, '165')).toBeNull();
    expect(parseHolder(locks, '')).toBeNull();
  });
});
