#!/usr/bin/python
# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: package_intact
short_description: Have packages whose files are as the packages brought them
version_added: 0.1.0
author:
  - The bellwether authors (@bellwether)
description:
  - Asks the package manager, by its own verification, whether files of these packages were altered or are missing, and
    reinstalls the damaged ones in the very version that is installed.
  - Configuration, documentation and files of which the time of change alone differs are no damage.
  - What was reinstalled is verified again; a package that is still damaged fails the task.
  - Works with dnf, dnf5, yum, apt and zypper.
options:
  packages:
    description:
      - The packages to look at.
    type: list
    elements: str
    default:
      - kmod
  when:
    description:
      - Which of them to reinstall. V(damaged) ones only, or V(always) all.
    type: str
    choices:
      - damaged
      - always
    default: damaged
  clean_cache:
    description:
      - Whether what is reinstalled is downloaded anew, so that no damaged download is used again, and the package
        manager's caches are emptied when that is done.
    type: bool
    default: true
extends_documentation_fragment:
  - bellwether.boot.engine
  - bellwether.boot.engine.mends
attributes:
  idempotent:
    support: partial
    details:
      - With O(when=always) each run reinstalls.
notes:
  - Where the repositories no longer offer the installed version, nothing is changed, and the error names the nearest
    versions that they do offer.
  - Does not rebuild an image that was made while the package was damaged. M(bellwether.boot.repair) does both.
  - Whether the host will boot does not decide how the task ends; the verdict is in the answer, V(unknown) where there
    was nothing to do, because nothing is judged then.
seealso:
  - module: bellwether.boot.repair
  - module: bellwether.boot.initramfs
'''

EXAMPLES = r'''
- name: The kmod package is as it was shipped
  bellwether.boot.package_intact:
  become: true

- name: So are all that make images
  bellwether.boot.package_intact:
    packages: [kmod, dracut, systemd-udev]
  become: true
'''

RETURN = r'''
reinstall:
  description: The answer of C(bellwether reinstall).
  returned: when the question was answered
  type: dict
  contains:
    packages:
      description:
        - One entry for each package, with its C(name), C(version) and C(arch), whether it was C(damaged) as found, in
          which C(files), and whether it was C(reinstalled), or in check mode would be.
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
            packages=dict(type='list', elements='str', default=['kmod']),
            when=dict(type='str', choices=['damaged', 'always'], default='damaged'),
            clean_cache=dict(type='bool', default=True),
        ),
        required_by=_engine.REQUIRED_BY,
        supports_check_mode=True,
    )
    _results.end(module, 'reinstall', _results.answer_to(module, 'reinstall', _engine.options(module)))


if __name__ == '__main__':
    main()
