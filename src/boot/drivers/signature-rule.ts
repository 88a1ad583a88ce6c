import type { BootFacts } from '../types.ts';

interface SignatureRule {
  readonly enforced: boolean | 'unknown';
  readonly because: string;
}

/** Distributions' names for "lock the kernel down where Secure Boot is on". */
const LOCKED_BY_SECURE_BOOT = [
  'CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT',
  'CONFIG_EFI_SECURE_BOOT_LOCK_DOWN',
  'CONFIG_EFI_SECURE_BOOT_SIG_ENFORCE',
  'CONFIG_EFI_SECURE_BOOT_SECURELEVEL',
] as const;

/** Whether K looks at signatures at all; where its configuration is not known, it does: nobody signs modules for one that does not. */
export function verifiesSignatures({ config }: BootFacts['kernel']): boolean {
  return config === null || config.get('CONFIG_MODULE_SIG') === 'y';
}

/** Whether K refuses modules without a signature (kernel/module/signing.c: sig_enforce, or lockdown). */
export function signatureRule({ kernel, host, cmdline }: BootFacts): SignatureRule {
  const { config } = kernel;
  const isSet = (name: string) => config?.get(name) === 'y';
  if (!verifiesSignatures(kernel)) return { enforced: false, because: 'CONFIG_MODULE_SIG is not set' };
  for (const name of [
    'CONFIG_MODULE_SIG_FORCE',
    'CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY',
    'CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY',
  ])
    if (isSet(name)) return { enforced: true, because: `${name}=y` };
  for (const { key, value } of cmdline?.words ?? []) {
    if (key === 'module.sig_enforce' && !/^[0nN]/.test(value ?? '1'))
      return { enforced: true, because: value === null ? key : `${key}=${value}` };
    if (key === 'lockdown' && value !== null && /^(integrity|confidentiality)$/.test(value))
      return { enforced: true, because: `lockdown=${value}` };
  }
  const lockable = config === null ? null : LOCKED_BY_SECURE_BOOT.some(isSet);
  if (lockable === false) return { enforced: false, because: 'Secure Boot does not lock this kernel down' };
  if (host.secureBoot === true) return { enforced: true, because: 'Secure Boot is on' };
  // A kernel without a signature of its own does not start under Secure Boot.
  if (host.secureBoot === false || kernel.vmlinuz?.signed === false)
    return { enforced: false, because: 'Secure Boot is off' };
  return { enforced: 'unknown', because: 'whether Secure Boot is on is not known' };
}
