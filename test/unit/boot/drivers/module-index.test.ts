import { describe, expect, test } from '@jest/globals';
import { hostModuleIndex } from '../../../../src/boot/checks/host-module-index.ts';
import { moduleIndexDangling } from '../../../../src/boot/checks/module-index-dangling.ts';
import { moduleIndexEmpty } from '../../../../src/boot/checks/module-index-empty.ts';
import { moduleIndexTruncated } from '../../../../src/boot/checks/module-index-truncated.ts';
import { moduleNotIndexed } from '../../../../src/boot/checks/module-not-indexed.ts';
import { facts, K, soundKernel, type FactsSpec } from '../facts.ts';
import { MODULES, type ImageSpec } from '../image.ts';
import { emptyIndexFile, hostIndex, indexFile, indexOf, withDependencies } from '../modules.ts';
import { said } from './said.ts';

const DEP = `usr/lib/modules/${K}/modules.dep.bin`;
const ALIAS = `usr/lib/modules/${K}/modules.alias.bin`;
const count = withDependencies(MODULES).length;
const builtIn: FactsSpec = {
  kernel: {
    modules: [],
    index: hostIndex({
      modules: new Map(),
      aliasesLike: () => [],
      builtin: new Set(['ext4', 'dm_mod', 'virtio_blk', 'virtio_pci', 'virtio', 'virtio_ring']),
    }),
  },
};

describe('module_index_empty', () => {
  const emptied: ImageSpec = { index: { dep: emptyIndexFile(DEP), modules: new Map() } };

  test('an image whose index is 12 bytes does not boot, however many modules it holds and whatever the text says', () => {
    expect(said(moduleIndexEmpty, facts({ image: emptied }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `${DEP} in the image is empty (12 bytes, the header alone): modprobe and udev can load none of its ${count} modules.`,
        evidence: {
          path: DEP,
          size: 12,
          state: 'empty',
          modules: count,
          text_size: count * 60,
          host_index_size: 65_536,
          needed: 'ext4, because / is ext4 on /dev/mapper/vg0-root',
        },
      },
    ]);
  });
  test.each([
    ['of 0 bytes', { size: 0, state: 'empty' }, 'is 0 bytes'],
    ['of another format', { size: 4096, state: 'bad_magic' }, 'is no module index (4096 bytes, wrong magic)'],
    ['that is not there', { size: 0, state: 'absent' }, 'is absent'],
  ] as const)('an index %s is as good as none', (_, file, words) => {
    const image = { index: { dep: indexFile(DEP, { ...file, keys: 0 }), modules: new Map<string, never>() } };
    expect(said(moduleIndexEmpty, facts({ image }))).toMatchObject([
      { severity: 'fatal', message: expect.stringContaining(words) },
    ]);
  });
  test('modules without any index folder do not boot', () => {
    expect(said(moduleIndexEmpty, facts({ image: { index: null } }))).toMatchObject([
      { severity: 'fatal', evidence: { path: DEP, state: 'absent' } },
    ]);
  });
  test('an empty text index beside a sound binary one is no matter', () => {
    expect(said(moduleIndexEmpty, facts({ image: { index: { textSize: 0 } } }))).toEqual([]);
  });
  test('an image without modules, for a kernel that has all built in, needs no index', () => {
    expect(said(moduleIndexEmpty, facts({ ...builtIn, image: { moduleFacts: [], index: null } }))).toEqual([]);
  });
  test('a void index hurts no kernel that has all built in', () => {
    expect(said(moduleIndexEmpty, facts({ ...builtIn, image: emptied }))).toMatchObject([{ severity: 'warning' }]);
  });
  test('busybox reads the text: there the binary index is no matter', () => {
    const files = {
      'usr/bin/busybox': {},
      'usr/sbin/modprobe': { target: '../bin/busybox' },
      'usr/lib64/libkmod.so.2': null,
    };
    expect(said(moduleIndexEmpty, facts({ image: { ...emptied, files } }))).toEqual([]);
  });
  test('booster keeps lists of its own', () => {
    const files = { 'usr/bin/kmod': null, 'usr/sbin/modprobe': null, 'usr/lib64/libkmod.so.2': null };
    const over = { generator: 'booster', dracut: null } as const;
    expect(said(moduleIndexEmpty, facts({ image: { index: null, files, over } }))).toEqual([]);
    expect(
      said(moduleIndexEmpty, facts({ image: { index: null, files, over: { ...over, generator: null } } })),
    ).toEqual([]);
  });

  const noAliases = { alias: emptyIndexFile(ALIAS), aliasesLike: () => [] };
  test('without the alias index udev finds no driver for the hardware', () => {
    expect(said(moduleIndexEmpty, facts({ image: { index: noAliases } }))).toMatchObject([
      {
        severity: 'fatal',
        evidence: { path: ALIAS, size: 12, loaded_by_alias: ['ext4', 'dm_mod', 'virtio_blk', 'virtio_pci'] },
      },
    ]);
  });
  test.each([
    ['modules-load.d', { 'etc/modules-load.d/disk.conf': { text: 'ext4\ndm-mod\n# all\nvirtio-blk\nvirtio_pci\n' } }],
    ['conf/modules', { 'conf/modules': { text: 'ext4\ndm-mod\nvirtio-blk\nvirtio_pci\n' } }],
    [
      'rd.driver.pre=',
      {
        'etc/cmdline.d/20-force_drivers.conf': {
          text: 'rd.driver.pre=ext4,dm_mod\nrd.driver.pre="virtio_blk,virtio_pci"\n',
        },
      },
    ],
  ])('with %s naming every needed module, it boots without aliases', (_, files) => {
    expect(said(moduleIndexEmpty, facts({ image: { index: noAliases, files } }))).toMatchObject([
      { severity: 'warning' },
    ]);
  });
});

