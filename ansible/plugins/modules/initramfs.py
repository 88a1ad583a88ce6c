#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: initramfs
short_description: Have initramfs images that boot
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Asserts that the kernels of a host will boot with their images, or rebuilds the images with the host's own
    generator, dracut or initramfs-tools, and then asserts it.
  - A new image is built beside the old one, put to the very same check, and takes the old one's place in one step only
    if it passes. What the boot loader names is the whole old image or the whole new one at any moment.
options:
  state:
    description:
      - V(healthy) asserts that the kernels asked for will boot with their images, as far as can be told before the
        reboot. The task fails for a kernel that will not boot, and for one of which it could not be told. Nothing is
        changed.
      - V(rebuilt) rebuilds the images that O(when) chooses, and then asserts the same.
      - Options that belong to the other state are refused.
    type: str
    choices:
      - healthy
      - rebuilt
    default: healthy
  when:
    description:
      - Which images to rebuild. V(unhealthy), which it is where nothing is said, rebuilds those that would not boot;
        V(stale) those that are out of date too; V(always) all.
      - Only with O(state=rebuilt).
    type: str
    choices:
      - unhealthy
      - stale
      - always
  hostonly:
    description:
      - Whether the image is made for this host alone. V(keep), which it is where nothing is said, makes it as the old
        one was, or as the generator is configured.
      - Only with O(state=rebuilt).
    type: str
    choices:
      - keep
      - 'true'
      - 'false'
  add_drivers:
    description:
      - Kernel modules that must be in the image.
      - Only with O(state=rebuilt).
    type: list
    elements: str
  omit_drivers:
    description:
      - Kernel modules that must not be in the image.
      - Only with O(state=rebuilt).
    type: list
    elements: str
  add_modules:
    description:
      - Modules of dracut that must be in the image.
      - Only with O(state=rebuilt).
    type: list
    elements: str
  omit_modules:
    description:
      - Modules of dracut that must not be in the image.
      - Only with O(state=rebuilt).
    type: list
    elements: str
  compress:
    description:
      - The compression of the image. V(keep), which it is where nothing is said, takes that of the old one where the
        kernel can unpack it.
      - Only with O(state=rebuilt).
    type: str
    choices:
      - keep
      - none
      - gzip
      - bzip2
      - lzma
      - xz
      - lzo
      - lz4
      - zstd
  backup:
    description:
      - Whether the old image is kept beside the new one until that is proven to have booted, as it is where nothing is said.
      - Only with O(state=rebuilt).
    type: bool
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.mends
  - bellwether.boot.engine.kernels
  - bellwether.boot.engine.terms
  - bellwether.boot.engine.check
attributes:
  idempotent:
    support: partial
    details:
      - With O(when=always) each run rebuilds.
notes:
  - Options O(image) and O(baseline) go with O(state=healthy) alone.
  - The backup that is kept is a file beside the image with C(bellwether-backup) in its name. To undo a rebuild, rename
    it over the image.
seealso:
  - module: bellwether.boot.boot_info
  - module: bellwether.boot.repair
'''

EXAMPLES = r'''
- name: What boots next will boot
  bellwether.boot.initramfs:
    state: healthy
  become: true

- name: Every installed kernel will boot, and little room in /boot is accepted here
  bellwether.boot.initramfs:
    state: healthy
    kernels: all
    ignore: [boot_nearly_full]
  become: true

- name: This image will boot that kernel
  bellwether.boot.initramfs:
    state: healthy
    kernels: [5.14.0-427.el9.x86_64]
    image: /boot/initramfs-5.14.0-427.el9.x86_64.img.new
  become: true

- name: Images that would not boot are rebuilt
  bellwether.boot.initramfs:
    state: rebuilt
  become: true

- name: All images are rebuilt with the drivers that the next platform needs
  bellwether.boot.initramfs:
    state: rebuilt
    kernels: all
    when: always
    hostonly: false
    add_drivers: [vmw_pvscsi, vmxnet3]
  become: true
'''

RETURN = r'''
msg:
  description: Why the state is not reached, a line for each reason.
  returned: on failure
  type: str
  sample: |-
    6.1.0-56-amd64 will not boot: The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /.
    fatal driver_missing: The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /. To mend: rebuild
check:
  description: The answer of C(bellwether check).
  returned: when O(state=healthy) and the question was answered
  type: dict
  contains:
    verdict:
      description: The worst verdict of the kernels asked for, V(healthy), V(unhealthy) or V(unknown).
      returned: always
      type: str
      sample: unhealthy
    summary:
      description: One sentence for a person.
      returned: always
      type: str
      sample: "6.1.0-56-amd64 will not boot: The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /."
    kernels:
      description: One report for each kernel, with its image, its verdict and the state of each checkpoint of the boot.
      returned: always
      type: list
      elements: dict
    findings:
      description: One defect each, with its code, its evidence and the operations that would mend it.
      returned: always
      type: list
      elements: dict
    unknowns:
      description: What could not be read or decided, with the reason.
      returned: always
      type: list
      elements: dict
    fingerprint:
      description: A short string that is the same on hosts whose boot is alike.
      returned: always
      type: str
      sample: "v1:unhealthy:6.1.0-56-amd64:feaa0d144eff63fc4a12b6ecc1226154"
