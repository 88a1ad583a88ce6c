import { compareBytes, compareSegments } from '../versions/rpm-versions.ts';

/** Sorts kernel versions oldest to newest; equal ones by code unit, so that the order is the same everywhere. */
export function compareKernels(a: string, b: string): number {
  return compareSegments(a, b) || compareBytes(a, b);
}
