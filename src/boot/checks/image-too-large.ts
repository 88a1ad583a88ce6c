import type { Check } from '../types.ts';

/** From this size on GRUB has been seen to run out of memory and to boot without the image. */
const GRUB_LIMIT = 241_000_000;

/** The image is larger than the loader or the memory is known to take. */
export const imageTooLarge: Check = {
  code: 'image_too_large',
  checkpoint: 'unpack',
  severity: 'warning',
  symptom:
    '"error: out of memory" from GRUB, after which the kernel boots without its image; or an out-of-memory panic.',
  cause:
    'Firmware of graphics cards, many kernels’ modules or debug tools went into the image; or the guest was given less memory.',
  cure: 'Build a host-only image, or leave out what the boot does not need: `dracut --force --hostonly --omit-drivers "…" --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe({ image, host }) {
    if (image === null) return;
    const size = image.files.reduce((sum, file) => sum + file.size, 0);
    const evidence = {
      files: image.files.map((file) => ({ path: file.path, size: file.size })),
      size,
      unpacked_size: image.unpackedSize,
      memory: host.memory,
    };
    if (host.memory !== null && size + image.unpackedSize >= host.memory) {
      yield {
        defect: true,
        severity: 'fatal',
        message: `The image takes ${mib(size)} MiB and unpacks to ${mib(image.unpackedSize)} MiB; this machine has ${mib(host.memory)} MiB of memory.`,
        evidence,
      };
    } else if (size >= GRUB_LIMIT && host.loader.name === 'grub') {
      yield {
        defect: true,
        message: `The image takes ${mib(size)} MiB; GRUB has run out of memory on images of this size.`,
        evidence: { ...evidence, seen_to_fail_from: GRUB_LIMIT },
      };
    }
  },
};

function mib(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