describe('module_not_indexed', () => {
  const without = (...names: string[]) => indexOf(withDependencies(MODULES).filter((name) => !names.includes(name)));

  test('a needed module that the index does not know is not there', () => {
    expect(said(moduleNotIndexed, facts({ image: { index: without('virtio_blk') } }))).toMatchObject([
      {
        severity: 'fatal',
        message:
          'virtio_blk is in the image, but not in its index: virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /.',
        evidence: { path: DEP, modules: count, not_indexed: 1, needed: ['virtio_blk'] },
      },
    ]);
  });
  test('nor is one that it does not find by what it is asked for', () => {
    const image = { index: { aliasesLike: () => [] } };
    expect(said(moduleNotIndexed, facts({ image }))).toMatchObject([
      { severity: 'fatal', evidence: { module: 'ext4', alias: 'fs-ext4' } },
      {
        message: expect.stringMatching(/^virtio_blk is in the image, but its index does not find it by virtio:d0+2v/),
        evidence: { path: ALIAS, module: 'virtio_blk' },
      },
      { evidence: { module: 'virtio_pci' } },
    ]);
    const files = { 'etc/modules-load.d/disk.conf': { text: 'ext4\nvirtio_blk\nvirtio_pci\n' } };
    expect(said(moduleNotIndexed, facts({ image: { ...image, files } }))).toEqual([]);
  });
  test('nor is one that a needed module depends on', () => {
    expect(said(moduleNotIndexed, facts({ image: { index: without('jbd2') } }))).toMatchObject([
      { severity: 'fatal', evidence: { needed: ['jbd2'] } },
    ]);
  });
  test('with an empty index none is known', () => {
    const image = { index: { dep: emptyIndexFile(DEP), modules: new Map<string, never>() } };
    expect(said(moduleNotIndexed, facts({ image }))).toMatchObject([
      { severity: 'fatal', evidence: { size: 12, not_indexed: count } },
    ]);
  });
  test('a needed module that lies elsewhere is not looked for there', () => {
    const names = withDependencies(MODULES);
    const index = indexOf(names);
    const moved = new Map(index.modules);
    const known = moved.get('virtio_blk');
    if (known === undefined) throw new Error('the index has no virtio_blk');
    moved.set('virtio_blk', { ...known, path: 'extra/virtio_blk.ko' });
    const image = { index: { ...index, modules: moved } };
    expect(said(moduleIndexDangling, facts({ image }))).toMatchObject([
      { severity: 'fatal', evidence: { examples: ['extra/virtio_blk.ko'] } },
    ]);
  });
  test('one that nobody needs is worth a warning', () => {
    const image = { modules: [...MODULES, 'overlay'], index: without() };
    expect(said(moduleNotIndexed, facts({ image }))).toMatchObject([
      { severity: 'warning', evidence: { examples: [`usr/lib/modules/${K}/kernel/fs/overlayfs/overlay.ko`] } },
    ]);
  });
  test('a sound index is no matter', () => {
    expect(said(moduleNotIndexed, facts())).toEqual([]);
  });
});

