"""Values that cross cells and processes: `result`, `stored` and `in_kernel`."""

import contextlib
import copy
import inspect
import json
import os
import zipfile
from pathlib import Path

from course.paths import CourseError
from grader import card, mode
from grader.checkcell import solved

kernel_eval = None  # the judge sets it: there, the learner's kernel is another process
FOLDER = "reference"  # beside the notebook; nbgrader copies it over a submission's own


def result(exercise: str, compute, file: str):
    """What later cells work with: the learner's value when solved, else the stored one.

    exercise: id of the exercise that makes the value. compute: a function without arguments.
    file: name under reference/ (.json, .npy, .npz or .txt). Raises CourseError for a missing
    or unreadable reference. JSON turns tuples into lists and keys into strings.
    """
    if mode.writing():
        return _write(compute(), file)
    if not solved(exercise):
        card.show("note", exercise, "not solved yet, so the cells below use the course's "
                  f"stored value ({FOLDER}/{file}). Solve it and they use yours.")
        return _read(file)
    try:
        return compute()
    except Exception as error:  # the learner's code on a larger input than the check's
        if mode.testing():
            raise
        card.show("note", exercise, f"your answer passed its check but stopped here with "
                  f"{type(error).__name__}: {error}. The cells below use the course's stored value.")
        return _read(file)


def stored(file: str, value=None):
    """What a demo cell made: `stored("curve.json", value)` there, `stored("curve.json")` after.

    Graded runs leave demo cells out, so the second form reads what the build stored.
    """
    if value is None:
        return _read(file)
    return _write(value, file) if mode.writing() else value


def in_kernel(expression: str, **inputs):
    """Evaluate an expression where the learner's code lives and return its value.

    For what cannot travel by value (gradients, optimizers). `inputs` are copied in under
    their names; the value comes back as a copy: scalars, strings, bytes, None, containers,
    NumPy arrays, torch tensors (detached), pandas frames. Raises TypeError for anything else.
    """
    if kernel_eval is not None:
        return kernel_eval(expression, by_value(inputs))
    names = inspect.currentframe().f_back.f_globals
    value = eval(compile(expression, "<in_kernel>", "eval"), {**names, **by_value(inputs)})
    return by_value(value)


def by_value(value):
    """A copy that shares nothing with the original; TypeError for what is not a value."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return value
    if isinstance(value, dict):
        return {by_value(k): by_value(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [by_value(v) for v in value]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*items)
        return type(value)(items)
    home = type(value).__module__.partition(".")[0]
    if home == "torch" and hasattr(value, "detach"):
        return value.detach().clone()
    if home == "pandas" or (home == "numpy" and _plain_array(value)):
        return copy.deepcopy(value)
    raise TypeError(f"in_kernel returns values, not a {type(value).__name__}: "
                    "compute a number, a list, an array or a tensor in the expression")


def _plain_array(value) -> bool:
    """An array or scalar of NumPy without objects; not a generator or a function of its."""
    dtype = getattr(value, "dtype", None)
    return hasattr(value, "tobytes") and dtype is not None and not dtype.hasobject


def _path(file: str) -> Path:
    path = Path(FOLDER) / file
    if path.suffix not in (".json", ".npy", ".npz", ".txt") or Path(file).name != file:
        raise CourseError(f"a stored value is a .json, .npy, .npz or .txt file of reference/, not {file!r}")
    return path


def _write(value, file: str):
    path = _path(file)
    temporary = path.with_name("." + path.name)
    try:
        path.parent.mkdir(exist_ok=True)
        _save(value, temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return value


def _save(value, path: Path) -> None:
    if path.suffix == ".json":
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8",
                        newline="\n")
    elif path.suffix == ".txt":
        path.write_text(value, encoding="utf-8", newline="\n")
    else:
        import numpy
        with open(path, "wb") as out:
            numpy.savez(out, **value) if path.suffix == ".npz" else numpy.save(out, value)


def _read(file: str):
    path = _path(file)
    try:
        if path.suffix == ".json":
            return json.loads(path.read_text(encoding="utf-8"))
        if path.suffix == ".txt":
            return path.read_text(encoding="utf-8")
        import numpy
        loaded = numpy.load(path, allow_pickle=False)
        return dict(loaded) if path.suffix == ".npz" else loaded
    except FileNotFoundError:
        raise CourseError(f"{path} is not beside this notebook: open the notebook inside the "
                          "course's notebooks/ folder, or get that folder again") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CourseError(f"{path} cannot be read ({error}): get the course's file again") from None
