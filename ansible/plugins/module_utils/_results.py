# Copyright (c) the bellwether authors
# GNU General Public License v3.0 or later (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns an answer of the executable into the result of a task, and a failure into one that says what to do."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

from ansible.module_utils.common.text.converters import to_native, to_text

from ansible_collections.bellwether.boot.plugins.module_utils import _engine

UNKNOWN_CHANGES = 'Whether it had changed anything by then is not known: a run in check mode says what is left to do.'


def answer_to(module, op, params):
    """Put one question to the executable and return its answer; end the task where there is none.

    A failed task carries ``error`` (code, message, retry, hint) as the executable put it, or as the collection does
    where the executable could not be asked or understood, and what had been changed by then.
    """
    try:
        return _engine.ask(module, op, params)
    except _engine.EngineError as failure:
        error, details = failure.error, failure.details
        text = _sentences(error['message'], error.get('hint'))
        if 'rc' in details and op not in _engine.READING and not module.check_mode:
            text = _sentences(text, UNKNOWN_CHANGES)
        result = dict(_changes(module, op, details.get('answer', {})), **details)
        module.fail_json(msg=to_native(text), error=error, executable=module.params['executable'], **result)


def refuse(module, message):
    """End the task as one that the executable refuses to answer, before it is asked."""
    error = dict(code='bad_request', message=message, retry=False)
    module.fail_json(msg=to_native(message), error=error, executable=module.params['executable'], changed=False)


def _sentences(first, second):
    return '%s. %s' % (first.rstrip('.'), second) if second else first


def end(module, op, answer, must_boot=False):
    """End the task with this answer.

    Where the host must boot, the task fails for one that will not, or of which it could not be told; in check mode
    only where no change is to come that may mend it.
    """
    result = dict(_changes(module, op, answer), executable=module.params['executable'])
    result[op] = answer
    if must_boot and answer['verdict'] != 'healthy' and not (module.check_mode and answer['changed']):
        module.fail_json(msg=to_native(_reasons(answer)), **result)
    module.exit_json(**result)


def _changes(module, op, answer):
    """What the task reports of changes, made or in check mode to come."""
    if op in _engine.READING:
        return dict(changed=False)
    changes = answer.get('changes', [])
    result = dict(changed=answer.get('changed', False), changes=changes)
    if module._diff:
        result['diff'] = [
            dict(
                before_header=change['what'],
                after_header=change['what'],
                before=_lines(change['before']),
                after=_lines(change['after']),
            )
            for change in changes
        ]
    return result


def _lines(value):
    """One side of a change as text: nothing for null, a string as it is, a list item by item, all else as JSON."""
    if value is None:
        return ''
    return ''.join('%s\n' % _line(item) for item in (value if isinstance(value, list) else [value]))


def _line(item):
    if isinstance(item, type(u'')):
        return item[:-1] if item.endswith('\n') else item
    return to_text(json.dumps(item, indent=2, sort_keys=True, separators=(',', ': ')))


def _reasons(answer):
    """The answer as lines to read: its summary, what was tried, each finding that counts, each thing not told."""
    lines = [answer['summary']]
    for number, tried in enumerate(answer.get('rounds', []), 1):
        steps = ', '.join('%(action)s %(what)s' % step for step in tried['steps'])
        found = ', '.join([tried['verdict']] + tried['findings'])
        lines.append('round %d: %s; then %s' % (number, '; '.join(filter(None, [steps, tried.get('failed')])), found))
    for finding in answer['findings']:
        if not finding.get('ignored'):
            line = '%(severity)s %(code)s: %(message)s' % finding
            if finding['repair']:
                line = '%s. To mend: %s' % (line.rstrip('.'), ', '.join(finding['repair']))
            lines.append(line)
    for unknown in answer['unknowns']:
        lines.append('unknown: %(what)s: %(reason)s' % unknown)
    return '\n'.join(lines)
