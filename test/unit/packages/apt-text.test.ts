import { describe, expect, test } from '@jest/globals';
import { isPreferencesFile, parseAptPins, pinMatches } from '../../../src/packages/apt/pins.ts';
import { parseAptSimulation, parseCandidate, parseMadison } from '../../../src/packages/apt/simulation.ts';
import { aptTrouble } from '../../../src/packages/apt/trouble.ts';

describe('a pin', () => {
  test('to a version above what repositories weigh is a lock', () => {
    const text =
      '# ours\nExplanation: keep it\nPackage: linux-image-* kmod\nPin: version 6.1.0-13*\nPin-Priority: 1001\n';
    const line = 'Explanation: keep it\nPackage: linux-image-* kmod\nPin: version 6.1.0-13*\nPin-Priority: 1001';
    expect(parseAptPins(text, '/etc/apt/preferences')).toEqual([
      { name: 'linux-image-*', version: '6.1.0-13*', line, source: '/etc/apt/preferences', excludes: false },
      { name: 'kmod', version: '6.1.0-13*', line, source: '/etc/apt/preferences', excludes: false },
    ]);
  });

  test('below zero bars', () => {
    const text = 'Package: linux-image-amd64\nPin: release *\nPin-Priority: -1\n';
    expect(parseAptPins(text, 'f')).toMatchObject([{ name: 'linux-image-amd64', version: '*', excludes: true }]);
  });

  test.each([
    'Package: *\nPin: release a=bookworm-backports\nPin-Priority: 900\n',
    'Package: kmod\nPin: version 30*\nPin-Priority: 100\n',
    'Package: kmod\nPin: version 30*\n',
    'Pin: version 30*\nPin-Priority: 1001\n',
  ])('that ties no package to a version is none: %j', (text) => {
    expect(parseAptPins(text, 'f')).toEqual([]);
  });

  test('takes in packages by glob or regular expression', () => {
    expect([
      pinMatches('linux-image-*', 'linux-image-amd64'),
      pinMatches('linux-image', 'linux-image-amd64'),
      pinMatches('/^linux-(image|headers)/', 'linux-headers-amd64'),
      pinMatches('/(/', 'x'),
      pinMatches('lib[', 'lib['),
      pinMatches('k?od', 'kmod'),
    ]).toEqual([true, false, true, false, true, true]);
  });

  test('is read from files that apt reads', () => {
    expect(['99kernel', 'kernel.pref', 'kernel.bak', 'kernel~', '.x'].map(isPreferencesFile)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

test('a simulation tells what would come and what would go', () => {
  // apt 2.6
  const text = `NOTE: This is only a simulation!
Remv unzip [6.0-28]
Inst linux-image-6.1.0-56-amd64 (6.1.192-2 Debian-Security:12/oldstable-security [amd64])
Inst libc6:i386 [2.36-9] (2.36-9+deb12u10 Debian:12.15/oldstable [i386]) []
Conf linux-image-6.1.0-56-amd64 (6.1.192-2 Debian-Security:12/oldstable-security [amd64])
`;
  expect([...parseAptSimulation(text)]).toEqual([
    ['unzip', null],
    ['linux-image-6.1.0-56-amd64', '6.1.192-2'],
    ['libc6', '2.36-9+deb12u10'],
  ]);
});

test('madison tells each version once, and no sources', () => {
  const text = `     toy-a |      2.0-1 | file:/srv/repo ./ Packages
     toy-a |      1.0-2 | file:/srv/repo ./ Packages
     toy-a |      1.0-2 | http://deb.debian.org/debian bookworm/main amd64 Packages
     toy-a |      0.9-1 | http://deb.debian.org/debian bookworm/main Sources
`;
  expect(parseMadison(text, 'toy-a')).toEqual(['2.0-1', '1.0-2']);
});

test('the candidate is what an upgrade would take', () => {
  expect(parseCandidate('kmod:\n  Installed: 30-1\n  Candidate: 30-1\n  Version table:\n')).toBe('30-1');
  expect(parseCandidate('x:\n  Installed: (none)\n  Candidate: (none)\n')).toBeNull();
});

describe('the words of apt 2.6 and dpkg 1.21 when they fail', () => {
  const command = ['apt-get', 'install'];

  test.each([
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 329 (python3)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n',
    'dpkg: error: dpkg frontend lock was locked by another process with pid 329\nE: Sub-process dpkg --set-selections returned an error code (2)\n',
    'E: Could not get lock /var/cache/apt/archives/lock. It is held by process 329 (python3)\n',
  ])('while another holds the lock: %j', (output) => {
    expect(aptTrouble(command, 100, output)).toMatchObject({ code: 'busy', at: { pid: 329 } });
  });

  test('of a repository that does not answer', () => {
    const output =
      'Err:1 http://127.0.0.1:9/x ./ toy 1\n  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)\nE: Failed to fetch http://127.0.0.1:9/x/toy.deb  Could not connect\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n';
    expect(aptTrouble(command, 100, output).code).toBe('repository_unreachable');
  });

  test('of what is not to be had', () => {
    expect(aptTrouble(command, 100, "E: Version '9' for 'toy-a' was not found\n").code).toBe('version_absent');
    expect(aptTrouble(command, 100, 'E: Unable to locate package toy-zzz\n').code).toBe('package_absent');
  });

  test('of anything else keep their last lines', () => {
    const output = 'Reading package lists...\nE: Packages need to be removed but remove is disabled.\n';
    expect(aptTrouble(command, 100, output)).toMatchObject({
      code: 'command_failed',
      message: 'apt-get failed: Packages need to be removed but remove is disabled.',
      at: { exit: 100, log: output.trim().split('\n') },
    });
  });
});
