/** What reading a host yields: plain facts, no judgement. Produced by `host/`, judged by `boot/`. Paths are as on the host (root taken off). */
import type { Difference, FactSource, Platform } from '../protocol/messages.ts';
import type { ModuleIndex } from '../image/types.ts';

export interface HostFacts {
  readonly source: FactSource;
  /** The root as asked for, `/` or a path. */
  readonly root: string;
  readonly os: {
    readonly id: string;
    readonly like: readonly string[];
    readonly version: string | null;
    readonly name: string;
  } | null;
  /** As `uname -m`: x86_64, aarch64… of the host read (from its kernel or ELF files, not of the machine that reads, unless live). */
  readonly arch: string;
  readonly platform: { readonly name: Platform | null; readonly evidence: string };
  /** The processor's modalias: its family and features, as the kernel names them; null where not known. */
  readonly cpu: string | null;
  /** Whether what is not signed is refused: Secure Boot is on, and shim was not told to let everything pass; null: not known. */
  readonly secureBoot: boolean | null;
  /**
   * What Secure Boot goes by: whether shim takes part, and whether the lists of the firmware and of shim hold keys alone and no
   * hash of a program. Null where it is off, or not known.
   */
  readonly trust: { readonly shim: boolean; readonly keysAlone: boolean } | null;
  /** Bytes, null where not known. */
  readonly memory: number | null;
  readonly machineId: string | null;
  /** `uname -r` of the running kernel; null unless live or captured. */
  readonly running: string | null;
  /** Command lines to fall back on where no entry is judged: `/proc/cmdline` (live, captured), `/etc/kernel/cmdline`; null where absent. */
  readonly cmdlines: { readonly running: string | null; readonly kernelInstall: string | null };
  /** Sorted oldest to newest by version order. */
  readonly kernels: readonly KernelFacts[];
  readonly loader: LoaderFacts;
  readonly boot: BootDirectory;
  readonly storage: StorageFacts;
  readonly files: HostFiles;
  readonly generator: GeneratorFacts | null;
  readonly packageManager: { readonly name: 'dnf' | 'dnf5' | 'yum' | 'apt' | 'zypper' } | null;
  readonly packages: PackageFacts;
  /** What could not be read, and why: a verdict that needs it is unknown. */
  readonly unread: readonly Unread[];
}

export interface Unread {
  /** What part of the facts: rules ask by this. Of `signing` none does: what is not known of it is null. */
  readonly part: 'kernels' | 'loader' | 'boot' | 'storage' | 'config' | 'packages' | 'modules' | 'signing';
  /** The kernel concerned, where one is. */
  readonly kernel?: string;
  readonly what: string;
  readonly reason: string;
}

/** One installed kernel version K: anything of it that is there. */
export interface KernelFacts {
  readonly kernel: string;
  readonly vmlinuz: VmlinuzFacts | null;
  /** `/usr/lib/modules/K` or `/lib/modules/K`; null where absent. */
  readonly modulesDir: string | null;
  /** Module files on disk: path relative to modulesDir; empty where modulesDir is null. */
  readonly modules: readonly { readonly path: string; readonly size: number; readonly mtime: number }[];
  /** Null where modulesDir is null. */
  readonly index: ModuleIndex | null;
  /** CONFIG_* → value ('y', 'm', a number, a string without quotes). Null: could not be had. */
  readonly config: ReadonlyMap<string, string> | null;
  /** Where the config came from: a path, or `vmlinuz`. */
  readonly configSource: string | null;
  /** Image files found by the usual names, in search order; not kdump's. */
  readonly images: readonly string[];
}

export interface VmlinuzFacts {
  readonly path: string;
  readonly size: number;
  /** What its header says it has at least; null where it does not say. */
  readonly least: number | null;
  /** Whether it begins as kernels do, in any format; null where that could not be read. */
  readonly isKernel: boolean | null;
  readonly mtime: number;
  /** Version string inside (x86: u16 at 0x20e + 0x200), first word; null where it has none to read. */
  readonly version: string | null;
  readonly arch: string | null;
  /** SHA-512 HMAC file beside it (`.vmlinuz-K.hmac`), for FIPS: null where absent. */
  readonly hmac: { readonly path: string; readonly matches: boolean | null } | null;
  /** PE signature table present, and within the file. */
  readonly signed: boolean | null;
}

