import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { decoderProgram } from './decoder-program.ts';
import type { ImageBytes } from './image-bytes.ts';
import type { Take } from './pump.ts';
import { decoderOptions, unpackInProcess } from './unpack-in-process.ts';
import { unpackWithProgram } from './unpack-program.ts';
import type { Unpacked } from './unpacked.ts';
import { findBadLiterals } from './zstd-literals.ts';
import { hasZstdChecksum } from './zstd-walk.ts';

type CreateDecoder = (options: object) => Transform;

const own: unknown = 'createZstdDecompress' in zlib ? zlib.createZstdDecompress : null;

/** Unpacks the zstd frame between two offsets: with Node's own decoder where it has one (22.15), else with the host's program. */
export async function unpackZstd(image: ImageBytes, start: number, end: number, take: Take): Promise<Unpacked> {
  const unpacked = await decode(image, start, end, take);
  if (unpacked.fault !== undefined || hasZstdChecksum(image, start)) return unpacked;
  const at = await findBadLiterals(image, start);
  if (at === null) return unpacked;
  const detail = 'the literals of a zstd block do not take the bits that they have, which the kernel calls corrupt';
  return { end, fault: { kind: 'corrupt', at, detail } };
}

async function decode(image: ImageBytes, start: number, end: number, take: Take): Promise<Unpacked> {
  if (!isFactory(own)) return unpackWithProgram(decoderProgram('zstd'), image, start, end, take);
  const decoder = own(decoderOptions(end - start));
  const { size, wanted, failure } = await unpackInProcess(decoder, image, start, end, take);
  if (!wanted || failure === null) return { end };
  return { end, fault: { kind: 'corrupt', at: null, detail: `${failure}, after ${size} bytes unpacked` } };
}

function isFactory(value: unknown): value is CreateDecoder {
  return typeof value === 'function';
}
