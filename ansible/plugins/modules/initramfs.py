#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: initramfs
short_description: Assert the state of a host's initramfs images
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Asserts that the images of a host are in the state asked for, and fails with what is wrong where they are not.
options:
  state:
    description:
      - V(healthy) asserts that the kernels asked for will boot with their images, as far as can be told before the
        reboot. The task fails for a kernel that will not boot, and for one of which it could not be told.
    type: str
    choices:
      - healthy
    default: healthy
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.check
seealso:
  - module: bellwether.boot.boot_info
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
  returned: when the question was answered
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
answer:
  description: The whole answer, where the executable answered with an error.
  returned: when the executable could not do what it was asked
  type: dict
error:
  description: What went wrong where the question was not answered.
  returned: when there was no answer
  type: dict
  contains:
    code:
      description:
        - One of the executable's own codes, for example V(root_absent), V(busy) or V(bad_request).
        - Or one of V(executable_absent), V(executable_altered), V(executable_unusable), V(node_absent),
          V(node_too_old), V(not_understood), V(unsupported_protocol) and V(timed_out), where it could not be asked.
      returned: always
      type: str
      sample: node_absent
    message:
      description: What is wrong, with the key and the value.
      returned: always
      type: str
      sample: bellwether runs on Node.js, and there is none in PATH on this host
    hint:
      description: What to do.
      returned: where there is something to do
      type: str
      sample: Install the package `nodejs`.
    retry:
      description: Whether the same task may succeed later, unchanged.
      returned: always
      type: bool
      sample: false
'''

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_native

from ansible_collections.bellwether.boot.plugins.module_utils import _engine


def _reasons(answer):
    """The answer as lines to read: its summary, each finding that counts, each thing that could not be told."""
    lines = [answer['summary']]
    for finding in answer['findings']:
        if not finding.get('ignored'):
            line = '%(severity)s %(code)s: %(message)s' % finding
            if finding['repair']:
                line = '%s. To mend: %s' % (line.rstrip('.'), ', '.join(finding['repair']))
            lines.append(line)
    for unknown in answer['unknowns']:
        lines.append('unknown: %(what)s: %(reason)s' % unknown)
    return '\n'.join(lines)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            _engine.ARGUMENTS,
            state=dict(type='str', choices=['healthy'], default='healthy'),
            **_engine.CHECK_ARGUMENTS
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    answer = _engine.ask(module, 'check', _engine.check_params(module))
    result = dict(changed=answer['changed'], executable=module.params['executable'], check=answer)
    if answer['verdict'] != 'healthy':
        module.fail_json(msg=to_native(_reasons(answer)), **result)
    module.exit_json(**result)


if __name__ == '__main__':
    main()
