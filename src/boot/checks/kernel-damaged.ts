import { isCutShort } from '../cut-short.ts';
import { machineOf } from '../drivers/machines.ts';
import type { Check } from '../types.ts';

/** The kernel file is empty, shorter than its own header says, or no kernel at all. */
export const kernelDamaged: Check = {
  code: 'kernel_damaged',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom:
    '"error: premature end of file", "invalid magic number", "Error loading …: Unsupported", or nothing at all after "Loading initial ramdisk".',
  cause: '/boot was full, or the host lost power, while the kernel was installed.',
  cure: 'Make room on /boot and reinstall the package of the kernel (kernel-core, linux-image-K).',
  repair: ['reinstall'],
  *observe({ host, kernel: { kernel, vmlinuz } }) {
    if (vmlinuz === null) return;
    const { path, size, least } = vmlinuz;
    const evidence = { path, size, least };
    const whole = !isCutShort(vmlinuz);
    if (whole && vmlinuz.isKernel !== false) return;
    if (whole && machineOf(host.arch) === null) {
      yield {
        defect: false,
        what: `whether ${path} is a kernel`,
        reason: `it begins as none that is known here, and the host is of the architecture "${host.arch}"`,
      };
      return;
    }
    const fault =
      size === 0
        ? 'is empty'
        : whole
          ? 'is no kernel: it begins as none of any format'
          : `is cut short: ${size} of ${least ?? 0} bytes`;
    yield { defect: true, message: `${path}, the kernel ${kernel}, ${fault}.`, evidence };
  },
};
