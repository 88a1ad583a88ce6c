# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):

    DOCUMENTATION = r'''
options:
  executable:
    description:
      - Path of C(bellwether) on the host.
      - Without it the collection puts its own copy at C(/var/cache/bellwether/bellwether-CHECKSUM.cjs), owned by the
        user that the task runs as (root with C(become)), mode C(0755), and runs that. The copy's SHA-256 is checked on
        the host before each run; where it is right, nothing is sent.
      - In check mode, and where that folder cannot be written, a copy that is not there yet is put into the task's
        temporary folder instead, which Ansible removes when the task ends.
      - The copy comes from the collection, or from the file on the controller that the variable
        C(bellwether_bundle) names.
    type: path
  checksum:
    description:
      - SHA-256 that the file O(executable) must have. Another one is not run.
      - Only together with O(executable).
    type: str
  node:
    description:
      - Path of the Node.js binary on the host, 16.20 or newer.
      - Without it C(node) is taken from C(PATH) where O(executable) is a script for Node.js, as the copy that the
        collection puts there is.
    type: path
  root:
    description:
      - The root of the host to read. Another folder than C(/) is a mounted disk, or the captured or copied files of a
        host.
    type: path
    default: /
  timeout:
    description:
      - Seconds that one question to the executable may take. It is given five seconds more to say so, a minute where
        it has to clear away what it began, and is then ended.
    type: int
    default: 600
  detail:
    description:
      - V(summary) answers are at most 16 KiB each; V(full) ones are not cut.
      - The changes are told whole in either.
    type: str
    choices:
      - summary
      - full
    default: summary
requirements:
  - Node.js 16.20 or newer on the host, unless O(executable) is a program of its own
attributes:
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details:
      - The option O(timeout) bounds a task.
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
    details:
      - It has the executable on the host before the module runs.
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: linux
'''

    # What holds of a module that only asks.
    READS = r'''
notes:
  - The images under C(/boot) are readable for root alone, so use C(become).
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - Nothing is changed in either mode; the answer is the same.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details:
      - Nothing is changed.
'''

    # What holds of a module that may change the host.
    MENDS = r'''
notes:
  - Changing a host takes root, so use C(become).
  - One run at a time changes a host. A second one fails with the code V(busy) and with C(error.retry=true), and may be
    tried again with C(until) and C(retries).
  - A task that fails after it has changed something says C(changed=true), with what was changed under C(changes).
  - Never removes a kernel, never edits a command line of the boot loader, never reboots.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - The plan is made by the same code, and C(changes) are those that the run would then make.
      - Nothing is left on the host.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details:
      - One diff for each entry of C(changes).
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
'''

    # For the modules that choose kernels.
    KERNELS = r'''
options:
  kernels:
    description:
      - V(default), the one kernel that boots next; V(all); V(running); or kernel versions as C(uname -r) prints them, as a
        list or with commas between.
    type: raw
    default: default
'''

    # By what a host is judged beside its own facts.
    TERMS = r'''
options:
  platform:
    description:
      - V(auto), which it is where nothing is said, or the platform that the host will boot on, for example V(kvm) or
        V(vmware). The drivers that it needs are required in the image too.
    type: str
  ignore:
    description:
      - Codes of findings that this site accepts. They stay in the answer, marked, and do not count.
    type: list
    elements: str
'''

    # What a check can be asked besides.
    CHECK = r'''
options:
  image:
    description:
      - Path of one image on the host, to be judged as the image of the selected kernel.
    type: path
  baseline:
    description:
      - An image to compare with, a path on the host or V(rescue).
    type: str
'''
