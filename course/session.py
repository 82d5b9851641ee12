"""The set-up cell of a lesson: quiet libraries, everything offline, the data in place.

    from course import lesson
    lesson("04_tokens")                # ready in 0.3 s · offline · CPU

Fast on purpose: heavy libraries are imported by the names that need them, not here.
"""

import logging
import os
import sys
import time
import tomllib
import warnings
from difflib import get_close_matches
from importlib import import_module

from course.paths import CATALOGUE, CourseError

_STARTED = time.perf_counter()  # the clock of the line "ready in ..." starts with this import
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",  # never ask a hub
    "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",  # or it warns when a process forks
}
_CHATTY = ("transformers", "huggingface_hub", "matplotlib", "tokenizers", "torch", "httpx")
_MAX_THREADS = 4
_state = {"used": False}


class NotReady(CourseError):
    """Something a lesson needs is missing. A notebook shows the sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def quiet() -> None:
    """Keep libraries off stderr and off the network: nbgrader gives no points for a check cell
    that writes to stderr, whatever it writes."""
    for name, value in _ENVIRONMENT.items():
        os.environ[name] = value
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=kind)
    for name in _CHATTY:
        warnings.filterwarnings("ignore", module=rf"{name}(\.|$)")
    _quiet_loaded()


def _quiet_loaded() -> None:
    """Libraries that were imported before us have read the environment already."""
    if "transformers" in sys.modules:
        settings = import_module("transformers.utils.logging")
        settings.set_verbosity_error()
        settings.disable_progress_bar()
    if "huggingface_hub" in sys.modules:
        import_module("huggingface_hub.utils").disable_progress_bars()


def threads() -> int:
    """Threads for torch: OMP_NUM_THREADS where it is set, else the cores we may use, at most 4."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MAX_THREADS)
    return min(os.cpu_count() or 1, _MAX_THREADS)


def set_threads() -> None:
    """Give torch its threads, where it is imported already."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads())


def catalogue_entry(name: str, path=CATALOGUE) -> dict:
    """The `[[lesson]]` table of that id in the catalogue.

    Raises CourseError when the catalogue cannot be read or has no such lesson.
    """
    try:
        with open(path, "rb") as file:
            lessons = tomllib.load(file).get("lesson", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NotReady(f"The list of lessons in {path} cannot be read ({error}): "
                       "restore the file from the repository.") from None
    known = {entry.get("id"): entry for entry in lessons}
    if name not in known:
        near = get_close_matches(str(name), [key for key in known if key], 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else "see START_HERE for their names."
        raise NotReady(f"There is no lesson {name!r}: {hint}")
    return known[name]


def _check(uses: list[str]) -> None:
    """Every named thing is on this machine and usable; one sentence for all that are not."""
    need = import_module("course.fetch").need
    for name in uses:
        try:
            need(name)
            if name == "llm":  # the converted copy is what lessons load
                import_module("course.models").llm_folder()
        except CourseError as error:
            raise NotReady(str(error)) from None


def lesson(name: str) -> None:
    """Get ready for a lesson and print one line, such as `ready in 0.3 s · offline · CPU`.

    name: the lesson's id, for example "04_tokens". Seeds nothing: a cell that draws random
    numbers names its own seed. Raises CourseError (shown as one sentence) when something the
    lesson needs is missing, saying what to run.
    """
    started = time.perf_counter() if _state["used"] else _STARTED
    _state["used"] = True
    quiet()
    _check(catalogue_entry(name).get("uses", []))
    set_threads()
    print(f"ready in {time.perf_counter() - started:.1f} s · offline · CPU")
