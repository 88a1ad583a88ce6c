import { expect, test } from '@jest/globals';
import { readPackageManager } from '../../../src/host/package-managers.ts';
import { openTree } from '../../../src/host/tree.ts';
import { makeRoot, type Layout } from './roots.ts';

const name = async (...layouts: readonly Layout[]) =>
  (await readPackageManager(openTree(makeRoot(...layouts), [])))?.name ?? null;

const K = '4.18.0-348.el8.x86_64';
const kernel: Layout = { [`/usr/lib/modules/${K}/modules.dep`]: '' };
const dpkg: Layout = { '/var/lib/dpkg/status': '', '/usr/bin/apt-get': '' };
const dnf: Layout = { '/usr/bin/dnf': '', '/usr/bin/yum': { link: 'dnf-3' }, '/usr/bin/dnf-3': '' };
const rpmdb: Layout = { '/var/lib/rpm/rpmdb.sqlite': `SQLite format 3\0…/lib/modules/${K}/\0…` };

test('a host has the package manager whose programs it has', async () => {
  expect([
    await name(dpkg),
    await name(dnf),
    await name({ '/usr/bin/yum': '' }),
    await name({ '/usr/bin/dnf5': '', '/usr/bin/dnf': { link: 'dnf5' } }),
    await name({ '/usr/bin/zypper': '' }),
    await name({}),
  ]).toEqual(['apt', 'dnf', 'yum', 'dnf5', 'zypper', null]);
});

test('zypper beside dnf has to have a repository to be the one that installs kernels', async () => {
  const both: Layout = { '/usr/bin/zypper': '', '/usr/bin/dnf5': '' };
  expect(await name(both)).toBe('dnf5');
  expect(await name(both, { '/etc/zypp/repos.d/main.repo': '' })).toBe('zypper');
});

test("a Debian with rpm's tools is dpkg's", async () => {
  expect(await name(dpkg, dnf)).toBe('apt');
  expect(await name(dpkg, dnf, kernel)).toBe('apt');
  expect(await name(dpkg, dnf, kernel, { '/var/lib/rpm/rpmdb.sqlite': 'SQLite format 3\0' })).toBe('apt');
});

test('kernels that rpm has and dpkg has not are of rpm, whatever else is there', async () => {
  expect(await name(dpkg, dnf, kernel, rpmdb)).toBe('dnf');
  expect(await name(dpkg, dnf, kernel, rpmdb, { [`/var/lib/dpkg/info/linux-image-${K}.list`]: '' })).toBe('apt');
});
