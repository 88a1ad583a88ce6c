// @ts-check
// GRUB as Debian lays it out: a core image, a stub on the EFI partition, a menu as grub-mkconfig writes it with
// GRUB_DEFAULT=saved.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT_UUID } from '../bases.mjs';
import { GUEST_WORDS, NAME } from './guest-init.mjs';
import { part, runPart } from './parts.mjs';

const MODULES =
  'part_gpt ext2 fat normal linux search search_fs_uuid configfile echo test loadenv serial terminal ls reboot halt gzio minicmd';

/**
 * @param {'x86_64-efi' | 'i386-pc'} target
 * @param {string} [home] of GRUB started by BIOS
 * @returns {Promise<Buffer>}
 */
export async function grubCore(target, home = '(,gpt3)/boot/grub') {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-grub-'));
  try {
    const core = join(work, 'core');
    const prefix = target === 'i386-pc' ? home : '/EFI/debian';
    const more = target === 'i386-pc' ? ['biosdisk'] : [];
    await runPart('usr/bin/grub-mkimage', [
      ...['-d', part('usr/lib/grub', target), '-O', target, '-p', prefix, '-o', core],
      ...[...MODULES.split(' '), ...more],
    ]);
    return readFileSync(core);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** On the EFI partition: the menu is on the root. */
export const grubStub = `search.fs_uuid ${ROOT_UUID} root
set prefix=($root)'/boot/grub'
configfile $prefix/grub.cfg
`;

/**
 * @typedef {{kernel: string, name?: string, linux?: string, initrd?: string | null, on?: string}} Entry
 *   `on`: the UUID of the file system that has them, the root's unless told
 */

/**
 * @param {readonly Entry[]} entries
 * @param {string} [more] at the end
 */
export const grubConfig = (entries, more = '') => `if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="\${saved_entry}"
fi
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
set timeout=0
${entries.map(grubEntry).join('')}${more}`;

/** @param {Entry} entry */
export function grubEntry({ kernel, name = kernel, linux, initrd, on = ROOT_UUID }) {
  const initrdLine = initrd === null ? '' : `\tinitrd\t${initrd ?? `/boot/initrd.img-${kernel}`}\n`;
  return `menuentry 'Lab GNU/Linux, with Linux ${name}' --class gnu-linux $menuentry_id_option 'gnulinux-${name}-advanced' {
\tinsmod gzio
\tinsmod part_gpt
\tinsmod ext2
\tsearch --no-floppy --fs-uuid --set=root ${on}
\techo\t'Loading Linux ${kernel} ...'
\tlinux\t${linux ?? `/boot/vmlinuz-${kernel}`} root=UUID=${ROOT_UUID} rw ${GUEST_WORDS} ${NAME}${name}
\techo\t'Loading initial ramdisk ...'
${initrdLine}}
`;
}

/**
 * An environment block: 1024 bytes.
 * @param {Readonly<Record<string, string>>} variables
 */
export function grubEnvironment(variables) {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  return Buffer.from(`# GRUB Environment Block\n${lines.join('')}`.padEnd(1024, '#'));
}

/**
 * Puts GRUB into a disk's first sector and the partition for it, as grub-bios-setup does.
 * @param {string} disk
 * @param {number} sector where the core image goes
 * @param {string} [home] as the core image is told
 */
export async function embedGrub(disk, sector, home) {
  const boot = readFileSync(part('usr/lib/grub/i386-pc/boot.img')).subarray(0, 440);
  const core = await grubCore('i386-pc', home);
  boot.writeBigUInt64LE(BigInt(sector), 0x5c); // kernel_sector
  boot[0x64] = 0xff; // boot_drive: the one that the firmware names
  boot.writeUInt16LE(0x9090, 0x66); // no jump: what the firmware says of the drive is believed
  // The only block list of diskboot.img, the first sector of the core: where the rest begins, its length, its segment.
  core.writeBigUInt64LE(BigInt(sector + 1), 0x1f4);
  core.writeUInt16LE(Math.ceil(core.length / 512) - 1, 0x1fc);
  core.writeUInt16LE(0x820, 0x1fe);
  const file = openSync(disk, 'r+');
  writeSync(file, boot, 0, boot.length, 0);
  writeSync(file, core, 0, core.length, sector * 512);
  closeSync(file);
}
