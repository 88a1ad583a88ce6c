import { describe, expect, test } from '@jest/globals';
import { firmwareMissing } from '../../../../src/boot/checks/firmware-missing.ts';
import { moduleCompressionUnsupported } from '../../../../src/boot/checks/module-compression-unsupported.ts';
import { moduleDamaged } from '../../../../src/boot/checks/module-damaged.ts';
import { moduleDependencyMissing } from '../../../../src/boot/checks/module-dependency-missing.ts';
import { moduleUnsigned } from '../../../../src/boot/checks/module-unsigned.ts';
import { modulesMissing } from '../../../../src/boot/checks/modules-missing.ts';
import { vermagicMismatch } from '../../../../src/boot/checks/vermagic-mismatch.ts';
import { wrongArch } from '../../../../src/boot/checks/wrong-arch.ts';
import type { ModuleFacts } from '../../../../src/image/types.ts';
import { CMDLINE, CONFIG, facts, soundStorage, virtioDisk, K, type FactsSpec } from '../facts.ts';
import { MODULES, type FileSpec } from '../image.ts';
import { hostIndex, moduleFacts, withDependencies } from '../modules.ts';
import { said } from './said.ts';

/** The sound image's modules, one of them changed. */
const changed = (name: string, over: Partial<ModuleFacts>, more: readonly string[] = []) =>
  withDependencies([...MODULES, ...more]).map((other) => moduleFacts(other, other === name ? over : {}));
const without = (...names: string[]) =>
  withDependencies(MODULES)
    .filter((name) => !names.includes(name))
    .map((name) => moduleFacts(name));
const because = 'because /dev/vda2 holds the PV of vg0, which holds /';

describe('modules_missing', () => {
  test('where no link leads to them: modprobe and udev look below /lib', () => {
    const image = (files: Readonly<Record<string, FileSpec | null>>) => facts({ image: { files } });
    expect(said(modulesMissing, image({ lib: null }))).toMatchObject([
      { severity: 'fatal', evidence: { wanted: `/lib/modules/${K}` } },
    ]);
    expect(said(modulesMissing, image({}))).toEqual([]);
  });
});

describe('module_damaged', () => {
  const damaged = 'its section headers lie outside the file';
  test('a needed module that the kernel would refuse, or one that it depends on', () => {
    const [own, below] = ['virtio_blk', 'virtio_ring'].map((name) =>
      said(moduleDamaged, facts({ image: { moduleFacts: changed(name, { damaged, unread: damaged }) } })),
    );
    expect(own).toMatchObject([
      {
        severity: 'fatal',
        message: `usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko is damaged (${damaged}): virtio_blk, ${because}.`,
        evidence: { damage: damaged, requirement: `virtio_blk, ${because}` },
      },
    ]);
    expect(below).toMatchObject([{ evidence: { path: expect.stringContaining('virtio_ring.ko') } }]);
  });
  test('one that does not fit its signature, where the kernel looks at that', () => {
    const path = `usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko`;
    const signature = {
      state: 'read',
      signer: 'a 1',
      method: 'rsa',
      hash: 'sha256',
      digest: 'AA==',
      value: 'AA==',
    } as const;
    const judged = (state: 'fits' | 'does_not_fit' | null, spec: FactsSpec = {}) =>
      said(
        moduleDamaged,
        facts({
          ...spec,
          image: { moduleFacts: changed('virtio_blk', { signature }) },
          signatures: new Map(state === null ? [] : [[path, state]]),
        }),
      );
    const damage = 'its content is not what its signature was made for';
    expect(judged('does_not_fit')).toMatchObject([{ severity: 'fatal', evidence: { path, damage } }]);
    expect(judged('does_not_fit', { kernel: { config: null } })).toHaveLength(1);
    expect(judged('does_not_fit', { kernel: { config: new Map([['CONFIG_MODULES', 'y']]) } })).toEqual([]);
    expect(judged('fits')).toEqual([]);
    expect(judged(null)).toEqual([]);
  });
  test('one whose signature the kernel cannot read; of one that is not followed here nothing is said', () => {
    const judged = (state: 'refused' | 'foreign') =>
      said(
        moduleDamaged,
        facts({ image: { moduleFacts: changed('virtio_blk', { signature: { state, why: 'no message' } }) } }),
      );
    expect(judged('refused')).toMatchObject([{ severity: 'fatal', evidence: { damage: 'no message' } }]);
    expect(judged('foreign')).toEqual([]);
  });
  test('is unknown where nothing here unpacks it, and no matter where nothing needs it', () => {
    const unread = 'there is no xz here to unpack it with';
    expect(said(moduleDamaged, facts({ image: { moduleFacts: changed('virtio_blk', { unread }) } }))).toMatchObject([
      { defect: false, reason: unread },
    ]);
    expect(said(moduleDamaged, facts({ image: { moduleFacts: changed('xfs', { damaged }, ['xfs']) } }))).toEqual([]);
  });
});

