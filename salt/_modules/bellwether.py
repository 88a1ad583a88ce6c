# -*- coding: utf-8 -*-
"""
Tell, before the reboot, whether this host will boot, and mend it where it will not.

Every function hands the executable ``bellwether`` one request and returns its answer. ``reinstall``, ``rebuild``, ``lock``,
``unlock`` and ``repair`` change the host, and in test mode (``test=True``, or ``test: True`` in the minion configuration)
answer what they would change. What is not given is left to the executable's own defaults.

:configuration: Both are looked up with ``config.get`` (minion configuration, grains, pillar):

    bellwether:executable
        Path of the executable. Without it: ``bellwether`` in ``PATH``, ``/opt/bellwether/bellwether.cjs``,
        ``/usr/local/bin/bellwether``, the first that is there.

    bellwether:node
        Path of the Node.js that is to run the executable, where the one in ``PATH`` is absent or too old.
"""
from __future__ import absolute_import, unicode_literals

import ast
import json
import os
import signal
import subprocess
import sys
import threading

from salt.exceptions import CommandExecutionError

try:
    from salt.utils.platform import is_proxy as _is_proxy
except ImportError:  # before Salt 2018.3
    from salt.utils import is_proxy as _is_proxy

__virtualname__ = "bellwether"

_PROTOCOL = 1
_USUAL_PLACES = ("/opt/bellwether/bellwether.cjs", "/usr/local/bin/bellwether")
# The executable keeps to `timeout` itself and says what it was doing; these seconds are its time to say so, and what
# changes a host first ends what it runs and clears away what it began.
_GRACE_S = 10
_TIDY_S = 60
# What is stopped is told to end first, so that it can end what left its process group; so long later all of it is killed.
_TERM_S = 2
_TIDY_TERM_S = 30
# Seconds for one request where the caller gives none.
_TIMEOUT_S = {
    "check": 600,
    "inspect": 600,
    "version": 60,
    "reinstall": 600,
    "rebuild": 1800,
    "lock": 600,
    "repair": 1800,
}
# What kernels may be beside the versions of kernels.
_SELECTIONS = ("default", "all", "running")
# Far above any true answer: what runs on for ever must not fill the minion's memory.
_LONGEST_ANSWER = 64 * 1024 * 1024
_REINSTALL = (
    "Install the bellwether that came with these Salt files (state 'bellwether'), "
    "or correct bellwether:executable and bellwether:node in the minion configuration or pillar."
)
# How the executable says it before it can say anything as an answer.
_OLD_NODE = b"bellwether needs Node.js"
_ANOTHER_NODE = "Install a later one, or name one with bellwether:node in the minion configuration or pillar."
_DOUBT = " Whether it had changed anything by then is not known: test=True says what is left to do."


def __virtual__():
    if not sys.platform.startswith("linux"):
        return False, "bellwether judges Linux hosts alone"
    if _is_proxy() or __opts__.get("proxy"):
        return False, "bellwether judges the host that it runs on, which is not what a proxy minion stands for"
    return __virtualname__


def check(
    kernels=None,
    image=None,
    platform=None,
    ignore=None,
    baseline=None,
    root=None,
    timeout=None,
    detail=None,
):
    """
    Say whether the host will boot: the verdict, each kernel, the findings with their cures, the fingerprint.

    kernels
        ``default`` (what boots next), ``all``, ``running``, or kernel versions, as a list or with commas between.
    image
        Path of one image file, to be judged as the image of the selected kernel.
    platform
        ``auto``, ``kvm``, ``vmware``, ``hyperv``, ``xen``, ``aws``, ``gce``, ``azure`` or ``metal``:
        the drivers that it needs are required too.
    ignore
        List of finding codes that this site accepts.
    baseline
        An image to compare with: a path, or ``rescue``.
    root
        The root of the host to read, ``/`` where it is not given.
    timeout
        Seconds for the whole question, 600 where it is not given.
    detail
        ``summary`` (at most 16 KiB) or ``full``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.check
        salt '*' bellwether.check kernels=all platform=kvm ignore='[image_stale]'
    """
    params = {"kernels": kernels, "image": image, "platform": platform, "ignore": ignore, "baseline": baseline}
    return _call("check", params, root, timeout, detail)


def inspect(kernels=None, root=None, timeout=None, detail=None):
    """
    Return the facts that a verdict rests on: kernels, loader, storage, platform. Parameters as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.inspect kernels=all
    """
    return _call("inspect", {"kernels": kernels}, root, timeout, detail)


