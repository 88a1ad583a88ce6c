# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the bundle on the host where it is not there yet, then runs the module that the task names."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.action import ActionBase

CACHE = '/var/cache/bellwether'
# The options that name what is run.
PLACES = ('executable', 'checksum', 'node')
BUNDLE = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'files', 'bellwether.cjs')


class ShippingAction(ActionBase):
    """The action of every module of this collection.

    The module is run first, with the path that the bundle should have on the host and its checksum. It refuses a file
    that is absent or another one, before it asks anything; only then is the bundle sent, and the module run again. A
    host that has the bundle costs no round trip more than the module itself.
    """

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super(ShippingAction, self).run(tmp, task_vars)
        # What is null or blank was not named: a variable that a site left empty.
        args = dict((name, value) for name, value in self._task.args.items() if name not in PLACES or value)
        if 'executable' in args or 'checksum' in args:
            result.update(self._run_module(args, task_vars), shipped=False)
            return result

        bundle = self._bundle(task_vars)
        checksum = self._sha256(bundle)
        cached = '%s/bellwether-%s.cjs' % (CACHE, checksum[:16])
        shipped = False
        answer = self._run_module(dict(args, executable=cached, checksum=checksum), task_vars)
        if (answer.get('error') or {}).get('code') in ('executable_absent', 'executable_altered'):
            sent = self._send(bundle)
            path, why_not = (sent, None) if self._task.check_mode else self._install(sent, cached)
            if why_not:
                result.setdefault('warnings', []).append(why_not)
            shipped = True
            answer = self._run_module(dict(args, executable=path, checksum=checksum), task_vars)
        result.update(answer, shipped=shipped)
        return result

    def _run_module(self, args, task_vars):
        return self._execute_module(module_args=args, task_vars=task_vars)

    def _bundle(self, task_vars):
        """Path of the bundle on the controller."""
        named = (task_vars or {}).get('bellwether_bundle')
        if named:
            path = self._loader.path_dwim(self._templar.template(named))
            if not os.path.isfile(path):
                raise AnsibleActionFail('bellwether_bundle: there is no file %s on the controller' % path)
            return path
        if not os.path.isfile(BUNDLE):
            raise AnsibleActionFail(
                'this copy of bellwether.boot carries no bundle: %s is absent. Install the collection from its built'
                ' archive, name a bellwether.cjs on the controller with the variable `bellwether_bundle`, or name an'
                ' installed bellwether on the host with `executable`.' % BUNDLE
            )
        return BUNDLE

    @staticmethod
    def _sha256(path):
        with open(path, 'rb') as stream:
            return hashlib.sha256(stream.read()).hexdigest()

    def _send(self, bundle):
        """Send the bundle to the task's temporary folder on the host, which Ansible removes; return its path there."""
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        sent = self._transfer_file(bundle, shell.join_path(shell.tmpdir, 'bellwether.cjs'))
        self._fixup_perms2([shell.tmpdir, sent])
        return sent

    def _install(self, sent, cached):
        """Put what was sent at its place in the cache folder, whole or not at all.

        Return where to run it from, and why that is where it was sent to, if it is: a read-only /var is no reason to
        leave a host unasked.
        """
        quote = self._connection._shell.quote
        beside = quote('%s.%s' % (cached, hashlib.sha256(os.urandom(16)).hexdigest()[:8]))
        done = self._low_level_execute_command(
            'umask 022; mkdir -p {folder} && cp {sent} {beside} && chmod 0755 {beside} && mv -f {beside} {cached}'
            ' || {{ rm -f {beside}; exit 1; }}'.format(
                folder=quote(CACHE), sent=quote(sent), beside=beside, cached=quote(cached)
            )
        )
        if done['rc'] != 0:
            # On a terminal, as ssh gives one to such commands, the command's own words are in stdout.
            said = to_native(done['stdout']).strip() or to_native(done['stderr']).strip()
            return sent, (
                'cannot put the bundle at %s: %s. It is run from the temporary folder and sent again each time. Run the'
                ' task with `become: true`, or name an installed bellwether with `executable`.' % (cached, said)
            )
        return cached, None
