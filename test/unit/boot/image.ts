/** A sound dracut image as plain facts, and the tree that its files make. */
import type { Entry, ImageFacts, ImageTree, ModuleFacts, ModuleIndex, Resolution } from '../../../src/image/types.ts';
import { indexOf, K, moduleFacts, withDependencies } from './modules.ts';

/** One file of an image: text that checks may read, and whatever else differs from a plain file of mode 0644. */
export type FileSpec = Partial<Omit<Entry, 'path'>> & { readonly text?: string };

/** What differs from the sound image. */
export interface ImageSpec {
  /** Names of modules: their files and index are those of withDependencies(names). */
  readonly modules?: readonly string[];
  /** Module files as they are, in place of those that `modules` would make. The index still follows `modules`. */
  readonly moduleFacts?: readonly ModuleFacts[];
  /** What differs in the index for K; null: there is none. */
  readonly index?: Partial<ModuleIndex> | null;
  /** By path; null takes the file away. Text makes a file, `target` a symlink. */
  readonly files?: Readonly<Record<string, FileSpec | null>>;
  /** Whatever else. */
  readonly over?: Partial<ImageFacts>;
}

/** What a hostonly image for ext4 on LVM on a virtio disk holds. */
export const MODULES = ['virtio_blk', 'virtio_pci', 'dm_mod', 'ext4', 'crc32c_generic', 'crc32c_intel'] as const;

const LIBC = { class: 64, machine: 62, type: 'shared', needed: [], runpath: [], dlopen: [] } as const;
const PROGRAM = { ...LIBC, interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] } as const;
const program = (size: number, needed: readonly string[] = []): FileSpec => ({
  mode: 0o100755,
  size,
  elf: { ...PROGRAM, needed: [...needed, 'libc.so.6'] },
});
const library = (size: number, soname: string, needed: readonly string[] = ['libc.so.6']): FileSpec => ({
  mode: 0o100644,
  size,
  elf: { ...LIBC, soname, needed },
});

/** Units as systemd's own package lays them. */
function units(texts: Readonly<Record<string, string>>): Readonly<Record<string, FileSpec>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`usr/lib/systemd/system/${name}`, { text }]));
}

