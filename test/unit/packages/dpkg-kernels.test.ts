import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { dpkgKernelPackages } from '../../../src/packages/dpkg/kernels.ts';
import { parseDpkgStatus, type DpkgPackage } from '../../../src/packages/dpkg/status.ts';

/** What `dpkg-query --show` printed on Debian 12 with linux-image-cloud-amd64 and linux-headers-cloud-amd64 installed. */
const DEBIAN = readFileSync(new URL('fixtures/dpkg-query-debian-12.txt', import.meta.url), 'utf8');

function dpkg(name: string, over: Partial<DpkgPackage> = {}): DpkgPackage {
  const common = { wanted: 'install', state: 'installed', section: 'kernel', depends: [], provides: [] };
  return { name, version: '1', arch: 'amd64', source: 'linux', ...common, ...over };
}
const brief = (packages: readonly DpkgPackage[]) =>
  Object.fromEntries(
    dpkgKernelPackages(packages).map(({ name, kernel, boots }) => [name, `${kernel ?? '-'}${boots ? ' boots' : ''}`]),
  );

test("Debian's kernel is its image, its headers, and what leads to both", () => {
  expect(brief(parseDpkgStatus(DEBIAN))).toEqual({
    'linux-image-6.1.0-56-cloud-amd64': '6.1.0-56-cloud-amd64 boots',
    'linux-image-cloud-amd64': '- boots',
    'linux-headers-6.1.0-56-cloud-amd64': '6.1.0-56-cloud-amd64',
    'linux-headers-6.1.0-56-common': '6.1.0-56-cloud-amd64',
    'linux-headers-cloud-amd64': '-',
  });
});

test('what is no longer installed is no package', () => {
  expect(parseDpkgStatus('Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n')).toEqual([]);
});

test("Ubuntu's kernel is parted into image and modules, and two metapackages lead there", () => {
  const K = '5.15.0-91-generic';
  const meta = { source: 'linux-meta', version: '5.15.0.91.88' };
  expect(
    brief([
      dpkg(`linux-image-${K}`, { source: 'linux-signed', depends: ['kmod', `linux-modules-${K}`] }),
      dpkg(`linux-modules-${K}`),
      dpkg(`linux-modules-extra-${K}`, { depends: [`linux-image-${K}`, 'wireless-regdb'] }),
      dpkg('linux-headers-5.15.0-91', { section: 'devel' }),
      dpkg(`linux-headers-${K}`, { depends: ['linux-headers-5.15.0-91'] }),
      dpkg('linux-image-generic', { ...meta, depends: [`linux-image-${K}`, 'linux-firmware'] }),
      dpkg('linux-headers-generic', { ...meta, depends: [`linux-headers-${K}`] }),
      dpkg('linux-generic', { ...meta, depends: ['linux-image-generic', 'linux-headers-generic'] }),
      dpkg('linux-firmware', { source: 'linux-firmware' }),
      dpkg('linux-libc-dev'),
      dpkg('linux-tools-common'),
    ]),
  ).toEqual({
    [`linux-image-${K}`]: `${K} boots`,
    [`linux-modules-${K}`]: `${K} boots`,
    [`linux-modules-extra-${K}`]: `${K} boots`,
    'linux-headers-5.15.0-91': K,
    [`linux-headers-${K}`]: K,
    'linux-image-generic': '- boots',
    'linux-headers-generic': '-',
    'linux-generic': '-',
  });
});

test('headers that two flavours share belong to neither alone', () => {
  const found = brief([
    dpkg('linux-image-6.1.0-56-amd64'),
    dpkg('linux-image-6.1.0-56-cloud-amd64'),
    dpkg('linux-headers-6.1.0-56-common'),
    dpkg('linux-headers-6.1.0-50-amd64'),
  ]);
  expect(found['linux-headers-6.1.0-56-common']).toBe('-');
  expect(found).not.toHaveProperty('linux-headers-6.1.0-50-amd64');
});

test('an unsigned kernel is the same kernel, debug symbols are none', () => {
  const found = brief([
    dpkg('linux-image-6.1.0-56-amd64-unsigned'),
    dpkg('linux-image-unsigned-5.15.0-91-generic'),
    dpkg('linux-image-6.1.0-56-amd64-dbg'),
  ]);
  expect(found).toEqual({
    'linux-image-6.1.0-56-amd64-unsigned': '6.1.0-56-amd64 boots',
    'linux-image-unsigned-5.15.0-91-generic': '5.15.0-91-generic boots',
  });
});

test("a site's own package that needs a kernel is none of it, whatever it is called", () => {
  const found = brief([
    dpkg('linux-image-6.1.0-56-amd64'),
    dpkg('acme-host', { source: 'acme-host', section: 'metapackages', depends: ['linux-image-6.1.0-56-amd64'] }),
    dpkg('zfs-dkms', { source: 'zfs-linux', depends: ['dkms', 'linux-headers-amd64'] }),
  ]);
  expect(Object.keys(found)).toEqual(['linux-image-6.1.0-56-amd64']);
});

test("another vendor's kernel is known by what it provides", () => {
  const K = '6.8.12-1-pve';
  const found = brief([
    dpkg('acme-boot', { source: 'acme', provides: [`linux-image-${K}`] }),
    dpkg(`proxmox-kernel-${K}`, { source: 'proxmox-kernel-6.8', provides: [`linux-image-${K}-amd64`] }),
  ]);
  expect(found).toEqual({ 'acme-boot': `${K} boots`, [`proxmox-kernel-${K}`]: `${K} boots` });
});
