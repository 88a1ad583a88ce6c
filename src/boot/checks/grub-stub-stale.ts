import { lookUpDevice } from '../device-names.ts';
import { isAlone, startsHere } from '../firmware.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** What GRUB is started with on the EFI partition is not there, or leads to a file system that the host does not have. */
export const grubStubStale: Check = {
  code: 'grub_stub_stale',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"error: no such device: UUID", then the prompt of GRUB; the prompt alone where its grub.cfg is gone.',
  cause:
    'The file system of /boot was made anew, or the disk was cloned, and grub.cfg on the EFI partition was left as it was; or it was removed.',
  cure: 'Write it anew: on Fedora and its kin move that grub.cfg aside, then `dnf reinstall grub2-common grub2-efi-x64 shim-x64` (it is written where there is none) and `grub2-mkconfig -o /boot/grub2/grub.cfg`; on Debian `grub-install`.',
  repair: ['configure'],
  *observe(facts) {
    const { host, isDefault, imageAsked } = facts;
    if (imageAsked || !isDefault) return;
    yield* stubGone(facts);
    const { stub } = host.loader;
    if (stub === null) return;
    if (lookUpDevice(`UUID=${stub.uuid}`, host.storage) !== 'absent') return;
    if (/^[0-9a-f]{16}$/i.test(stub.uuid)) {
      yield* poolGone(stub, facts);
      return;
    }
    yield {
      defect: true,
      message: `${stub.path} searches for the file system ${stub.uuid}, which this host does not have.`,
      evidence: { path: stub.path, uuid: stub.uuid },
    };
  },
};

/** The GRUB that the firmware starts finds no configuration. */
function* stubGone(facts: BootFacts): Iterable<Observation> {
  const { firmware } = facts.host.loader;
  const runs = firmware?.programs.find(({ fault }) => fault === null);
  if (firmware?.variables !== true || runs === undefined || runs.lacks.length === 0) return;
  yield {
    defect: true,
    severity: startsHere(facts) && isAlone(facts) ? 'fatal' : 'warning',
    message: `${runs.path} starts a GRUB that goes by ${runs.lacks.join(' or ')}, and there is none: it stops at its prompt.`,
    evidence: { path: runs.path, by: runs.by, looked_for: runs.lacks },
  };
}

/** Sixteen hexadecimal digits may be GRUB's name of a ZFS pool: its GUID, which udev and blkid write as a decimal number. */
function* poolGone({ path, uuid }: { path: string; uuid: string }, { host }: BootFacts): Iterable<Observation> {
  if (lookUpDevice(`UUID=${BigInt(`0x${uuid}`)}`, host.storage) !== 'absent') return;
  yield {
    defect: false,
    what: `whether the file system ${uuid}, which ${path} searches for, is there`,
    reason: 'it may be a ZFS pool, of which the devices tell nothing here',
  };
}