describe('module_dependency_missing', () => {
  test('a module that a needed one depends on', () => {
    expect(said(moduleDependencyMissing, facts({ image: { moduleFacts: without('virtio_ring') } }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `virtio_blk needs virtio_ring, which is not in the image: virtio_blk, ${because}.`,
        evidence: {
          module: 'virtio_blk',
          dependency: 'virtio_ring',
          host_path: 'kernel/drivers/virtio/virtio_ring.ko',
          requirement: `virtio_blk, ${because}`,
        },
      },
    ]);
  });
  test('ext4 of Linux 6.1 mounts no file system with checksums without a crc32c; whether it has any is not known', () => {
    expect(
      said(moduleDependencyMissing, facts({ image: { moduleFacts: without('crc32c_generic', 'crc32c_intel') } })),
    ).toMatchObject([
      { severity: 'warning', evidence: { module: 'ext4', dependency: 'crc32c' } },
      { defect: false, what: 'whether ext4 can mount without crc32c' },
    ]);
  });
  test('xfs of Linux 6.1 does not start without a crc32c at all', () => {
    const nodes = soundStorage().nodes.map((node) => (node.kind === 'filesystem' ? { ...node, type: 'xfs' } : node));
    const moduleFactsOf = withDependencies(['xfs', 'virtio_blk', 'virtio_pci', 'dm_mod']).map((name) =>
      moduleFacts(name),
    );
    const spec = { storage: { nodes }, image: { moduleFacts: moduleFactsOf } };
    expect(said(moduleDependencyMissing, facts(spec))).toMatchObject([
      { severity: 'fatal', evidence: { module: 'libcrc32c', dependency: 'crc32c' } },
    ]);
  });
  test.each(['crc32c_generic', 'crc32c_intel'])('either crc32c will do: without %s', (name) => {
    expect(said(moduleDependencyMissing, facts({ image: { moduleFacts: without(name) } }))).toEqual([]);
  });
  test('a crc32c for a feature that the processor lacks does not start', () => {
    const image = { moduleFacts: without('crc32c_generic') };
    const on = (cpu: string | null) => said(moduleDependencyMissing, facts({ image, host: { cpu } }));
    expect(on('cpu:type:x86,ven0002fam000Fmod006B:feature:,0000,0001')).toMatchObject([
      { severity: 'warning', evidence: { module: 'ext4', dependency: 'crc32c' } },
      { defect: false },
    ]);
    expect(on(null)).toEqual([]);
  });
  test('a crc32c that is built in will do, by name where nothing tells its aliases', () => {
    const index = hostIndex({ builtin: new Set(['crc32c_generic']), builtinAliases: new Map() });
    const image = { moduleFacts: without('crc32c_generic', 'crc32c_intel') };
    expect(said(moduleDependencyMissing, facts({ kernel: { index }, image }))).toEqual([]);
  });
  test('what an unneeded module lacks is no matter', () => {
    const image = { moduleFacts: [...without(), moduleFacts('xfs')] };
    expect(said(moduleDependencyMissing, facts({ image }))).toEqual([]);
  });
  test('what may lie in a nested image is unknown', () => {
    const over = { unread: [{ path: 'squashfs-root.img', format: 'squashfs' }] } as const;
    expect(
      said(moduleDependencyMissing, facts({ image: { moduleFacts: without('virtio_ring'), over } })),
    ).toMatchObject([{ defect: false }]);
  });
});

