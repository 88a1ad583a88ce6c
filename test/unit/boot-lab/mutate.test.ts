import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { withFile, withLink } from '../../boot/catalogue/edit.mjs';
import { PLACES, damage, damageMember, hitAt, indexFiles, modulesOf, mutate, mutationOf } from '../../boot/mutate.mjs';
import { readMembers, writeMembers } from '../../boot/newc.mjs';
import { random } from '../../boot/sample.mjs';

const MODULES = 'usr/lib/modules/6.1.0';
const FILES: Readonly<Record<string, string | Buffer>> = {
  init: '#!/bin/sh\nexec /sbin/init\n',
  'usr/bin/sh': Buffer.concat([Buffer.from('\u007fELF', 'latin1'), Buffer.alloc(400, 7)]),
  [`${MODULES}/modules.dep`]:
    'kernel/virtio_blk.ko: kernel/virtio_ring.ko kernel/virtio.ko\nkernel/virtio-pci.ko.xz:\nkernel/nvme.ko:\n',
  [`${MODULES}/modules.softdep`]: '',
  [`${MODULES}/modules.dep.bin`]: Buffer.alloc(64, 1),
  [`${MODULES}/kernel/virtio_blk.ko`]: Buffer.alloc(300, 2),
  [`${MODULES}/kernel/virtio_ring.ko`]: Buffer.alloc(301, 3),
  [`${MODULES}/kernel/virtio-pci.ko.xz`]: Buffer.alloc(302, 4),
  [`${MODULES}/kernel/nvme.ko`]: Buffer.alloc(303, 5),
};
const image = writeMembers(
  withLink(
    Object.entries(FILES).reduce<ReturnType<typeof readMembers>>(
      (all, [path, content]) => [...withFile(all, path, content)],
      [],
    ),
    'bin',
    'usr/bin',
  ),
);
const members = readMembers(image);
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

describe('a mutation', () => {
  test('is the same for the same seed, and takes every base, place and packing in turn', () => {
    const chosen = seeds.map((seed) => mutationOf(seed, ['one', 'two']));
    expect(chosen.map(({ next, ...rest }) => [rest, next()])).toEqual(
      seeds.map((seed) => {
        const { next, ...rest } = mutationOf(seed, ['one', 'two']);
        return [rest, next()];
      }),
    );
    expect(new Set(chosen.map(({ base }) => base)).size).toBe(2);
    expect(new Set(chosen.map(({ place, packing }) => `${place} ${packing}`)).size).toBe(6);
  });

  test('changes the image, at the place that it names', () => {
    const packed = gzipSync(image);
    for (const seed of seeds) {
      const mutation = mutationOf(seed, ['one']);
      const from = mutation.packing === 'plain' ? image : packed;
      const made = mutate(mutation, image, from, ['virtio_blk', 'virtio_pci']);
      expect(made.image.equals(from)).toBe(false);
      expect(PLACES.some((place) => made.where.startsWith(place))).toBe(true);
      if (mutation.place === 'container') continue;
      const after = readMembers(made.image);
      const changed = members.filter(({ data }, at) => !after[at]?.data.equals(data));
      expect(changed.map(({ name }) => name)).toEqual([made.entry]);
    }
  });

  test('flips up to eight bytes, zeroes, or cuts, and says where', () => {
    const bytes = Buffer.alloc(1000, 9);
    for (const seed of seeds) {
      const { bytes: after, fault, at, length } = damage(bytes, random(seed));
      expect(after.subarray(0, at).equals(bytes.subarray(0, at))).toBe(true);
      if (fault === 'cut off') expect(after.length).toBe(at);
      else if (fault === 'cut out') expect(after.length).toBe(bytes.length - length);
      else expect(after.subarray(at + length).equals(bytes.subarray(at + length))).toBe(true);
      if (fault === 'flipped') expect(length).toBeLessThanOrEqual(8);
    }
  });

  test('of a run of zeros is no zeroing', () => {
    const faults = seeds.map((seed) => damage(Buffer.alloc(50), random(seed)).fault);
    expect(new Set(faults)).toEqual(new Set(['flipped', 'cut off', 'cut out']));
  });

  test('of a file leaves the archive sound', () => {
    const { bytes, entry, size } = damageMember(members, ['init'], random(1));
    expect([entry, size]).toEqual(['init', FILES.init?.length]);
    expect(readMembers(bytes).map(({ name }) => name)).toEqual(members.map(({ name }) => name));
  });
});

describe('what a mutation aims at', () => {
  test('index files are those of the modules folder that hold anything', () => {
    expect(indexFiles(members)).toEqual([`${MODULES}/modules.dep`, `${MODULES}/modules.dep.bin`]);
  });

  test('the modules of a driver are its own and those that modules.dep says it takes', () => {
    const kernel = `${MODULES}/kernel/`;
    expect(modulesOf(members, ['virtio_blk', 'virtio_pci', 'ext4'])).toEqual([
      `${kernel}virtio_blk.ko`,
      `${kernel}virtio_ring.ko`,
      `${kernel}virtio-pci.ko.xz`,
    ]);
  });

  test.each([
    ['init', 0, 'script'],
    ['usr/bin/sh', 5, 'program or library'],
    ['bin', 0, 'link'],
    [`${MODULES}/modules.dep.bin`, 63, 'index'],
    [`${MODULES}/kernel/nvme.ko`, 302, 'module'],
  ])('a byte of the content of %s is told', (entry, offset, kind) => {
    const data = members.find(({ name }) => name === entry)?.data ?? Buffer.alloc(0);
    expect(hitAt(members, image, data.byteOffset - image.byteOffset + offset)).toEqual({ entry, kind, offset });
  });

  test('so are headers, padding and what lies behind', () => {
    const nvme = members.find(({ name }) => name.endsWith('nvme.ko'));
    const end = (nvme?.data.byteOffset ?? 0) - image.byteOffset + 303;
    expect(hitAt(members, image, 0)).toMatchObject({ entry: 'init', kind: 'header' });
    expect(hitAt(members, image, end)).toMatchObject({ entry: nvme?.name, kind: 'padding' });
    expect(hitAt(members, image, image.length - 1)).toMatchObject({ entry: null, kind: 'trailer' });
  });
});
