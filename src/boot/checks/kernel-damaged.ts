import type { Check } from '../types.ts';

/** The kernel file is empty, or shorter than its own header says. */
export const kernelDamaged: Check = {
  code: 'kernel_damaged',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom:
    '"error: premature end of file", "invalid magic number", "Error loading …: Unsupported", or nothing at all after "Loading initial ramdisk".',
  cause: '/boot was full, or the host lost power, while the kernel was installed.',
  cure: 'Make room on /boot and reinstall the package of the kernel (kernel-core, linux-image-K).',
  repair: ['reinstall'],
  *observe({ kernel: { kernel, vmlinuz } }) {
    if (vmlinuz === null) return;
    const { path, size, least } = vmlinuz;
    if (size > 0 && (least === null || size >= least)) return;
    yield {
      defect: true,
      message:
        size === 0
          ? `${path}, the kernel ${kernel}, is empty.`
          : `${path}, the kernel ${kernel}, is cut short: ${size} of ${least ?? 0} bytes.`,
      evidence: { path, size, least },
    };
  },
};
