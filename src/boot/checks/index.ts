import type { Check } from '../types.ts';

/** Every rule, in boot order. A new rule is one file here and one line below. */
export const CHECKS: readonly Check[] = [];
