import type { ImageFacts, IndexFile, ModuleIndex } from '../../image/types.ts';
import type { BootFacts } from '../types.ts';
import { imageIndex } from './kernel-drivers.ts';
import { moduleLoaders } from './module-loaders.ts';

/** Where the image's index of K is, or would be. */
export function indexFileOf(facts: BootFacts, which: 'dep' | 'alias'): IndexFile {
  const index = imageIndex(facts);
  if (index !== null) return index[which];
  const path = `usr/lib/modules/${facts.kernel.kernel}/modules.${which}.bin`;
  return { path, size: 0, state: 'absent', keys: 0 };
}

/** Nothing can be looked up in it. */
export function isVoid({ state }: IndexFile): boolean {
  return state === 'absent' || state === 'empty' || state === 'bad_magic';
}

/**
 * Whether what loads modules in the image looks them up in kmod's binary index. Busybox reads the text files; booster
 * keeps lists of its own; an image without any loader is somebody's own work, and its init knows what it does.
 */
export function usesBinaryIndex(image: ImageFacts): boolean {
  if (image.generator === 'booster') return false;
  const loaders = moduleLoaders(image);
  if (loaders.length > 0) return loaders.some(({ path }) => !path.endsWith('/busybox'));
  return image.generator !== null;
}

/** In words, with what was seen. */
export function describeState({ state, size }: IndexFile): string {
  switch (state) {
    case 'absent':
      return 'absent';
    case 'empty':
      return size === 0 ? '0 bytes' : `empty (${size} bytes, the header alone)`;
    case 'bad_magic':
      return `no module index (${size} bytes, wrong magic)`;
    case 'truncated':
      return `cut short (${size} bytes)`;
    case 'sound':
      return `${size} bytes`;
  }
}

/** Every file of an index that kmod looks things up in, with what it is for. */
export function indexFiles(index: ModuleIndex): readonly { readonly file: IndexFile; readonly vital: boolean }[] {
  return [
    { file: index.dep, vital: true },
    { file: index.alias, vital: true },
    { file: index.symbols, vital: false },
    { file: index.builtinIndex, vital: false },
  ];
}
