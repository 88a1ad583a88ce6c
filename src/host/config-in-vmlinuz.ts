import { gunzipSync } from 'node:zlib';
import { unpackKernel } from './kernel-payload.ts';

/** CONFIG_IKCONFIG puts the gzipped configuration behind this mark. */
const START = Buffer.from('IKCFG_ST');
const LIMIT = 16 * 1024 * 1024;

/** The configuration that a kernel file carries (CONFIG_IKCONFIG), as text; null where there is none to be found. */
export async function configInVmlinuz(bytes: Buffer): Promise<string | null> {
  const kernel = await unpackKernel(bytes);
  const start = kernel?.indexOf(START) ?? -1;
  if (kernel === null || start === -1) return null;
  try {
    return gunzipSync(kernel.subarray(start + START.length), { maxOutputLength: LIMIT }).toString('utf8');
  } catch {
    return null; // the mark was chance, or the kernel is cut: no configuration to be had either way
  }
}
