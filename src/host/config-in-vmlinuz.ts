import { gunzipSync } from 'node:zlib';

/** CONFIG_IKCONFIG puts the gzipped configuration between these two marks. */
const START = Buffer.from('IKCFG_ST');
const LIMIT = 16 * 1024 * 1024;

/** The configuration that a kernel carries (CONFIG_IKCONFIG), as text; null where there is none to be found. */
export function configInVmlinuz(bytes: Buffer): Promise<string | null> {
  return Promise.resolve(configIn(bytes));
}

function configIn(kernel: Buffer): string | null {
  const start = kernel.indexOf(START);
  if (start === -1) return null;
  try {
    return gunzipSync(kernel.subarray(start + START.length), { maxOutputLength: LIMIT }).toString('utf8');
  } catch {
    return null; // the mark was chance, or the kernel is cut: no configuration to be had either way
  }
}
