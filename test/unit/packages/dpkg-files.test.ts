import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { isAsDpkgBrought } from '../../../src/packages/dpkg/files.ts';
import { intactFiles } from '../../../src/packages/intact-files.ts';
import { readPackages } from '../../../src/packages/read-packages.ts';
import { makeRoot, type Layout } from '../host/roots.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const K = '6.1.0-56-amd64';

const status = (name: string, version: string, more: readonly string[] = [], wanted = 'install'): string =>
  [
    `Package: ${name}`,
    `Status: ${wanted} ok installed`,
    'Architecture: amd64',
    `Version: ${version}`,
    ...more,
    '',
    '',
  ].join('\n');

/** A Debian with kmod, and with what differs from it. */
function debian(over: Layout = {}, without: readonly string[] = []): string {
  const layout: Layout = {
    '/lib': { link: 'usr/lib' },
    '/var/lib/dpkg/status':
      status('adduser', '3.134') +
      status('kmod', '30+20221128-1') +
      status(`linux-image-${K}`, '6.1.192-2', ['Source: linux-signed-amd64 (6.1.192+2)']) +
      status(
        'linux-image-amd64',
        '6.1.192-2',
        ['Source: linux-signed-amd64 (6.1.192+2)', `Depends: linux-image-${K} (= 6.1.192-2)`],
        'hold',
      ),
    '/var/lib/dpkg/info/kmod.list':
      '/.\n/usr/bin/kmod\n/lib/modprobe.d/aliases.conf\n/usr/share/doc/kmod/NEWS.gz\n/etc/depmod.d/x.conf\n',
    '/var/lib/dpkg/info/kmod.conffiles': '/etc/depmod.d/x.conf\n',
    '/var/lib/dpkg/info/kmod.md5sums': [
      `${md5('kmod')}  usr/bin/kmod`,
      `${md5('aliases')}  lib/modprobe.d/aliases.conf`,
      `${md5('news')}  usr/share/doc/kmod/NEWS.gz`,
      `${md5('x')}  etc/depmod.d/x.conf`,
      `${md5('gone')}  usr/bin/taken-over`,
      '',
    ].join('\n'),
    [`/var/lib/dpkg/info/linux-image-${K}.list`]: `/boot/vmlinuz-${K}\n/lib/modules/${K}/a.ko\n`,
    [`/var/lib/dpkg/info/linux-image-${K}.md5sums`]: `${md5('vmlinuz')}  boot/vmlinuz-${K}\n${md5('a')}  lib/modules/${K}/a.ko\n`,
    '/usr/bin/kmod': 'kmod',
    '/usr/lib/modprobe.d/aliases.conf': 'aliases',
    [`/boot/vmlinuz-${K}`]: 'vmlinuz',
    '/etc/depmod.d/x.conf': 'edited',
    ...over,
  };
  return makeRoot(Object.fromEntries(Object.entries(layout).filter(([path]) => !without.includes(path))));
}

function read(root: string, whole = true) {
  return readPackages(openTree(root, []), { manager: 'apt', kernels: [K], whole, rpm: null });
}
const damaged = async (over: Layout, whole = true) =>
  (await read(debian(over), whole)).damaged.flatMap(({ name, files }) =>
    files.map(({ path, differs }) => `${name} ${path} ${differs.join()}`),
  );

