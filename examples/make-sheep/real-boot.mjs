// One real boot in QEMU: a virtio disk with /boot on its first partition and LVM, holding an ext4 root, on its second.
// What the guest's /proc, /sys and udev say of that stack comes back: the facts of a captured root.
export const UUIDS = {
  root: '43d7fea7-b081-42bf-88ca-edd75af97452',
  boot: '7bbb0ee2-25f6-45ea-aeb3-e77714615d65',
};
export const STACK_CMDLINE = 'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root';

const GUEST_INIT = `#!/bin/busybox sh
/bin/busybox --install -s /opt
export PATH=/bin:/sbin:/opt
[ -e /proc/mounts ] || mount -t proc proc /proc
[ -e /sys/block ] || mount -t sysfs sys /sys
mount /dev/vda1 /boot
# As every root does once it has taken over: what udev knew in the image is gone but for what is mapped.
/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match=block && udevadm settle --timeout=60
echo "switched root on $(uname -r)"
cap=/run/capture
copy() { mkdir -p "$cap/\${1%/*}"; if [ -L "$1" ]; then cp -P "$1" "$cap/$1"; else cat "$1" > "$cap/$1" 2>/dev/null; fi; }
cd /
disk=$(readlink -f sys/class/block/vda); disk=\${disk#/}
for dir in $disk sys/devices/virtual/block/dm-0 sys/devices/platform/i8042/serio0; do
  find $dir -type f \\( -name uevent -o -name modalias -o -name size -o -name dev -o -name partition -o -path '*/dm/name' -o -path '*/dm/uuid' \\)
  find $dir -type l \\( -name driver -o -name subsystem -o -path '*/slaves/*' -o -path '*/holders/*' \\)
done | grep -v input > /run/list
up=\${disk%/block/*}
while [ "$up" != sys/devices ]; do
  for name in uevent modalias driver subsystem; do [ -e $up/$name ] && echo $up/$name; done
  up=\${up%/*}
done >> /run/list
for bus in pci virtio serio; do find sys/bus/$bus/drivers -maxdepth 2 -name module -type l; done >> /run/list
ls -d sys/block/vda sys/block/dm-0 sys/class/block/vda* sys/class/block/dm-0 sys/bus/virtio/devices/virtio0 >> /run/list
ls -d sys/class/dmi/id sys/devices/virtual/dmi/id/sys_vendor sys/devices/virtual/dmi/id/product_name >> /run/list
while read -r file; do copy "$file"; done < /run/list
for file in self/mountinfo cmdline sys/kernel/osrelease swaps filesystems modules meminfo; do copy "proc/$file"; done
for file in run/udev/data/b25*; do copy "$file"; done
rm -f $cap/run/udev/data/b253:16
tar -C $cap -cf /dev/vdb .
sync
echo o > /proc/sysrq-trigger
sleep 20
`;

/**
 * Boots a kernel with an image in an emulated machine of the throwaway host.
 * @param {import('../../test/setup/overlay.mjs').OverlayHost} host with qemu, fdisk, lvm2, e2fsprogs and a static busybox
 * @param {{kernel: string, vmlinuz: string, image: string}} boot paths inside the host
 * @returns {Promise<string>} the tar of facts, a path inside the host
 */
export async function captureRealBoot(host, { kernel, vmlinuz, image }) {
  await host.sh('cat > /tmp/guest-init', { input: GUEST_INIT });
  await host.sh(`cd /tmp
mkdir -p guest/boot guest/opt && (cd guest && cpio -idm --quiet < ${image}) # for its udev and rules
cp /bin/busybox guest/bin/busybox
rm -f guest/init guest/sbin/init && install -m 755 guest-init guest/sbin/init
mkfs.ext4 -q -U ${UUIDS.root} -d guest root.ext4 200M 2>&1
mkfs.ext4 -q -U ${UUIDS.boot} boot.ext4 60M 2>&1
truncate -s 420M disk.img
sfdisk -q disk.img <<TABLE
label: gpt
start=1MiB, size=60MiB, name=boot, uuid=4298C235-A294-5C40-A7E8-F459C93A371E
start=64MiB, size=350MiB, type=lvm, name=pv, uuid=02F00BBC-E02B-FC4D-942B-DEEC78EEB262
TABLE
dd if=boot.ext4 of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none
loop=$(losetup -f --show --offset $((64 << 20)) --sizelimit $((350 << 20)) disk.img)
trap 'losetup -d $loop' EXIT
export LVM_SUPPRESS_FD_WARNINGS=1
# The machine's own kernel may have no device-mapper: the volume is written, never activated here.
pvcreate -q --driverloaded n -y $loop
vgcreate -q --driverloaded n vg0 $loop
lvcreate -q --driverloaded n -an -Zn -Wn -y -n root -L 200M vg0
start=$(pvs --driverloaded n --noheadings --units b --nosuffix -o pe_start $loop | tr -d ' ')
dd if=root.ext4 of=$loop bs=1M seek=$start oflag=seek_bytes conv=notrunc,sparse status=none
sync
truncate -s 8M facts.tar`);
  const drive = (file, id) => [
    '-drive',
    `file=${file},if=none,id=${id},format=raw`,
    '-device',
    `virtio-blk-pci,drive=${id}`,
  ];
  const append = `console=ttyS0 panic=-1 ${STACK_CMDLINE} rd.shell=0 rd.retry=10 rd.timeout=20`;
  const machine = [
    '-M',
    'q35',
    '-accel',
    'tcg',
    '-cpu',
    'max',
    '-m',
    '768',
    '-nographic',
    '-no-reboot',
    '-nic',
    'none',
  ];
  const { stdout } = await host.tryRun(
    'qemu-system-x86_64',
    [
      ...machine,
      '-kernel',
      vmlinuz,
      '-initrd',
      image,
      '-append',
      append,
      ...drive('/tmp/disk.img', 'd0'),
      ...drive('/tmp/facts.tar', 'd1'),
    ],
    { timeout: 600_000 },
  );
  if (!stdout.includes(`switched root on ${kernel}`))
    throw new Error(`the sound image did not boot:\n${stdout.slice(-4000)}`);
  return '/tmp/facts.tar';
}
