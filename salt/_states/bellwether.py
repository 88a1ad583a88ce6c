# -*- coding: utf-8 -*-
"""
Facts about the next boot, as states: ``healthy`` asserts, ``next_boot_noted`` and ``booted_as_noted`` hold a reboot against it,
the others mend until it is so.

.. code-block:: yaml

    this host will boot:
      bellwether.healthy:
        - kernels: all
        - platform: kvm
        - ignore:
          - image_stale

    what keeps it from booting is mended:
      bellwether.repaired:
        - kernels: all

    no update moves the kernel:
      bellwether.kernels_locked:
        - version: 4.18.0-348.el8
        - install: True
        - make_default: True

Those that mend return None in test mode where they would change something, with the very changes of the run; a second
run changes nothing. Where one fails half-way, its changes are those that were made and stay. Their parameters are those
of the execution functions ``reinstall``, ``rebuild``, ``lock``, ``unlock`` and ``repair``.
"""
from __future__ import absolute_import, unicode_literals

from salt.exceptions import CommandExecutionError

try:
    from salt.utils.platform import is_proxy as _is_proxy
except ImportError:  # before Salt 2018.3
    from salt.utils import is_proxy as _is_proxy

__virtualname__ = "bellwether"

# A comment is read on a terminal at three in the morning: the worst first, and never more than this of each kind.
_MOST = 12
_LONGEST_LINE = 600
# In the minion's own data store (salt.modules.data), which outlives a reboot.
_NOTED = "bellwether_next_boot"


def __virtual__():
    if _is_proxy() or __opts__.get("proxy"):
        return False, "bellwether judges the host that it runs on, which is not what a proxy minion stands for"
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
    timeout=None,
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


def next_boot_noted(name, root=None, timeout=None):
    """
    The kernel that boots next is noted on the minion, for ``booted_as_noted`` to ask after the reboot whether it is the one that
    runs. Whether it will boot is what ``healthy`` says: require it.
    """
    ret = {"name": name, "changes": {}, "result": False, "comment": ""}
    try:
        answer = __salt__["bellwether.check"](kernels="default", root=root, timeout=timeout)
        kernels = [report["kernel"] for report in answer["kernels"] if report["default"]]
        noted = __salt__["data.get"](_NOTED)
        if not kernels:
            ret["comment"] = "what boots next is not known: {0}".format(answer["summary"])
        elif kernels[0] == noted:
            ret["result"] = True
            ret["comment"] = "{0} boots next, as is noted".format(noted)
        else:
            ret["changes"] = {"what boots next, as noted": {"old": noted, "new": kernels[0]}}
            ret["result"] = None
            ret["comment"] = "{0} boots next: to be noted".format(kernels[0])
            if not __opts__.get("test", False):
                # It does not say where it could not write.
                __salt__["data.update"](_NOTED, kernels[0])
                ret["result"] = __salt__["data.get"](_NOTED) == kernels[0]
                ret["comment"] = "{0} boots next{1}".format(
                    kernels[0], "" if ret["result"] else ", which the minion could not note in its cachedir"
                )
    except CommandExecutionError as exc:
        ret["comment"] = "unknown: {0}".format(exc)
    return ret


def booted_as_noted(name, root=None, timeout=None):
    """
    The kernel that runs is the one that ``next_boot_noted`` noted: an assertion, which changes nothing.

    False where another one runs: the loader fell back, the console chose otherwise, or what boots next had been moved. None
    in test mode, which reboots nothing.
    """
    ret = {"name": name, "changes": {}, "result": None, "comment": "told after the reboot"}
    if __opts__.get("test", False):
        return ret
    ret["result"] = False
    try:
        noted = __salt__["data.get"](_NOTED)
        running = __salt__["bellwether.inspect"](root=root, timeout=timeout)["facts"]["running"]
        ret["result"] = noted is not None and running == noted
        if noted is None:
            ret["comment"] = "which kernel was to boot was not noted: apply bellwether.next_boot_noted before the reboot"
        elif running is None:
            ret["comment"] = "which kernel runs is not known; {0} was to boot".format(noted)
        elif running == noted:
            ret["comment"] = "{0} runs, which was to boot".format(running)
        else:
            ret["comment"] = "{0} runs, and {1} was to boot: see what the loader and the journal of the boot say".format(
                running, noted
            )
    except CommandExecutionError as exc:
        ret["comment"] = "unknown: {0}".format(exc)
    return ret


def packages_intact(name, packages=None, clean_cache=None, root=None, timeout=None):
    """
    The files of these packages (kmod, where none are named) are as the packages brought them: damaged packages are
    reinstalled, in the version that is installed. The images that were built with them are not rebuilt by this.
    """
    return _mend(name, "reinstall", False, packages=packages, clean_cache=clean_cache, root=root, timeout=timeout)


