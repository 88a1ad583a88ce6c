import { describe, expect, test } from '@jest/globals';
import { defaultEntryStale } from '../../../../src/boot/checks/default-entry-stale.ts';
import { entryFileMissing } from '../../../../src/boot/checks/entry-file-missing.ts';
import { entryForeignMachineId } from '../../../../src/boot/checks/entry-foreign-machine-id.ts';
import { entryWithoutImage } from '../../../../src/boot/checks/entry-without-image.ts';
import { grubStubStale } from '../../../../src/boot/checks/grub-stub-stale.ts';
import { kernelDamaged } from '../../../../src/boot/checks/kernel-damaged.ts';
import { asBooted } from '../../../../src/boot/first-try.ts';
import { facts, K, soundEntry, virtioDisk, node } from '../facts.ts';
import { CONFIG, CMDLINE } from '../facts.ts';
import { hostIndex } from '../modules.ts';
import { observe, severities } from '../observe.ts';

/** A kernel with virtio and ext4 built in, and `/` on a plain partition: the cloud image that needs no initramfs. */
const BUILT_IN = {
  kernel: { index: hostIndex({ builtin: new Set(['virtio_blk', 'virtio_pci', 'ext4']) }), config: CONFIG },
  storage: {
    nodes: [
      node({ id: 'fs:/', kind: 'filesystem', name: '/dev/vda1', type: 'ext4', mountPoints: ['/'], below: ['vda1'] }),
      node({ id: 'vda1', kind: 'partition', below: ['vda'] }),
      virtioDisk(),
    ],
  },
} as const;

describe('an entry without an image', () => {
  const entry = { initrds: [] };

  test('does not boot where / is on LVM', () => {
    const { defects } = observe(entryWithoutImage, facts({ entry, image: null }));
    expect(defects).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('the kernel alone does not understand root=/dev/mapper/vg0-root'),
        evidence: expect.objectContaining({
          linux: `/vmlinuz-${K}`,
          images_of_this_kernel: [`/boot/initramfs-${K}.img`],
        }),
      }),
    ]);
  });

  test.each(['root=UUID=aaaaaaaa-0000-4000-8000-000000000001', 'root=LABEL=root', 'ro quiet'])(
    'does not boot with %s, which only user space understands',
    (cmdline) => {
      expect(severities(entryWithoutImage, facts({ ...BUILT_IN, entry, image: null, cmdline }))).toEqual(['fatal']);
    },
  );

  test.each([
    'root=/dev/vda1',
    'root=PARTUUID=cccccccc-0000-4000-8000-000000000003',
    'root=PARTUUID=cccccccc-0000-4000-8000-000000000003/PARTNROFF=1',
  ])('boots with %s where all drivers are built in', (cmdline) => {
    expect(observe(entryWithoutImage, facts({ ...BUILT_IN, entry, image: null, cmdline }))).toEqual({
      defects: [],
      unknowns: [],
    });
  });

  test('may not boot where /usr is a file system of its own, which the kernel does not mount', () => {
    const usr = node({ id: 'fs:/usr', kind: 'filesystem', type: 'ext4', mountPoints: ['/usr'], below: ['vda1'] });
    const storage = { nodes: [...BUILT_IN.storage.nodes, usr] };
    const given = facts({ ...BUILT_IN, storage, entry, image: null, cmdline: 'root=/dev/vda1' });
    expect(observe(entryWithoutImage, given)).toMatchObject({
      defects: [],
      unknowns: [{ reason: expect.stringContaining('/usr is a file system of its own') }],
    });
  });

  test('does not boot where the driver of the disk is a module', () => {
    const { defects } = observe(
      entryWithoutImage,
      facts({ storage: BUILT_IN.storage, entry, image: null, cmdline: 'root=/dev/vda1' }),
    );
    expect(defects[0]?.message).toContain('ext4, because / is ext4');
  });

  test('is not judged where an initramfs is built into the kernel', () => {
    const config = new Map([...CONFIG, ['CONFIG_INITRAMFS_SOURCE', '/usr/share/rootfs.cpio']]);
    const { defects, unknowns } = observe(entryWithoutImage, facts({ kernel: { config }, entry, image: null }));
    expect(defects).toEqual([]);
    expect(unknowns).toHaveLength(1);
  });

  test('is not judged where its initrd line could not be expanded', () => {
    const { defects, unknowns } = observe(
      entryWithoutImage,
      facts({ entry: { ...entry, unresolved: ['tuned_initrd'] }, image: null }),
    );
    expect(defects).toEqual([]);
    expect(unknowns[0]?.reason).toContain('tuned_initrd');
  });

  test('is whole where the kernel is a unified image', () => {
    expect(observe(entryWithoutImage, facts({ entry: { type: 'uki', initrds: [] } })).defects).toEqual([]);
  });
});

