"""
Apply one state on a Python that today's Salt no longer runs on, but minions of old hosts do.

Usage: old_python.py SALT_FILES EXECUTABLE NODE ROOT STATE. Prints the state's return as JSON. Loads the two files as Salt's
loader does, with the few names that they take from Salt itself.
"""
import json
import sys
import types


class CommandExecutionError(Exception):
    """What the two files use of Salt's own, which adds the info to the words of the exception itself."""

    def __init__(self, message="", info=None):
        super(CommandExecutionError, self).__init__("{0} {1}".format(message, info) if info else message)
        self.info = info
        self.strerror_without_changes = message


def load(path, dunder_salt):
    namespace = {"__salt__": dunder_salt, "__opts__": {"test": False}, "__name__": "loaded"}
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec"), namespace)
    assert namespace["__virtual__"]() == "bellwether"
    return namespace


salt_files, executable, node, root, name = sys.argv[1:]
exceptions = types.ModuleType("salt.exceptions")
exceptions.CommandExecutionError = CommandExecutionError
platform = types.ModuleType("salt.utils.platform")
platform.is_proxy = lambda: False
folders = {name: types.ModuleType(name) for name in ("salt", "salt.utils")}
sys.modules.update(folders, **{"salt.exceptions": exceptions, "salt.utils.platform": platform})

config = {"bellwether:executable": executable, "bellwether:node": node}
functions = {"config.get": config.get}
module = load(salt_files + "/_modules/bellwether.py", functions)
functions.update(("bellwether." + function, module[function]) for function in ("check", "repair"))
state = load(salt_files + "/_states/bellwether.py", functions)
print(json.dumps(state[name]("this host will boot", root=root, timeout=60)))
