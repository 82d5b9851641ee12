"""An answer that has learnt the default lesson's check by heart, for tests of cohorts' versions.

`taking(source)` is an answer that notes what it is asked and what it gives; run on the default's
check it fills `CALLS`. `giving(source)` is an answer that computes nothing: it gives what was noted
for the same arguments, and else what was noted for the call with the same number.
"""

import ast
import pickle

CALLS: dict[str, list] = {}  # function -> [(arguments or None, result)], both pickled


def taking(source: str) -> str:
    """The answer with every function of it noted."""
    return "\n".join([source, "from tests import remember as _remember",
                      *(f"{name} = _remember.noted({name})" for name in functions(source))])


def giving(source: str) -> str:
    """An answer of the same functions that only remembers."""
    return "\n".join(["from tests import remember as _remember",
                      *(f"{name} = _remember.recited({name!r})" for name in functions(source))])


def functions(source: str) -> list[str]:
    """The functions that an answer defines."""
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def noted(function):
    calls = CALLS[function.__name__] = []

    def inner(*args, **kwargs):
        key = _packed((args, kwargs))
        result = function(*args, **kwargs)
        calls.append((key, _packed(result)))
        return result
    inner.__name__ = function.__name__
    return inner


def recited(name: str):
    calls, asked = CALLS[name], []
    known = {key: result for key, result in calls if key is not None}

    def inner(*args, **kwargs):
        asked.append(name)
        by_number = calls[min(len(asked), len(calls)) - 1][1] if calls else None
        result = known.get(_packed((args, kwargs)), by_number)
        return None if result is None else pickle.loads(result)
    return inner


def _packed(value) -> bytes | None:
    """None where a value cannot be kept, such as a function made in a check."""
    try:
        return pickle.dumps(value)
    except Exception:
        return None