describe('an entry that boots without an image first', () => {
  const { linux } = soundEntry(CMDLINE);
  const of = (cmdline: string, more: Parameters<typeof facts>[0] = {}) =>
    asBooted(facts({ entry: { firstTry: { linux, initrds: [], cmdline } }, ...more }));

  test('is judged by the image of its second try, where the kernel alone panics and starts again', () => {
    const judged = of('root=PARTUUID=cccccccc-0000-4000-8000-000000000003 panic=-1');
    expect([judged.image === null, judged.cmdline?.text]).toEqual([false, CMDLINE]);
    expect(severities(entryWithoutImage, judged)).toEqual(['note']);
  });

  test.each(['panic=0', 'quiet'])('does not boot where the host then stands still (%s)', (word) => {
    const judged = of(`root=PARTUUID=cccccccc-0000-4000-8000-000000000003 ${word}`);
    expect(severities(entryWithoutImage, judged)).toEqual(['fatal']);
  });

  test('starts again where the kernel does so by itself', () => {
    const config = new Map([...CONFIG, ['CONFIG_PANIC_TIMEOUT', '5']]);
    expect(severities(entryWithoutImage, of('root=/dev/vda1', { kernel: { config } }))).toEqual(['note']);
  });

  test('boots so where all drivers are built in: no image is judged', () => {
    const judged = of('root=/dev/vda1 panic=-1', BUILT_IN);
    expect([judged.image, judged.imageError, judged.entry?.initrds]).toEqual([null, null, []]);
    expect(observe(entryWithoutImage, judged)).toEqual({ defects: [], unknowns: [] });
  });
});

describe('a file of the entry that is not there', () => {
  test('is told where it is the kernel', () => {
    const linux = { raw: '/vmlinuz-gone', path: '/boot/vmlinuz-gone', exists: false };
    expect(observe(entryFileMissing, facts({ entry: { linux } })).defects).toEqual([
      expect.objectContaining({
        evidence: expect.objectContaining({ role: 'kernel', raw: '/vmlinuz-gone', path: '/boot/vmlinuz-gone' }),
      }),
    ]);
  });

  test('is told where it is the microcode beside the image, without which GRUB loads neither', () => {
    const main = soundEntry(CMDLINE).initrds;
    const microcode = { raw: '/intel-ucode.img', path: '/boot/intel-ucode.img', exists: false };
    const { defects } = observe(entryFileMissing, facts({ entry: { initrds: [microcode, ...main] } }));
    expect(defects.map(({ evidence }) => evidence.raw)).toEqual(['/intel-ucode.img']);
  });

  test('is another rule’s matter where it is the image itself', () => {
    const path = `/boot/initramfs-${K}.img`;
    const spec = {
      entry: { initrds: [{ raw: `/initramfs-${K}.img`, path, exists: false }] },
      imageError: { path, kind: 'absent', reason: 'no such file' },
    } as const;
    expect(observe(entryFileMissing, facts(spec))).toEqual({ defects: [], unknowns: [] });
  });

  test('is not known where the loader reads a file system that cannot be seen', () => {
    const linux = { raw: '/vmlinuz', path: null, exists: null };
    expect(observe(entryFileMissing, facts({ entry: { linux } })).unknowns).toHaveLength(1);
  });
});

describe('a kernel file', () => {
  const sized = (size: number, least: number | null) =>
    observe(kernelDamaged, facts({ kernel: { vmlinuz: { ...SOUND, size, least } } })).defects;
  const SOUND = facts().kernel.vmlinuz!;

  test('that is empty, or shorter than its header says, boots nothing', () => {
    expect(sized(0, null)).toMatchObject([{ message: `${SOUND.path}, the kernel ${K}, is empty.` }]);
    expect(sized(4_096, 8_192)).toMatchObject([
      { message: `${SOUND.path}, the kernel ${K}, is cut short: 4096 of 8192 bytes.` },
    ]);
  });

  test('may have a signature behind it, or a header that does not tell', () => {
    expect([...sized(10_000, 8_192), ...sized(8_192, 8_192), ...sized(10, null)]).toEqual([]);
  });
});

describe('a kernel file that begins as none does', () => {
  const SOUND = facts().kernel.vmlinuz!;
  const rubbish = { ...SOUND, version: null, arch: null, signed: null, least: null, isKernel: false };
  const held = (more: Parameters<typeof facts>[0]) => observe(kernelDamaged, facts(more));

  test('boots nothing', () => {
    expect(held({ kernel: { vmlinuz: rubbish } }).defects).toEqual([
      {
        defect: true,
        message: `${SOUND.path}, the kernel ${K}, is no kernel: it begins as none of any format.`,
        evidence: { path: SOUND.path, size: SOUND.size, least: null },
      },
    ]);
  });

  test('is not known to be none where kernels of that architecture are not known here', () => {
    const { defects, unknowns } = held({ kernel: { vmlinuz: rubbish }, host: { arch: 'unknown' } });
    expect([defects.length, unknowns.map(({ what }) => what)]).toEqual([0, [`whether ${SOUND.path} is a kernel`]]);
  });

  test('is none of this rule’s where it could not be read', () => {
    expect(held({ kernel: { vmlinuz: { ...rubbish, isKernel: null } } })).toEqual({ defects: [], unknowns: [] });
  });
});

