import type { EfiProgram, FirmwareFacts } from '../../host/types.ts';
import { isAlone, startsHere } from '../firmware.ts';
import type { BootFacts, Check } from '../types.ts';

/** Of what the firmware would start of the EFI partition, nothing is there, or nothing of it is whole. */
export const loaderMissing: Check = {
  code: 'loader_missing',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom:
    'The firmware tells that there is no bootable device, or shows its setup, its shell, or a boot from the network.',
  cause:
    'The EFI partition was made anew or emptied, a loader was removed or its update was cut off, only shim was left without the GRUB that it starts, or a GRUB that nobody signed took the place of the signed one under Secure Boot.',
  cure: 'Install the loader again: on Fedora and its kin `dnf reinstall grub2-efi-x64 shim-x64`, on Debian `grub-install` (with shim-signed and grub-efi-amd64-signed installed under Secure Boot), for systemd-boot `bootctl install`; `efibootmgr -v` shows what the firmware starts.',
  repair: ['configure'],
  *observe(facts) {
    const { firmware } = facts.host.loader;
    if (firmware === null || facts.imageAsked || !facts.isDefault) return;
    const last = firmware.programs[firmware.programs.length - 1];
    if (last === undefined) return;
    if (last.fault === null) {
      const passed = firmware.programs.find(({ isCurrent, fault }) => isCurrent && fault !== null);
      if (passed === undefined || last.by.startsWith('Boot')) return;
      yield {
        defect: true,
        severity: 'warning',
        message: `${passed.by}, by which the firmware started this host, leads to a loader that does not run any more: ${wordsOf(passed)}. What is left is ${last.path}, to which not every firmware falls back.`,
        evidence: evidenceOf(firmware),
      };
      return;
    }
    // Entries that are not known may lead to any of these.
    if (!firmware.variables && firmware.others.length > 0) return;
    yield {
      defect: true,
      severity: startsHere(facts) && isAlone(facts) ? 'fatal' : 'warning',
      message: `The firmware finds no boot loader on ${firmware.mountPoint} that it could start: ${firmware.programs.map(wordsOf).join(', ')}.${elseOf(facts)}`,
      evidence: evidenceOf(firmware),
    };
  },
};

function wordsOf({ path, fault }: EfiProgram): string {
  if (fault === null) return path;
  const of = fault.path === path ? '' : `, which ${path} starts,`;
  switch (fault.kind) {
    case 'absent':
      return `${fault.path}${of} is not there`;
    case 'damaged':
      return `${fault.path}${of} is no whole program`;
    case 'foreign':
      return `${fault.path}${of} is of another machine`;
    case 'unsigned':
      return `${fault.path}${of} is not signed, as Secure Boot asks`;
  }
}

function elseOf(facts: BootFacts): string {
  return startsHere(facts) && isAlone(facts) ? '' : ' It may start the host from elsewhere.';
}

function evidenceOf({ mountPoint, programs, elsewhere, started }: FirmwareFacts): Readonly<Record<string, unknown>> {
  return {
    efi_partition: mountPoint,
    tried: programs.map(({ by, path, fault }) => ({ by, path, fault: fault?.kind ?? null, file: fault?.path ?? path })),
    elsewhere: elsewhere.map(({ entry }) => entry),
    started_from: started,
  };
}
