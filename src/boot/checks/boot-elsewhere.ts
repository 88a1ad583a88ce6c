import type { HostFacts, KernelFacts } from '../../host/types.ts';
import type { BootFacts, Check } from '../types.ts';

/** A kernel's image lies in a boot folder of another kind than the active loader reads, and no entry names that kernel. */
export const bootElsewhere: Check = {
  code: 'boot_elsewhere',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'A new kernel never appears in the menu; the old one boots.',
  cause:
    'A stray folder (/boot/MACHINE-ID, /efi/MACHINE-ID, /boot/efi/TOKEN) makes kernel-install take another place for $BOOT than the one that the active loader reads.',
  cure: 'Remove the stray folder, or set layout= in /etc/kernel/install.conf, and reinstall the kernel.',
  repair: ['configure', 'reinstall'],
  *observe(facts) {
    const { host } = facts;
    if (host.loader.name === null || host.loader.entries.length === 0) return;
    for (const kernel of unlisted(facts)) {
      const strays = strayImages(kernel, host);
      if (strays.length === 0) continue;
      yield {
        defect: true,
        message: `Kernel ${kernel.kernel} has its image at ${strays.join(', ')}, but no entry of ${host.loader.name} names it.`,
        evidence: {
          kernel: kernel.kernel,
          images: strays,
          loader: host.loader.name,
          loader_evidence: host.loader.evidence,
        },
      };
    }
  },
};

/** Kernels that no entry names: the judged one, or, beside the default, those newer than it. */
function unlisted({ host, kernel, entry, isDefault }: BootFacts): readonly KernelFacts[] {
  const named = new Set(host.loader.entries.map((other) => other.kernel));
  if (entry === null) return named.has(kernel.kernel) ? [] : [kernel];
  if (!isDefault) return [];
  const at = host.kernels.findIndex((other) => other.kernel === kernel.kernel);
  return at < 0 ? [] : host.kernels.slice(at + 1).filter((other) => !named.has(other.kernel));
}

/** Images laid out as `$BOOT/TOKEN/K/initrd` that no entry loads. */
function strayImages(kernel: KernelFacts, { loader }: HostFacts): readonly string[] {
  const loaded = new Set(loader.entries.flatMap(({ initrds }) => initrds.map(({ path }) => path)));
  const tokenStyle = kernel.images.filter(
    (path) => path.endsWith(`/${kernel.kernel}/initrd`) && !path.startsWith('/usr/lib/') && !path.startsWith('/lib/'),
  );
  return tokenStyle.filter((path) => !loaded.has(path));
}