describe('module_index_dangling', () => {
  const held = withDependencies(MODULES).filter((name) => name !== 'virtio_blk');
  const indexed = indexOf(withDependencies([...MODULES, 'overlay']));

  test('an index that names a needed module which is gone', () => {
    const image = { modules: held, index: indexOf([...held, 'virtio_blk']) };
    expect(said(moduleIndexDangling, facts({ image }))).toMatchObject([
      {
        severity: 'fatal',
        message: `${DEP} in the image names 1 module that is not in it: virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /.`,
        evidence: { dangling: 1, examples: ['kernel/drivers/block/virtio_blk.ko'] },
      },
    ]);
  });
  test('one that nobody needs is worth a warning', () => {
    expect(said(moduleIndexDangling, facts({ image: { index: indexed } }))).toMatchObject([
      { severity: 'warning', evidence: { dangling: 1, examples: ['kernel/fs/overlayfs/overlay.ko'] } },
    ]);
  });
  test('the host’s whole index, copied into an image that holds what is needed, boots', () => {
    expect(said(moduleIndexDangling, facts({ image: { index: hostIndex() } }))).toEqual([]);
  });
  test('on the host: the next image cannot be built', () => {
    const { modules } = soundKernel();
    const kernel = { modules: modules.filter(({ path }) => !path.endsWith('/xfs.ko')) };
    expect(said(moduleIndexDangling, facts({ kernel }))).toMatchObject([
      { severity: 'warning', evidence: { path: `/usr/lib/modules/${K}/modules.dep.bin`, dangling: 1 } },
    ]);
  });
  test('what lies in a nested image is not missed', () => {
    const over = { unread: [{ path: 'squashfs-root.img', format: 'squashfs' }] } as const;
    expect(said(moduleIndexDangling, facts({ image: { index: indexed, over } }))).toEqual([]);
  });
});

describe('module_index_truncated', () => {
  const cut = (path: string) => indexFile(path, { state: 'truncated', offset: 40_960, keys: 7 });

  test('modules.dep.bin that points outside itself', () => {
    expect(said(moduleIndexTruncated, facts({ image: { index: { dep: cut(DEP) } } }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `${DEP} in the image (65536 bytes) is cut short: the node at offset 40960 points outside it.`,
        evidence: { path: DEP, size: 65_536, offset: 40_960, readable_keys: 7 },
      },
    ]);
  });
  test('modules.symbols.bin is not asked for anything at boot', () => {
    const symbols = cut(`usr/lib/modules/${K}/modules.symbols.bin`);
    expect(said(moduleIndexTruncated, facts({ image: { index: { symbols } } }))).toMatchObject([
      { severity: 'warning' },
    ]);
  });
  test('modules.alias.bin, of which nothing is asked where every needed module is loaded by name', () => {
    const index = { alias: cut(ALIAS) };
    expect(said(moduleIndexTruncated, facts({ image: { index } }))).toMatchObject([{ severity: 'fatal' }]);
    const files = { 'conf/modules': { text: 'ext4\ndm-mod\nvirtio-blk\nvirtio_pci\n' } };
    expect(said(moduleIndexTruncated, facts({ image: { index, files } }))).toMatchObject([{ severity: 'warning' }]);
  });
  test('a kernel with all built in boots all the same', () => {
    const spec = { ...builtIn, image: { index: { dep: cut(DEP) } } };
    expect(said(moduleIndexTruncated, facts(spec))).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('host_module_index', () => {
  const path = `/usr/lib/modules/${K}/modules.dep.bin`;

  test('an empty index on the host spoils the next image', () => {
    const index = hostIndex({ dep: emptyIndexFile(path), modules: new Map() });
    expect(said(hostModuleIndex, facts({ kernel: { index } }))).toMatchObject([
      { severity: 'warning', evidence: { path, size: 12, state: 'empty', modules: soundKernel().modules.length } },
    ]);
  });
  test('modules installed after depmod had run', () => {
    const extra = { path: 'updates/dkms/zfs.ko.xz', size: 1_000_000, mtime: 1_700_000_000 };
    const kernel = { modules: [...soundKernel().modules, extra] };
    expect(said(hostModuleIndex, facts({ kernel }))).toMatchObject([
      { severity: 'warning', evidence: { not_indexed: 1, examples: ['updates/dkms/zfs.ko.xz'] } },
    ]);
  });
  test('a module that takes the place of the kernel’s own is known by its name', () => {
    const twice = { path: 'updates/xfs.ko', size: 1_000_000, mtime: 1_700_000_000 };
    expect(said(hostModuleIndex, facts({ kernel: { modules: [...soundKernel().modules, twice] } }))).toEqual([]);
  });
  test('a kernel without modules has no index', () => {
    expect(said(hostModuleIndex, facts({ kernel: { modules: [], index: null, modulesDir: null } }))).toEqual([]);
  });
});
