import type { ElfFacts, ModuleFacts } from './types.ts';

/** A module's facts before its path is known: hard links and renames come later. */
export type ModuleContent = Omit<ModuleFacts, 'path' | 'kernel' | 'name' | 'size'>;

/** What the content of one file told. */
export interface FileFacts {
  interpreter?: string;
  elf?: ElfFacts;
  module?: ModuleContent;
  /** Kept whole: small texts, module indexes. */
  bytes?: Uint8Array;
  nested?: 'squashfs' | 'erofs';
}
