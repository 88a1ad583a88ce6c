/**
 * What reading an image yields: plain facts, no judgement. Produced by `image/`, judged by `boot/`.
 * All paths inside an image are without a leading slash and as the kernel would create them: directories that are
 * symlinks (usrmerge) already followed, later duplicates already replacing earlier ones.
 */

import type { Compression } from '../protocol/messages.ts';

export type { Compression };

/** One cpio archive (or one compressed stream) of an image. Offsets and sizes are bytes. */
export interface Segment {
  /** Index into ImageFacts.files of the file that holds it. */
  readonly file: number;
  /** Offset in that file. */
  readonly offset: number;
  /** Size in the file, padding before it not counted. */
  readonly size: number;
  readonly compression: Compression;
  /** Size after decompression, as far as it went. */
  readonly unpackedSize: number;
  /** Members the kernel would see in it. */
  readonly entries: number;
  /** True where nothing but early microcode or ACPI tables (kernel/…, early_cpio) is in it. */
  readonly early: boolean;
  /** True where `TRAILER!!!` was seen. */
  readonly trailer: boolean;
  /** xz: the integrity check that the stream declares. */
  readonly xzCheck?: 'none' | 'crc32' | 'crc64' | 'sha256' | 'other';
}

/** A defect of the container, told by what it is. `file`/`offset` say where in the image file (bytes). */
export interface ImageProblem {
  readonly kind:
    | 'empty' // the file has no bytes, or NULs alone
    | 'truncated' // the data ends before the archive or the compressed stream does
    | 'corrupt' // a checksum, header or code is wrong
    | 'misaligned' // a plain cpio at an offset that is no multiple of 4: the kernel ignores what follows
    | 'unknown_magic' // bytes that the kernel takes for no archive at all: it ignores what follows
    | 'lz4_modern_frame' // 04 22 4d 18: the kernel knows the legacy frame alone
    | 'entry_ignored' // a member that the kernel silently drops (its parent is absent, name too long…)
    | 'limit' // reading stopped at a limit of ours (total unpacked size, members): not a verdict about the image
    | 'program_absent' // no decompressor for this compression here: not a verdict about the image
    | 'not_an_image'; // a folder, a device, a PE without sections…
  readonly file: number;
  readonly offset: number;
  /** In words, with the values seen. */
  readonly detail: string;
  /** The member concerned, where one is. */
  readonly entry?: string;
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'device' | 'fifo' | 'socket';

/** One file of the unpacked image. */
export interface Entry {
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits and type, as in newc. */
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  readonly mtime: number;
  /** Symlinks: where to. */
  readonly target?: string;
  /** Index into ImageFacts.segments. */
  readonly segment: number;
  /** First bytes for a script: the `#!` interpreter and its argument. */
  readonly interpreter?: string;
  readonly elf?: ElfFacts;
  /** The first of a file's names, at its others (hard links). */
  readonly sameAs?: string;
}

export interface ElfFacts {
  readonly class: 32 | 64;
  /** e_machine (62 x86-64, 183 aarch64, 243 riscv, 22 s390, 21 ppc64…). */
  readonly machine: number;
  readonly type: 'executable' | 'shared' | 'relocatable' | 'other';
  /** PT_INTERP */
  readonly interpreter?: string;
  readonly soname?: string;
  /** DT_NEEDED */
  readonly needed: readonly string[];
  /** DT_RUNPATH, else DT_RPATH, split at ':' */
  readonly runpath: readonly string[];
  /** `.note.dlopen` features: https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
  readonly dlopen: readonly DlopenNote[];
  /** Set where the file says ELF but its tables do not hold. */
  readonly malformed?: string;
  /** Where no checksum covers the file in the image, and it says of what build it is. */
  readonly build?: ElfBuild;
  /** Its segments reach beyond its end: the kernel and ld.so map them, and who touches what is not there ends with SIGBUS. */
  readonly cutOff?: true;
}

export interface ElfBuild {
  /** GNU's build ID, hexadecimal: what the linker made of the whole content. */
  readonly id: string;
  /** Of all that is loaded of the file: SHA-256, base64. */
  readonly content: string;
}

export interface DlopenNote {
  readonly feature?: string;
  readonly priority: 'required' | 'recommended' | 'suggested';
  readonly sonames: readonly string[];
}

/** One kernel module file: in an image, or on a host. */
export interface ModuleFacts {
  /** Path in the image, e.g. `usr/lib/modules/K/kernel/drivers/block/virtio_blk.ko.xz`. */
  readonly path: string;
  /** The K of `lib/modules/K/`. */
  readonly kernel: string;
  /** File name less suffixes, '-' turned into '_'. */
  readonly name: string;
  readonly compression: 'none' | 'gzip' | 'xz' | 'zstd';
  readonly size: number;
  readonly machine?: number;
  readonly vermagic?: string;
  /** Names, normalised to '_'. */
  readonly depends: readonly string[];
  /** `pre:` and `post:` names of its softdeps, normalised. */
  readonly softdeps: readonly string[];
  readonly aliases: readonly string[];
  readonly firmware: readonly string[];
  /** Whether the appended-signature marker is there. */
  readonly signed: boolean;
  /** What that signature says; absent where there is none, or the module could not be read. */
  readonly signature?: ModuleSignature;
  /** Set where `.modinfo` could not be read: what was wrong. Empty lists above are then not facts. */
  readonly unread?: string;
  /** Why the kernel, or who unpacks it for the kernel, refuses it: it is cut off, or no module any more. */
  readonly damaged?: string;
}

/**
 * The signature at a module's end. `refused`: the kernel takes the module for a damaged one, whatever it demands (Linux,
 * kernel/module/signing.c: all errors but those of an unknown key or algorithm are fatal). `foreign`: not followed here.
 */
export type ModuleSignature =
  | {
      readonly state: 'read';
      /** Issuer and serial number of the key's certificate, hexadecimal. */
      readonly signer: string;
      readonly method: 'rsa' | 'ec';
      /** As OpenSSL names it: `sha256`. */
      readonly hash: string;
      /** Of the module less its signature, base64. */
      readonly digest: string;
      /** What the key made of it, base64. */
      readonly value: string;
    }
  | { readonly state: 'refused'; readonly why: string }
  | { readonly state: 'foreign' };

/** State of one of kmod's binary index files. */
export interface IndexFile {
  readonly path: string;
  readonly size: number;
  /** `absent` no file · `empty` no keys (0 bytes, or 12: header alone) · `bad_magic` · `truncated` a node points outside · `sound` */
  readonly state: 'absent' | 'empty' | 'bad_magic' | 'truncated' | 'sound';
  /** Offset of the first bad node, where truncated. */
  readonly offset?: number;
  readonly keys: number;
}

/** One line of modules.dep. Paths relative to `lib/modules/K/`. */
export interface IndexedModule {
  readonly path: string;
  readonly depends: readonly string[];
}

/** kmod's index below one `lib/modules/K`, in an image or on a host. */
export interface ModuleIndex {
  readonly kernel: string;
  /** `modules.dep.bin`: the one that decides. */
  readonly dep: IndexFile;
  readonly alias: IndexFile;
  readonly symbols: IndexFile;
  readonly builtinIndex: IndexFile;
  /** `modules.dep`, the text: its size in bytes, null where absent. */
  readonly textSize: number | null;
  /** Keyed by normalised module name, from modules.dep.bin. */
  readonly modules: ReadonlyMap<string, IndexedModule>;
  /**
   * From modules.alias.bin: [pattern, module name] pairs that may match `alias`, all that do and perhaps some that do
   * not; '_' for '-' in `alias`, in patterns and in names.
   */
  aliasesLike(alias: string): readonly (readonly [pattern: string, module: string])[];
  /** From `modules.softdep`: module → names of pre and post. */
  readonly softdeps: ReadonlyMap<string, readonly string[]>;
  /** From `modules.builtin`, normalised names. */
  readonly builtin: ReadonlySet<string>;
  /** From `modules.builtin.modinfo`: module → its aliases. */
  readonly builtinAliases: ReadonlyMap<string, readonly string[]>;
}

/** Facts of dracut's metadata (`usr/lib/dracut/`), null where the image is none of dracut's. */
export interface DracutFacts {
  readonly version: string | null;
  /** modules.txt */
  readonly modules: readonly string[];
  /** build-parameter.txt, as written. */
  readonly buildParameters: string | null;
  /** hostonly-kernel-modules.txt or, older, loaded-kernel-modules.txt; normalised names; null where absent. */
  readonly hostModules: readonly string[] | null;
  readonly hostModulesPath: string | null;
  readonly needInitqueue: boolean;
}

/** The unpacked image as a file tree. */
export interface ImageTree {
  /** All entries, by path, sorted. */
  readonly entries: ReadonlyMap<string, Entry>;
  /**
   * Where `path` (absolute or not) leads when every symlink is followed inside the image.
   * `broken` says what is absent or that links loop, and which link led there.
   */
  resolve(path: string): Resolution;
  /**
   * The text of a small file that checks need (link followed), null where absent or not kept.
   * Kept: etc/** below 64 KiB, usr/lib/dracut/**, usr/lib/{modules-load.d,modprobe.d,sysctl.d,udev/rules.d,systemd}/**, init when a script, *.conf; ≤ 8 MiB in all.
   */
  text(path: string): string | null;
}

export type Resolution =
  | { readonly found: true; readonly entry: Entry }
  | {
      readonly found: false;
      readonly missing: string;
      readonly reason: 'absent' | 'loop' | 'not_directory';
      readonly via: readonly string[];
    };

/** One file that makes up the image, in loading order. */
export interface ImageFile {
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
}

/** A UKI's PE sections. */
export interface UkiFacts {
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  readonly cmdline: string | null;
  readonly uname: string | null;
  readonly osrel: string | null;
  /** Set where a section reaches beyond the file. */
  readonly truncated?: string;
}

/** Everything one pass over an image (one or several files, concatenated as the loader does) tells. */
export interface ImageFacts {
  readonly files: readonly ImageFile[];
  readonly uki: UkiFacts | null;
  readonly segments: readonly Segment[];
  readonly problems: readonly ImageProblem[];
  readonly unpackedSize: number;
  readonly tree: ImageTree;
  readonly modules: readonly ModuleFacts[];
  /** One per `lib/modules/K` directory, by K. */
  readonly indexes: ReadonlyMap<string, ModuleIndex>;
  readonly dracut: DracutFacts | null;
  /** Which generator made it, where it says. */
  readonly generator: 'dracut' | 'initramfs-tools' | 'mkinitcpio' | 'booster' | null;
  /** Nested squashfs/erofs images, whose contents were not read: entry paths. */
  readonly unread: readonly { readonly path: string; readonly format: 'squashfs' | 'erofs' }[];
}

export interface ReadImageOptions {
  /** Bytes after which reading stops with problem `limit`. Default 4 GiB. */
  readonly maxUnpacked?: number;
  readonly signal?: AbortSignal;
}
