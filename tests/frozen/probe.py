"""Runs a script among the modules of a frozen program: ``probe-tray SCRIPT [ARGUMENT]...``.

Frozen beside the programs, with the archive of modules and the libraries of one of them, for tests
alone: what a script finds here is what the program has. Never part of what is installed.
"""

import sys

del sys.argv[0]
with open(sys.argv[0], encoding="utf-8") as file:  # noqa: PTH123  # nothing but the script's needs
    text = file.read()
code = compile(text, sys.argv[0], "exec", optimize=0)
exec(code, {"__name__": "__main__", "__file__": sys.argv[0]})
