/**
 * A sound host as plain facts, to be changed by one thing at a time: a KVM guest with Debian's 6.1 kernel, `/` as
 * ext4 on LVM on a virtio disk, a dracut image, BLS entries. What the modules say of themselves is real
 * (`modules.json`, made by `modules.make.py`).
 */
import { parseCommandLine } from '../../../src/boot/command-line.ts';
import type { BootFacts } from '../../../src/boot/types.ts';
import type { HostFacts, KernelFacts, LoaderEntry, StorageFacts, StorageNode } from '../../../src/host/types.ts';
import type { Platform } from '../../../src/protocol/messages.ts';
import { soundImage, type ImageSpec } from './image.ts';
import { MODULE_FILES, hostIndex, K } from './modules.ts';

export { K } from './modules.ts';

/** What differs from the sound host. Objects are merged one level deep, `image` is made from its spec. */
export interface FactsSpec {
  readonly host?: Partial<HostFacts>;
  readonly storage?: Partial<StorageFacts>;
  readonly files?: Partial<HostFacts['files']>;
  readonly loader?: Partial<HostFacts['loader']>;
  readonly kernel?: Partial<KernelFacts>;
  readonly entry?: Partial<LoaderEntry> | null;
  /** Null: there is no image. */
  readonly image?: ImageSpec | null;
  readonly imageError?: BootFacts['imageError'];
  readonly siblings?: BootFacts['siblings'];
  readonly cmdline?: string | null;
  readonly platform?: Platform | null;
  readonly isDefault?: boolean;
  readonly packages?: Partial<HostFacts['packages']>;
  readonly locksAsked?: BootFacts['locksAsked'];
  readonly imageAsked?: boolean;
  readonly signatures?: BootFacts['signatures'];
  readonly copies?: BootFacts['copies'];
}

export const CMDLINE =
  'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.1.0-56-amd64 root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root console=ttyS0';

/** Everything needed is there: no rule finds anything in it. */
export function facts(spec: FactsSpec = {}): BootFacts {
  const kernel = { ...soundKernel(), ...spec.kernel };
  const base = soundHost(kernel);
  const text = spec.cmdline === undefined ? CMDLINE : spec.cmdline;
  const entry = spec.entry === null ? null : { ...soundEntry(text ?? ''), ...spec.entry };
  return {
    host: {
      ...base,
      // Another stack has other devices: none are known but those of it.
      storage: { ...base.storage, ...(spec.storage?.nodes === undefined ? {} : { devices: [] }), ...spec.storage },
      files: { ...base.files, ...spec.files },
      packages: { ...base.packages, ...spec.packages },
      loader: { ...base.loader, entries: entry === null ? [] : [entry], ...spec.loader },
      ...spec.host,
    },
    kernel,
    entry,
    isDefault: spec.isDefault ?? true,
    cmdline: text === null ? null : parseCommandLine(text),
    image: spec.image === null || spec.imageError ? null : soundImage(spec.image),
    imageError: spec.imageError ?? null,
    siblings: spec.siblings ?? [],
    platform: spec.platform ?? null,
    imageAsked: spec.imageAsked ?? false,
    locksAsked: spec.locksAsked ?? [],
    signatures: spec.signatures ?? new Map(),
    copies: spec.copies ?? new Map(),
  };
}

/** The words of Debian's config-6.1.0-56-amd64 that some rule reads. */
export const CONFIG: ReadonlyMap<string, string> = new Map([
  ['CONFIG_X86_64', 'y'],
  ['CONFIG_MODULES', 'y'],
  ['CONFIG_BLK_DEV_INITRD', 'y'],
  ['CONFIG_RD_GZIP', 'y'],
  ['CONFIG_RD_BZIP2', 'y'],
  ['CONFIG_RD_LZMA', 'y'],
  ['CONFIG_RD_XZ', 'y'],
  ['CONFIG_RD_LZO', 'y'],
  ['CONFIG_RD_LZ4', 'y'],
  ['CONFIG_RD_ZSTD', 'y'],
  ['CONFIG_MODULE_SIG', 'y'],
  ['CONFIG_MODULE_COMPRESS_NONE', 'y'],
  ['CONFIG_VIRTIO_BLK', 'm'],
  ['CONFIG_VIRTIO_PCI', 'm'],
  ['CONFIG_EXT4_FS', 'm'],
  ['CONFIG_BLK_DEV_DM', 'm'],
  ['CONFIG_ISCSI_IBFT_FIND', 'y'],
  ['CONFIG_DEVTMPFS', 'y'],
]);

