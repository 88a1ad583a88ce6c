import type { Entry, ImageFacts, ModuleFacts } from '../../image/types.ts';
import type { BootFacts } from '../types.ts';

type Packed = Exclude<ModuleFacts['compression'], 'none'>;

/** A program or library of the image that reads module files. */
interface ModuleLoader {
  readonly path: string;
  /** Whether it can unpack; null: its ELF tables do not tell. */
  unpacks(compression: Packed): boolean | null;
  /** Whether it is known to leave unpacking to a kernel that can: kmod since it opens its libraries at run time (34). */
  readonly asksKernel: boolean;
}

const LIBRARY_OF: Readonly<Record<Packed, RegExp>> = {
  gzip: /^libz(-ng)?\.so\.\d+$/,
  xz: /^liblzma\.so\.\d+$/,
  zstd: /^libzstd\.so\.\d+$/,
};

/** modprobe, and the libkmod that udev loads modules through. */
export function moduleLoaders(image: ImageFacts): readonly ModuleLoader[] {
  const modprobe = ['usr/sbin/modprobe', 'sbin/modprobe', 'usr/bin/modprobe', 'bin/modprobe', 'usr/bin/kmod']
    .map((path) => image.tree.resolve(path))
    .find(({ found }) => found);
  const libraries = [...image.tree.entries.values()].filter(({ path }) => /\/libkmod\.so\.\d+$/.test(path));
  const entries = new Map<string, Entry>();
  if (modprobe?.found === true) entries.set(modprobe.entry.path, modprobe.entry);
  for (const { path } of libraries) {
    const target = image.tree.resolve(path);
    if (target.found) entries.set(target.entry.path, target.entry);
  }
  return [...entries.values()].map((entry) => ({
    path: entry.path,
    unpacks: (compression) => canUnpack(entry, compression, [...entries.values()], image),
    asksKernel: (entry.elf?.dlopen ?? []).some(({ sonames }) =>
      sonames.some((name) => Object.values(LIBRARY_OF).some((library) => library.test(name))),
    ),
  }));
}

function canUnpack(entry: Entry, compression: Packed, loaders: readonly Entry[], image: ImageFacts): boolean | null {
  const { elf } = entry;
  // A static program, and busybox, carry what they can within themselves.
  if (elf === undefined || elf.malformed !== undefined || elf.needed.length === 0) return null;
  if (entry.path.endsWith('/busybox')) return null;
  const library = LIBRARY_OF[compression];
  if (elf.needed.some((name) => library.test(name))) return true;
  const opened = elf.dlopen.flatMap(({ sonames }) => sonames).filter((name) => library.test(name));
  if (opened.length > 0) return opened.some((name) => holdsLibrary(name, image));
  // modprobe may leave reading to libkmod.
  const behind = loaders.find((other) => other !== entry && elf.needed.some((name) => other.path.endsWith(`/${name}`)));
  return behind === undefined ? false : canUnpack(behind, compression, [], image);
}

function holdsLibrary(name: string, image: ImageFacts): boolean {
  return [...image.tree.entries.keys()].some((path) => path.endsWith(`/${name}`));
}

/** Whether the kernel may unpack by itself (Linux 5.17 and later, asked to by kmod 31 and later); null: not known. */
export function kernelUnpacks({ kernel }: BootFacts, compression: Packed): boolean | null {
  const { config } = kernel;
  if (config === null) return null;
  if (config.get('CONFIG_MODULE_DECOMPRESS') !== 'y') return false;
  return config.get(`CONFIG_MODULE_COMPRESS_${compression.toUpperCase()}`) === 'y';
}
