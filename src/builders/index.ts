import { dracut } from './dracut.ts';
import { initramfsTools } from './initramfs-tools.ts';
import type { Builder, Generator, GeneratorName } from './types.ts';

/** Every generator that images can be built with: a new one is one file and one line here. */
const BUILDERS: Readonly<Record<GeneratorName, (generator: Generator) => Builder>> = {
  dracut,
  'initramfs-tools': initramfsTools,
};

/** What builds the images of a host that has this generator. Nothing is run. */
export function openBuilder(generator: Generator): Builder {
  return BUILDERS[generator.name](generator);
}