/** The userspace of a dracut image with systemd and lvm, cut down to what rules look at. */
const FILES: Readonly<Record<string, FileSpec>> = {
  bin: { target: 'usr/bin' },
  sbin: { target: 'usr/sbin' },
  lib: { target: 'usr/lib' },
  lib64: { target: 'usr/lib64' },
  init: { target: 'usr/lib/systemd/systemd' },
  dev: { type: 'directory' },
  proc: { type: 'directory' },
  sys: { type: 'directory' },
  run: { type: 'directory' },
  sysroot: { type: 'directory' },
  'etc/initrd-release': { text: 'NAME=dracut\nID=dracut\nVERSION="059"\n' },
  'etc/cmdline.d': { type: 'directory' },
  'etc/lvm/lvm.conf': { text: 'global {\nsystem_id_source = "none"\n}\n' },
  'usr/bin/bash': program(1_265_648),
  'usr/bin/sh': { target: 'bash' },
  'usr/bin/mount': program(59_704),
  'usr/bin/systemctl': program(1_100_000),
  'usr/bin/udevadm': program(1_200_000, ['libkmod.so.2']),
  'usr/bin/kmod': program(178_336, ['liblzma.so.5']),
  'usr/sbin/modprobe': { target: '../bin/kmod' },
  'usr/sbin/insmod': { target: '../bin/kmod' },
  'usr/sbin/lvm': program(3_112_664),
  'usr/sbin/dmsetup': program(178_192),
  'usr/sbin/switch_root': program(22_816),
  'usr/lib/systemd/systemd': program(96_112),
  'usr/lib/systemd/system-generators/systemd-fstab-generator': program(55_000),
  'usr/lib/systemd/systemd-udevd': { target: '../../bin/udevadm' },
  ...units({
    'initrd.target':
      '[Unit]\nAssertPathExists=/etc/initrd-release\nRequires=basic.target\nWants=initrd-root-fs.target initrd-parse-etc.service\n',
    'basic.target': '[Unit]\nRequires=sysinit.target\nWants=sockets.target tmp.mount\n',
    'sysinit.target': '[Unit]\nDescription=System Initialization\n',
    'systemd-udev-trigger.service': '[Unit]\nWants=systemd-udevd.service\n[Service]\nExecStart=-udevadm trigger\n',
    'systemd-udevd.service': '[Service]\nExecStart=/lib/systemd/systemd-udevd\n',
    'initrd-root-fs.target': '[Unit]\nOnFailure=emergency.target\n',
    'initrd-parse-etc.service':
      '[Unit]\nRequires=initrd-root-fs.target\n[Service]\nExecStart=systemctl --no-block start initrd-cleanup.service\n',
    'initrd-cleanup.service': '[Service]\nExecStart=systemctl --no-block isolate initrd-switch-root.target\n',
    'initrd-switch-root.target': '[Unit]\nWants=initrd-switch-root.service\n',
    'initrd-switch-root.service': '[Service]\nExecStart=systemctl --no-block switch-root /sysroot\n',
  }),
  'usr/lib/systemd/system/sysinit.target.wants/systemd-udev-trigger.service': {
    target: '../systemd-udev-trigger.service',
  },
  'usr/lib/udev/rules.d/10-dm.rules': { text: 'ENV{DM_NAME}=="?*", SYMLINK+="mapper/$env{DM_NAME}"\n' },
  'usr/lib/udev/rules.d/11-dm-lvm.rules': {
    text: 'ENV{DM_VG_NAME}=="?*", ENV{DM_LV_NAME}=="?*", SYMLINK+="$env{DM_VG_NAME}/$env{DM_LV_NAME}", GOTO="lvm_end"\n',
  },
  'usr/lib/udev/rules.d/95-dm-notify.rules': {
    text: 'ENV{DM_COOKIE}=="?*", RUN+="/usr/sbin/dmsetup udevcomplete $env{DM_COOKIE}"\n',
  },
  'usr/lib/udev/rules.d/64-lvm.rules': {
    text: 'SUBSYSTEM!="block", GOTO="lvm_end"\nRUN+="/sbin/initqueue --settled --onetime --unique /sbin/lvm_scan"\n',
  },
  'usr/sbin/initqueue': { mode: 0o100755, size: 1_341, interpreter: '/bin/sh' },
  'usr/sbin/lvm_scan': { mode: 0o100755, size: 3_500, interpreter: '/bin/sh' },
  'usr/lib/udev/rules.d/60-persistent-storage.rules': {
    text: `ACTION=="remove", GOTO="end"
KERNEL!="sr*|mmcblk[0-9]boot[0-9]", IMPORT{builtin}="blkid"
ENV{ID_FS_USAGE}=="filesystem|other|crypto", ENV{ID_FS_UUID_ENC}=="?*", SYMLINK+="disk/by-uuid/$env{ID_FS_UUID_ENC}"
ENV{ID_FS_USAGE}=="filesystem|other", ENV{ID_FS_LABEL_ENC}=="?*", SYMLINK+="disk/by-label/$env{ID_FS_LABEL_ENC}"
ENV{ID_PART_ENTRY_UUID}=="?*", SYMLINK+="disk/by-partuuid/$env{ID_PART_ENTRY_UUID}"
LABEL="end"
`,
  },
  'usr/lib/udev/rules.d/60-persistent-storage-dm.rules': {
    text: `ENV{DM_UDEV_RULES_VSN}!="?*", GOTO="end"
IMPORT{builtin}="blkid"
ENV{ID_FS_USAGE}=="filesystem|other|crypto", ENV{ID_FS_UUID_ENC}=="?*", SYMLINK+="disk/by-uuid/$env{ID_FS_UUID_ENC}"
LABEL="end"
`,
  },
  'usr/lib/udev/rules.d/99-systemd.rules': { text: 'SUBSYSTEM=="block", TAG+="systemd"\n' },
  'usr/lib/udev/rules.d/80-drivers.rules': {
    text: 'ACTION!="remove", ENV{MODALIAS}=="?*", RUN{builtin}+="kmod load \'$env{MODALIAS}\'"\n',
  },
  'usr/lib64/ld-linux-x86-64.so.2': { ...library(210_968, 'ld-linux-x86-64.so.2', []), mode: 0o100755 },
  'usr/lib64/libc.so.6': library(1_922_136, 'libc.so.6', ['ld-linux-x86-64.so.2']),
  'usr/lib64/libkmod.so.2': library(113_040, 'libkmod.so.2', ['liblzma.so.5', 'libc.so.6']),
  'usr/lib64/liblzma.so.5': library(182_912, 'liblzma.so.5'),
  'usr/lib/dracut/modules.txt': { text: 'systemd\nbase\ndm\nlvm\nrootfs-block\nudev-rules\n' },
  'usr/lib/dracut/dracut-059': { text: '' },
};

