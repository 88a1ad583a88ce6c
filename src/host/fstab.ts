import { unescapeOctal } from './mountinfo.ts';
import type { FstabLine } from './types.ts';

/** The lines of fstab(5) that name a file system; comments and lines with fewer than two fields are none. */
export function parseFstab(text: string): FstabLine[] {
  return text.split('\n').flatMap((line, index) => {
    const [spec, mountPoint, type, options] = line.trim().split(/\s+/);
    if (spec === undefined || spec.startsWith('#') || mountPoint === undefined) return [];
    return [
      {
        spec: unescapeOctal(spec.replace(/^([A-Z]+=)"(.*)"$/, '$1$2')),
        mountPoint: unescapeOctal(mountPoint),
        type: type ?? 'auto',
        options: (options ?? 'defaults').split(','),
        line: index + 1,
      },
    ];
  });
}

/** The line for a mount point: the last one, as mounting in order leaves it on top. */
export function fstabFor(lines: readonly FstabLine[], mountPoint: string): FstabLine | null {
  return [...lines].reverse().find((line) => line.mountPoint === mountPoint) ?? null;
}