/** What an entry loads. */
export interface EntryBoot {
  readonly linux: LoaderPath | null;
  readonly initrds: readonly LoaderPath[];
  /** The whole command line, variables expanded. */
  readonly cmdline: string;
}

/** One boot loader entry. Paths are absolute on the host. */
export interface LoaderEntry extends EntryBoot {
  /** File name less `.conf` (BLS), or the menu title. */
  readonly id: string;
  readonly title: string;
  readonly type: 'bls1' | 'uki' | 'grub';
  /** Where it was read: `path` or `path:line`. */
  readonly source: string;
  /** K as named by the entry (`version`, file name) or worked out from `linux`; null where not to be told. */
  readonly kernel: string | null;
  /**
   * What it boots at first, where what stands here is what GRUB boots after that failed: Ubuntu's cloud images try without
   * an image (GRUB_FORCE_PARTUUID).
   */
  readonly firstTry?: EntryBoot;
  readonly machineId: string | null;
  readonly architecture: string | null;
  readonly rescue: boolean;
  /** Variables in it that could not be expanded. */
  readonly unresolved: readonly string[];
}

export interface LoaderPath {
  /** As the entry writes it. */
  readonly raw: string;
  /** On the host, resolved against the file system that the loader reads; null where that is not to be told. */
  readonly path: string | null;
  /** Null: could not be looked at. */
  readonly exists: boolean | null;
}

/** The loader in force, and its menu. */
export interface LoaderMenu {
  readonly name: 'grub' | 'systemd-boot' | 'zipl' | 'extlinux' | null;
  readonly evidence: string;
  readonly entries: readonly LoaderEntry[];
  /** What boots next: an index into entries; what the loader falls back to where `defaultDangling` is set; null where there is nothing to boot, or nothing says. */
  readonly defaultEntry: number | null;
  /** What decided, in words: "grubenv saved_entry=…", "first menu entry", "loader.conf default". */
  readonly defaultEvidence: string;
  /** Set where the configured default names an entry that is not there. */
  readonly defaultDangling: string | null;
  /** GRUB on EFI: the grub.cfg that only leads to the real one, and the UUID of the file system that it searches for. */
  readonly stub: { readonly path: string; readonly uuid: string } | null;
  /** GRUB's: where its grub.cfg would be, where it has none at all; else empty. */
  readonly lacks: readonly string[];
}

export interface LoaderFacts extends LoaderMenu {
  /** Null where the host was not started by EFI, or its EFI partition could not be looked at. */
  readonly firmware: FirmwareFacts | null;
}

/** What the firmware starts of the EFI partition. */
export interface FirmwareFacts {
  /** Where that partition is mounted. */
  readonly mountPoint: string;
  /** `UUID=…`, `PARTUUID=…` and others of it, as far as known. */
  readonly names: readonly string[];
  /** Whether the firmware's boot entries could be read. */
  readonly variables: boolean;
  /** What it started last led to this partition, to a device without saying which, or elsewhere; null: not known. */
  readonly started: 'here' | 'device' | 'elsewhere' | null;
  /** In its order, up to the first that runs; at the end what it falls back to, where none did. */
  readonly programs: readonly EfiProgram[];
  /** Active entries before that which lead to other partitions (PARTUUID), or to the network (null). */
  readonly elsewhere: readonly { readonly entry: string; readonly partition: string | null }[];
  /** Where entries could not be read and the fallback does not run: other programs that they may lead to. */
  readonly others: readonly string[];
}