def rebuilt(
    name,
    kernels=None,
    when=None,
    hostonly=None,
    add_drivers=None,
    omit_drivers=None,
    add_modules=None,
    omit_modules=None,
    compress=None,
    backup=None,
    platform=None,
    ignore=None,
    root=None,
    timeout=None,
):
    """
    The images of these kernels are good: those that are not are rebuilt, and the host will boot.

    False where it will not boot all the same, with what is wrong. ``when: always`` rebuilds at each run: it belongs with
    ``onchanges``.
    """
    return _mend(
        name,
        "rebuild",
        True,
        kernels=kernels,
        when=when,
        hostonly=hostonly,
        add_drivers=add_drivers,
        omit_drivers=omit_drivers,
        add_modules=add_modules,
        omit_modules=omit_modules,
        compress=compress,
        backup=backup,
        platform=platform,
        ignore=ignore,
        root=root,
        timeout=timeout,
    )


def kernels_locked(
    name,
    packages=None,
    version=None,
    install=None,
    make_default=None,
    exclusive=None,
    root=None,
    timeout=None,
):
    """
    The packages of the kernel are locked to one version: no update moves them.
    """
    return _mend(
        name,
        "lock",
        False,
        packages=packages,
        version=version,
        install=install,
        make_default=make_default,
        exclusive=exclusive,
        root=root,
        timeout=timeout,
    )


def kernels_unlocked(name, packages=None, version=None, root=None, timeout=None):
    """
    No lock keeps the packages of the kernel, or those that are named, in one version: an update may move them.
    """
    return _mend(name, "unlock", False, packages=packages, version=version, root=root, timeout=timeout)


def repaired(
    name,
    kernels=None,
    reinstall=None,
    max_rounds=None,
    platform=None,
    ignore=None,
    root=None,
    timeout=None,
):
    """
    The host will boot: what keeps it from booting is found and mended, with the least that does.

    False where it will not boot all the same, with what was tried and what is wrong.
    """
    return _mend(
        name,
        "repair",
        True,
        kernels=kernels,
        reinstall=reinstall,
        max_rounds=max_rounds,
        platform=platform,
        ignore=ignore,
        root=root,
        timeout=timeout,
    )


def _mend(name, function, must_be_healthy, **asked):
    ret = {"name": name, "changes": {}, "result": False, "comment": ""}
    try:
        answer = __salt__["bellwether." + function](test=__opts__["test"], **asked)
        ret["changes"] = _changes(answer["changes"])
        if answer["dry_run"] and answer["changed"]:
            ret["result"] = None
        else:
            ret["result"] = answer["verdict"] == "healthy" or not must_be_healthy
        judged = must_be_healthy or answer["steps"]  # packages and locks with nothing to do are not
        ret["comment"] = _mended(answer, judged, to_come=ret["result"] is None)
    except CommandExecutionError as exc:
        ret["changes"] = _changes((exc.info or {}).get("changes", []))
        ret["comment"] = exc.strerror_without_changes
    return ret


def _changes(told):
    changes = {}
    for change in told:
        # What changed twice went from what it was first to what it is last.
        changes.setdefault(change["what"], {"old": change["before"]})["new"] = change["after"]
    return changes


def _mended(answer, judged, to_come):
    lines = [answer["summary"]]
    lines += _listed([_step(step) for step in answer["steps"]])
    lines += _listed([_round(number, told) for number, told in enumerate(answer.get("rounds", []), 1)])
    if not judged:
        return _cut(lines)
    lines.append("the check says{0}: {1}".format(", before that" if to_come else "", answer["verdict"]))
    # Of what is to be mended, the steps say why: all that is wrong is told of a host that was not.
    return _cut(lines if to_come else lines + _judged(answer))


def _step(step):
    return "{0} {1}, because {2}".format(step["action"], step["what"], step["because"])


def _round(number, told):
    seen = ", ".join([told["verdict"]] + told["findings"])
    return "after round {0}: {1}{2}".format(number, seen, "; " + told["failed"] if told["failed"] else "")


def _comment(answer):
    return _cut(["{0}: {1}".format(answer["verdict"], answer["summary"])] + _judged(answer))


def _judged(answer):
    findings = [finding for finding in answer["findings"] if not finding.get("ignored")]
    several = len(answer["kernels"]) > 1
    lines = _listed([_kernel(report) for report in answer["kernels"]])
    for severity in ("fatal", "warning"):
        lines += _listed([_finding(finding, several) for finding in findings if finding["severity"] == severity])
    lines += _listed([_unknown(unknown, several) for unknown in answer["unknowns"]])
    accepted = sorted({finding["code"] for finding in answer["findings"] if finding.get("ignored")})
    if accepted:
        lines.append("accepted by 'ignore': " + ", ".join(accepted))
    if answer.get("truncated"):
        lines.append("(the answer was cut: bellwether.check detail=full tells all)")
    return lines


def _cut(lines):
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
