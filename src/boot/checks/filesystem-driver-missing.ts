import { unmetOf } from '../drivers/unmet.ts';
import type { Check } from '../types.ts';

/** A file system needed to boot that the kernel will not know. */
export const filesystemDriverMissing: Check = {
  code: 'filesystem_driver_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"mount: unknown filesystem type", or "VFS: Unable to mount root fs".',
  cause:
    "The image was made before the file system's module was built for this kernel (zfs by dkms), its package is absent, or the configuration leaves it out.",
  cure: 'Build or install the module for K (`dkms autoinstall -k K`), `depmod -a K`, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'depmod', 'rebuild'],
  *observe(facts, requirements) {
    const filesystems = requirements.filter(({ kind }) => kind === 'filesystem');
    yield* unmetOf(filesystems, facts);
    if (filesystems.length > 0 || facts.image === null) return;
    const told = facts.host.unread.find(({ part }) => part === 'storage');
    yield {
      defect: false,
      what: 'the file system of /',
      reason: told?.reason ?? 'neither mounts nor fstab tell its type',
    };
  },
};
