import { loadedKernel } from '../booted-kernel.ts';
import type { BootFacts, Check } from '../types.ts';

/** The kernel that boots next carries no signature, where Secure Boot lets nothing else start. */
export const kernelUnsigned: Check = {
  code: 'kernel_unsigned',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom:
    '"error: bad shim signature", then "you need to load the kernel first"; "Security Violation", "Access denied".',
  cause:
    'The kernel was built on this host or comes from a package that nobody signed (linux-image-K-unsigned), or something changed the file and took its signature off; it may have been installed while Secure Boot was off.',
  cure: "Boot a kernel that the distribution signed, reinstall this one's package (kernel-core, linux-image-K), or sign it with a key that the machine trusts: `sbsign --key KEY --cert CERT --output FILE FILE`, the key enrolled by `mokutil --import CERT.der`.",
  repair: ['configure'],
  *observe(facts) {
    const { host, isDefault, imageAsked } = facts;
    if (imageAsked || !isDefault || host.secureBoot !== true) return;
    const by = verifier(facts);
    const file = loadedKernel(facts);
    if (by === null || file?.signed !== false) return;
    yield {
      defect: true,
      message: `${file.path} is not signed, and Secure Boot is on: ${by} refuses it.`,
      evidence: { path: file.path, refused_by: by, loader: host.loader.name },
    };
  },
};

/**
 * Who holds the kernel against the keys before it starts: shim, which GRUB and systemd-boot ask where it started them, else
 * the firmware, by which systemd-boot starts it. A GRUB without shim may be built to ask nobody. Null where that is not known,
 * and where a program may be let through by its hash.
 */
function verifier({ host: { source, loader, trust } }: BootFacts): 'shim' | 'the firmware' | null {
  // Of a host that is mounted somewhere the lists are those of the machine that looks at it.
  if (trust?.keysAlone !== true || source === 'mounted') return null;
  if (loader.name !== 'grub' && loader.name !== 'systemd-boot') return null;
  if (trust.shim) return 'shim';
  const started = loader.firmware?.programs.find(({ fault }) => fault === null);
  return loader.name === 'systemd-boot' && started?.kind === 'systemd-boot' ? 'the firmware' : null;
}
