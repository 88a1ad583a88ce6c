import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import { signatureFault } from '../drivers/signed-modules.ts';
import type { Check } from '../types.ts';

/** A needed module is in the image, and the kernel will not take it. */
export const moduleDamaged: Check = {
  code: 'module_damaged',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom:
    '"Invalid ELF header", "Invalid module format", "decompression failed", "Key was rejected by service"; then no disks.',
  cause:
    'A full disk or a crash while the kernel was installed or the image was built: the file has its name, and half of its content or none. Or a bad disk: a signed module of which one byte was changed is refused, whether the kernel demands signatures or not.',
  cure: 'Reinstall the package of the modules (kernel-core, kernel-modules, linux-image-K), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const drivers = kernelDrivers(facts);
    for (const { name, requirement, neededBy } of neededModules(facts, requirements)) {
      const file = drivers.inImage(name);
      if (file === null) continue; // other rules tell
      const needs = neededBy === null ? requirement.because : `${neededBy} needs it: ${requirement.because}`;
      const damage = file.damaged ?? signatureFault(facts, file);
      if (damage !== null) {
        yield {
          defect: true,
          message: `${file.path} is damaged (${damage}): ${needs}.`,
          evidence: { path: file.path, size: file.size, damage, requirement: requirement.because },
        };
      } else if (file.unread !== undefined) {
        yield { defect: false, what: `whether ${file.path} is whole; ${needs}`, reason: file.unread };
      }
    }
  },
};
