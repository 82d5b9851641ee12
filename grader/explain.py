"""Turn whatever went wrong inside a check into one sentence for the learner."""

import linecache
import os
import traceback

NOT_SOLVED = "not solved yet"
NOT_YET = "not yet"


def explain(error: BaseException, trace) -> tuple[str, str]:
    """(state, sentence) of an exception that left the body of a check.

    state is "not solved yet" for an untouched stub or a missing name, else "not yet".
    The sentence never quotes the check's own source, which may be hidden.
    """
    inner = getattr(error, "learner_line", None)  # told by the kernel, under the judge
    if inner is None:
        inner = learner_line(trace)
    if isinstance(error, NotImplementedError):
        return NOT_SOLVED, "write your answer in the cell above and run it, then run this cell."
    if isinstance(error, AssertionError) and not inner:
        return NOT_YET, str(error) or "this check failed; compare your answer with the contract."
    if isinstance(error, NameError) and not inner:
        name = getattr(error, "name", None) or "a name"
        return NOT_SOLVED, f"`{name}` does not exist yet: run your answer cell first, then this one."
    what = f"{type(error).__name__}: {_words(error)}".rstrip(": ")
    if not inner:
        return NOT_YET, (f"the check could not use what your answer gave back ({what}). "
                         "Compare its type with the contract.")
    return NOT_YET, f"your code stopped with {what} {inner}."


def learner_line(trace) -> str:
    """Where in the learner's own cells an exception arose, as words; "" when not in them."""
    inner = _learner_frame(traceback.extract_tb(trace))
    if inner is None:
        return ""
    line = linecache.getline(inner.filename, inner.lineno).strip()
    where = f"in `{inner.name}`, line {inner.lineno} of its cell"
    return where + (f": `{line}`" if line else "")


def _words(error: BaseException) -> str:
    """The first line of the exception's own message; "" when even that fails."""
    try:
        return (str(error).strip().splitlines() or [""])[0][:300]
    except Exception:  # a learner's own class of exception
        return ""


def _learner_frame(frames):
    """The innermost frame of code typed into a notebook, other than the check cell itself."""
    for frame in reversed(frames[1:]):
        if _is_cell(frame.filename):
            return None if frame.filename == frames[0].filename else frame
    return None


def _is_cell(filename: str) -> bool:
    """A notebook's cell, in a kernel or in grader.replay; not `<string>` or `<in_kernel>`."""
    if filename.startswith(("<cell ", "<ipython-input")):
        return True
    return f"{os.sep}ipykernel_" in filename or "/ipykernel_" in filename
