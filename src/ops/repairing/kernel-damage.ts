import type { Verified } from '../../packages/types.ts';
import type { DamagedFile, Difference } from '../../protocol/messages.ts';

/** Where a kernel's packages keep what boots, and what images are made from. */
const NEEDED = /^\/(?:boot|(?:usr\/)?lib\/modules\/[^/]+)\/(?!build(?:\/|$)|source(?:\/|$)|\.?System\.map|\.?symvers)/;
/** Root reads a file whatever its mode and owner. */
const SPOILING: ReadonlySet<Difference> = new Set<Difference>(['missing', 'size', 'digest', 'link']);

/**
 * Whether a kernel's own package is damaged in what boots or goes into an image. Reinstalling it has its scripts remove the
 * image of a host that may boot: not for a mode, nor for headers.
 */
export function isSpoilt({ files }: Pick<Verified, 'files'>): boolean {
  return files.some(isSpoiling);
}

function isSpoiling({ path, differs, harmless }: DamagedFile): boolean {
  return !harmless && NEEDED.test(path) && differs.some((each) => SPOILING.has(each));
}
