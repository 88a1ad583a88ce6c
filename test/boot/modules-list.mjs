// @ts-check

/**
 * Shell that leaves in /tmp/conf what mkinitramfs takes as its configuration: these modules, and none that it guesses.
 * @param {string} drivers
 */
export const modulesList = (drivers) =>
  `mkdir -p /tmp/conf && cp -r /etc/initramfs-tools/. /tmp/conf/
       sed -i 's/^MODULES=.*/MODULES=list/' /tmp/conf/initramfs.conf && printf '%s\\n' ${drivers} > /tmp/conf/modules`;