describe('vermagic_mismatch', () => {
  const plain = `${K} SMP preempt mod_unload `;
  const image = (vermagic: string) => ({
    moduleFacts: without().map((module) => ({
      ...module,
      vermagic: module.name === 'ext4' ? vermagic : plain,
    })),
  });

  test('a needed module that was built for another kernel', () => {
    expect(said(vermagicMismatch, facts({ image: image('6.1.0-1-amd64 SMP preempt mod_unload ') }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `ext4 was built for 6.1.0-1-amd64, not for ${K}: ext4, because / is ext4 on /dev/mapper/vg0-root.`,
        evidence: {
          path: `usr/lib/modules/${K}/kernel/fs/ext4/ext4.ko`,
          vermagic: '6.1.0-1-amd64 SMP preempt mod_unload ',
          kernel: K,
          requirement: 'ext4, because / is ext4 on /dev/mapper/vg0-root',
        },
      },
    ]);
  });
  test('with module versions the kernel compares symbols: that is unknown', () => {
    const vermagic = '6.1.0-1-amd64 SMP preempt mod_unload modversions ';
    expect(said(vermagicMismatch, facts({ image: { moduleFacts: changed('ext4', { vermagic }) } }))).toMatchObject([
      { defect: true, severity: 'warning' },
      { defect: false, what: expect.stringContaining('ext4.ko') },
    ]);
  });
  test('other flags than the kernel’s own modules have are refused with module versions too', () => {
    const vermagic = '6.1.0-1-amd64 mod_unload modversions ';
    expect(said(vermagicMismatch, facts({ image: { moduleFacts: changed('ext4', { vermagic }) } }))).toMatchObject([
      { severity: 'fatal' },
    ]);
  });
  test('weak updates are meant to be another kernel’s', () => {
    const over = { path: `usr/lib/modules/${K}/weak-updates/ext4.ko`, vermagic: '6.1.0-1-amd64 SMP modversions ' };
    expect(said(vermagicMismatch, facts({ image: { moduleFacts: changed('ext4', over) } }))).toEqual([]);
  });
  test('one that nobody needs is worth a warning', () => {
    const moduleFacts = changed('xfs', { vermagic: '6.1.0-1-amd64 SMP ' }, ['xfs']);
    expect(said(vermagicMismatch, facts({ image: { moduleFacts } }))).toMatchObject([{ severity: 'warning' }]);
  });
  test('another kernel’s modules aside are no matter', () => {
    const aside = { ...moduleFacts('xfs'), kernel: '6.1.0-1-amd64', vermagic: '6.1.0-1-amd64 SMP ' };
    expect(said(vermagicMismatch, facts({ image: { moduleFacts: [...without(), aside] } }))).toEqual([]);
  });
});

describe('module_compression_unsupported', () => {
  const zstd: FactsSpec['image'] = {
    moduleFacts: without().map((module) => ({ ...module, compression: 'zstd', path: `${module.path}.zst` })),
  };
  const elf = (needed: readonly string[], sonames: readonly string[] = []): FileSpec => ({
    elf: {
      class: 64,
      machine: 62,
      type: 'shared',
      needed,
      runpath: [],
      dlopen: sonames.length === 0 ? [] : [{ priority: 'recommended', sonames }],
    },
  });
  const kmod = (needed: readonly string[], sonames?: readonly string[]) => ({
    'usr/bin/kmod': elf(needed, sonames),
    'usr/lib64/libkmod.so.2': elf(needed, sonames),
  });

  test('a kmod without zstd, and modules compressed with it', () => {
    expect(said(moduleCompressionUnsupported, facts({ image: zstd }))).toMatchObject([
      {
        severity: 'fatal',
        message: expect.stringMatching(/^usr\/bin\/kmod and usr\/lib64\/libkmod.so.2 in the image cannot read zstd/),
        evidence: { compression: 'zstd', path: `usr/lib/modules/${K}/kernel/fs/ext4/ext4.ko.zst` },
      },
    ]);
  });
  test('a kmod linked to it', () => {
    const files = kmod(['libzstd.so.1', 'libc.so.6']);
    expect(said(moduleCompressionUnsupported, facts({ image: { ...zstd, files } }))).toEqual([]);
  });
  test('a kmod that opens it at run time, and the library is there', () => {
    const files = { ...kmod(['libc.so.6'], ['libzstd.so.1']), 'usr/lib64/libzstd.so.1': {} };
    expect(said(moduleCompressionUnsupported, facts({ image: { ...zstd, files } }))).toEqual([]);
  });
  test('a kmod that opens it at run time, and the library is not there', () => {
    const files = kmod(['libc.so.6'], ['libzstd.so.1']);
    expect(said(moduleCompressionUnsupported, facts({ image: { ...zstd, files } }))).toMatchObject([
      { severity: 'fatal' },
    ]);
  });
  test('a static kmod does not tell', () => {
    const files = { 'usr/bin/kmod': elf([]), 'usr/lib64/libkmod.so.2': null };
    expect(said(moduleCompressionUnsupported, facts({ image: { ...zstd, files } }))).toMatchObject([
      { defect: false, reason: 'its module loader does not tell what compressions it reads' },
    ]);
  });
  test('a kernel that unpacks by itself may do it', () => {
    const config = new Map([...CONFIG, ['CONFIG_MODULE_DECOMPRESS', 'y'], ['CONFIG_MODULE_COMPRESS_ZSTD', 'y']]);
    expect(said(moduleCompressionUnsupported, facts({ image: zstd, kernel: { config } }))).toMatchObject([
      { defect: false },
    ]);
  });
  test('a kmod that opens libraries at run time asks such a kernel', () => {
    const files = kmod(['libc.so.6'], ['libzstd.so.1']);
    const config = new Map([...CONFIG, ['CONFIG_MODULE_DECOMPRESS', 'y'], ['CONFIG_MODULE_COMPRESS_ZSTD', 'y']]);
    expect(said(moduleCompressionUnsupported, facts({ image: { ...zstd, files }, kernel: { config } }))).toEqual([]);
  });
  test('modules that are not compressed ask nothing of kmod', () => {
    expect(said(moduleCompressionUnsupported, facts({ image: { files: kmod(['libc.so.6']) } }))).toEqual([]);
  });
});