def version(root=None, timeout=None):
    """
    Return the version of the executable, its protocols and operations, the generator and package manager found.
    Takes at most 60 seconds where no ``timeout`` is given.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.version
    """
    return _call("version", {}, root, timeout)


def fingerprint(kernels=None, platform=None, root=None, timeout=None):
    """
    Return one short string that like hosts share, for ``survey.hash``. Parameters as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt-run survey.hash '*' bellwether.fingerprint survey_sort=up
    """
    return check(kernels=kernels, platform=platform, root=root, timeout=timeout)["fingerprint"]


def problems(kernels=None, platform=None, ignore=None, baseline=None, root=None, timeout=None):
    """
    Return ``False`` for a healthy host, else what is wrong: the beacon ``salt_monitor`` fires on that alone. Where the
    question was not answered that is the verdict ``unknown`` too, with why as its summary. Parameters as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.problems
    """
    told = ("verdict", "summary", "kernels", "findings", "unknowns")
    try:
        answer = check(kernels=kernels, platform=platform, ignore=ignore, baseline=baseline, root=root, timeout=timeout)
    except CommandExecutionError as exc:
        return {"verdict": "unknown", "summary": str(exc), "kernels": [], "findings": [], "unknowns": []}
    return False if answer["verdict"] == "healthy" else {key: answer[key] for key in told}


def reinstall(packages=None, when=None, clean_cache=None, test=None, root=None, timeout=None, detail=None):
    """
    Reinstall those packages whose files are damaged, in the very version that is installed.

    packages
        List of package names, ``[kmod]`` where it is not given.
    when
        ``damaged`` (what the package manager's own verification finds damaged) or ``always``.
    clean_cache
        ``False`` uses and keeps the package manager's caches. Otherwise all is downloaded
        anew, and they are emptied afterwards.
    test
        ``True`` changes nothing and answers what would change, ``False`` does it;
        without it as the minion is configured. ``root``, ``timeout``, ``detail`` as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.reinstall test=True
        salt '*' bellwether.reinstall packages='[kmod, dracut]'
    """
    params = {"packages": packages, "when": when, "clean_cache": clean_cache}
    return _call("reinstall", params, root, timeout, detail, _dry_run(test))


def rebuild(
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
    test=None,
    root=None,
    timeout=None,
    detail=None,
):
    """
    Rebuild images: each beside the old one, checked, and renamed over it only when it is good.

    kernels
        ``default`` (what boots next), ``all``, ``running``, or kernel versions, as a list or with commas between.
    when
        ``unhealthy`` (images that would not boot), ``stale`` (those that are out of date too) or ``always``.
    hostonly
        ``keep`` (as the old image was built), ``True`` or ``False``: whether only for this host.
    add_drivers, omit_drivers
        Lists of kernel modules that must, or must not, be in the image.
    add_modules, omit_modules
        Lists of dracut modules that must, or must not, be in the image.
    compress
        ``keep`` (as the old image), ``none``, ``gzip``, ``bzip2``, ``lzma``, ``xz``, ``lzo``, ``lz4`` or ``zstd``.
    backup
        ``False`` leaves no old image beside the new one.
    platform, ignore
        By what the images are judged: as of ``check``.
    test
        As of ``reinstall``; ``root``, ``timeout`` (1800 seconds), ``detail`` as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.rebuild test=True
        salt '*' bellwether.rebuild kernels=all when=stale add_drivers='[virtio_blk]'
    """
    params = {"kernels": kernels, "when": when, "hostonly": hostonly, "compress": compress, "backup": backup}
    params.update({"add_drivers": add_drivers, "omit_drivers": omit_drivers})
    params.update({"add_modules": add_modules, "omit_modules": omit_modules, "platform": platform, "ignore": ignore})
    return _call("rebuild", params, root, timeout, detail, _dry_run(test))


