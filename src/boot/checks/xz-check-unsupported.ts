import type { Check } from '../types.ts';

/** An xz stream declares an integrity check that the kernel's decoder refuses: it knows CRC32 and none. */
export const xzCheckUnsupported: Check = {
  code: 'xz_check_unsupported',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"Initramfs unpacking failed: Input is encoded with settings not supported by this XZ decoder".',
  cause: 'The image was compressed by a bare `xz`, whose default check is CRC64.',
  cure: 'Compress with `xz --check=crc32`, or build it anew: `dracut --force --compress="xz --check=crc32 --lzma2=dict=1MiB" --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe({ image }) {
    for (const { compression, xzCheck, file, offset } of image?.segments ?? []) {
      if (compression !== 'xz' || xzCheck === undefined || xzCheck === 'none' || xzCheck === 'crc32') continue;
      const path = image?.files[file]?.path ?? null;
      yield {
        defect: true,
        message: `${path ?? 'The image'} is xz with ${xzCheck} checksums; the kernel's decoder takes crc32 alone.`,
        evidence: { path, offset, check: xzCheck },
      };
    }
  },
};
