"""The set-up cell of a lesson: quiet libraries, everything offline, the data in place.

    from course import lesson
    lesson("04_tokens")                # ready in 0.3 s · offline · CPU

Fast on purpose: heavy libraries are imported by the names that need them, not here.
"""

import time
import tomllib
from difflib import get_close_matches
from importlib import import_module

from course.engines.choice import clip_choice, embedder_choice, llm_choice
from course.paths import CATALOGUE, CourseError
from course.quiet import quiet, set_threads

_STARTED = time.perf_counter()  # the clock of the line "ready in ..." starts with this import
_state = {"used": False}


class NotReady(CourseError):
    """Something a lesson needs is missing: the sentence says what to run."""


def catalogue_entry(name: str) -> dict:
    """The `[[lesson]]` table of that id in the catalogue.

    Raises CourseError when the catalogue cannot be read or has no such lesson.
    """
    try:
        with open(CATALOGUE, "rb") as file:
            lessons = tomllib.load(file).get("lesson", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NotReady(f"The list of lessons in {CATALOGUE} cannot be read ({error}): "
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
            if name == "token-ranks":  # plain tiktoken.get_encoding(...) works offline too
                import_module("course.tokens").use_offline_ranks()
            if name == "llm":  # the converted copy is what lessons load
                import_module("course.models").llm_folder()
        except CourseError as error:
            raise NotReady(str(error)) from None


def _where(abilities: list[str]) -> str:
    """`offline · CPU`, and what COURSE_LLM, COURSE_ENGINE, COURSE_EMBEDDER and COURSE_CLIP chose,
    where they did. abilities: what the lesson needs the language model for (models.need_can)."""
    try:
        chosen = (llm_choice(), embedder_choice(), clip_choice())
        choices = [one for one in chosen if one.variable]
        lacking = import_module("course.models").fall_back(abilities) if choices else ""
    except CourseError as error:
        raise NotReady(str(error)) from None
    used = [one for one in choices if not (lacking and one.shown in lacking)]
    place = "online" if any(one.online for one in used) else "offline"
    return " · ".join([place, "CPU", *(one.shown for one in used), *filter(None, [lacking])])


def lesson(name: str) -> None:
    """Get ready for a lesson and print one line, such as `ready in 0.3 s · offline · CPU`.

    name: the lesson's id, for example "04_tokens". Seeds nothing: a cell that draws random
    numbers names its own seed. Another model that was chosen is named in the line, and `online`
    says that it is off this machine. Raises CourseError (shown as one sentence) when something
    the lesson needs is missing, saying what to run.
    """
    started = time.perf_counter() if _state["used"] else _STARTED
    _state["used"] = True
    quiet()
    entry = catalogue_entry(name)
    _check(entry.get("uses", []))
    where = _where(entry.get("can", []))
    set_threads()
    print(f"ready in {time.perf_counter() - started:.1f} s · {where}")
