# -*- coding: utf-8 -*-
"""
Facts about the next boot, as states.

.. code-block:: yaml

    this host will boot:
      bellwether.healthy:
        - kernels: all
        - platform: kvm
        - ignore:
          - image_stale
"""
from __future__ import absolute_import, unicode_literals

from salt.exceptions import CommandExecutionError

__virtualname__ = "bellwether"

# A comment is read on a terminal at three in the morning: the worst first, and never more than this of each kind.
_MOST = 12
_LONGEST_LINE = 600


def __virtual__():
    if "bellwether.check" not in __salt__:
        return False, "the execution module bellwether is not here: run saltutil.sync_modules"
    return __virtualname__


def healthy(
    name,
    kernels=None,
    image=None,
    platform=None,
    ignore=None,
    baseline=None,
    root=None,
    timeout=600,
):
    """
    The host will boot: an assertion, which changes nothing.

    True for the verdict ``healthy``, False for ``unhealthy`` and for ``unknown``, and False with what to do where the
    question was not answered. Test mode gives the same result: asking reads only, so nothing need be supposed.

    name
        Free text. The other parameters are those of the execution function ``bellwether.check``.
    """
    ret = {"name": name, "changes": {}, "result": False, "comment": ""}
    try:
        answer = __salt__["bellwether.check"](
            kernels=kernels,
            image=image,
            platform=platform,
            ignore=ignore,
            baseline=baseline,
            root=root,
            timeout=timeout,
        )
        ret["result"] = answer["verdict"] == "healthy"
        ret["comment"] = _comment(answer)
    except CommandExecutionError as exc:
        ret["comment"] = "unknown: {0}".format(exc)
    return ret


def _comment(answer):
    findings = [finding for finding in answer["findings"] if not finding.get("ignored")]
    lines = ["{0}: {1}".format(answer["verdict"], answer["summary"])]
    lines += _listed(answer["kernels"], _kernel)
    for severity in ("fatal", "warning"):
        lines += _listed([finding for finding in findings if finding["severity"] == severity], _finding)
    lines += _listed(answer["unknowns"], _unknown)
    accepted = sorted({finding["code"] for finding in answer["findings"] if finding.get("ignored")})
    if accepted:
        lines.append("accepted by 'ignore': " + ", ".join(accepted))
    if answer.get("truncated"):
        lines.append("(the answer was cut: bellwether.check detail=full tells all)")
    return "\n".join(line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "..." for line in lines)


def _listed(items, line):
    more = ["... and {0} more: see bellwether.check".format(len(items) - _MOST)] if len(items) > _MOST else []
    return [line(item) for item in items[:_MOST]] + more


def _kernel(report):
    failed = [name for name, state in sorted(report["checkpoints"].items()) if state in ("failed", "unknown")]
    return "kernel {0}: {1}{2}, image {3}, {4} modules".format(
        report["kernel"],
        report["verdict"],
        " at " + ", ".join(failed) if failed else "",
        report["image"] or "none",
        report["modules"],
    )


def _finding(finding):
    cure = " Cure: {0}.".format(", then ".join(finding["repair"])) if finding["repair"] else ""
    where = " ({0})".format(finding["kernel"]) if finding["kernel"] else ""
    return "{0} {1}{2}: {3}{4}".format(finding["severity"], finding["code"], where, finding["message"], cure)


def _unknown(unknown):
    where = " ({0})".format(unknown["kernel"]) if unknown["kernel"] else ""
    return "unknown {0}{1}: {2}".format(unknown["what"], where, unknown["reason"])
