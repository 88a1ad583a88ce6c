// @ts-check

/**
 * Shell that leaves in /tmp/conf what mkinitramfs takes as its configuration: these modules, and none that it guesses.
 * @param {string} drivers
 */
export const modulesList = (drivers) =>
  `mkdir -p /tmp/conf && cp -r /etc/initramfs-tools/. /tmp/conf/
       sed -i 's/^MODULES=.*/MODULES=list/' /tmp/conf/initramfs.conf && printf '%s\\n' ${drivers} > /tmp/conf/modules`;

/**
 * Shell that leaves at `out`, as one plain archive, what the mkinitramfs of Debian 13 has packed as two at /tmp/packed.
 * @param {string} out
 */
export const asOneArchive = (out) =>
  `unmkinitramfs /tmp/packed /tmp/parts
       test -e /tmp/parts/init && test -d /tmp/parts/usr/lib/modules
       (cd /tmp/parts && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -H newc -o) > ${out}`;