export function soundKernel(): KernelFacts {
  return {
    kernel: K,
    vmlinuz: {
      path: `/boot/vmlinuz-${K}`,
      size: 8_245_184,
      mtime: 1_700_000_000,
      version: K,
      arch: 'x86_64',
      least: 8_200_000,
      isKernel: true,
      hmac: null,
      signed: true,
    },
    modulesDir: `/usr/lib/modules/${K}`,
    modules: MODULE_FILES,
    index: hostIndex(),
    config: CONFIG,
    configSource: `/boot/config-${K}`,
    images: [`/boot/initramfs-${K}.img`],
  };
}

export function soundEntry(cmdline: string): LoaderEntry {
  const path = (raw: string) => ({ raw, path: `/boot${raw}`, exists: true });
  return {
    id: `0123456789abcdef0123456789abcdef-${K}`,
    title: `Debian GNU/Linux 12 (${K})`,
    type: 'bls1',
    source: `/boot/loader/entries/0123456789abcdef0123456789abcdef-${K}.conf`,
    kernel: K,
    linux: path(`/vmlinuz-${K}`),
    initrds: [path(`/initramfs-${K}.img`)],
    cmdline,
    machineId: '0123456789abcdef0123456789abcdef',
    architecture: null,
    rescue: false,
    unresolved: [],
  };
}

