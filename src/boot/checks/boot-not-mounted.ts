import type { BootFacts, Check } from '../types.ts';

/** fstab mounts /boot (or the EFI partition) and it is not mounted: what lies below the mount point is not what the loader reads. */
export const bootNotMounted: Check = {
  code: 'boot_not_mounted',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'The old kernel boots, finds no modules of its version, and comes up without network and without /boot.',
  cause:
    'A kernel update ran while /boot was not mounted: the new kernel and image were written into the folder below the mount point, where the loader does not look.',
  cure: 'Move aside what lies in the folder, `mount MOUNT_POINT`, and reinstall the newest kernel.',
  repair: ['mount', 'reinstall'],
  *observe(facts) {
    for (const { mountPoint, mounted, spec } of facts.host.boot.mounts) {
      if (mounted !== false) continue;
      const onDemand = isOnDemand(mountPoint, facts);
      if (onDemand && !readsFrom(mountPoint, facts)) continue;
      if (!onDemand)
        yield {
          defect: true,
          message: `${mountPoint} (${spec}) is in fstab but not mounted.`,
          evidence: { mount_point: mountPoint, spec, root: facts.host.root },
        };
      if (readsFrom(mountPoint, facts))
        yield {
          defect: false,
          what: `what the boot loader finds on ${spec}`,
          reason: `${mountPoint} is not mounted`,
        };
    }
  },
};

/** Mounted at first use, or by hand, as some sites keep their boot partitions. */
function isOnDemand(mountPoint: string, { host }: BootFacts): boolean {
  const line = host.files.fstab.find((other) => other.mountPoint === mountPoint);
  return line?.options.some((option) => option === 'noauto' || option.startsWith('x-systemd.automount')) ?? false;
}

/** Whether what is judged, or what would be, lies below this mount point: then it is not what the loader reads. */
function readsFrom(mountPoint: string, { host, entry }: BootFacts): boolean {
  if (entry === null) return mountPoint === '/boot' || host.loader.name !== 'grub';
  const paths = [entry.source, entry.linux?.path ?? '', ...entry.initrds.map(({ path }) => path ?? '')];
  return paths.some((path) => path.startsWith(`${mountPoint}/`));
}
