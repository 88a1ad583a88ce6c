import { decompressBuffer } from '../image/decompress-buffer.ts';
import { unpackKernel } from './kernel-payload.ts';

/** CONFIG_IKCONFIG puts the gzipped configuration behind this mark. */
const START = Buffer.from('IKCFG_ST');
const LIMIT = 16 * 1024 * 1024;

/** The configuration that a kernel file carries (CONFIG_IKCONFIG), as text; null where there is none to be found. */
export async function configInVmlinuz(bytes: Buffer): Promise<string | null> {
  const kernel = await unpackKernel(bytes);
  const start = kernel?.indexOf(START) ?? -1;
  if (kernel === null || start === -1) return null;
  const config = await decompressBuffer('gzip', kernel.subarray(start + START.length), LIMIT);
  return 'bytes' in config ? Buffer.from(config.bytes).toString('utf8') : null;
}
