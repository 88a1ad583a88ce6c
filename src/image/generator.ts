import type { ImageFacts, ImageTree } from './types.ts';

type Generator = NonNullable<ImageFacts['generator']>;

/** Files that a generator leaves in every image it makes. */
const MARKS: readonly (readonly [generator: Generator, paths: readonly string[]])[] = [
  ['dracut', ['usr/lib/dracut', 'lib/dracut']],
  ['initramfs-tools', ['conf/initramfs.conf', 'scripts/init-bottom']],
  ['mkinitcpio', ['init_functions', 'buildconfig']],
  ['booster', ['etc/booster.init.yaml']],
];

/** The generator that made an image, where it says. */
export function detectGenerator(tree: ImageTree): ImageFacts['generator'] {
  return MARKS.find(([, paths]) => paths.some((path) => tree.entries.has(path)))?.[0] ?? null;
}
