import { shellWord, shellWords } from '../protocol/shell-words.ts';

/**
 * How a boot entry is had anew. In a rescue system kernel-install takes the command line of that for the host's, unless
 * told.
 * @param root the host's
 * @param vmlinuz the kernel file, on the host
 */
export function kernelInstallHint(root: string, kernel: string, vmlinuz = `/boot/vmlinuz-${kernel}`): string {
  const command = shellWords(['kernel-install', 'add', kernel, vmlinuz]);
  if (root === '/') return `\`${command}\``;
  return `write the host's command line to ${root}/etc/kernel/cmdline first (else it gets that of the system that runs), then \`chroot ${shellWord(root)} ${command}\``;
}
