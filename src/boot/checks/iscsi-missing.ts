import { neededNodes } from '../storage-stack.ts';
import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

const OFFLOAD: ReadonlySet<string> = new Set(['qla4xxx', 'be2iscsi', 'bnx2i', 'cxgb3i', 'cxgb4i', 'qedi']);

/** `/` is on an iSCSI disk, and the image lacks what logs in to the target. */
export const iscsiMissing: Check = {
  code: 'iscsi_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: 'The network comes up, or does not, and the disk never appears.',
  cause:
    'open-iscsi (iscsi-initiator-utils) was not installed when the image was built, or the build was host-only on other hardware.',
  cure: 'Install the iSCSI initiator, then `dracut --force --add "iscsi network" --kver K IMAGE`; Debian: `touch /etc/iscsi/iscsi.initramfs` and `update-initramfs -u -k K`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    // Adapters that speak iSCSI themselves show plain SCSI disks.
    const disks = neededNodes(facts.host.storage).filter(({ node }) => node.type === 'iscsi');
    if (disks.some(({ node }) => node.drivers.some(({ name }) => OFFLOAD.has(name)))) return;
    yield* observeLayer('iscsi', facts, requirements);
  },
};
