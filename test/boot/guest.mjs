// @ts-check
// What a guest of the boot lab holds, whatever it is stored on: all of a host that a boot and a check read.
import { copyFile } from 'node:fs/promises';
import { BUNDLE } from '../setup/build.mjs';
import { ARRIVED } from './oracle.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */

/** The one program of the guest: says that it was reached, and in a guest that is captured, captures it. */
export const GUEST_INIT = `#!/bin/busybox sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin:/busybox
/bin/busybox --install -s /busybox
echo "${ARRIVED} $(uname -r)" > /dev/console
case $(cat /proc/cmdline) in *lab.capture*)
  mount -t tmpfs tmp /tmp
  /opt/node /opt/bellwether.cjs inspect --capture /tmp/facts.tar --no-images > /dev/console 2>&1
  gzip -9 /tmp/facts.tar
  { echo BEGIN FACTS; base64 /tmp/facts.tar.gz; echo END FACTS; } > /dev/console
esac
sync
echo o > /proc/sysrq-trigger
sleep 20
`;

/**
 * The loader's one entry.
 * @param {string} kernel
 * @param {string} commandLine
 */
export const grubMenu = (kernel, commandLine) => `set default=0
menuentry 'Lab' { linux /boot/vmlinuz-${kernel} ${commandLine}
 initrd /boot/initrd.img-${kernel} }
`;

/**
 * What the image has of the host's programs and libraries, a host has too: those below /usr, by the image's first archive. But
 * not systemd itself, which would be started in place of the guest's own init.
 */
const OWN_PROGRAMS = `cd /
  cpio --quiet -it < /boot/image | grep '^usr/' | grep -v '^usr/lib/\\(modules/\\|firmware/\\|systemd/systemd$\\)' | while read -r path; do
    test -f "$path" && test ! -h "$path" && test "$(head -c 4 "$path" | tail -c 3)" = ELF || continue
    test -e "/tmp/guest/$path" || install -D -p "$path" "/tmp/guest/$path"
  done`;

/**
 * Lays a guest's root at `/tmp/guest` of a throwaway host that holds its kernel and image, and its size in MiB at
 * `/tmp/size`.
 * @param {OverlayHost} host
 * @param {{kernel: string, commandLine: string, files: Readonly<Record<string, string>>}} guest
 *   `files`: the content of further files, by their path
 */
export async function fillRoot(host, { kernel, commandLine, files }) {
  await host.sh('cat > /tmp/init', { input: GUEST_INIT });
  await copyFile('/bin/busybox', host.path('/tmp/busybox'));
  await host.sh(
    `cd /tmp && mkdir guest && cd guest
     mkdir -p bin sbin busybox usr/bin usr/sbin usr/lib/modules boot/grub etc dev proc sys run tmp opt lib64 lib/x86_64-linux-gnu
     cp ../busybox bin/busybox && ln -s busybox bin/sh && install -m 755 ../init sbin/init
     cp -r /lib/modules/${kernel} usr/lib/modules/ && ln -s ../usr/lib/modules lib/modules
     cp /boot/vmlinuz-${kernel} boot/ && cp /boot/config-${kernel} boot/ 2>/dev/null || cp /usr/lib/modules/${kernel}/config boot/config-${kernel}
     cp /boot/image boot/initrd.img-${kernel}
     printf 'ID=lab\\nVERSION_ID=1\\nNAME=Lab\\n' > etc/os-release && printf '0be11be110be11be110be11be110be11\\n' > etc/machine-id
     cp ${process.execPath} opt/node && strip opt/node 2>/dev/null || true
     cp ${BUNDLE} opt/bellwether.cjs
     for program in xz zstd; do cp "$(command -v $program)" usr/bin/ || true; done
     ldd ${process.execPath} usr/bin/* | sed -n 's/.*=> \\(\\/[^ ]*\\).*/\\1/p; s/^\\s*\\(\\/lib64[^ ]*\\).*/\\1/p' | while read -r library; do cp -L "$library" "./$library" 2>/dev/null || install -D "$library" "./$library"; done`,
    { timeout: 300_000 },
  );
  await host.sh(OWN_PROGRAMS, { timeout: 300_000 });
  const all = { '/boot/grub/grub.cfg': grubMenu(kernel, commandLine), ...files };
  for (const [path, content] of Object.entries(all))
    await host.sh('file=/tmp/guest$LAID; mkdir -p "${file%/*}"; cat > "$file"', {
      input: content,
      env: { LAID: path },
    });
  await host.sh('cd /tmp/guest && du -sm . | cut -f1 > ../size');
}
