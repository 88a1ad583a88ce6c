#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: kernel_lock
short_description: Lock the packages of the kernel to one version
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Has the package manager keep the whole family of the kernel's packages in one version, so that an update does not
    move them apart or away, or lifts those locks.
  - The locks are the package manager's own, as the versionlock of dnf, dnf5 and yum, the holds of apt and the locks of
    zypper. They are read back, and the package manager is asked whether an update would still move a package.
options:
  state:
    description:
      - V(locked) has exactly the locks that are asked for, V(unlocked) has none on these packages.
    type: str
    choices:
      - locked
      - unlocked
    default: locked
  packages:
    description:
      - The packages to lock or unlock. Left out, all packages of the kernel that are installed.
    type: list
    elements: str
  version:
    description:
      - V(installed), the newest that is; V(running); or C([epoch:]version-release).
    type: str
    default: installed
  install:
    description:
      - Whether exactly these versions are installed first where they are not yet.
    type: bool
    default: false
  make_default:
    description:
      - Whether the locked kernel is made what boots next, if it would boot. Else the task fails, with the locks in
        place.
    type: bool
    default: false
  exclusive:
    description:
      - Whether other locks on these packages go.
    type: bool
    default: true
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.mends
notes:
  - Locks on other packages are left as they are.
  - A kernel that is installed is not removed, by O(install) or by O(state=unlocked).
  - To undo the locks use O(state=unlocked) with the same O(packages). What O(install) installed stays, and so does what
    O(make_default) made the default.
  - Whether the host will boot does not decide how the task ends; the verdict is in the answer, V(unknown) where there
    was nothing to do, because nothing is judged then.
seealso:
  - module: bellwether.boot.boot_info
'''

EXAMPLES = r'''
- name: The kernel stays as it is
  bellwether.boot.kernel_lock:
  become: true

- name: The last good kernel is installed, locked, and boots next
  bellwether.boot.kernel_lock:
    version: 4.18.0-348.el8
    install: true
    make_default: true
  become: true

- name: The kernel may be updated again
  bellwether.boot.kernel_lock:
    state: unlocked
  become: true
'''

RETURN = r'''
lock:
  description: The answer of C(bellwether lock).
  returned: when the question was answered
  type: dict
  contains:
    locks:
      description:
        - The locks on these packages now, or in check mode as they would be, each with the C(name), the C(version), the
          C(line) as it stands where it is kept, and that C(source).
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
      sample: lock on kernel-core (/etc/dnf/plugins/versionlock.list)
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
    - The code is one of the executable's own, for example V(version_absent), V(busy) or V(bad_request).
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
            state=dict(type='str', choices=['locked', 'unlocked'], default='locked'),
            packages=dict(type='list', elements='str'),
            version=dict(type='str', default='installed'),
            install=dict(type='bool', default=False),
            make_default=dict(type='bool', default=False),
            exclusive=dict(type='bool', default=True),
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    _results.end(module, 'lock', _results.answer_to(module, 'lock', _engine.options(module)))


if __name__ == '__main__':
    main()
