import type { ImageFile } from '../../image/types.ts';
import { moduleNameOf, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { isDracut } from '../dracut-arguments.ts';
import type { BootFacts, Check, Requirement } from '../types.ts';

const SHOWN = 5;
/** Seconds: FAT, which ESPs are, keeps times in steps of two. */
const GRAIN = 2;

/** What the image was made from is newer than the image: it boots as things were before. */
export const imageStale: Check = {
  code: 'image_stale',
  checkpoint: 'root',
  severity: 'warning',
  symptom: 'A change of configuration, or a driver that was built anew, has no effect at boot.',
  cause: 'The image was not rebuilt after the change.',
  cure: 'Build it anew: `dracut --force --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    const file = mainFile(facts);
    if (file === null) return;
    const newer = [
      ...newerConfiguration(facts, requirements, file.mtime + GRAIN),
      ...newerModules(facts, file.mtime + GRAIN),
    ];
    const [first] = newer;
    if (first === undefined) return;
    yield {
      defect: true,
      message: `${file.path} is older than ${first.path}${newer.length > 1 ? ` and ${newer.length - 1} more that it is made from` : ', which it is made from'}.`,
      evidence: {
        image: file.path,
        image_mtime: file.mtime,
        newer: newer.slice(0, SHOWN),
        newer_count: newer.length,
      },
    };
  },
};

interface NewerFile {
  readonly path: string;
  readonly mtime: number;
}

/** The file that holds the main archive: microcode images beside it may be younger or older. */
function mainFile({ image }: BootFacts): ImageFile | null {
  const segment = image?.segments.find(({ early }) => !early);
  return image?.files[segment?.file ?? image.files.length - 1] ?? null;
}

/** Which files decide over which layer, where the image holds no copy to compare. */
const OF_LAYER: Readonly<Record<string, readonly string[]>> = {
  crypt: ['/etc/crypttab'],
  md: ['/etc/mdadm.conf', '/etc/mdadm/mdadm.conf'],
  multipath: ['/etc/multipath.conf'],
};

function newerConfiguration(
  { host, image }: BootFacts,
  requirements: readonly Requirement[],
  made: number,
): readonly NewerFile[] {
  const layers = requirements.filter(({ kind }) => kind === 'layer').flatMap(({ name }) => OF_LAYER[name] ?? []);
  const frozen = (path: string) => image?.tree.resolve(path).found === true && image.tree.text(path) !== null;
  const ofLayers = [...host.files.mtimes]
    .filter(([path]) => layers.includes(path) && !frozen(path))
    .map(([path, mtime]) => ({ path, mtime }));
  const ofDracut =
    image !== null && isDracut(image) ? [...host.files.dracutConf].map(([path, { mtime }]) => ({ path, mtime })) : [];
  return [...ofLayers, ...ofDracut].filter(({ mtime }) => mtime > made);
}

/** Modules that are in the image and were built anew since. Packages keep the time of their making. */
function newerModules(facts: BootFacts, made: number): readonly NewerFile[] {
  const { kernel } = facts;
  const held = new Set(modulesOfKernel(facts).map(({ name }) => name));
  return kernel.modules
    .filter((module) => held.has(moduleNameOf(module.path)) && module.mtime > made)
    .map(({ path, mtime }) => ({ path: `${kernel.modulesDir ?? ''}/${path}`, mtime }));
}
