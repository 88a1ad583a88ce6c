import { initrdNeed } from '../initrd-need.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** The image that should be loaded is not there: the entry's, or, where no entry names K, any for K. */
export const imageMissing: Check = {
  code: 'image_missing',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"VFS: Unable to mount root fs on unknown-block(0,0)", or the loader says that the initrd was not found.',
  cause:
    'The image was never made: the generator failed or did not run when the kernel was installed (a failing dkms build, a full /boot, a hook that stopped early), or somebody removed the file.',
  cure: 'Make it: `dracut --force --kver K IMAGE`, or `update-initramfs -c -k K`; then look that the entry names that very path.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    const { imageError, entry, kernel, image } = facts;
    if (imageError?.kind === 'absent') yield* missingFile(imageError.path, facts, requirements);
    else if (imageError === null && image === null && entry === null && kernel.vmlinuz !== null)
      yield* noneForKernel(facts, requirements);
  },
};

function* missingFile(path: string, facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const { entry, kernel, host } = facts;
  const need = initrdNeed(facts, requirements);
  const named = entry === null ? '' : `, which the entry "${entry.title}" loads,`;
  // GRUB says "file not found" and boots on without; other loaders refuse the entry.
  const survives = need.needed === false && (entry === null || host.loader.name === 'grub');
  yield {
    defect: true,
    message: `The image ${path}${named} is not there${survives ? ', though this kernel can reach / without one' : ''}.`,
    evidence: {
      path,
      kernel: kernel.kernel,
      needed_because: need.because,
      ...(entry === null ? {} : { entry: entry.id, entry_source: entry.source }),
      ...(kernel.images.length > 0 ? { images_of_this_kernel: kernel.images } : {}),
    },
    ...(survives ? { severity: 'warning' } : {}),
  };
}

function* noneForKernel(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const { kernel } = facts;
  if (kernel.images.length > 0) return;
  const need = initrdNeed(facts, requirements);
  if (need.needed === false) return;
  if (need.needed === 'unknown') {
    yield {
      defect: false,
      what: `whether ${kernel.kernel}, which has no image, needs one`,
      reason: need.because,
    };
    return;
  }
  yield {
    defect: true,
    message: `Kernel ${kernel.kernel} is installed, but there is no image for it.`,
    evidence: { kernel: kernel.kernel, vmlinuz: kernel.vmlinuz?.path ?? null, needed_because: need.because },
  };
}