describe('module_unsigned', () => {
  const image = { moduleFacts: changed('virtio_blk', { signed: false }) };
  const locked = new Map([...CONFIG, ['CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT', 'y']]);

  test.each<[string, FactsSpec, string]>([
    ['Secure Boot', { kernel: { config: locked }, host: { secureBoot: true } }, 'Secure Boot is on'],
    ['the command line', { cmdline: `${CMDLINE} module.sig_enforce=1` }, 'module.sig_enforce=1'],
    ['lockdown', { cmdline: `${CMDLINE} lockdown=integrity` }, 'lockdown=integrity'],
    [
      'the configuration',
      { kernel: { config: new Map([...CONFIG, ['CONFIG_MODULE_SIG_FORCE', 'y']]) } },
      'CONFIG_MODULE_SIG_FORCE=y',
    ],
  ])('an unsigned driver where %s asks for signatures', (_, spec, enforced_by) => {
    expect(said(moduleUnsigned, facts({ ...spec, image }))).toMatchObject([
      {
        severity: 'fatal',
        message: `virtio_blk is not signed, and the kernel takes signed modules alone (${enforced_by}): virtio_blk, ${because}.`,
        evidence: { path: `usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko`, enforced_by },
      },
    ]);
  });
  test.each<[string, FactsSpec]>([
    ['nothing asks for signatures', {}],
    ['the kernel checks none', { kernel: { config: new Map() }, host: { secureBoot: true } }],
    ['Secure Boot does not lock this kernel down', { host: { secureBoot: true } }],
    [
      'the kernel itself is unsigned',
      { kernel: { vmlinuz: { ...facts().kernel.vmlinuz!, signed: false } }, host: { secureBoot: null } },
    ],
    ['module.sig_enforce is off', { cmdline: `${CMDLINE} module.sig_enforce=0` }],
  ])('is taken where %s', (_, spec) => {
    expect(said(moduleUnsigned, facts({ ...spec, image }))).toEqual([]);
  });
  test('whether Secure Boot is on matters, and is not known', () => {
    const spec = { kernel: { config: locked }, host: { secureBoot: null }, image };
    expect(said(moduleUnsigned, facts(spec))).toMatchObject([
      { defect: false, reason: 'whether Secure Boot is on is not known' },
    ]);
    expect(said(moduleUnsigned, facts({ ...spec, image: {} }))).toEqual([]);
  });
});

describe('firmware_missing', () => {
  const hba = { name: 'qla2xxx', module: true, modalias: null, device: '/sys/devices/pci0000:00/0000:00:05.0' };
  const storage = {
    nodes: [...soundStorage().nodes.filter(({ id }) => id !== 'vda'), { ...virtioDisk(), drivers: [hba] }],
  };
  const modules = [...MODULES, 'qla2xxx'];

  test('a needed HBA without any of the files that it names', () => {
    expect(said(firmwareMissing, facts({ storage, image: { modules } }))).toMatchObject([
      { severity: 'warning', evidence: { module: 'qla2xxx', requirement: `qla2xxx, ${because}` } },
    ]);
  });
  test.each(['usr/lib/firmware/ql2500_fw.bin', 'usr/lib/firmware/updates/ql2500_fw.bin.xz'])('with %s', (path) => {
    expect(said(firmwareMissing, facts({ storage, image: { modules, files: { [path]: {} } } }))).toEqual([]);
  });
  test('an HBA that is in the image and not needed', () => {
    expect(said(firmwareMissing, facts({ image: { modules } }))).toEqual([]);
  });
});

