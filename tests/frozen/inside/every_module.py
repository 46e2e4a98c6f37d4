"""Imports every module that is named on the command line; prints which lack which module."""

import importlib
import json
import sys

failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed[name] = error.name or str(error)
print(json.dumps(failed))
