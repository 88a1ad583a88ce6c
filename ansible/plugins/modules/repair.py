#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: repair
short_description: Mend a host that will not boot
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Finds out why a host will not boot and does the least that mends it. Damaged packages are reinstalled, the host's
    module index is made anew, images are rebuilt, with a driver added where one is missing.
  - Goes in rounds and puts the host to the check after each.
  - Does nothing to a host that will boot.
  - The task fails where the host still will not boot, or where that could not be told, with what was tried and what the
    check said after each round.
options:
  reinstall:
    description:
      - Whether damaged packages may be reinstalled.
    type: bool
    default: true
  max_rounds:
    description:
      - After how many rounds to give up, 1 to 10.
    type: int
    default: 3
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.mends
  - bellwether.boot.engine.kernels
  - bellwether.boot.engine.terms
notes:
  - What only configuration can mend, such as a wrong C(root=) in a boot entry, is told and left alone.
  - The old image is kept beside a rebuilt one, as M(bellwether.boot.initramfs) has it.
seealso:
  - module: bellwether.boot.boot_info
  - module: bellwether.boot.initramfs
  - module: bellwether.boot.package_intact
'''

EXAMPLES = r'''
- name: What boots next will boot, or is mended
  bellwether.boot.repair:
  become: true

- name: See what would be done, and do nothing
  bellwether.boot.repair:
    kernels: all
  check_mode: true
  diff: true
  become: true
'''

RETURN = r'''
msg:
  description: Why the host does not boot, and what was tried, a line for each reason.
  returned: on failure
  type: str
  sample: |-
    6.1.0-56-amd64 will not boot: The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /.
    round 1: build /boot/initrd.img-6.1.0-56-amd64; image_refused: the new image is no better; then unhealthy, driver_missing
    fatal driver_missing: The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /. To mend: rebuild
repair:
  description: The answer of C(bellwether repair).
  returned: when the question was answered
  type: dict
  contains:
    rounds:
      description:
        - What was tried, and what the check said after each. Each has its C(steps), why they C(failed) or null, the
          C(verdict) and the C(findings).
      returned: always
      type: list
      elements: dict
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
  returned: always
  type: list
  elements: dict
  contains:
    what:
      description: The file, the package or the lock.
      returned: always
      type: str
      sample: kmod 25-19.el8.x86_64
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
    - The code is one of the executable's own, for example V(not_effective), V(busy) or V(bad_request).
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


def main():
    module = AnsibleModule(
        argument_spec=dict(
            _engine.ARGUMENTS,
            reinstall=dict(type='bool', default=True),
            max_rounds=dict(type='int', default=3),
            **_engine.TERMS_ARGUMENTS
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    _results.end(module, 'repair', _results.answer_to(module, 'repair', _engine.options(module)), must_boot=True)


if __name__ == '__main__':
    main()