rebuild:
  description: The answer of C(bellwether rebuild).
  returned: when O(state=rebuilt) and the question was answered
  type: dict
  contains:
    images:
      description:
        - One entry for each image looked at, with its C(path), whether it was C(rebuilt), C(because) of what, its state
          C(before) and C(after) (size, modules, indexed modules, verdict, findings), C(findings_gone), the C(backup)
          that is kept of the old one, and the generator's time C(build_ms).
      returned: always
      type: list
      elements: dict
    steps:
      description: The plan, of what was done or in check mode would be. Each step has its C(action), C(what), C(command) and C(because).
      returned: always
      type: list
      elements: dict
    verdict:
      description: What the check says now, V(healthy), V(unhealthy) or V(unknown). In check mode, before anything is done.
      returned: always
      type: str
      sample: healthy
    summary:
      description: One sentence for a person.
      returned: always
      type: str
    kernels:
      description: One report for each kernel, with its image, its verdict and the state of each checkpoint of the boot.
      returned: always
      type: list
      elements: dict
    findings:
      description: What the check finds now. In check mode, before anything is done.
      returned: always
      type: list
      elements: dict
    unknowns:
      description: What could not be read or decided, with the reason.
      returned: always
      type: list
      elements: dict
changes:
  description:
    - What was changed, or in check mode would be, an entry for each thing.
    - Of a run that failed, what it had changed by then, and stays changed.
  returned: when O(state=rebuilt)
  type: list
  elements: dict
  contains:
    what:
      description: The file, the package or the lock.
      returned: always
      type: str
      sample: /boot/initramfs-5.14.0-427.el9.x86_64.img
    before:
      description: As it was, null for what was not there.
      returned: always
      type: raw
    after:
      description: As it is now, null for what is no longer there.
      returned: always
      type: raw
executable:
  description: The file on the host that was run.
  returned: always
  type: str
  sample: /var/cache/bellwether/bellwether-3f5c1d0a9b7e2c48.cjs
shipped:
  description: Whether this task put the file O(executable) on the host.
  returned: always
  type: bool
  sample: false
error:
  description:
    - What went wrong where the question was not answered, by C(code), with a C(message) that names the option and the
      value, a C(hint) of what to do where there is one, and C(retry), whether the same task may succeed later, unchanged.
    - The code is one of the executable's own, for example V(boot_full), V(busy) or V(bad_request).
    - Or it is one of V(executable_absent), V(executable_altered), V(executable_unusable), V(node_absent),
      V(node_too_old), V(not_understood), V(unsupported_protocol) and V(timed_out), where it could not be asked.
  returned: when there was no answer
  type: dict
  sample: {code: busy, message: "another run holds the lock: pid 4242", hint: wait for it to end, retry: true}
answer:
  description: The whole answer, where the executable answered with an error.
  returned: when the executable could not do what it was asked
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bellwether.boot.plugins.module_utils import _engine, _results

OPERATIONS = dict(healthy='check', rebuilt='rebuild')

HOSTONLY = dict(keep='keep', true=True, false=False)

REBUILD_ARGUMENTS = dict(
    when=dict(type='str', choices=['unhealthy', 'stale', 'always']),
    hostonly=dict(type='str', choices=['keep', 'true', 'false']),
    add_drivers=dict(type='list', elements='str'),
    omit_drivers=dict(type='list', elements='str'),
    add_modules=dict(type='list', elements='str'),
    omit_modules=dict(type='list', elements='str'),
    compress=dict(type='str', choices=['keep', 'none', 'gzip', 'bzip2', 'lzma', 'xz', 'lzo', 'lz4', 'zstd']),
    backup=dict(type='bool'),
)

# The options that only one state has.
BELONGS_TO = dict(healthy=('image', 'baseline'), rebuilt=tuple(REBUILD_ARGUMENTS))


def main():
    module = AnsibleModule(
        argument_spec=dict(
            _engine.ARGUMENTS,
            state=dict(type='str', choices=['healthy', 'rebuilt'], default='healthy'),
            **dict(_engine.CHECK_ARGUMENTS, **REBUILD_ARGUMENTS)
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    op = OPERATIONS[module.params['state']]
    for state, named in BELONGS_TO.items():
        strays = sorted(name for name in named if module.params[name] is not None)
        if strays and state != module.params['state']:
            _results.refuse(module, '%s: only with `state: %s`' % (', '.join(strays), state))
    params = _engine.options(module, 'state')
    params['hostonly'] = HOSTONLY.get(params['hostonly'])
    _results.end(module, op, _results.answer_to(module, op, params), must_boot=True)


if __name__ == '__main__':
    main()