export function soundImage(spec: ImageSpec = {}): ImageFacts {
  const names = withDependencies(spec.modules ?? MODULES);
  const modules = spec.moduleFacts ?? names.map((name) => moduleFacts(name));
  const files = new Map<string, FileSpec>(Object.entries(FILES));
  for (const { path, size } of modules) files.set(path, { size });
  for (const [path, file] of Object.entries(spec.files ?? {})) {
    if (file === null) files.delete(path);
    else files.set(path, { ...files.get(path), ...file });
  }
  const tree = treeOf(files);
  return {
    files: [{ path: `/boot/initramfs-${K}.img`, size: 16_777_216, mtime: 1_700_000_100 }],
    uki: null,
    segments: [
      {
        file: 0,
        offset: 0,
        size: 16_777_216,
        compression: 'gzip',
        unpackedSize: 41_943_040,
        entries: tree.entries.size,
        early: false,
        trailer: true,
      },
    ],
    problems: [],
    unpackedSize: 41_943_040,
    tree,
    modules,
    indexes: spec.index === null ? new Map() : new Map([[K, indexOf(names, spec.index)]]),
    dracut: {
      version: '059',
      modules: ['systemd', 'base', 'dm', 'lvm', 'rootfs-block', 'udev-rules'],
      buildParameters: null,
      hostModules: null,
      hostModulesPath: null,
      needInitqueue: false,
    },
    generator: 'dracut',
    unread: [],
    ...spec.over,
  };
}

/** Files by path (folders above them are made), as a tree whose links are followed inside it. */
function treeOf(files: ReadonlyMap<string, FileSpec>): ImageTree {
  const entries = new Map<string, Entry>();
  const texts = new Map<string, string>();
  for (const [path, { text, ...file }] of files) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const above = path.slice(0, at);
      if (!entries.has(above)) entries.set(above, entryOf(above, { type: 'directory' }));
    }
    entries.set(path, entryOf(path, { ...(text === undefined ? {} : { size: text.length }), ...file }));
    if (text !== undefined) texts.set(path, text);
  }
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  const resolve = (path: string) => follow(sorted, path);
  return {
    entries: sorted,
    resolve,
    text: (path) => {
      const at = resolve(path);
      return at.found ? (texts.get(at.entry.path) ?? null) : null;
    },
  };
}

const TYPE_BITS = {
  file: 0o100644,
  directory: 0o40755,
  symlink: 0o120777,
  device: 0o60600,
  fifo: 0o10644,
  socket: 0o140755,
};

function entryOf(path: string, file: FileSpec): Entry {
  const type = file.type ?? (file.target === undefined ? 'file' : 'symlink');
  return { size: 0, mtime: 1_700_000_000, segment: 0, mode: TYPE_BITS[type], ...file, path, type };
}

function follow(entries: ReadonlyMap<string, Entry>, path: string): Resolution {
  const via: string[] = [];
  let todo = path.split('/');
  let done: string[] = [];
  while (todo.length > 0) {
    const [name = '', ...rest] = todo;
    todo = rest;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const here = [...done, name].join('/');
    const entry = entries.get(here);
    if (entry === undefined) return { found: false, missing: here, reason: 'absent', via };
    if (entry.type === 'symlink') {
      if (via.length >= 40) return { found: false, missing: here, reason: 'loop', via };
      via.push(here);
      const target = entry.target ?? '';
      if (target.startsWith('/')) done = [];
      todo = [...target.split('/'), ...todo];
    } else if (entry.type !== 'directory' && todo.some((part) => part !== '')) {
      return { found: false, missing: here, reason: 'not_directory', via };
    } else {
      done = [...done, name];
    }
  }
  const entry = entries.get(done.join('/'));
  return entry === undefined
    ? { found: false, missing: done.join('/'), reason: 'absent', via }
    : { found: true, entry };
}
