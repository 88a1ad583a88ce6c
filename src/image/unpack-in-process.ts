import type { Transform } from 'node:stream';
import { passOver } from './collect-buffers.ts';
import { messageOf, toError } from './error-text.ts';
import type { ImageBytes } from './image-bytes.ts';
import { feed } from './pump.ts';
import type { Take } from './pump.ts';

/** Large pieces halve the time that zlib takes; larger ones than this only cost memory. */
const PIECE = 512 << 10;

/** Options of a decoder for `packed` bytes: one piece a read, never several copied into one; two of them are made ahead. */
export function decoderOptions(packed: number) {
  return {
    readableObjectMode: true,
    readableHighWaterMark: 2,
    chunkSize: Math.min(PIECE, 4096 + 4 * packed),
  };
}

export interface InProcess {
  /** Bytes unpacked. */
  readonly size: number;
  /** False where `take` wanted no more. */
  readonly wanted: boolean;
  /** What the decoder said, null where it was content. */
  readonly failure: string | null;
}

/** Unpacks with one of Node's own decoders, which works on another thread while this one takes what came before. */
export async function unpackInProcess(
  decoder: Transform,
  image: ImageBytes,
  from: number,
  to: number,
  take: Take,
): Promise<InProcess> {
  let size = 0;
  let wanted = true;
  let failure: string | null = null;
  let refused: Error | null = null;
  const feeding = feed(image, from, to, decoder).then(
    () => null,
    (error: unknown) => {
      decoder.destroy();
      return toError(error);
    },
  );
  try {
    for await (const bytes of decoder as AsyncIterable<Uint8Array>) {
      size += bytes.length;
      const answer = await asked(take, bytes);
      passOver(bytes);
      if (answer instanceof Error) refused = answer;
      wanted = answer === true;
      if (!wanted) break;
    }
  } catch (error) {
    failure = messageOf(error);
  }
  decoder.destroy();
  const unreadable = (await feeding) ?? refused;
  if (unreadable !== null) throw unreadable;
  return { size, wanted, failure };
}

/** What `take` answers, or throws: kept apart from what the decoder throws. */
async function asked(take: Take, bytes: Uint8Array): Promise<boolean | Error> {
  try {
    return await take(bytes);
  } catch (error) {
    return toError(error);
  }
}
