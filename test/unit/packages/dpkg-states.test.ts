import { describe, expect, test } from '@jest/globals';
import { openApt } from '../../../src/packages/apt/apt.ts';
import { parseDpkgStatus } from '../../../src/packages/dpkg/status.ts';
import { scriptedRunner } from './scripted-runner.ts';

const paragraph = (name: string, status: string): string =>
  `Package: ${name}\nStatus: ${status}\nVersion: 1.0-1\nArchitecture: amd64\nSource: ${name}\nSection: kernel\nDepends: \nProvides: \n\n`;
const STATUS = [
  paragraph('whole', 'install ok installed'),
  paragraph('awaiting', 'install ok triggers-awaited'),
  paragraph('halfway', 'hold ok half-configured'),
  paragraph('opened', 'install ok unpacked'),
  paragraph('broken', 'install reinstreq half-installed'),
  paragraph('left', 'hold ok config-files'),
  paragraph('gone', 'deinstall ok config-files'),
  paragraph('wanted', 'hold ok not-installed').replace('Version: 1.0-1\n', ''),
].join('');

function host(verified = '') {
  const { runner, asked } = scriptedRunner(([program, ...args]) => {
    if (program === 'dpkg-query') return { stdout: STATUS };
    if (program === 'apt-cache') return { stdout: ` ${args.at(-1) ?? ''} | 1.0-1 | file:/srv/repo ./ Packages\n` };
    return { stdout: program === 'dpkg' ? verified : '' };
  });
  return { apt: openApt({ ...runner, root: '/nowhere' }), asked };
}

describe("a package in any of dpkg's states", () => {
  test('is there as long as its files are, and told where it is held', () => {
    expect(parseDpkgStatus(STATUS).map(({ name }) => name)).toEqual([
      ...['whole', 'awaiting', 'halfway', 'opened', 'broken', 'left', 'wanted'],
    ]);
  });

  test('is damaged where dpkg has not come to its end with it', async () => {
    const { apt } = host();
    const names = ['whole', 'awaiting', 'halfway', 'opened', 'broken', 'left', 'gone', 'wanted'];
    expect((await apt.verify(names)).map(({ name, damaged, unfinished }) => [name, damaged, unfinished])).toEqual([
      ['whole', false, undefined],
      ['awaiting', false, undefined],
      ['halfway', true, 'half-configured'],
      ['opened', true, 'unpacked'],
      ['broken', true, 'half-installed'],
    ]);
    expect((await apt.installed(names)).map(({ name }) => name)).toEqual(names.slice(0, 5));
  });

  test('has its hold told, and taken away', async () => {
    const { apt } = host();
    const locks = await apt.locks(['whole', 'halfway', 'left', 'wanted']);
    expect(locks.map(({ name }) => name)).toEqual(['halfway', 'left', 'wanted']);
    expect(apt.planUnlock(locks).commands.map(({ command }) => command.join(' '))).toEqual([
      'apt-mark unhold -- halfway left wanted',
    ]);
  });

  test('is but configured where its files are intact, and unpacked anew where they are not', async () => {
    const actions = async (names: readonly string[], verified?: string): Promise<readonly string[]> => {
      const { apt } = host(verified);
      return (await apt.planReinstall(await apt.verify(names), false)).map(({ action, what }) => `${action} ${what}`);
    };
    const configure = 'configure packages that are unpacked';
    expect(await actions(['halfway', 'opened'])).toEqual([configure]);
    expect(await actions(['broken'])).toEqual(['download broken', 'reinstall broken']);
    expect(await actions(['opened', 'broken'])).toEqual([configure, 'download broken', 'reinstall broken']);
    expect(await actions(['opened'], '??5??????   /usr/bin/opened\n')).toEqual(['download opened', 'reinstall opened']);
  });
});
