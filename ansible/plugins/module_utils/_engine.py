# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the bellwether executable on the target and tells what can go wrong: the single place that does."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ast
import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text

PROTOCOL = 1

# The oldest Node.js that the bundle runs on.
OLDEST_NODE = (16, 20)

# What the executable is given beyond its own time limit, to say itself that the limit was reached: a run that changes
# the host first ends what it began and clears it away.
GRACE_S = 5
MENDING_GRACE_S = 60

# What an ended executable is given to end its own children before all are killed.
TERM_S = 2
MENDING_TERM_S = 30

# What `kernels` may be beside the versions of kernels.
SELECTIONS = ('default', 'all', 'running')

ANSWER_LIMIT = 16 * 1024 * 1024

# What an answer has that the modules read; `protocol` and `error` come with every answer.
EVERY = ('changed', 'changes', 'summary')
JUDGED = EVERY + ('verdict', 'findings', 'unknowns')
ANSWER_KEYS = dict(
    version=EVERY,
    inspect=EVERY + ('facts',),
    check=JUDGED,
    reinstall=JUDGED,
    rebuild=JUDGED,
    lock=JUDGED,
    repair=JUDGED + ('rounds',),
)

# The operations that change nothing, in check mode or not.
READING = ('version', 'inspect', 'check')

ARGUMENTS = dict(
    executable=dict(type='path'),
    checksum=dict(type='str'),
    node=dict(type='path'),
    root=dict(type='path', default='/'),
    timeout=dict(type='int', default=600),
    detail=dict(type='str', choices=['summary', 'full'], default='summary'),
)

KERNELS_ARGUMENT = dict(kernels=dict(type='raw', default='default'))

# Which kernels are judged, and by what beside the host's own facts.
TERMS_ARGUMENTS = dict(
    KERNELS_ARGUMENT,
    platform=dict(type='str'),
    ignore=dict(type='list', elements='str'),
)

CHECK_ARGUMENTS = dict(
    TERMS_ARGUMENTS,
    image=dict(type='path'),
    baseline=dict(type='str'),
)

REQUIRED_BY = dict(checksum=['executable'])


class EngineError(Exception):
    """A failure that the reader of a play can act on: a code, a message, and a hint where there is one.

    ``details`` are the evidence: the executable's own answer, or what it wrote instead of one.
    """

    def __init__(self, code, message, hint=None, retry=False, **details):
        super(EngineError, self).__init__(message)
        self.error = dict(code=code, message=message, retry=retry)
        if hint:
            self.error['hint'] = hint
        self.details = details


def options(module, *others):
    """The task's options that are parameters of a request: all but those of every module, and these others."""
    params = dict(
        (name, value) for name, value in module.params.items() if name not in ARGUMENTS and name not in others
    )
    if 'kernels' in params:
        params['kernels'] = kernels(params['kernels'])
    return params


def kernels(asked):
    """Kernels as the executable knows them: one word, or a list of versions.

    A lone version, several with commas between, and a list that a template or C(-e) has made a string are taken as lists.
    """
    if not hasattr(asked, 'split') or asked in SELECTIONS:
        return asked
    try:
        listed = ast.literal_eval(asked) if asked.startswith('[') else None
    except (ValueError, SyntaxError):
        listed = None  # such as [5.14.0-427.el9.x86_64], which is no Python
    if isinstance(listed, list):
        return listed
    named = [name.strip() for name in asked.strip('[]').split(',') if name.strip()]
    return named or asked


def ask(module, op, params):
    """Put one question to the executable and return its answer, a dict; raise EngineError where there is none.

    What the task did not say, None in ``params``, is left to the executable's own defaults.
    """
    request = dict(
        protocol=PROTOCOL,
        op=op,
        root=module.params['root'],
        dry_run=module.check_mode,
        timeout_s=module.params['timeout'],
        detail=module.params['detail'],
        params=dict((key, value) for key, value in params.items() if value is not None),
    )
    command = _command(module)
    grace_s, term_s = (GRACE_S, TERM_S) if op in READING or module.check_mode else (MENDING_GRACE_S, MENDING_TERM_S)
    # A timeout of less than a second is refused by the executable, as every other bad value is.
    limit_s = max(module.params['timeout'], 0) + grace_s
    status, out, err = _run(command, json.dumps(request), limit_s, module.tmpdir, term_s)
    return _answer(command, op, status, out, err)


def _command(module):
    """The argument list that starts the executable, once it is known to be the one that was asked for."""
    executable = module.params['executable']
    if not executable:
        raise EngineError('executable_absent', 'no executable is named', 'Name the one on this host with `executable`.')
    if not os.path.isfile(executable):
        raise EngineError(
            'executable_absent',
            'executable: there is no file %s on this host' % executable,
            'Install bellwether there, name the right path, or leave `executable` out to have it shipped.',
        )
    content = _content(executable)
    wanted = module.params['checksum']
    if wanted:
        found = hashlib.sha256(content).hexdigest()
        if found != wanted.lower():
            raise EngineError(
                'executable_altered',
                'checksum: %s has the SHA-256 %s, not %s' % (executable, found, wanted),
                'It was not run. Remove the file, or name the checksum of the one you trust.',
            )
    node = module.params['node']
    if node or _is_node_script(content):
        return [_node(module, node), executable, 'call']
    return [executable, 'call']


def _content(path):
    try:
        with open(path, 'rb') as stream:
            return stream.read()
    except (IOError, OSError) as failure:
        raise EngineError(
            'executable_unusable',
            'executable: cannot read %s: %s' % (path, failure.strerror),
            'Run the task with `become: true`.',
        )


