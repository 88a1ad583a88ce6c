import { expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync, inflateRawSync, type Inflate } from 'node:zlib';
import { judge } from '../../../src/boot/judge.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { decompressBuffer } from '../../../src/image/decompress-buffer.ts';
import { bufferAsImage } from '../../../src/image/image-bytes.ts';
import { readImageBytes } from '../../../src/image/image-facts.ts';
import { gatherFacts } from '../../../src/ops/gather-facts.ts';
import { selectTargets } from '../../../src/ops/select-targets.ts';
import { mutate } from '../image/mutate.ts';

const root = fileURLToPath(new URL('../../../examples/sheep/sound', import.meta.url));
const LIMIT = 64 << 20;
/** Younger than all that an image is made from. */
const FRESH = 4_000_000_000;
jest.setTimeout(900_000);

const ROUNDS = Number(process.env.BELLWETHER_FUZZ_ROUNDS ?? 240);

/** Printed, so that a failure can be had again: BELLWETHER_SEED=… */
const { BELLWETHER_SEED } = process.env;
const seed = BELLWETHER_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(BELLWETHER_SEED);

test(`of ${ROUNDS} damaged copies of a sound image none is healthy, but those that unpack to the same`, async () => {
  process.stderr.write(`verdict fuzz: BELLWETHER_SEED=${seed}\n`);
  const host = await readHost(root);
  const [target] = selectTargets(host, 'default');
  if (target === undefined) throw new Error('the sample has no default kernel');
  const packed = readFileSync(`${root}${target.images[0] ?? ''}`);
  const unpacked = await decompressBuffer('xz', packed, LIMIT);
  if ('unread' in unpacked) throw new Error(unpacked.unread);
  const archive = unpacked.bytes;
  const image = gzipSync(archive, { level: 1 });
  const verdictOn = async (bytes: Buffer) => {
    const facts = await readImageBytes(bufferAsImage(bytes), { maxUnpacked: LIMIT });
    const files = [{ path: target.images[0] ?? '', size: bytes.length, mtime: FRESH }];
    return judge(gatherFacts(host, target, { facts: { ...facts, files, uki: null }, error: null }, [], null));
  };
  expect(await verdictOn(image)).toMatchObject({ verdict: 'healthy', findings: [], unknowns: [] });

  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, what } = mutate(image, seed + round);
    const { verdict, unknowns } = await verdictOn(bytes).catch((error: unknown) => {
      throw new Error(what, { cause: error });
    });
    expect([what, verdict === 'healthy' && !unpacksTo(bytes, archive)]).toEqual([what, false]);
    expect([what, verdict === 'unknown' && unknowns.length === 0]).toEqual([what, false]);
  }
}, 300_000);

const HEADER = 10;
const TRAILER = 8;

/** Whether the first gzip stream of an image holds exactly this archive, whatever lies behind it. */
function unpacksTo(bytes: Buffer, archive: Uint8Array): boolean {
  const start = bytes.findIndex((byte) => byte !== 0);
  try {
    // Told how much of it is the stream; its sum is proven when that is unpacked again.
    const { engine } = inflateRawSync(bytes.subarray(start + HEADER), { info: true }) as unknown as { engine: Inflate };
    return gunzipSync(bytes.subarray(start, start + HEADER + engine.bytesWritten + TRAILER)).equals(archive);
  } catch {
    return false; // not a whole stream: then it is not the same archive
  }
}
