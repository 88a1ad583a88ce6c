import { decoderProgram, threads } from './decoder-program.ts';
import { messageOf } from './error-text.ts';
import type { FileFacts, ModuleContent } from './file-facts.ts';
import { createInflateQueue, hasOwnZstd } from './inflate-queue.ts';
import { damagedModule, readModule, unreadModule } from './modinfo.ts';
import { createSplitProgram, MAX_SPLIT } from './split-program.ts';
import type { SplitProgram } from './split-program.ts';
import { peekBuffer } from './stream-walk.ts';
import { walkXz } from './xz-walk.ts';
import { walkZstd } from './zstd-walk.ts';

/** Reads module files, the compressed ones beside the image itself, so that both go on at once. */
export interface ModuleReader {
  /** Fills in `facts.module`, at once or before `finish` settles. `bytes` are good until it returns. */
  read(bytes: Uint8Array, compression: ModuleContent['compression'], facts: FileFacts): void;
  /** Null, or settles when there is room for more. */
  pressure(): Promise<void> | null;
  finish(): Promise<void>;
  /** Ends what still runs, for a caller that wants no more. */
  abandon(): void;
}

/** Packed bytes that wait at most. */
const MAX_PENDING = 4 << 20;

export function createModuleReader(): ModuleReader {
  const lanes = new Map<'xz' | 'zstd', SplitProgram[]>();
  const inflating = createInflateQueue(MAX_SPLIT);

  const lane = (compression: 'xz' | 'zstd'): SplitProgram => {
    let all = lanes.get(compression);
    if (all === undefined) {
      const one = { ...decoderProgram(compression) };
      if (compression === 'xz') one.args = one.args.map((arg) => (arg.startsWith('-T') ? '-T1' : arg));
      all = Array.from({ length: Math.min(2, threads()) }, () => createSplitProgram(one));
      lanes.set(compression, all);
    }
    return all.reduce((least, other) => (other.pending < least.pending ? other : least));
  };

  const readPacked = (bytes: Uint8Array, compression: 'xz' | 'zstd', facts: FileFacts): void => {
    const unread = (why: string): void => {
      facts.module = unreadModule(compression, why);
    };
    const damaged = (why: string): void => {
      facts.module = damagedModule(compression, why);
    };
    const walk = compression === 'xz' ? walkXz(peekBuffer(bytes), 0) : walkZstd(peekBuffer(bytes), 0);
    if (walk.fault !== undefined) damaged(`${walk.fault.detail}, at ${walk.fault.at} of ${bytes.length} bytes`);
    else if (walk.end !== bytes.length)
      unread(`its ${compression} stream ends at ${walk.end} of ${bytes.length} bytes`);
    else if (walk.unpackedSize === null) unread('its header does not tell its unpacked size');
    else if (walk.unpackedSize > MAX_SPLIT) unread(`${walk.unpackedSize} bytes unpacked are too large to read`);
    else
      lane(compression).add({
        packed: Uint8Array.from(bytes),
        size: walk.unpackedSize,
        done: (unpacked, why, isToBlame) => {
          if (unpacked === null) (isToBlame ? damaged : unread)(why);
          else facts.module = readModule(unpacked, compression);
        },
      });
  };

  const readWithNode = (bytes: Uint8Array, compression: 'gzip' | 'zstd', facts: FileFacts): void => {
    inflating.add(compression, Uint8Array.from(bytes), (error, unpacked) => {
      facts.module = error === null ? readModule(unpacked, compression) : damagedModule(compression, messageOf(error));
    });
  };

  return {
    read(bytes, compression, facts) {
      switch (compression) {
        case 'none':
          facts.module = readModule(bytes, 'none');
          return;
        case 'gzip':
          readWithNode(bytes, compression, facts);
          return;
        case 'zstd':
          if (hasOwnZstd) readWithNode(bytes, compression, facts);
          else readPacked(bytes, compression, facts);
          return;
        case 'xz':
          readPacked(bytes, compression, facts);
      }
    },
    pressure() {
      const waits = inflating.pending > MAX_PENDING ? [inflating.progress()] : [];
      for (const all of lanes.values())
        for (const each of all) if (each.pending > MAX_PENDING) waits.push(each.progress());
      return waits.length === 0 ? null : Promise.race(waits);
    },
    async finish() {
      await Promise.all([inflating, ...[...lanes.values()].flat()].map((each) => each.finish()));
    },
    abandon() {
      for (const each of [...lanes.values()].flat()) each.abandon();
    },
  };
}
