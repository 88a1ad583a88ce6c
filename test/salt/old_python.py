"""
Apply the state healthy on a Python that today's Salt no longer runs on, but minions of old hosts do.

Usage: old_python.py SALT_FILES EXECUTABLE NODE ROOT. Prints the state's return as JSON. Loads the two files as Salt's
loader does, with the few names that they take from Salt itself.
"""
import json
import sys
import types


class CommandExecutionError(Exception):
    pass


def load(path, dunder_salt):
    namespace = {"__salt__": dunder_salt, "__name__": "loaded"}
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec"), namespace)
    assert namespace["__virtual__"]() == "bellwether"
    return namespace


salt_files, executable, node, root = sys.argv[1:]
exceptions = types.ModuleType("salt.exceptions")
exceptions.CommandExecutionError = CommandExecutionError
sys.modules.update({"salt": types.ModuleType("salt"), "salt.exceptions": exceptions})

config = {"bellwether:executable": executable, "bellwether:node": node}
functions = {"config.get": config.get}
module = load(salt_files + "/_modules/bellwether.py", functions)
functions["bellwether.check"] = module["check"]
state = load(salt_files + "/_states/bellwether.py", functions)
print(json.dumps(state["healthy"]("this host will boot", root=root, timeout=60)))