def lock(
    packages=None,
    version=None,
    install=None,
    make_default=None,
    exclusive=None,
    test=None,
    root=None,
    timeout=None,
    detail=None,
):
    """
    Lock packages to one version, so that no update moves them.

    packages
        List of package names; without it all packages of the kernel that are installed.
    version
        ``installed`` (the newest that is), ``running``, or ``[epoch:]version-release``.
    install
        ``True`` installs exactly these versions first.
    make_default
        ``True`` makes the locked kernel what boots next.
    exclusive
        ``False`` leaves other locks on these packages, which go otherwise.
    test
        As of ``reinstall``; ``root``, ``timeout``, ``detail`` as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.lock test=True
        salt '*' bellwether.lock version=4.18.0-348.el8 install=True make_default=True
    """
    params = {"state": "locked", "packages": packages, "version": version, "install": install}
    params.update({"make_default": make_default, "exclusive": exclusive})
    return _call("lock", params, root, timeout, detail, _dry_run(test))


def unlock(packages=None, version=None, test=None, root=None, timeout=None, detail=None):
    """
    Remove the locks that keep packages in one version, and no others.

    packages
        List of package names; without it all packages of the kernel that are installed.
    version
        Only the locks on this version, ``[epoch:]version-release``; without it on any.
    test
        As of ``reinstall``; ``root``, ``timeout``, ``detail`` as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.unlock test=True
        salt '*' bellwether.unlock packages='[kernel-core]'
    """
    params = {"state": "unlocked", "packages": packages, "version": version}
    return _call("lock", params, root, timeout, detail, _dry_run(test))


def repair(
    kernels=None,
    reinstall=None,
    max_rounds=None,
    platform=None,
    ignore=None,
    test=None,
    root=None,
    timeout=None,
    detail=None,
):
    """
    Find what keeps the host from booting and do the least that mends it, in rounds, with a check after each.

    kernels
        ``default`` (what boots next), ``all``, ``running``, or kernel versions, as a list or with commas between.
    reinstall
        ``False`` reinstalls no package, whatever is damaged.
    max_rounds
        After so many rounds it gives up, 3 where it is not given.
    platform, ignore
        By what the host is judged: as of ``check``.
    test
        As of the function ``reinstall``; ``root``, ``timeout`` (1800 seconds), ``detail`` as of ``check``.

    CLI Example:

    .. code-block:: bash

        salt '*' bellwether.repair test=True
        salt '*' bellwether.repair kernels=all
    """
    params = {"kernels": kernels, "reinstall": reinstall, "max_rounds": max_rounds}
    params.update({"platform": platform, "ignore": ignore})
    return _call("repair", params, root, timeout, detail, _dry_run(test))


def _dry_run(test):
    return __opts__.get("test", False) if test is None else test


def _kernels(asked):
    """
    Return kernels as the executable knows them: one word, or a list of versions, as which a lone version and several with
    commas between are taken, and a list that its way here has made a string.
    """
    if not hasattr(asked, "split") or asked in _SELECTIONS:
        return asked
    try:
        listed = ast.literal_eval(asked) if asked.startswith("[") else None
    except (ValueError, SyntaxError):
        listed = None  # as [5.14.0, 5.15.0], which is no Python
    if isinstance(listed, list):
        return listed
    named = [name.strip() for name in asked.strip("[]").split(",") if name.strip()]
    return named or asked


def _call(op, params, root=None, timeout=None, detail=None, dry_run=None):
    """
    Run the executable for one request and return its answer: the only place that runs anything.
    Raises CommandExecutionError for all but a true answer: its message says what to do, and its ``info`` holds the
    ``changes`` that were made by then and stay, if any.
    """
    # Pillar has nothing, or blanks, where a value was left out.
    timeout = _TIMEOUT_S[op] if timeout is None or timeout == "" else timeout
    params = dict(params, kernels=_kernels(params.get("kernels")))
    request = {"protocol": _PROTOCOL, "op": op, "root": root, "timeout_s": timeout, "detail": detail}
    request.update({"dry_run": dry_run, "params": _given(params)})
    argv = _command()
    grace_s, term_s = (_TIDY_S, _TIDY_TERM_S) if dry_run is False else (_GRACE_S, _TERM_S)
    # A timeout that is no number of seconds is refused by the executable, as every other bad value is.
    limit_s = (max(timeout, 0) if isinstance(timeout, (int, float)) else 0) + grace_s
    try:
        status, out, err = _run(argv, json.dumps(_given(request)).encode("ascii"), limit_s, term_s)
    except (IOError, OSError) as exc:
        raise CommandExecutionError("{0} cannot be run: {1}. {2}".format(argv[0], exc.strerror, _REINSTALL))
    doubt = _DOUBT if dry_run is False else ""
    if status is None:
        raise CommandExecutionError(
            "'{0}' did not end within {1} s and was stopped. Try again; if it stops again, raise 'timeout', or run "
            "'{2} check' on the host to see what it waits for.{3}".format(
                " ".join(argv), limit_s, " ".join(argv[:-1]), doubt
            )
        )
    if err.startswith(_OLD_NODE):
        raise CommandExecutionError("{0}. {1}".format(_excerpt(err), _ANOTHER_NODE))
    answer = _answer(argv, op, status, out)
    if answer is None:
        raise CommandExecutionError(
            "'{0}' did not answer with one JSON object (exit status {1}; stdout: {2}; stderr: {3}). {4}{5}".format(
                " ".join(argv), status, _excerpt(out), _excerpt(err), _REINSTALL, doubt
            )
        )
    return answer