describe("dpkg's packages", () => {
  test('as they were installed are sound: documentation left out, configuration edited, a file taken over by another', async () => {
    expect(await damaged({})).toEqual([]);
  });

  test.each<readonly [string, Layout, readonly string[]]>([
    ['a program that was cut', { '/usr/bin/kmod': '' }, ['kmod /usr/bin/kmod digest']],
    ['a file that is gone', { '/usr/lib/modprobe.d/aliases.conf': null }, ['kmod /lib/modprobe.d/aliases.conf digest']],
    ['a kernel that was overwritten', { [`/boot/vmlinuz-${K}`]: 'x' }, [`linux-image-${K} /boot/vmlinuz-${K} digest`]],
    ['one in whose place a loop of links lies', { '/usr/bin/kmod': { link: 'kmod' } }, []],
  ])('with %s', async (_, over, expected) => {
    expect(await damaged(over)).toEqual(expected);
  });

  test('of a copy that has not all files are not held against it', async () => {
    expect(await damaged({ '/usr/bin/kmod': { link: 'nowhere' } }, false)).toEqual([]);
  });

  test('with a file that was diverted lie where it went', async () => {
    const diversions = '/usr/bin/kmod\n/usr/bin/kmod.distrib\nlocal-wrapper\n';
    const over = {
      '/var/lib/dpkg/diversions': diversions,
      '/usr/bin/kmod': '#!/bin/sh\n',
      '/usr/bin/kmod.distrib': 'kmod',
    };
    expect(await damaged(over)).toEqual([]);
    expect(await damaged({ ...over, '/usr/bin/kmod.distrib': 'broken' })).toEqual(['kmod /usr/bin/kmod digest']);
  });

  test('of which dpkg was told to leave files out miss none', async () => {
    const gone = '/usr/lib/modprobe.d/aliases.conf';
    const without = async (configured: string) =>
      (await read(debian({ '/etc/dpkg/dpkg.cfg.d/slim': configured }, [gone]))).damaged.flatMap(({ files }) => files);
    expect(await without('')).toEqual([
      { path: '/lib/modprobe.d/aliases.conf', differs: ['missing'], harmless: false },
    ]);
    expect(await without('path-exclude=/lib/modprobe.d/*\npath-include=/lib/modprobe.d/other*\n')).toEqual([]);
    expect(await without('path-exclude /lib/*\npath-include /lib/modprobe.d/*\n')).toHaveLength(1);
  });

  test('tell of kernels and holds', async () => {
    const { kernels, locks, installonlyLimit } = await read(debian());
    expect(kernels?.map(({ name }) => name)).toEqual([`linux-image-${K}`, 'linux-image-amd64']);
    expect(locks).toEqual([{ name: 'linux-image-amd64', version: '6.1.192-2', source: 'dpkg' }]);
    expect(installonlyLimit).toBeNull();
  });

  test('are tied to versions by pins, a pattern only where it takes the installed version in', async () => {
    const pins = `Package: linux-image-*\nPin: version 6.1.192-*\nPin-Priority: 1001\n\nPackage: linux-image-amd64\nPin: version 6.1.9-1\nPin-Priority: 990\n\nPackage: linux-*\nPin: version ${K}\nPin-Priority: 1001\n`;
    const { locks } = await read(debian({ '/etc/apt/preferences.d/kernel': pins }));
    expect(locks.filter(({ source }) => source !== 'dpkg').map(({ name, version }) => `${name} ${version}`)).toEqual([
      `linux-image-${K} 6.1.192-*`,
      'linux-image-amd64 6.1.192-*',
      'linux-image-amd64 6.1.9-1',
    ]);
  });
});

test('a host without any database is asked for its lock files alone', async () => {
  const root = makeRoot({
    '/etc/dnf/plugins/versionlock.list': 'kernel-core-0:4.18.0-348.el8.*\n',
    '/etc/dnf/dnf.conf': '[main]\ninstallonly_limit=5\n',
  });
  expect(await readPackages(openTree(root, []), { manager: 'dnf', kernels: [], whole: true, rpm: null })).toEqual({
    kernels: null,
    damaged: [],
    locks: [{ name: 'kernel-core', version: '4.18.0-348.el8', source: '/etc/dnf/plugins/versionlock.list' }],
    installonlyLimit: 5,
  });
});

describe('files that are just what a package brought', () => {
  const module = `/usr/lib/modules/${K}/a.ko`;
  const image = [{ name: `linux-image-${K}`, arch: 'amd64' }];
  const intact = (over: Layout, paths = [module], packages = image) => [
    ...intactFiles(openTree(debian(over), []), 'apt', packages, paths).keys(),
  ];
  const sums = (line: string): Layout => ({ [module]: 'a', [`/var/lib/dpkg/info/linux-image-${K}.md5sums`]: line });

  test('are told by its sums, whichever way it was packed', () => {
    expect(intact({ [module]: 'a' })).toEqual([module]);
    expect(intact(sums(`${md5('a')}  usr/lib/modules/${K}/a.ko\n`))).toEqual([module]);
    expect(intact(sums(`${md5('a')}  ./lib/modules/${K}/a.ko`))).toEqual([module]);
  });
  test('and no others are: changed, gone, not listed, of another package', () => {
    expect(intact({ [module]: 'b' })).toEqual([]);
    expect(intact({})).toEqual([]);
    expect(intact({ [module]: 'a' }, [`/usr/lib/modules/${K}/b.ko`])).toEqual([]);
    expect(intact(sums(`${md5('a')}  opt/lib/modules/${K}/a.ko\n`))).toEqual([]);
    expect(intact({ [module]: 'a' }, [module], [{ name: 'kmod', arch: 'amd64' }])).toEqual([]);
    expect([...intactFiles(openTree(debian({ [module]: 'a' }), []), 'dnf', image, [module])]).toEqual([]);
  });
});

describe('a file', () => {
  const told = (path: string, over: Layout = {}) => isAsDpkgBrought(openTree(debian(over), []), path);

  test('is what its package brought, or is not, whichever way it was packed', () => {
    expect(told('/usr/bin/kmod')).toBe(true);
    expect(told('/usr/bin/kmod', { '/usr/bin/kmod': 'kmox' })).toBe(false);
    expect(told('/usr/lib/modprobe.d/aliases.conf')).toBe(true);
    const sums = {
      '/var/lib/dpkg/info/mount:amd64.md5sums': `${md5('mount')}  bin/mount\n`,
      '/usr/bin/mount': 'mount',
    };
    expect(told('/usr/bin/mount', sums)).toBe(true);
  });

  test('that no package tells of is not known', () => {
    expect(told('/usr/bin/kmo')).toBeNull();
    expect(told('/usr/local/bin/kmod', { '/usr/local/bin/kmod': 'kmod' })).toBeNull();
  });
});
