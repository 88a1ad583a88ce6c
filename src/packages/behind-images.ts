/** What makes an image what it is: where an image stays bad although they verify, they are reinstalled all the same. */
export const BEHIND_IMAGES = ['kmod', 'dracut', 'dracut-core', 'initramfs-tools', 'initramfs-tools-core'] as const;