describe('what GRUB is started with on the EFI partition', () => {
  const path = '/boot/efi/EFI/debian/grub.cfg';
  const stub = (uuid: string) => facts({ loader: { stub: { path, uuid } } });

  test('leads to a file system that is there', () => {
    expect(observe(grubStubStale, stub('AAAAAAAA-0000-4000-8000-000000000001'))).toEqual({ defects: [], unknowns: [] });
    expect(observe(grubStubStale, facts())).toEqual({ defects: [], unknowns: [] });
  });

  test('leads nowhere', () => {
    const uuid = '0bad0bad-0000-4000-8000-0bad0bad0bad';
    expect(observe(grubStubStale, stub(uuid)).defects).toEqual([
      {
        defect: true,
        message: `${path} searches for the file system ${uuid}, which this host does not have.`,
        evidence: { path, uuid },
      },
    ]);
    expect(
      observe(grubStubStale, facts({ loader: { stub: { path, uuid } }, storage: { names: null } })).defects,
    ).toEqual([]);
  });
});

describe('a ZFS pool that GRUB is started from', () => {
  const path = '/boot/efi/EFI/ubuntu/grub.cfg';
  const pool = (uuid: string) =>
    observe(
      grubStubStale,
      facts({
        loader: { stub: { path, uuid } },
        storage: { names: new Set(['UUID=12811019818950801316', 'UUID=77']) },
      }),
    );

  test.each(['b1c9e2a64f0d37a4', '000000000000004d'])('is there by its GUID in decimal: %s', (uuid) => {
    expect(pool(uuid)).toEqual({ defects: [], unknowns: [] });
  });

  test('is not known to be gone where no device tells of it', () => {
    const { defects, unknowns } = pool('0123456789abcdef');
    expect([defects.length, unknowns.map(({ what }) => what)]).toEqual([
      0,
      [`whether the file system 0123456789abcdef, which ${path} searches for, is there`],
    ]);
  });
});

describe('the default', () => {
  test('that names an entry which is gone boots another one', () => {
    const { defects } = observe(
      defaultEntryStale,
      facts({ loader: { defaultDangling: 'gone-5.14.0', defaultEvidence: 'grubenv saved_entry=gone-5.14.0' } }),
    );
    expect(defects).toEqual([
      {
        defect: true,
        message: `The default entry "gone-5.14.0" is none that the loader offers; it takes "Debian GNU/Linux 12 (${K})" instead.`,
        evidence: {
          loader: 'grub',
          default_from: 'grubenv saved_entry=gone-5.14.0',
          default: 'gone-5.14.0',
          entries: [`0123456789abcdef0123456789abcdef-${K}`],
          boots_instead: `0123456789abcdef0123456789abcdef-${K}`,
        },
      },
    ]);
  });

  test('of a loader without entries is fatal', () => {
    expect(severities(defaultEntryStale, facts({ entry: null, loader: { entries: [], defaultEntry: null } }))).toEqual([
      'fatal',
    ]);
  });

  test.each([
    [
      'nobody knows the loader',
      { name: null, evidence: 'no boot loader configuration was found' },
      [],
      'no boot loader',
    ],
    [
      'its configuration was not readable',
      {},
      [{ part: 'loader', what: '/boot/grub/grub.cfg', reason: 'permission denied' }],
      'permission denied',
    ],
  ] as const)('is not known where %s', (_, over, unread, reason) => {
    const loader = { ...facts().host.loader, entries: [], defaultEntry: null, ...over };
    expect(observe(defaultEntryStale, facts({ entry: null, isDefault: false, host: { loader, unread } }))).toEqual({
      defects: [],
      unknowns: [expect.objectContaining({ reason: expect.stringContaining(reason) })],
    });
  });

  test('is not told again for kernels that are not the default', () => {
    expect(
      observe(defaultEntryStale, facts({ isDefault: false, loader: { defaultDangling: 'gone' } })).defects,
    ).toEqual([]);
  });
});

describe('an entry of another machine-id', () => {
  const foreign = { machineId: 'ffffffffffffffffffffffffffffffff' };

  test('is told where it is what boots next', () => {
    const { defects } = observe(entryForeignMachineId, facts({ entry: foreign }));
    expect(defects[0]?.evidence).toMatchObject({
      entry_machine_id: 'ffffffffffffffffffffffffffffffff',
      machine_id: '0123456789abcdef0123456789abcdef',
    });
  });

  test.each([
    ['it is not the default', { entry: foreign, isDefault: false }],
    ['it is the rescue entry', { entry: { ...foreign, rescue: true } }],
    ['it is another system’s, whose modules are not here', { entry: foreign, kernel: { modulesDir: null } }],
    ['the entry bears a token that is no id', { entry: { machineId: null } }],
    ['the machine has no id yet', { entry: foreign, host: { machineId: null } }],
  ])('is no matter where %s', (_, spec) => {
    expect(observe(entryForeignMachineId, facts(spec)).defects).toEqual([]);
  });
});
