import type { Requirement } from '../types.ts';

/** Whether a requirement serves to unlock an encrypted layer: dm_crypt itself, or an algorithm. */
export function isCryptoNeed({ name, modalias }: Requirement): boolean {
  return name === 'dm_crypt' || modalias?.startsWith('crypto-') === true;
}
