import { isPreferencesFile, parseAptPins, pinMatches } from '../apt/pins.ts';
import { HELD_BY } from '../apt/holds.ts';
import { readDpkgLayout, verifyDpkgFiles, type DpkgLayout } from './files.ts';
import { dpkgKernelPackages } from './kernels.ts';
import { isPresent, parseDpkgStatus, unfinishedState, type DpkgPackage } from './status.ts';
import type { FileLock } from '../lock-files.ts';
import { patternMatches } from '../name-pattern.ts';
import type { PackageFiles } from '../package-files.ts';
import type { DamagedPackage, PackageState } from '../read-packages.ts';
import type { KernelPackage } from '../types.ts';

const STATUS = '/var/lib/dpkg/status';
const PREFERENCES = '/etc/apt/preferences';
const WHOLE = 512 * 1024 * 1024;
/**
 * Not looked at by a check, which has half a second: sources of the hardware database, most of udev's bytes and nothing
 * that a boot needs; dracut's modules, hundreds of small files, whose absence shows in the image that they make.
 */
const ASIDE = /^(?:\/usr)?\/lib\/(?:udev\/hwdb\.d|dracut\/modules\.d)\//;

/** The database of dpkg, by its files alone. Null where there is none. */
export function readDpkg(
  files: PackageFiles,
  behindTheBoot: readonly string[],
  kernels: readonly string[],
): Pick<PackageState, 'kernels' | 'damaged' | 'locks'> | null {
  const text = files.bytes(STATUS, WHOLE)?.toString('latin1');
  if (text === undefined) return null;
  const names = new Set(behindTheBoot);
  const known = parseDpkgStatus(
    text,
    (name, paragraph) =>
      names.has(name) || ['linux-', '-kernel-', '\nStatus: hold '].some((mark) => paragraph.includes(mark)),
  );
  const packages = known.filter(isPresent);
  const ofKernels = dpkgKernelPackages(packages);
  const held = known.filter(({ wanted }) => wanted === 'hold');
  return {
    kernels: ofKernels,
    damaged: findDamaged(
      files,
      packages,
      behindTheBoot,
      ofKernels.filter(({ kernel }) => kernel !== null && kernels.includes(kernel)),
    ),
    locks: [
      ...held.map(({ name, version }) => ({ name, version, source: HELD_BY })),
      ...readPins(files).flatMap((pin) => pinned(pin, ofKernels)),
    ],
  };
}

function findDamaged(
  files: PackageFiles,
  packages: readonly DpkgPackage[],
  behindTheBoot: readonly string[],
  kernels: readonly KernelPackage[],
): readonly DamagedPackage[] {
  const layout = readDpkgLayout(files);
  const boot = packages
    .filter(({ name }) => behindTheBoot.includes(name))
    .map((each) => damageOf(files, each, each, layout, (path) => !ASIDE.test(path)));
  // Of a kernel the file that boots: its modules are thousands, and the image has its own of them.
  const images = kernels.map((each) => {
    const own = packages.find(({ name, arch }) => name === each.name && arch === each.arch);
    return damageOf(files, each, own ?? null, layout, (path) => path === `/boot/vmlinuz-${each.kernel ?? ''}`);
  });
  return [...boot, ...images].filter((each) => each.files.length > 0 || each.unfinished !== undefined);
}

function damageOf(
  files: PackageFiles,
  { name, version, arch, kernel = null }: Pick<DpkgPackage, 'name' | 'version' | 'arch'> & Partial<KernelPackage>,
  found: DpkgPackage | null,
  layout: DpkgLayout,
  wanted: (path: string) => boolean,
): DamagedPackage {
  const unfinished = found === null ? null : unfinishedState(found);
  const damaged = verifyDpkgFiles(files, { name, arch }, layout, wanted) ?? [];
  return { name, version, kernel, files: damaged, ...(unfinished === null ? {} : { unfinished }) };
}

function readPins(files: PackageFiles) {
  const folder = `${PREFERENCES}.d`;
  const paths = [
    PREFERENCES,
    ...files
      .list(folder)
      .filter(isPreferencesFile)
      .map((name) => `${folder}/${name}`),
  ];
  return paths.flatMap((path) => parseAptPins(files.text(path) ?? '', path)).filter(({ excludes }) => !excludes);
}

/** By a pattern, which takes in packages of many versions, only those are pinned that have the version. */
function pinned(
  { name, version, source }: ReturnType<typeof parseAptPins>[number],
  kernels: readonly KernelPackage[],
): readonly FileLock[] {
  const exact = kernels.some((each) => each.name === name);
  return kernels
    .filter((each) =>
      exact ? each.name === name : pinMatches(name, each.name) && patternMatches(version, each.version),
    )
    .map((each) => ({ name: each.name, version, source }));
}