export interface EfiProgram {
  /** `Boot0003`, or `the fallback`. */
  readonly by: string;
  /** The firmware started the host by this entry. */
  readonly isCurrent: boolean;
  readonly path: string;
  /** What it is; of shim's second stage it is shim that the firmware starts. Null where it is none. */
  readonly kind: 'shim' | 'grub' | 'systemd-boot' | 'other' | null;
  /**
   * Why it does not run: a file of it, itself or what it starts, is not there, is no whole program, is another machine's, or
   * carries no signature where Secure Boot asks for one.
   */
  readonly fault: { readonly kind: 'absent' | 'damaged' | 'foreign' | 'unsigned'; readonly path: string } | null;
  /** GRUB's: where it looks for its configuration, where none is there. */
  readonly lacks: readonly string[];
  /** GRUB's: its configuration, where of the places that it looks in one alone has one. */
  readonly goesBy: string | null;
}

export interface BootDirectory {
  /** Mount points among /boot, /efi, /boot/efi named in fstab, and whether mountinfo (null: unknown) has them. */
  readonly mounts: readonly { readonly mountPoint: string; readonly mounted: boolean | null; readonly spec: string }[];
  /** Of the file system that holds /boot, bytes; null where not to be had (captured, offline). */
  readonly total: number | null;
  readonly free: number | null;
}

/** One layer of the storage stack. */
export interface StorageNode {
  /** Unique in the stack: kernel name (`dm-0`, `vda2`), or `fs:/`. */
  readonly id: string;
  readonly kind:
    'filesystem' | 'swap' | 'lvm_lv' | 'crypt' | 'md' | 'multipath' | 'bcache' | 'partition' | 'disk' | 'network'; // nfs, 9p, virtiofs: a file system without a block device
  /** `/dev/mapper/vg0-root`, `/dev/vda2`, `server:/export`… */
  readonly name: string;
  /** Filesystem: its type (ext4, xfs, btrfs, zfs, nfs4, 9p, virtiofs). Disk: its transport (virtio, nvme, ata, scsi, usb, iscsi, nbd, mmc, xen, hyperv…). */
  readonly type: string;
  /** Mount points served by a filesystem node (`/`, `/usr`). */
  readonly mountPoints: readonly string[];
  /** Filesystem: the path inside it that is mounted, `/` or that of a btrfs subvolume; null where not known. */
  readonly fsRoot: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  readonly vg: string | null;
  readonly lv: string | null;
  /** md: level (raid1…). dm: the target types of its table, e.g. ["linear"], ["thin-pool"], and of a RAID its levels, where they are known: ["raid", "raid1"]; crypt: cipher spec such as aes-xts-plain64. */
  readonly details: readonly string[];
  /** Ids of the nodes it stands on. */
  readonly below: readonly string[];
  /** Drivers bound along the sysfs device chain of a disk, from the device up to the bus, as module or driver names normalised with '_'. */
  readonly drivers: readonly BoundDriver[];
}

export interface BoundDriver {
  /** Module name where sysfs tells (`driver/module` link), else the driver's name. */
  readonly name: string;
  /** True where sysfs gave a module name; false where only a driver name was had (usually built in). */
  readonly module: boolean;
  /** The device's modalias, where there is one. */
  readonly modalias: string | null;
  /** sysfs path of the device it is bound to. */
  readonly device: string;
}

/** A block device of the host, whether or not it is in the stack. */
export interface NamedDevice {
  /** Kernel name: `vda1`, `dm-0`. */
  readonly id: string;
  /** `/dev/…`, `UUID=…`, `LABEL=…`, `PARTUUID=…`, `PARTLABEL=…`. */
  readonly names: readonly string[];
  /** What blkid found on it, in its words: ext4, swap, LVM2_member, crypto_LUKS, linux_raid_member…; null where nothing, or not told. */
  readonly holds: string | null;
}