def _is_node_script(content):
    first = content[:128].split(b'\n')[0]
    return first.startswith(b'#!') and re.search(br'\bnode\b', first) is not None


def _node(module, named):
    """The Node.js binary to run the bundle with: the named one, else the one in PATH; new enough in either case."""
    install = (
        'Install the package `nodejs` (CentOS 7 and RHEL 7: from EPEL) in version %d.%d or newer,'
        ' or name the binary of one with `node`.' % OLDEST_NODE
    )
    path = named or module.get_bin_path('node', opt_dirs=['/usr/local/bin'])
    if not path:
        raise EngineError('node_absent', 'bellwether runs on Node.js, and there is none in PATH on this host', install)
    if not os.access(path, os.X_OK) or os.path.isdir(path):
        raise EngineError('node_absent', 'node: %s is not a program on this host' % path, install)
    status, out, err = _run([path, '--version'], '', 20, module.tmpdir)
    version = re.match(r'v(\d+)\.(\d+)\.', out)
    if status != 0 or version is None:
        raise EngineError(
            'node_absent', 'node: `%s --version` does not answer like Node.js' % path, install, **_seen(status, out, err)
        )
    if (int(version.group(1)), int(version.group(2))) < OLDEST_NODE:
        raise EngineError(
            'node_too_old', 'node: %s is %s, older than %d.%d' % ((path, out.strip()) + OLDEST_NODE), install
        )
    return path


def _run(command, text, limit_s, tmpdir, term_s=TERM_S):
    """Run a command with a time limit; return its exit status and what it wrote, as text.

    Files instead of pipes: a child that outlives the command and holds its output open cannot make this wait.
    """
    streams = [tempfile.TemporaryFile(dir=tmpdir) for name in ('in', 'out', 'err')]
    try:
        stdin, stdout, stderr = streams
        stdin.write(to_bytes(text))
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                command, stdin=stdin, stdout=stdout, stderr=stderr, close_fds=True, cwd='/', preexec_fn=os.setsid
            )
        except OSError as failure:
            raise EngineError(
                'executable_unusable',
                'cannot run %s: %s' % (command[0], failure.strerror),
                'It must be a program that this host can run.',
            )
        if not _ended_within(process, limit_s, (stdout, stderr)):
            _end_group(process, term_s)
            seen = _seen(process.returncode, _read(stdout), _read(stderr))
            if _are_full((stdout, stderr)):
                raise EngineError(
                    'not_understood',
                    '%s wrote more than %d bytes and was ended' % (' '.join(command), ANSWER_LIMIT),
                    'Is this bellwether?',
                    **seen
                )
            raise EngineError(
                'timed_out',
                '%s did not answer within %d seconds and was ended' % (' '.join(command), limit_s),
                'Raise `timeout`, or see on the host what it waits for.',
                retry=True,
                **seen
            )
        return process.returncode, _read(stdout), _read(stderr)
    finally:
        for stream in streams:
            stream.close()


def _ended_within(process, limit_s, streams=()):
    """Wait for a command; return whether it ended in time and wrote no more than an answer can be."""
    clock = getattr(time, 'monotonic', time.time)
    until = clock() + limit_s
    pause = 0.005
    while process.poll() is None:
        if clock() >= until or _are_full(streams):
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True


def _are_full(streams):
    return any(os.fstat(stream.fileno()).st_size > ANSWER_LIMIT for stream in streams)


def _end_group(process, term_s):
    """End the command and what it started: politely first, so that it can end what left its process group."""
    for number, wait_s in ((signal.SIGTERM, term_s), (signal.SIGKILL, TERM_S)):
        try:
            os.killpg(process.pid, number)
        except OSError:
            break
        _ended_within(process, wait_s)


def _read(stream):
    stream.seek(0)
    return to_text(stream.read(ANSWER_LIMIT), errors='replace')


def _seen(status, out, err):
    """The evidence of a command that was not understood, short enough for a play's output."""
    return dict(rc=status, stdout=out[:400], stderr='\n'.join(err.splitlines()[-20:]))


def _answer(command, op, status, out, err):
    """The answer in what the executable wrote; a failure where it holds an error or is no answer."""
    program = ' '.join(command)
    try:
        answer = json.loads(out)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or 'protocol' not in answer or 'error' not in answer:
        said = 'was ended by signal %d' % -status if status < 0 else 'ended with status %d' % status
        raise EngineError(
            'not_understood',
            '%s %s and wrote no answer, but %r' % (program, said, to_native(out[:80])),
            'Is this bellwether? Its standard error is in `stderr`.',
            **_seen(status, out, err)
        )
    error = answer['error']
    if answer['protocol'] != PROTOCOL:
        raise EngineError(
            'unsupported_protocol',
            '%s speaks protocol %s; this collection needs protocol %d' % (program, answer['protocol'], PROTOCOL),
            'Bring bellwether on the host and the collection to the same release,'
            ' or leave `executable` out to have the right one shipped.',
        )
    if isinstance(error, dict):
        raise EngineError(
            error.get('code', 'internal'),
            error.get('message', 'an error without a message'),
            error.get('hint'),
            error.get('retry', False),
            answer=answer,
        )
    absent = [key for key in ANSWER_KEYS[op] if key not in answer]
    if status != 0 or answer.get('op') != op or absent:
        raise EngineError(
            'not_understood',
            '%s was asked `%s`, ended with status %d and wrote an answer to `%s`%s'
            % (program, op, status, answer.get('op'), ' without ' + ', '.join(absent) if absent else ''),
            'Is this bellwether? Its standard error is in `stderr`.',
            **_seen(status, out, err)
        )
    return answer