function soundHost(kernel: KernelFacts): HostFacts {
  const entry = soundEntry(CMDLINE);
  return {
    source: 'live',
    root: '/',
    os: { id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
    arch: 'x86_64',
    platform: { name: 'kvm', evidence: 'sys/class/dmi/id/sys_vendor: QEMU' },
    cpu: 'cpu:type:x86,ven0000fam0006mod00CF:feature:,0000,0094,0099,009A',
    secureBoot: false,
    trust: null,
    memory: 2_147_483_648,
    machineId: '0123456789abcdef0123456789abcdef',
    running: K,
    cmdlines: { running: CMDLINE, kernelInstall: null },
    kernels: [kernel],
    loader: {
      name: 'grub',
      evidence: '/boot/grub/grub.cfg',
      entries: [entry],
      defaultEntry: 0,
      defaultEvidence: 'first menu entry',
      defaultDangling: null,
      stub: null,
      lacks: [],
      firmware: null,
    },
    boot: {
      mounts: [{ mountPoint: '/boot', mounted: true, spec: 'UUID=aaaaaaaa-0000-4000-8000-000000000001' }],
      total: 1_063_256_064,
      free: 800_000_000,
    },
    storage: soundStorage(),
    files: {
      fstab: [
        { spec: '/dev/mapper/vg0-root', mountPoint: '/', type: 'ext4', options: ['defaults'], line: 1 },
        {
          spec: 'UUID=aaaaaaaa-0000-4000-8000-000000000001',
          mountPoint: '/boot',
          type: 'ext4',
          options: ['defaults'],
          line: 2,
        },
      ],
      crypttab: null,
      mdadmConf: null,
      multipathConf: null,
      lvmDevices: null,
      dracutConf: new Map([['/etc/dracut.conf', { text: '', mtime: 1_690_000_000 }]]),
      mtimes: new Map([
        ['/etc/fstab', 1_690_000_000],
        ['/etc/dracut.conf', 1_690_000_000],
      ]),
      grubenv: new Map(),
      rootLayout: {
        fallback: '/sbin/init',
        inits: new Map(),
        mountPoints: new Map([
          ['dev', true],
          ['proc', true],
          ['sys', true],
          ['run', true],
        ]),
      },
    },
    generator: { name: 'dracut', version: '059', modules: ['base', 'crypt', 'dm', 'lvm', 'mdraid', 'rootfs-block'] },
    packages: { kernels: null, damaged: [], locks: [], installonlyLimit: null },
    packageManager: { name: 'apt' },
    unread: [],
  };
}

/** A node with nothing special about it, to be told apart by `over`. */
export function node(over: Partial<StorageNode> & Pick<StorageNode, 'id' | 'kind'>): StorageNode {
  return {
    name: `/dev/${over.id}`,
    type: '',
    mountPoints: [],
    fsRoot: null,
    uuid: null,
    label: null,
    partuuid: null,
    partlabel: null,
    vg: null,
    lv: null,
    details: [],
    below: [],
    drivers: [],
    ...over,
  };
}

/** A virtio-blk disk as sysfs shows it on a q35 machine: disk, virtio device, PCI function. */
export function virtioDisk(id = 'vda'): StorageNode {
  const pci = '/sys/devices/pci0000:00/0000:00:03.0';
  return node({
    id,
    kind: 'disk',
    type: 'virtio',
    drivers: [
      { name: 'virtio_blk', module: true, modalias: 'virtio:d00000002v00001AF4', device: `${pci}/virtio1` },
      {
        name: 'virtio_pci',
        module: true,
        modalias: 'pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00',
        device: pci,
      },
    ],
  });
}

/** `/` is ext4 on /dev/mapper/vg0-root, whose PV is /dev/vda2. */
export function soundStorage(): StorageFacts {
  return {
    state: 'complete',
    nodes: [
      node({
        id: 'fs:/',
        kind: 'filesystem',
        name: '/dev/mapper/vg0-root',
        type: 'ext4',
        mountPoints: ['/'],
        uuid: 'bbbbbbbb-0000-4000-8000-000000000002',
        below: ['dm-0'],
      }),
      node({
        id: 'dm-0',
        kind: 'lvm_lv',
        name: '/dev/mapper/vg0-root',
        vg: 'vg0',
        lv: 'root',
        details: ['linear'],
        below: ['vda2'],
      }),
      node({ id: 'vda2', kind: 'partition', partuuid: 'cccccccc-0000-4000-8000-000000000003', below: ['vda'] }),
      virtioDisk(),
    ],
    required: [{ id: 'fs:/', why: 'holds /' }],
    names: new Set([
      '/dev/vda',
      '/dev/vda1',
      '/dev/vda2',
      '/dev/dm-0',
      '/dev/mapper/vg0-root',
      '/dev/vg0/root',
      'UUID=aaaaaaaa-0000-4000-8000-000000000001',
      'UUID=bbbbbbbb-0000-4000-8000-000000000002',
      'PARTUUID=cccccccc-0000-4000-8000-000000000003',
    ]),
    devices: [
      { id: 'vda', names: ['/dev/vda'], holds: null },
      {
        id: 'vda1',
        names: ['/dev/vda1', 'UUID=aaaaaaaa-0000-4000-8000-000000000001'],
        holds: 'ext4',
      },
      {
        id: 'vda2',
        names: ['/dev/vda2', 'PARTUUID=cccccccc-0000-4000-8000-000000000003'],
        holds: 'LVM2_member',
      },
      {
        id: 'dm-0',
        names: ['/dev/dm-0', '/dev/mapper/vg0-root', '/dev/vg0/root', 'UUID=bbbbbbbb-0000-4000-8000-000000000002'],
        holds: 'ext4',
      },
    ],
    lvs: new Set(['vg0/root']),
    idleLvs: new Set(),
    passphrase: false,
    keyboards: [],
  };
}
