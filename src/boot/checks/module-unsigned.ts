import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import { signatureRule } from '../drivers/signature-rule.ts';
import type { Check } from '../types.ts';

/** A needed module without a signature, where the kernel takes signed ones alone. */
export const moduleUnsigned: Check = {
  code: 'module_unsigned',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"Loading of unsigned module is rejected", "Key was rejected by service".',
  cause: 'A module built out of tree was not signed, or something stripped it after it was.',
  cure: 'Sign it with a key that the machine trusts (mokutil, `kmodsign sha512 KEY CERT MODULE`), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const drivers = kernelDrivers(facts);
    const unsigned = neededModules(facts, requirements).filter(({ name }) => {
      const file = drivers.inImage(name);
      return file !== null && !file.signed && file.unread === undefined;
    });
    if (unsigned.length === 0) return;
    const rule = signatureRule(facts);
    for (const { name, requirement } of unsigned.slice(0, 10)) {
      const path = drivers.inImage(name)?.path ?? name;
      switch (rule.enforced) {
        case true:
          yield {
            defect: true,
            message: `${name} is not signed, and the kernel takes signed modules alone (${rule.because}): ${requirement.because}.`,
            evidence: { path, enforced_by: rule.because, unsigned: unsigned.length, requirement: requirement.because },
          };
          break;
        case 'unknown':
          yield {
            defect: false,
            what: `whether ${facts.kernel.kernel} takes ${path}, which is not signed`,
            reason: rule.because,
          };
          break;
        case false:
          break;
      }
    }
  },
};
