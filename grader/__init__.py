"""What grades.

`check`, `result`, `stored` and `in_kernel` are what a lesson imports (checkcell.py, values.py);
source, build, release, execute and lint make notebooks out of lesson sources;
variants, selfcheck and new are the tools around an exercise.
"""

import importlib

_HOME = {"check": "checkcell", "result": "values", "stored": "values", "in_kernel": "values"}


def __getattr__(name):
    if name in _HOME:
        value = getattr(importlib.import_module(f"grader.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
