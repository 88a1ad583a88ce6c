import { hasWord } from '../command-line.ts';
import type { Check } from '../types.ts';

/** The root file system lacks a folder that /dev, /proc, /sys or /run is moved to. */
export const rootMountPointMissing: Check = {
  code: 'root_mount_point_missing',
  checkpoint: 'switch-root',
  severity: 'fatal',
  symptom:
    '"switch_root: failed to mount moving /dev to /sysroot/dev", or "Failed to mount API filesystems, freezing".',
  cause: 'The root was copied without its empty folders (`rsync --exclude=/proc`, a tar without them).',
  cure: 'Make them on the root file system itself: `mkdir -m 0555 /proc /sys; mkdir -m 0755 /dev /run`.',
  repair: ['configure'],
  *observe({ host, cmdline }) {
    const layout = host.files.rootLayout;
    if (layout === null || (cmdline !== null && hasWord(cmdline, 'ostree'))) return;
    const missing = [...layout.mountPoints]
      .filter(([, there]) => !there)
      .map(([name]) => `/${name}`)
      .sort();
    if (missing.length === 0) return;
    // Mounted writable, systemd makes them.
    const writable = cmdline !== null && hasWord(cmdline, 'rw') && !hasWord(cmdline, 'ro');
    yield {
      defect: true,
      message: `The root file system has no ${missing.join(', ')} to mount on.`,
      evidence: { missing, mounted: writable ? 'rw' : 'ro' },
      ...(writable ? { severity: 'warning' } : {}),
    };
  },
};
