#!/usr/bin/env python3
"""Writes modules.json: what modinfo says of some modules of a Debian 6.1 kernel, with all they depend on.

python3 test/unit/boot/modules.make.py ROOT K > test/unit/boot/modules.json
ROOT holds lib/modules/K, as `dpkg-deb -x linux-image-K.deb ROOT` and `depmod -b ROOT K` leave it.
At most 12 aliases and 4 firmware names a module are kept.
"""
import json, os, subprocess, sys

root, kernel = sys.argv[1:3]
base = f"{root}/lib/modules/{kernel}/"
WANTED = """virtio_blk virtio_scsi virtio_pci virtio_mmio virtio_net nvme ahci ata_piix sd_mod sr_mod megaraid_sas mpt3sas
qla2xxx vmw_pvscsi xen_blkfront hv_storvsc hv_vmbus uas usb_storage xhci_pci ehci_pci usbhid hid_generic i2c_hid_acpi
ext4 xfs btrfs vfat 9p 9pnet_virtio virtiofs nfsv4 overlay dm_mod dm_crypt dm_thin_pool dm_raid dm_mirror dm_snapshot
dm_cache dm_cache_smq dm_multipath dm_round_robin scsi_dh_alua raid1 raid0 raid10 raid456 linear bcache iscsi_tcp xts ecb aesni_intel
crc32c_generic crc32c_intel libcrc32c sha512_generic algif_skcipher wp512 xfrm_algo intel_lpss_pci""".split()


def modinfo(name):
    command = ["/sbin/modinfo", "-b", root, "-k", kernel, "-0", name]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    path, *fields = out.split("\0")  # the first is written "filename:       PATH", all others "key=value"
    return [("filename", path.split(":", 1)[1])] + [line.split("=", 1) for line in fields if "=" in line]


def normal(name):
    return name.strip().replace("-", "_")


found = {}
queue = list(WANTED)
while queue:
    name = normal(queue.pop())
    if name in found:
        continue
    module = dict(path="", size=0, depends=[], softdeps=[], aliases=[], firmware=[])
    for key, value in modinfo(name):
        value = value.strip()
        if key == "filename":
            module["path"] = value.split(f"/lib/modules/{kernel}/")[-1]
        elif key == "depends":
            module["depends"] = [normal(dep) for dep in value.split(",") if dep]
        elif key == "softdep":
            module["softdeps"] += [normal(word) for word in value.split() if not word.endswith(":")]
        elif key == "alias":
            module["aliases"].append(value)
        elif key == "firmware":
            module["firmware"].append(value)
    if module["path"] == "(builtin)":
        continue
    module["size"] = os.stat(base + module["path"]).st_size
    module["aliases"] = module["aliases"][:12]
    module["firmware"] = module["firmware"][:4]
    found[name] = module
    queue += module["depends"]

builtin = sorted(normal(os.path.basename(line).split(".ko")[0]) for line in open(base + "modules.builtin"))
builtin_aliases = {}
for record in open(base + "modules.builtin.modinfo", "rb").read().decode().split("\0"):
    key, _, value = record.partition("=")
    if key.endswith(".alias"):
        builtin_aliases.setdefault(normal(key[: -len(".alias")]), []).append(value)
print("{")
print(f' "kernel": {json.dumps(kernel)},')
print(f' "builtin": {json.dumps(builtin)},')
print(f' "builtinAliases": {json.dumps(builtin_aliases)},')
print(' "modules": {')
print(",\n".join(f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)))
print(" }\n}")
