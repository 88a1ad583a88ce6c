import { readFileSync } from 'node:fs';
import type { Answer, CheckAnswer, RebuildAnswer, RebuildRequest } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { layKernel } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { expectKind } from './answers.ts';
import { readAnswer } from './bellwether.ts';
import { withChroot, type Release } from './chroot.ts';
import { withHost, type Host } from './host.ts';

/**
 * A throwaway host that boots: this machine with a kernel of the cache and a menu of GRUB that names one image. An
 * overlay is no disk's file system: where bellwether looks for what `/` stands on, it is shown this machine's own disk.
 */
export interface BootableHost extends Host {
  /** K */
  readonly kernel: string;
  /** The image that the one entry names, for people on the host. */
  readonly image: string;
  /** What `/` is called on the kernel's command line. */
  readonly disk: string;
  readonly rebuild: (
    params?: Partial<RebuildRequest['params']>,
    request?: { readonly dry_run?: boolean; readonly timeout_s?: number },
  ) => Promise<Answer>;
  /** As `rebuild`, which must be answered and not with an error. */
  readonly rebuilt: (
    params?: Partial<RebuildRequest['params']>,
    request?: { readonly dry_run?: boolean },
  ) => Promise<RebuildAnswer>;
  readonly check: (params?: object) => Promise<CheckAnswer>;
  /** Writes the menu anew, with these images. */
  readonly menu: (...images: readonly string[]) => Promise<void>;
  /** Lays a script in the place of dracut. */
  readonly layGenerator: (script: string) => Promise<void>;
  /** Replaces the generator's configuration. */
  readonly dracutConf: (text: string) => Promise<void>;
}

const ROOT_LINE = /^\S+ \S+ \d+:\d+ \S+ \/ .* - (\S+) (\/dev\/\S+) .*$/m;

function rootMount(): { readonly line: string; readonly type: string; readonly device: string } | null {
  const found = ROOT_LINE.exec(readFileSync('/proc/self/mountinfo', 'utf8'));
  const [line, type, device] = found ?? [];
  return line === undefined || type === undefined || device === undefined ? null : { line, type, device };
}

/** Why there is no such host here, or null. */
export function whyNoBootableHost(): string | null {
  return whyNoOverlay() ?? (rootMount() === null ? "this machine's / is on no disk of its own" : null);
}

/** dracut modules and drivers enough to mount a disk's file system: quick to build. */
export const QUICK = `dracutmodules+=" base kernel-modules rootfs-block udev-rules fs-lib "
drivers+=" virtio_blk virtio_pci virtio_scsi sd_mod ahci nvme ext4 xfs btrfs hv_storvsc hv_vmbus "
hostonly="no"
early_microcode="no"
`;

/**
 * In place of dracut, where a test needs one that is quick or fails in a known way: builds as it does, in a folder of its
 * own below `--tmpdir`, and copies to the image at the end. `before` and `after` are lines of shell; what it makes is a
 * copy of `/srv/next`.
 */
export function standIn(before = '', after = ''): string {
  return `#!/bin/bash
set -e
while [ $# -gt 1 ]; do case $1 in --tmpdir) tmp=$2 ;; esac; shift; done
out=$1
work=$(mktemp -d -p "$tmp" dracut.XXXXXX)
trap 'rm -rf "$work"' EXIT
echo "dracut: *** Including module: base ***"
${before}
dd if=/srv/next of="$work/initramfs.img" bs=1M status=none
echo "dracut: *** Creating image file '$out' ***"
cp "$work/initramfs.img" "$out"
${after}
echo "dracut: *** Creating initramfs image file '$out' done ***"
`;
}

/** What runs a program that is shown this machine's disk below `/`: procfs lets a file be laid over one of its own. */
export const SHOWN_DISK = 'mount --bind /etc/lab-mountinfo /proc/$$/mountinfo && exec "$@"';

/**
 * Starts such a host, hands it to the test, and takes it down whatever happens. It has no image yet.
 * @param release a newer Debian, with its own generator, in place of this machine's
 */
export function withBootableHost<T>(
  test: (host: BootableHost) => Promise<T>,
  flavour: 'generic' | 'cloud' = 'cloud',
  release: Release | null = null,
): Promise<T> {
  const disk = rootMount();
  if (disk === null) throw new Error('no disk to show');
  const { version: kernel } = kernels()[flavour];
  const start = release === null ? withHost : (use: (host: Host) => Promise<T>) => withChroot(release, use);
  return start(async (host) => {
    await layKernel(host, kernels()[flavour]);
    await host.sh('mkdir -p /boot/grub /etc/dracut.conf.d && cat > /etc/lab-mountinfo', { input: `${disk.line}\n` });
    const image = `/boot/initrd.img-${kernel}`;
    const ask = async (request: object): Promise<Answer> => {
      const input = JSON.stringify({ protocol: 1, detail: 'full', ...request });
      const asked = ['-c', SHOWN_DISK, 'sh', process.execPath, BUNDLE, 'call'];
      return readAnswer(await host.tryRun('/bin/sh', asked, { input, timeout: 600_000 }));
    };
    const rebuild: BootableHost['rebuild'] = (params = {}, request = {}) => ask({ op: 'rebuild', params, ...request });
    const bootable: BootableHost = {
      ...host,
      kernel,
      image,
      disk: disk.device,
      rebuild,
      rebuilt: async (params, request) => expectKind('rebuild', await rebuild(params, request)),
      check: async (params = {}) => expectKind('check', await ask({ op: 'check', params })),
      menu: async (...images) => {
        await host.sh('cat > /boot/grub/grub.cfg', {
          input: [
            'set default=0',
            "menuentry 'Lab' {",
            `  linux /boot/vmlinuz-${kernel} root=${disk.device} rootfstype=${disk.type} ro`,
            `  initrd ${images.join(' ')}`,
            '}',
            '',
          ].join('\n'),
        });
      },
      layGenerator: async (script) => {
        await host.sh('rm -f /usr/bin/dracut && cat > /usr/bin/dracut && chmod 755 /usr/bin/dracut', { input: script });
      },
      dracutConf: async (text) => {
        // Older than any image, so that none is stale for it.
        await host.sh('cat > /etc/dracut.conf.d/lab.conf; touch -d 2020-01-01 /etc/dracut.conf.d/lab.conf', {
          input: text,
        });
      },
    };
    await bootable.menu(image);
    await bootable.dracutConf(QUICK);
    return test(bootable);
  });
}
