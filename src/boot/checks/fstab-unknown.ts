import type { FstabLine } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { lookUpDevice } from '../device-names.ts';
import { refused } from '../refused.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

/** Types that stand on no block device, or that systemd gives up on without stopping the boot. */
const ELSEWHERE =
  /^(swap|none|tmpfs|proc|sysfs|devpts|devtmpfs|nfs4?|cifs|ceph|9p|virtiofs|overlay|fuse.*|autofs|zfs)$/;

/** fstab wants something mounted, come what may, from a device that is not there. */
export const fstabUnknown: Check = {
  code: 'fstab_unknown',
  checkpoint: 'switch-root',
  severity: 'warning',
  symptom: '"A start job is running for /dev/disk/by-uuid/…", then "You are in emergency mode".',
  cause: 'The file system was made anew or its disk taken away, and /etc/fstab still asks for it.',
  cure: 'Compare `blkid` with /etc/fstab; put the line right, or give it the option nofail.',
  repair: ['configure'],
  *observe(facts) {
    const { host, image } = facts;
    const unread = refused(facts, (path) => path === '/etc/fstab');
    if (unread !== null) yield { defect: false, what: 'what /etc/fstab mounts', reason: unread.reason };
    for (const line of host.files.fstab) {
      if (!isAwaited(line) || lookUpDevice(line.spec, host.storage) !== 'absent') continue;
      // The image mounts /usr before it hands over, and systemd in it what fstab says; the rest is the root's own matter.
      const early =
        line.mountPoint === '/usr' ||
        (line.options.includes('x-initrd.mount') && image !== null && readsFstabOfRoot(image));
      yield {
        defect: true,
        message: `/etc/fstab mounts ${line.spec} on ${line.mountPoint}, and this host has no such device.`,
        evidence: {
          path: '/etc/fstab',
          line: line.line,
          spec: line.spec,
          mount_point: line.mountPoint,
          options: line.options,
        },
        ...(early ? { severity: 'fatal' } : {}),
      };
    }
  },
};

/** initrd-parse-etc.service: what it finds belongs to initrd-fs.target, which ends in emergency.target where it fails. */
function readsFstabOfRoot({ tree }: ImageFacts): boolean {
  return (
    runsSystemd(tree) &&
    ['system/initrd-parse-etc.service', 'system/initrd-fs.target', 'system-generators/systemd-fstab-generator'].every(
      (path) => tree.resolve(`usr/lib/systemd/${path}`).found,
    )
  );
}

/** `/` itself goes by root= on the command line. */
function isAwaited({ spec, mountPoint, type, options }: FstabLine): boolean {
  if (mountPoint === '/' || !mountPoint.startsWith('/') || ELSEWHERE.test(type)) return false;
  if (!/^(UUID=|LABEL=|PARTUUID=|PARTLABEL=|\/dev\/)/.test(spec)) return false;
  return !options.some((option) => /^(noauto|nofail|_netdev|bind|rbind|loop.*|x-systemd\.automount)$/.test(option));
}