export interface StorageFacts {
  /** Whether the stack from / to the hardware is known; 'partial' when worked out from files alone. */
  readonly state: 'complete' | 'partial' | 'unknown';
  readonly nodes: readonly StorageNode[];
  /** Node ids that the boot must reach: of `/`, of `/usr` if separate, of swap named by resume=. */
  readonly required: readonly { readonly id: string; readonly why: string; readonly resume?: string }[];
  /** Every block device name known to exist by any name: UUID=…, LABEL=…, PARTUUID=…, PARTLABEL=…, /dev/…; null when the list is not complete. */
  readonly names: ReadonlySet<string> | null;
  /** Every block device that the running host shows, by what it holds; empty where none was looked at. */
  readonly devices: readonly NamedDevice[];
  /** VG/LV names known to exist; null when not known. */
  readonly lvs: ReadonlySet<string> | null;
  /** VG/LV names that LVM's own copy of its metadata has and that are not active: they may be there. */
  readonly idleLvs: ReadonlySet<string>;
  /** A passphrase must be typed to unlock it (no key file, no TPM/FIDO2/Clevis token known), unless the command line has a key. */
  readonly passphrase: boolean | null;
  /** Keyboards' drivers (USB HID, i2c HID, i8042), for passphrases. */
  readonly keyboards: readonly BoundDriver[];
}

/** Configuration files on the host that images freeze a copy of: text by path, null where absent. */
export interface HostFiles {
  readonly fstab: readonly FstabLine[];
  readonly crypttab: string | null;
  readonly mdadmConf: string | null;
  readonly multipathConf: string | null;
  readonly lvmDevices: string | null;
  /** `/etc/dracut.conf` and `/etc/dracut.conf.d/*.conf`, by path: text and mtime (seconds). */
  readonly dracutConf: ReadonlyMap<string, { readonly text: string; readonly mtime: number }>;
  /** mtime in seconds of the files above, by path. */
  readonly mtimes: ReadonlyMap<string, number>;
  /** grubenv variables, where there is one. */
  readonly grubenv: ReadonlyMap<string, string>;
  /** Whether, in the root file system, these exist: an init, and the mount points that switch_root needs. Null: root could not be looked at. */
  readonly rootLayout: {
    /** Whether those are there that `init=` names on any command line, by path; null: not known. */
    readonly inits: ReadonlyMap<string, boolean | null>;
    /** The first of the usual ones, whatever `init=` says. */
    readonly fallback: string | null;
    readonly mountPoints: ReadonlyMap<'dev' | 'proc' | 'sys' | 'run', boolean>;
  } | null;
}

/** The program that makes images. */
export interface GeneratorFacts {
  readonly name: 'dracut' | 'initramfs-tools';
  readonly version: string | null;
  /** Names of the dracut modules that this host has. */
  readonly modules: readonly string[];
}

/** What the package database and its locks say, as far as they could be had: what is not known is no defect. */
export interface PackageFacts {
  /** What makes up the installed kernels, oldest version first; null where that is not known. */
  readonly kernels: readonly KernelPackage[] | null;
  /** Packages behind the boot whose files are no longer what they brought; configuration and documentation aside. */
  readonly damaged: readonly DamagedPackage[];
  /** What ties packages to a version, or to the one that is installed. */
  readonly locks: readonly VersionLock[];
  /** How many kernels the package manager keeps before it removes the oldest; null: no limit, or not known. */
  readonly installonlyLimit: number | null;
}

export interface KernelPackage {
  readonly name: string;
  /** `[epoch:]version-release`; for dpkg its whole version. */
  readonly version: string;
  readonly arch: string;
  /** K; null for packages of no one kernel: Debian's linux-image-amd64, which leads to the newest. */
  readonly kernel: string | null;
  /** It holds what boots, or brings the next of it: no headers, tools, documentation. */
  readonly boots: boolean;
}

export interface DamagedPackage {
  readonly name: string;
  readonly version: string;
  /** The kernel that it belongs to; null for all others. */
  readonly kernel: string | null;
  readonly files: readonly { readonly path: string; readonly differs: readonly Difference[] }[];
  /** The state that the package manager left it in, in its own word, where it is not whole: `half-configured`. */
  readonly unfinished?: string;
}

/** One locked version. */
export interface VersionLock {
  /** Of the package. */
  readonly name: string;
  /** `version-release`, perhaps with wildcards, `*` where whatever is installed stays; without epoch and architecture. */
  readonly version: string;
  /** The file that says so, or `dpkg` for a hold. */
  readonly source: string;
}

export interface FstabLine {
  readonly spec: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly line: number;
}
