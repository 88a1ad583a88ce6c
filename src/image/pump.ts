import type { Readable, Writable } from 'node:stream';
import { passOver } from './collect-buffers.ts';
import { toError } from './error-text.ts';
import type { ImageBytes } from './image-bytes.ts';

/** Takes decompressed bytes, good until it returns; false: no more is wanted. A promise asks for a pause. */
export type Take = (bytes: Uint8Array) => boolean | Promise<boolean>;

const PIECE = 256 << 10;

/** Writes a stretch of the image into a decoder, in two buffers by turns, and closes it. Ends early where the decoder does. */
export async function feed(image: ImageBytes, from: number, to: number, into: Writable): Promise<void> {
  const size = Math.min(PIECE, to - from);
  let [current, next] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  // zlib forgets to call back for the write that it fails on: its end is what tells then.
  const closed = new Promise((resolve) => into.once('close', resolve));
  let written: Promise<unknown> = Promise.resolve();
  for (let at = from; at < to && into.writable;) {
    const length = await image.read(at, current.subarray(0, Math.min(size, to - at)));
    await written;
    const piece = current.subarray(0, length);
    written = Promise.race([closed, new Promise((resolve) => into.write(piece, resolve))]);
    at += length;
    [current, next] = [next, current];
  }
  await written;
  into.end();
}

/** Hands all that a decoder gives to `take`; false where it wanted no more. Rejects with the decoder's error. */
export function drain(from: Readable, take: Take): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const goOn = (wanted: boolean): void => {
      if (wanted) from.resume();
      else resolve(false);
    };
    const ask = (bytes: Buffer): boolean | Promise<boolean> => {
      try {
        return take(bytes);
      } catch (error) {
        reject(toError(error));
        return false;
      }
    };
    from.on('data', (bytes: Buffer) => {
      const wanted = ask(bytes);
      passOver(bytes);
      if (wanted === true) return;
      from.pause();
      if (wanted === false) resolve(false);
      else wanted.then(goOn, reject);
    });
    from.on('end', () => {
      resolve(true);
    });
    from.on('error', reject);
    from.on('close', () => {
      resolve(true);
    });
  });
}
