import type { ImageFacts, IndexFile, ModuleIndex } from '../../image/types.ts';
import type { BootFacts } from '../types.ts';
import { imageIndex } from './kernel-drivers.ts';

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

/** Whether the image's only module loader is busybox's, which reads the text files and knows no `.bin`. */
export function readsTextIndex(image: ImageFacts): boolean {
  const modprobe = ['usr/sbin/modprobe', 'sbin/modprobe', 'usr/bin/modprobe', 'bin/modprobe']
    .map((path) => image.tree.resolve(path))
    .find(({ found }) => found);
  if (modprobe?.found !== true || !modprobe.entry.path.endsWith('/busybox')) return false;
  return ![...image.tree.entries.keys()].some((path) => /\/libkmod\.so\.\d+$/.test(path));
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
