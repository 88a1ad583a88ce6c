import { joinExtents } from './image-bytes.ts';
import type { Extent } from './image-bytes.ts';
import type { OpenFile } from './open-file.ts';
import type { ImageProblem, UkiFacts } from './types.ts';
import { readUki } from './uki.ts';

export interface ImageParts {
  readonly extents: readonly Extent[];
  readonly uki: UkiFacts | null;
  readonly problems: readonly ImageProblem[];
}

/** The sections that become the initrd, in the order in which systemd-stub puts them together. */
const INITRD_SECTIONS = ['.ucode', '.initrd'] as const;

/** What of one file is loaded as an initrd: all of it, or the sections of a UKI. */
export function partsOfFile(opened: OpenFile, file: number): ImageParts {
  const { descriptor, size } = opened;
  const whole: Extent = { descriptor, file, offset: 0, size, toEnd: true };
  const uki = readUki(joinExtents([whole]));
  if (uki === null) return { extents: [whole], uki: null, problems: [] };

  const problems: ImageProblem[] = [];
  if (uki.truncated !== undefined) problems.push({ kind: 'truncated', file, offset: 0, detail: uki.truncated });
  if (!uki.sections.some(({ name }) => name === '.initrd'))
    problems.push({ kind: 'not_an_image', file, offset: 0, detail: 'a PE file without a section .initrd' });
  const extents = INITRD_SECTIONS.flatMap((wanted) =>
    uki.sections
      .filter(({ name }) => name === wanted)
      .slice(0, 1)
      .map(({ offset, size: bytes }) => ({
        descriptor,
        file,
        offset,
        size: clamp(bytes, size - offset),
        toEnd: offset + bytes >= size,
      })),
  );
  return { extents, uki, problems };
}

const clamp = (bytes: number, most: number): number => Math.max(0, Math.min(bytes, most));