def _answer(argv, op, status, out):
    """
    Return the answer that was printed, or None where that is no answer of ours, whatever it is.
    """
    try:
        answer = json.loads(out.decode("utf-8"))
        if answer["protocol"] != _PROTOCOL:
            raise CommandExecutionError(
                "'{0}' speaks protocol {1}, these Salt files speak protocol {2}. {3}".format(
                    " ".join(argv), answer["protocol"], _PROTOCOL, _REINSTALL
                )
            )
        if answer["error"] is not None:
            made = {"changes": answer["changes"]} if answer.get("changes") else None
            raise CommandExecutionError(_refusal(answer["error"]), info=made)
        if status == 0 and answer["op"] == op:
            return answer
    except (ValueError, KeyError, TypeError):
        pass  # such as rubbish, or JSON of another kind
    return None


def _refusal(error):
    parts = ["{0} ({1}).".format(error["message"], error["code"]), error.get("hint")]
    if error.get("retry"):
        parts.append("The same request may succeed later: try again.")
    return " ".join(part for part in parts if part)


def _excerpt(printed):
    words = " ".join(printed[:4096].decode("utf-8", "replace").split())
    return (words[:400] + "..." if len(words) > 400 else words) or "nothing"


def _given(fields):
    return {key: value for key, value in fields.items() if value is not None}


def _command():
    executable = __salt__["config.get"]("bellwether:executable", "")
    node = __salt__["config.get"]("bellwether:node", "")
    if executable:
        places, sought = [executable], executable
    else:
        folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
        places = [os.path.join(folder, "bellwether") for folder in folders] + list(_USUAL_PLACES)
        sought = "'bellwether' in PATH, no " + ", no ".join(_USUAL_PLACES)
    found = next((place for place in places if os.path.isfile(place)), None)
    if found is None:
        raise CommandExecutionError("bellwether is not on this host: no {0}. {1}".format(sought, _REINSTALL))
    return ([node] if node else []) + [found, "call"]


def _run(argv, request, limit_s, term_s):
    """
    Return (status, stdout, stderr) of a command in a process group of its own, which at the limit is told to end, and killed
    whole when ``term_s`` more have passed: status is None then.
    """
    process = subprocess.Popen(
        argv,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=os.setsid,
    )
    stopped, ended = [], threading.Event()

    def stop():
        stopped.append(True)
        _signal_group(process.pid, signal.SIGTERM)
        if not ended.wait(term_s):
            _signal_group(process.pid, signal.SIGKILL)

    out, err = [], []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, out)),
        threading.Thread(target=_read, args=(process.stderr, err)),
    ]
    timer = threading.Timer(limit_s, stop)
    for thread in readers + [timer]:
        thread.daemon = True
        thread.start()
    try:
        process.stdin.write(request)
        process.stdin.close()
    except (IOError, OSError):
        pass  # it does not read: what it prints and its exit status say more
    # Children that outlive it keep the pipes open: they too have until the limit, and the dead leader is left
    # unreaped so long, so that the group's number cannot be another's.
    for reader in readers:
        reader.join(limit_s + term_s + 1)
    status = process.wait()
    ended.set()
    timer.cancel()
    if stopped:
        _signal_group(process.pid, signal.SIGKILL)  # what closed its output, and outlived the one that started it
    return None if stopped else status, b"".join(out), b"".join(err)


def _signal_group(group, number):
    try:
        os.killpg(group, number)
    except OSError:
        pass  # it ended by itself at that very moment


def _read(stream, kept):
    """Read a stream to its end, or up to the longest answer: who prints more then fails on the closed pipe."""
    kept.append(stream.read(_LONGEST_ANSWER))
    stream.close()
