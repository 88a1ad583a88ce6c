#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: boot_info
short_description: Tell whether a Linux host will boot
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Asks C(bellwether) on the host whether its kernels will boot, and what it knows of the host.
  - Succeeds whatever the verdict is; M(bellwether.boot.initramfs) is the one that fails for a host that will not boot.
  - Fails where the question could not be answered.
options:
  operations:
    description:
      - What to ask. V(check) judges the kernels and images, V(inspect) returns the facts that the judgement rests on,
        V(version) what the executable can do.
    type: list
    elements: str
    choices:
      - check
      - inspect
      - version
    default:
      - check
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.reads
  - bellwether.boot.engine.kernels
  - bellwether.boot.engine.terms
  - bellwether.boot.engine.check
seealso:
  - module: bellwether.boot.initramfs
'''

EXAMPLES = r'''
- name: Judge what boots next
  bellwether.boot.boot_info:
  become: true
  register: boot

- name: Say it
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ boot.check.summary }}"

- name: Judge every installed kernel, and look at the storage below /
  bellwether.boot.boot_info:
    operations: [check, inspect]
    kernels: all
  become: true

- name: Judge a guest's disk that is mounted at the hypervisor
  bellwether.boot.boot_info:
    root: /mnt/guest
    platform: kvm
  become: true
'''

RETURN = r'''
check:
  description: The answer of C(bellwether check).
  returned: when O(operations=check)
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
inspect:
  description: The answer of C(bellwether inspect).
  returned: when O(operations=inspect)
  type: dict
  contains:
    facts:
      description: The host's system, platform, boot loader, storage stack and kernels.
      returned: always
      type: dict
version:
  description: The answer of C(bellwether call) to V(version).
  returned: when O(operations=version)
  type: dict
  contains:
    version:
      description: The version of bellwether.
      returned: always
      type: str
      sample: 0.1.0
    protocols:
      description: The protocols that it speaks.
      returned: always
      type: list
      elements: int
      sample: [1]
    operations:
      description: The operations that it can do.
      returned: always
      type: list
      elements: str
      sample: [version, inspect, check, reinstall, rebuild, lock, repair]
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
    - The code is one of the executable's own, for example V(root_absent) or V(bad_request).
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
            operations=dict(type='list', elements='str', choices=['check', 'inspect', 'version'], default=['check']),
            **_engine.CHECK_ARGUMENTS
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    params = dict(
        check=_engine.options(module, 'operations'),
        inspect=dict(kernels=_engine.kernels(module.params['kernels'])),
        version=dict(),
    )
    answers = dict((op, _results.answer_to(module, op, params[op])) for op in module.params['operations'])
    module.exit_json(changed=False, executable=module.params['executable'], **answers)


if __name__ == '__main__':
    main()
