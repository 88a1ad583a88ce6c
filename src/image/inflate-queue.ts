import * as zlib from 'node:zlib';

type Done = (error: Error | null, unpacked: Uint8Array) => void;
type Unpack = (packed: Uint8Array, options: object, done: Done) => void;

/** Small files that Node's own decoders unpack whole, on another thread, two at a time: each may grow to the limit. */
export interface InflateQueue {
  add(compression: 'gzip' | 'zstd', packed: Uint8Array, done: Done): void;
  /** Packed bytes that wait. */
  readonly pending: number;
  /** Settles when one is done. */
  progress(): Promise<void>;
  finish(): Promise<void>;
}

const AT_ONCE = 2;

const own: unknown = 'zstdDecompress' in zlib ? zlib.zstdDecompress : null;

/** Whether this Node unpacks zstd itself (22.15 and later). */
export const hasOwnZstd: boolean = isUnpack(own);

export function createInflateQueue(maxUnpacked: number): InflateQueue {
  const waiting: (() => void)[] = [];
  const queue: (() => void)[] = [];
  let running = 0;
  let pending = 0;

  const next = (): void => {
    for (const wake of waiting.splice(0)) wake();
    for (
      let start = running < AT_ONCE ? queue.shift() : undefined;
      start;
      start = running < AT_ONCE ? queue.shift() : undefined
    ) {
      running++;
      start();
    }
  };
  const progress = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });

  return {
    add(compression, packed, done) {
      pending += packed.length;
      const unpack: Unpack = compression === 'zstd' && isUnpack(own) ? own : zlib.gunzip;
      queue.push(() => {
        unpack(packed, { maxOutputLength: maxUnpacked, chunkSize: 256 << 10 }, (error, unpacked) => {
          running--;
          pending -= packed.length;
          done(error, unpacked);
          next();
        });
      });
      next();
    },
    get pending() {
      return pending;
    },
    progress,
    async finish() {
      while (pending > 0) await progress();
    },
  };
}

function isUnpack(value: unknown): value is Unpack {
  return typeof value === 'function';
}
