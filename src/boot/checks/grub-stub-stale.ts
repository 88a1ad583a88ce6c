import { lookUpDevice } from '../device-names.ts';
import type { Check } from '../types.ts';

/** What GRUB is started with on the EFI partition leads to a file system that the host does not have. */
export const grubStubStale: Check = {
  code: 'grub_stub_stale',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"error: no such device: UUID", then the prompt of GRUB.',
  cause:
    'The file system of /boot was made anew, or the disk was cloned, and grub.cfg on the EFI partition was left as it was.',
  cure: 'Write it anew: on Fedora and its kin `dnf reinstall grub2-efi-x64 shim-x64` and `grub2-mkconfig -o /boot/grub2/grub.cfg`, on Debian `grub-install`.',
  repair: ['configure'],
  *observe({ host, isDefault, imageAsked }) {
    const { stub } = host.loader;
    if (stub === null || imageAsked || !isDefault) return;
    if (lookUpDevice(`UUID=${stub.uuid}`, host.storage) !== 'absent') return;
    yield {
      defect: true,
      message: `${stub.path} searches for the file system ${stub.uuid}, which this host does not have.`,
      evidence: { path: stub.path, uuid: stub.uuid },
    };
  },
};
