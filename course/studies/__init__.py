"""Measurements too long for a lesson: the code that makes them, and `shipped` that reads them.

One module a lesson (`MODULES`); each public function under `@study(seconds=...)` measures one
thing and returns plain JSON. `python -m course.studies` runs them and writes
data/results/LESSON/NAME.json; lessons read `shipped("LESSON/NAME")`, or run it live.
"""

import json
from importlib import import_module
from pathlib import Path

from course.paths import DATA, CourseError

RESULTS = DATA / "results"
MODULES = {"07_foundation_models": "foundation", "08_clip": "clip", "09_prompting": "prompting",
           "10_rag": "rag", "11_fine_tuning": "tuning", "12_agents": "agents"}


def study(seconds: float):
    """Mark a function without arguments as a study that takes about `seconds` on two cores."""
    def mark(function):
        function.study_seconds = seconds
        return function
    return mark


def studies_of(lesson: str) -> dict:
    """{name: function} of a lesson's studies, in the order they are written."""
    if lesson not in MODULES:
        raise CourseError(f"There are no studies of {lesson!r}: only of {', '.join(MODULES)}.")
    try:
        module = import_module(f"course.studies.{MODULES[lesson]}")
    except ModuleNotFoundError as error:
        if error.name != f"course.studies.{MODULES[lesson]}":
            raise
        return {}
    return {name: made for name, made in vars(module).items()
            if hasattr(made, "study_seconds") and made.__module__ == module.__name__}


def place(name: str) -> Path:
    """Where the result of "LESSON/NAME" lies."""
    return RESULTS / f"{name}.json"


def shipped(name: str, live: bool = False):
    """What a study found: dicts, lists, strings and numbers, as JSON gives them back.

    name: "LESSON/NAME", for example "09_prompting/wordings". live=True measures it again on this
    machine (minutes; it says how many) and leaves the shipped file alone. Raises CourseError for
    a name that does not exist or a file that is missing or damaged.
    """
    if live:
        return json.loads(json.dumps(measure(name)))
    try:
        return json.loads(place(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"There is no shipped result {name!r}: restore data/results from the "
                          f"repository, or run `python -m course.studies {name}`.") from None
    except ValueError as error:
        raise CourseError(f"{place(name)} is damaged ({error}): restore it from the "
                          "repository.") from None


def measure(name: str):
    """Run the study "LESSON/NAME" and return what it found."""
    lesson, _, short = name.partition("/")
    known = studies_of(lesson)
    if short not in known:
        raise CourseError(f"There is no study {name!r}: {lesson} has "
                          f"{', '.join(known) or 'none'}.")
    print(f"{name}: measured now, about {known[short].study_seconds:.0f} s on two cores", flush=True)
    return known[short]()
