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
    several = len(answer["kernels"]) > 1
    lines = ["{0}: {1}".format(answer["verdict"], answer["summary"])]
    lines += _listed([_kernel(report) for report in answer["kernels"]])
    for severity in ("fatal", "warning"):
        lines += _listed([_finding(finding, several) for finding in findings if finding["severity"] == severity])
    lines += _listed([_unknown(unknown, several) for unknown in answer["unknowns"]])
    accepted = sorted({finding["code"] for finding in answer["findings"] if finding.get("ignored")})
    if accepted:
        lines.append("accepted by 'ignore': " + ", ".join(accepted))
    if answer.get("truncated"):
        lines.append("(the answer was cut: bellwether.check detail=full tells all)")
    return "\n".join(line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "..." for line in lines)


def _listed(lines):
    more = ["... and {0} more: see bellwether.check".format(len(lines) - _MOST)] if len(lines) > _MOST else []
    return lines[:_MOST] + more


def _kernel(report):
    stuck = [name for name, state in sorted(report["checkpoints"].items()) if state in ("failed", "unknown")]
    return "kernel {0}: {1}{2}, image {3}, {4} modules".format(
        report["kernel"],
        report["verdict"],
        " at " + ", ".join(stuck) if stuck else "",
        report["image"] or "none",
        report["modules"],
    )


def _finding(finding, several):
    cure = " Cure: {0}.".format(", then ".join(finding["repair"])) if finding["repair"] else ""
    return "{0} {1}{2}: {3}{4}".format(
        finding["severity"], finding["code"], _whose(finding, several), finding["message"], cure
    )


def _unknown(unknown, several):
    return "unknown {0}{1}: {2}".format(unknown["what"], _whose(unknown, several), unknown["reason"])


def _whose(item, several):
    return " ({0})".format(item["kernel"]) if several and item["kernel"] else ""
