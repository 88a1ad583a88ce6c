// Lays out the sample sheep: one folder each, as `bellwether check --root` reads it.
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STACK_CMDLINE, UUIDS } from './real-boot.mjs';

const MACHINE_ID = '0b8e11be11be11be11be11be11be11be';
const OS = { ID: 'debian', VERSION_ID: '"12"', PRETTY_NAME: '"Debian GNU/Linux 12 (bookworm)"' };

/** The lines of a kernel's configuration that say what it can unpack, load and mount. */
const CONFIG =
  /^CONFIG_(RD_|DECOMPRESS|XZ_DEC|MODULE|BLK_DEV_(INITRD|SD|DM|MD|NVME)|DM_|DEVTMPFS|TMPFS|VIRTIO|\w+_FS=)/;

/**
 * Writes every sheep.
 * @param {import('../../test/setup/overlay.mjs').OverlayHost} host holds the images in /boot and the modules
 * @param {{into: string, kernel: string, paths: readonly string[], facts: string}} made `facts`: a tar inside the host
 */
export async function writeSheep(host, { into, kernel, paths, facts }) {
  const modules = await cutModules(host, kernel, paths);
  const vmlinuz = cutVmlinuz(readFileSync(host.path(`/boot/vmlinuz-${kernel}`)));
  const config = readFileSync(host.path(`/boot/config-${kernel}`), 'utf8')
    .split('\n')
    .filter((line) => CONFIG.test(line));
  const image = (name) => readFileSync(host.path(`/boot/${name}`));

  /** A root with what every sheep has; `at` writes a file below it. */
  const start = async (name) => {
    const root = join(into, name);
    rmSync(root, { recursive: true, force: true });
    const at = (path, content) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    cpSync(host.path(modules), join(root, 'usr/lib/modules', kernel), { recursive: true });
    at(`boot/config-${kernel}`, `${config.join('\n')}\n`);
    at(
      'etc/os-release',
      Object.entries(OS)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    at('etc/machine-id', `${MACHINE_ID}\n`);
    at('usr/lib/systemd/systemd', readFileSync(host.path('/usr/lib/systemd/systemd')).subarray(0, 4096));
    at('usr/bin/dracut', '#!/bin/sh\n# Stands for the program: samples run nothing.\n');
    at('usr/lib/dracut/dracut-version.sh', 'DRACUT_VERSION=059\n');
    for (const each of ['90dm', '90lvm', '90kernel-modules', '95rootfs-block', '95udev-rules', '99base', '99fs-lib']) {
      at(`usr/lib/dracut/modules.d/${each}/.keep`, '');
    }
    for (const each of ['dev', 'run', 'usr/sbin']) at(`${each}/.keep`, '');
    for (const each of ['usr/lib/systemd/systemd', 'usr/bin/dracut']) chmodSync(join(root, each), 0o755);
    for (const each of ['bin', 'sbin', 'lib']) symlinkSync(`usr/${each}`, join(root, each));
    symlinkSync('../lib/systemd/systemd', join(root, 'usr/sbin/init'));
    return { root, at };
  };
  /** A captured sheep: what /proc and /sys said of the stack that really booted. */
  const startCaptured = async (name) => {
    const sheep = await start(name);
    mkdirSync(sheep.root, { recursive: true });
    await host.sh(
      `rm -rf /tmp/facts && mkdir /tmp/facts && tar -C /tmp/facts -xf ${facts} && chmod -R u=rwX,go=rX /tmp/facts`,
    );
    cpSync(host.path('/tmp/facts'), sheep.root, { recursive: true, verbatimSymlinks: true });
    sheep.at(`boot/vmlinuz-${kernel}`, vmlinuz);
    sheep.at('etc/fstab', `/dev/mapper/vg0-root / ext4 defaults 0 1\nUUID=${UUIDS.boot} /boot ext4 defaults 0 2\n`);
    return sheep;
  };

  const sound = await startCaptured('sound');
  sound.at(`boot/initramfs-${kernel}.img`, image('sound'));
  writeBls(sound.at, kernel);

  const odd = await startCaptured('odd-sheep');
  odd.at(`boot/initramfs-${kernel}.img`, image('odd'));
  odd.at(`boot/initramfs-0-rescue-${MACHINE_ID}.img`, image('rescue'));
  odd.at(`boot/vmlinuz-0-rescue-${MACHINE_ID}`, vmlinuz);
  writeGrub2(odd.at, kernel);

  const drifted = await startCaptured('drifted-driver');
  drifted.at(`boot/initrd.img-${kernel}`, image('drifted'));
  writeDebianGrub(drifted.at, kernel);

  const zfs = await start('no-filesystem');
  zfs.at(`boot/${MACHINE_ID}/${kernel}/linux`, vmlinuz);
  zfs.at(`boot/${MACHINE_ID}/${kernel}/initrd`, image('sound'));
  zfs.at('etc/fstab', 'rpool/ROOT/debian / zfs defaults 0 0\nUUID=7B77-95E7 /boot vfat umask=0077 0 2\n');
  for (const each of ['proc', 'sys']) zfs.at(`${each}/.keep`, '');
  writeSystemdBoot(zfs.at, kernel);
}

/** Modules with their description alone; the indexes as depmod wrote them of the whole ones. */
async function cutModules(host, kernel, paths) {
  const cut = '/tmp/cut';
  await host.sh(`rm -rf ${cut} && mkdir ${cut} && cd /lib/modules/${kernel}
    cp modules.builtin modules.builtin.bin modules.builtin.modinfo modules.builtin.alias.bin ${cut}/
    cp modules.dep modules.dep.bin modules.alias.bin modules.softdep modules.symbols.bin ${cut}/
    for module in ${paths.join(' ')}; do
      mkdir -p "${cut}/\${module%/*}"
      objcopy --strip-all -j .modinfo -j .gnu.linkonce.this_module "$module" "${cut}/$module"
    done`);
  return cut;
}

/** The boot sector and the setup code, which hold the header and the version: (setup_sects + 1) × 512 bytes. */
function cutVmlinuz(bytes) {
  const setup = Buffer.from(bytes.subarray(0, (bytes[0x1f1] + 1) * 512));
  setup.writeUInt32LE(0, 0x1f4); // so long is the code that follows
  return setup;
}

function grubenv(values) {
  const text = `# GRUB Environment Block\n${Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;
  return text.padEnd(1024, '#');
}

/** As Fedora and its kin: grub.cfg takes in entries of the Boot Loader Specification. */
function writeBls(at, kernel) {
  const id = `${MACHINE_ID}-${kernel}`;
  at('boot/grub2/grub.cfg', 'load_env\nset default="${saved_entry}"\ninsmod blscfg\nblscfg\n');
  at('boot/grub2/grubenv', grubenv({ saved_entry: id, kernelopts: STACK_CMDLINE }));
  at(
    `boot/loader/entries/${id}.conf`,
    [
      `title Debian GNU/Linux (${kernel})`,
      `version ${kernel}`,
      `linux /vmlinuz-${kernel}`,
      `initrd /initramfs-${kernel}.img`,
      'options $kernelopts',
      '',
    ].join('\n'),
  );
}

const menuEntry = (title, linux, initrd) => `menuentry '${title}' --class gnu-linux {
\tsearch --no-floppy --fs-uuid --set=root ${UUIDS.boot}
\tlinux ${linux} ${STACK_CMDLINE}
\tinitrd ${initrd}
}
`;

/** As EL7: menu entries in grub.cfg, the default by its title in grubenv, a rescue entry last. */
function writeGrub2(at, kernel) {
  const title = `Linux (${kernel})`;
  const rescue = `0-rescue-${MACHINE_ID}`;
  at(
    'boot/grub2/grub.cfg',
    'load_env\nset default="${saved_entry}"\n' +
      menuEntry(title, `/vmlinuz-${kernel}`, `/initramfs-${kernel}.img`) +
      menuEntry(`Linux (${rescue})`, `/vmlinuz-${rescue}`, `/initramfs-${rescue}.img`),
  );
  at('boot/grub2/grubenv', grubenv({ saved_entry: title }));
}

/** As Debian: the default is a number. */
function writeDebianGrub(at, kernel) {
  at(
    'boot/grub/grub.cfg',
    `set default="0"\n${menuEntry('Debian GNU/Linux', `/vmlinuz-${kernel}`, `/initrd.img-${kernel}`)}`,
  );
}

/** As kernel-install leaves it for systemd-boot. */
function writeSystemdBoot(at, kernel) {
  at('boot/loader/loader.conf', 'timeout 3\n');
  at(
    `boot/loader/entries/${MACHINE_ID}-${kernel}.conf`,
    [
      `title Debian GNU/Linux (${kernel})`,
      `version ${kernel}`,
      `machine-id ${MACHINE_ID}`,
      'options root=ZFS=rpool/ROOT/debian ro',
      `linux /${MACHINE_ID}/${kernel}/linux`,
      `initrd /${MACHINE_ID}/${kernel}/initrd`,
      '',
    ].join('\n'),
  );
}
