import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of buffers between two small collections. */
const AT_MOST = 8 << 20;

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | null | undefined;
let passed = 0;

/**
 * Tells of a decoder's buffer that nobody needs any more. A stream of 140 MB leaves hundreds of them, each garbage at once;
 * left alone, V8 lets some 40 MB gather and then marks the whole heap, again and again. A collection of what is young takes
 * a millisecond, so one is asked for every few MB: less time, and a bound on memory. Where V8 does not offer it, all is as before.
 */
export function passOver(bytes: Uint8Array): void {
  passed += bytes.length;
  if (passed < AT_MOST) return;
  passed = 0;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    const exposed: unknown = runInNewContext('typeof gc === "function" ? gc : null');
    collect = isCollect(exposed) ? exposed : null;
  }
  collect?.({ type: 'minor' });
}

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function';
}
