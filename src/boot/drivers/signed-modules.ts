import type { ModuleFacts } from '../../image/types.ts';
import { requirementsOf } from '../requirements.ts';
import type { BootFacts } from '../types.ts';
import { kernelDrivers } from './kernel-drivers.ts';
import { neededModules } from './needed-modules.ts';
import { verifiesSignatures } from './signature-rule.ts';

/** Modules of the image that the boot needs and that the kernel will hold against their signatures. */
export function signedModules(facts: BootFacts): readonly ModuleFacts[] {
  if (!verifiesSignatures(facts.kernel)) return [];
  const drivers = kernelDrivers(facts);
  return neededModules(facts, requirementsOf(facts)).flatMap(({ name }) => {
    const file = drivers.inImage(name);
    return file?.damaged === undefined && file?.signature?.state === 'read' ? [file] : [];
  });
}

/**
 * Why the kernel refuses a module for its signature, whatever it demands; null where it does not, or that is not known
 * (Linux, kernel/module/signing.c: all errors but those of an unknown key or algorithm are fatal).
 */
export function signatureFault({ kernel, signatures }: BootFacts, { path, signature }: ModuleFacts): string | null {
  if (signature === undefined || !verifiesSignatures(kernel)) return null;
  if (signature.state === 'refused') return signature.why;
  return signatures.get(path) === 'does_not_fit' ? 'its content is not what its signature was made for' : null;
}
