"""Other versions of a lesson for one cohort: what may change stands in solutions/NN_topic/cohort.py.

That file holds two plain dicts, {exercise: [alternatives]}:

CONTRACT  what the answer must do differs, so another cohort's answer fails;
SLICES    other constants and data in check cells; any right answer passes.

A seed takes one alternative of each exercise in both. An alternative is a dict:

name      a word for messages
says      what differs, for the instructor
contract, answer, check, check/PART, hints, lesson
          [(old, new)] for the cell of that kind (`lesson`: any other cell). `old` must stand there
          exactly once, so that a change of the lesson cannot pass by unnoticed.
values    a list of dicts, of which the seed takes one: «K» in `new` becomes its value.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

from course.paths import SOLUTIONS, CourseError
from grader.source import source_path

KINDS = {"contract": "contract", "answer": "exercise", "check": "check", "hints": "hints"}
WORDS = {"name", "says", "values", "lesson", *KINDS}
HOLE = re.compile(r"«(\w+)»")


@dataclass(frozen=True)
class Choice:
    """What a seed chose for one exercise. contract: whether the contract differs."""

    exercise: str
    contract: bool
    alternative: dict
    values: dict

    @property
    def name(self) -> str:
        """The alternative's word, with its values where it has some."""
        values = ", ".join(f"{k}={v}" for k, v in self.values.items())
        return self.alternative["name"] + (f" ({values})" if values else "")

    def swaps(self):
        """(kind, part, old, new) with the values filled in."""
        for key, pairs in self.alternative.items():
            kind, _, part = key.partition("/")
            for old, new in pairs if kind in KINDS or kind == "lesson" else ():
                yield kind, part, old, HOLE.sub(lambda hole: str(self.values[hole[1]]), new)


def declared(lesson: str) -> tuple[dict, dict]:
    """(CONTRACT, SLICES) of a lesson; CourseError when it has none or they are odd."""
    path = SOLUTIONS / lesson / "cohort.py"
    if not path.is_file():
        raise CourseError(f"{lesson} has no versions for cohorts: write {path}")
    names: dict = {}
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    except Exception as error:
        raise CourseError(f"{path} cannot be run: {type(error).__name__}: {error}") from None
    contract, slices = names.get("CONTRACT", {}), names.get("SLICES", {})
    for exercise, alternatives in [*contract.items(), *slices.items()]:
        for alternative in alternatives:
            odd = {key.partition("/")[0] for key in alternative} - WORDS
            if odd or not alternative.get("name") or not alternative.get("says"):
                raise CourseError(f"{path}: an alternative of {exercise} has unknown words "
                                  f"{sorted(odd)}, or no name or says")
    return contract, slices


def choose(lesson: str, seed: str) -> list[Choice]:
    """One alternative for each exercise that has some; the same seed, the same choice, on every
    machine and Python."""
    chosen = []
    for contract, exercises in zip((True, False), declared(lesson)):
        for exercise, alternatives in exercises.items():
            number = _number(seed, lesson, exercise, str(contract))
            alternative = alternatives[number % len(alternatives)]
            values = alternative.get("values", [{}])
            chosen.append(Choice(exercise, contract, alternative,
                                 values[number // 1000 % len(values)]))
    return chosen


def _number(seed: str, *words: str) -> int:
    """A whole number that nobody can guess without the seed."""
    digest = hmac.new(seed.encode(), "\0".join(words).encode(), hashlib.sha256).hexdigest()
    return int(digest, 16)


def text_for(lesson: str, choices: list[Choice]) -> str:
    """The lesson's source with the choices in it; CourseError where an `old` does not fit."""
    book = jupytext.reads(source_path(lesson).read_text(encoding="utf-8"), fmt="py:percent")
    for choice in choices:
        for kind, part, old, new in choice.swaps():
            cells = [c for c in book.cells if _is(c, kind, choice.exercise, part)]
            found = sum(c.source.count(old) for c in cells)
            if found != 1:
                raise CourseError(
                    f"solutions/{lesson}/cohort.py, {choice.exercise}, {choice.name}: this text "
                    f"stands {found} times in {kind}, it must stand there once: {old[:70]!r}")
            for cell in cells:
                cell.source = cell.source.replace(old, new)
    return jupytext.writes(book, fmt="py:percent")


def _is(cell, kind: str, exercise: str, part: str) -> bool:
    if kind == "lesson":
        return not any(word in cell.metadata for word in KINDS.values())
    return cell.metadata.get(KINDS[kind]) == exercise and (
        not part or cell.metadata.get("part") == part)


def every_choice(lesson: str) -> list[Choice]:
    """Each alternative with each of its values, for tests."""
    return [Choice(exercise, contract, alternative, values)
            for contract, exercises in zip((True, False), declared(lesson))
            for exercise, alternatives in exercises.items()
            for alternative in alternatives for values in alternative.get("values", [{}])]


def answers(book) -> dict[str, str]:
    """{exercise: source of its answer cell} of a solution notebook."""
    return {c.metadata["course"]["exercise"]: c.source for c in book.cells
            if c.metadata.get("course", {}).get("kind") == "exercise"}


def reference_folder(lesson: str) -> Path:
    """Where the default lesson's stored values are."""
    return SOLUTIONS / lesson / "reference"
