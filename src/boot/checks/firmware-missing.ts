import { unreadContents } from '../drivers/contents.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import type { BootFacts, Check } from '../types.ts';

/** A needed driver names firmware files, and the image holds none of them. */
export const firmwareMissing: Check = {
  code: 'firmware_missing',
  checkpoint: 'drivers',
  severity: 'warning',
  symptom: '"Direct firmware load for … failed"; the controller stays dead, or runs with the firmware in its flash.',
  cause: 'The firmware package is not installed, or the generator left it out.',
  cure: 'Install the firmware package (linux-firmware, firmware-misc-nonfree…), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    if (facts.image === null || unreadContents(facts.image) !== null) return;
    const drivers = kernelDrivers(facts);
    for (const { name, requirement } of neededModules(facts, requirements)) {
      const named = drivers.inImage(name)?.firmware ?? [];
      // A driver names the files of every card that it knows: this machine's is one of them.
      if (named.length === 0 || named.some((file) => hasFirmware(file, facts))) continue;
      yield {
        defect: true,
        message: `${name} names firmware (${named.slice(0, 3).join(', ')}${named.length > 3 ? '…' : ''}), and the image holds none of it: ${requirement.because}.`,
        evidence: { module: name, firmware: named.slice(0, 10), files: named.length, requirement: requirement.because },
      };
    }
  },
};

/** Where the kernel looks (drivers/base/firmware_loader/main.c), with the compressions that it takes. */
function hasFirmware(file: string, { image, kernel }: BootFacts): boolean {
  const folders = [`updates/${kernel.kernel}/`, 'updates/', `${kernel.kernel}/`, ''];
  return ['', '.xz', '.zst'].some((suffix) =>
    folders.some((folder) =>
      ['usr/lib', 'lib'].some((top) => image?.tree.resolve(`${top}/firmware/${folder}${file}${suffix}`).found === true),
    ),
  );
}
