import { streamProgram } from '../system/stream-program.ts';
import type { StreamedProgram } from '../system/stream-program.ts';
import type { DecoderProgram } from './decoder-program.ts';
import { createReservedBuffer } from './reserved-buffer.ts';

/** One small compressed stream, whose end and unpacked size are known. */
export interface PackedFile {
  readonly packed: Uint8Array;
  readonly size: number;
  /** Called once: with the bytes, good until it returns, or with why there are none; `isToBlame`: the stream itself is damaged. */
  readonly done: (unpacked: Uint8Array | null, why: string, isToBlame: boolean) => void;
}

/**
 * Unpacks many small streams with one process: they go in one after another, and what comes out is cut by their sizes.
 * A process for each would take longer to start than the module to unpack.
 */
export interface SplitProgram {
  add(file: PackedFile): void;
  /** Bytes that are with the program, packed. */
  readonly pending: number;
  /** Settles when some of it is done. */
  progress(): Promise<void>;
  /** Settles when all is done. */
  finish(): Promise<void>;
  abandon(): void;
}

/** Unpacked bytes of one file at most: no module of any kernel comes near. */
export const MAX_SPLIT = 32 << 20;

/** A damaged stream ends the program; it is started again for those behind. An image full of such is not worth more tries. */
const MAX_STARTS = 16;

export function createSplitProgram({ command, args }: DecoderProgram): SplitProgram {
  const queue: PackedFile[] = [];
  const output = createReservedBuffer(MAX_SPLIT);
  let program: StreamedProgram | null = null;
  let starts = 0;
  let pending = 0;
  let ending = false;
  let settled = 0;
  let refusal: string | null = null;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };

  const settle = (bytes: Uint8Array | null, why: string, isToBlame = false): void => {
    const file = queue.shift();
    if (file === undefined) return;
    pending -= file.packed.length;
    settled++;
    output.clear();
    file.done(bytes, why, isToBlame);
    wake();
  };

  const takeOutput = (bytes: Buffer): void => {
    let at = 0;
    for (let file = queue[0]; file !== undefined && at < bytes.length; file = queue[0]) {
      const part = bytes.subarray(at, at + file.size - output.size);
      at += part.length;
      if (output.size === 0 && part.length === file.size) settle(part, '');
      else {
        output.append(part);
        if (output.size === file.size) settle(output.bytes, '');
      }
    }
  };

  const start = (): void => {
    starts++;
    settled = 0;
    output.clear();
    const running = streamProgram(command, args);
    program = running;
    running.stdout.on('data', takeOutput);
    for (const file of queue) running.stdin?.write(file.packed);
    if (ending) running.stdin?.end();
    void running.ended.then((end) => {
      program = null;
      if (!end.started) refusal = `there is no ${command} here to unpack it with`;
      // What it had unpacked before may be lost with it: only the first that it was given is to blame for sure.
      else if (queue.length > 0 && settled === 0)
        settle(null, `it does not unpack: ${end.stderr.trim().split('\n').pop() ?? command}`, true);
      if (queue.length > 0 && refusal === null && starts >= MAX_STARTS) refusal = 'too many before it did not unpack';
      while (refusal !== null && queue.length > 0) settle(null, refusal);
      if (queue.length > 0) start();
      else wake();
    });
  };

  const progress = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });

  return {
    add(file) {
      if (refusal !== null) {
        file.done(null, refusal, false);
        return;
      }
      if (file.size === 0) {
        file.done(file.packed.subarray(0, 0), '', false);
        return;
      }
      queue.push(file);
      pending += file.packed.length;
      if (program === null) start();
      else program.stdin?.write(file.packed);
    },
    get pending() {
      return pending;
    },
    progress,
    abandon() {
      refusal = 'given up';
      program?.kill();
    },
    async finish() {
      ending = true;
      program?.stdin?.end();
      while (program !== null || queue.length > 0) await progress();
    },
  };
}
