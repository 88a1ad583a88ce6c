import type { VmlinuzFacts } from '../host/types.ts';

/** Whether a kernel file is shorter than its own header says, or empty. */
export function isCutShort({ size, least }: Pick<VmlinuzFacts, 'size' | 'least'>): boolean {
  return size === 0 || (least !== null && size < least);
}
