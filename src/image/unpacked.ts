import type { ImageProblem } from './types.ts';

/** What is wrong with a compressed stream. */
export interface StreamFault {
  readonly kind: ImageProblem['kind'];
  /** Offset in the image; null where only the stream as a whole can be named. */
  readonly at: number | null;
  readonly detail: string;
  /** The kind where the archive in it proves whole all the same. */
  readonly ifWhole?: ImageProblem['kind'];
  /** Told, but the kernel does not look at it and goes on. */
  readonly told?: boolean;
}

/** How one compressed stream of the image ended. */
export interface Unpacked {
  /** Offset behind it. */
  readonly end: number;
  readonly fault?: StreamFault;
}
