import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` comes over NFS, and the image lacks what mounts it. */
export const nfsMissing: Check = {
  code: 'nfs_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"mount: unknown filesystem type nfs", or mount.nfs is not found.',
  cause:
    'nfs-utils was not installed when the image was built, or the build was host-only on a host with a local root.',
  cure: 'Install nfs-utils (nfs-common), then `dracut --force --add nfs --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('nfs', facts, requirements),
};