describe('wrong_arch', () => {
  const elf = { class: 64, machine: 183, type: 'executable', needed: [], runpath: [], dlopen: [] } as const;

  test('an init for another processor', () => {
    expect(said(wrongArch, facts({ image: { files: { 'usr/lib/systemd/systemd': { elf } } } }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: '/usr/lib/systemd/systemd in the image is for aarch64, the kernel for x86_64.',
        evidence: { path: 'usr/lib/systemd/systemd', machine: 183, class: 64, kernel_arch: 'x86_64' },
      },
    ]);
  });
  test('an init that is a script is run by its interpreter', () => {
    const files = { init: { interpreter: '/bin/sh -e', text: '#!/bin/sh -e\n' }, 'usr/bin/bash': { elf } };
    expect(
      said(wrongArch, facts({ image: { files: { ...files, init: { type: 'file', ...files.init } } } })),
    ).toMatchObject([{ evidence: { path: 'usr/bin/bash' } }]);
  });
  test('a 32-bit userspace on a 64-bit kernel runs', () => {
    const files = { 'usr/lib/systemd/systemd': { elf: { ...elf, class: 32, machine: 3 } as const } };
    expect(said(wrongArch, facts({ image: { files } }))).toEqual([]);
  });
  test('modules for another processor', () => {
    const moduleFacts = without().map((module) => ({ ...module, machine: 183 }));
    expect(said(wrongArch, facts({ image: { moduleFacts } }))).toMatchObject([
      { severity: 'fatal', evidence: { machine: 183, modules: moduleFacts.length } },
    ]);
  });
  test('an architecture that is not known here is not judged', () => {
    const spec = { host: { arch: 'sparc64' }, kernel: { vmlinuz: null } };
    expect(said(wrongArch, facts({ ...spec, image: { files: { init: { elf } } } }))).toEqual([]);
  });
});

describe('modules_missing', () => {
  const list = (hostModules: readonly string[]) => ({
    dracut: { ...facts().image!.dracut!, hostModules, hostModulesPath: 'usr/lib/dracut/loaded-kernel-modules.txt' },
  });
  const loaded = [...withDependencies([...MODULES, 'virtio_scsi', 'ahci', 'sd_mod', 'sr_mod']), 'nf_tables', 'snd'];
  const rescue = { path: '/boot/initramfs-0-rescue.img', role: 'rescue', modules: 816, size: 60_000_000 } as const;

  test('an image that holds next to nothing of what its own list names', () => {
    const spec = { image: { moduleFacts: [], over: list(loaded) }, siblings: [rescue] };
    expect(said(modulesMissing, facts(spec))).toMatchObject([
      {
        severity: 'fatal',
        message: expect.stringMatching(
          /^The image holds 0 modules; its own list of the host's names \d+, of which \d+ are/,
        ),
        evidence: {
          list: 'usr/lib/dracut/loaded-kernel-modules.txt',
          listed: loaded.length,
          modules: 0,
          compared_with: [{ path: rescue.path, role: 'rescue', modules: 816 }],
          requirement: 'ext4, because / is ext4 on /dev/mapper/vg0-root',
        },
      },
    ]);
  });
  test('what was loaded and is not needed to boot is no matter', () => {
    expect(said(modulesMissing, facts({ image: { over: list(loaded) } }))).toEqual([]);
  });
  test('a hostonly image beside a generic rescue image holds a fraction, and boots', () => {
    expect(said(modulesMissing, facts({ siblings: [rescue] }))).toEqual([]);
  });
  test('an image that holds a tenth of its like is worth a warning', () => {
    const sibling = { ...rescue, role: 'sibling', path: '/boot/initramfs-6.1.0-1-amd64.img' } as const;
    expect(said(modulesMissing, facts({ siblings: [sibling] }))).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('/boot/initramfs-6.1.0-1-amd64.img holds 816') },
    ]);
  });
  test('modules built in are not missed', () => {
    const index = hostIndex();
    const builtin = new Set([...index.builtin, ...loaded]);
    const spec = { kernel: { index: { ...index, builtin } }, image: { moduleFacts: [], over: list(loaded) } };
    expect(said(modulesMissing, facts(spec))).toEqual([]);
  });
  test('without a known storage stack, no disk driver at all of those that were loaded', () => {
    const storage = { state: 'unknown', nodes: [], required: [] } as const;
    expect(said(modulesMissing, facts({ storage, image: { moduleFacts: [], over: list(loaded) } }))).toMatchObject([
      { severity: 'fatal', message: expect.stringContaining('every disk driver among them') },
    ]);
  });
});
