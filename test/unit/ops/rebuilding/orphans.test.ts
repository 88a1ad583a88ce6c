import { describe, expect, test } from '@jest/globals';
import { goneKernelOf } from '../../../../src/ops/rebuilding/orphans.ts';
import { backedUpName } from '../../../../src/system/images/names.ts';
import { facts, K, soundEntry, soundKernel, type FactsSpec } from '../../boot/facts.ts';

const GONE = '6.1.0-50-amd64';
const IMAGE = `initrd.img-${GONE}`;
const kernelOf = (spec: FactsSpec = {}, image = IMAGE) => goneKernelOf(image, facts(spec).host);

describe('a kernel is gone', () => {
  test.each([`initramfs-${GONE}.img`, IMAGE, `initrd-${GONE}`])('whose image was %s', (image) => {
    expect(kernelOf({}, image)).toBe(GONE);
  });

  test.each([
    `initrd.img-${K}`,
    'initramfs-0-rescue-0123456789abcdef.img',
    `initramfs-${GONE}kdump.img`,
    `initrd-${GONE}.img`,
    `initrd-${K}.img`,
    'initrd.img',
    'initrd.img-old',
    `${GONE}.img`,
  ])('is not said of %s', (image) => {
    expect(kernelOf({}, image)).toBeNull();
  });

  const entry = { ...soundEntry(''), kernel: null };
  const boots = (more: object): FactsSpec => ({ loader: { entries: [{ ...soundEntry('') }, { ...entry, ...more }] } });
  const own = { name: `linux-image-${GONE}`, version: '6.1.1-1', arch: 'amd64', kernel: GONE, boots: true };
  test.each<[string, FactsSpec]>([
    ['it runs', { host: { running: GONE } }],
    ['it has modules or a kernel file', { host: { kernels: [{ ...soundKernel(), kernel: GONE }] } }],
    ['its package is installed', { packages: { kernels: [own] } }],
    ['an entry boots it', boots({ kernel: GONE })],
    [
      'an entry names its image',
      boots({ initrds: [{ raw: `/${IMAGE}.bellwether-backup`, path: null, exists: null }] }),
    ],
    ['an entry is called after it', boots({ title: `Debian, with Linux ${GONE}` })],
    ['the entries are not read', { loader: { name: 'zipl' } }],
    ['there are no entries', { loader: { entries: [] } }],
    ['not all entries could be read', { host: { unread: [{ part: 'loader', what: 'x', reason: 'y' }] } }],
    ['no modules are to be seen at all', { kernel: { modulesDir: null } }],
    [
      'a boot partition is not mounted',
      { host: { boot: { mounts: [{ mountPoint: '/boot/efi', mounted: false, spec: 'x' }], total: 1, free: 1 } } },
    ],
  ])('is not said where %s', (_why, spec) => {
    expect(kernelOf(spec)).toBeNull();
  });
});

test('only a name that ends as backups do is one', () => {
  expect(backedUpName(`${IMAGE}.bellwether-backup`)).toBe(IMAGE);
  for (const name of [IMAGE, '.bellwether-backup', `${IMAGE}.bellwether-backup.1`, `${IMAGE}.backup`])
    expect(backedUpName(name)).toBeNull();
});
