"""`make variants`: check the checks with right and wrong answers, and write the table of rates.

    python -m grader.variants [LESSON... | --write]

Answers live in tests/variants/NN_topic/EXERCISE.py, one percent cell each:
`# %% right="name"` or `# %% wrong="misconception"`, opened by a comment that explains it.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field

import jupytext

from course.paths import ROOT, SOLUTIONS, CourseError
from grader import build
from grader.checkcell import CheckFailed
from grader.kernel import is_demo
from grader.release import release
from grader.replay import Replay
from grader.source import lessons, read_lesson, source_path, visible

FOLDER = ROOT / "tests" / "variants"
TABLE = ROOT / "docs" / "checks.md"
VAGUE = ("this check failed; compare", "the check could not use")


@dataclass
class Variant:
    """One answer: kind is "stub", "solution", "right" or "wrong"; note says why it is wrong."""

    exercise: str
    kind: str
    name: str
    source: str
    note: str = ""


@dataclass
class Outcome:
    """What the checks said: passed (all of them), visible (without hidden tests), message."""

    variant: Variant
    passed: bool
    visible: bool
    message: str
    faults: list[str] = field(default_factory=list)


def read_variants(lesson: str, exercise: str) -> list[Variant]:
    """The stored answers of one exercise; CourseError for a missing or odd file."""
    path = FOLDER / lesson / f"{exercise.replace('-', '_')}.py"
    if not path.is_file():
        raise CourseError(f"exercise {exercise} of {lesson} has no variants: write {path}")
    found = []
    for cell in jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells:
        kinds = [kind for kind in ("right", "wrong") if kind in cell.metadata]
        if not kinds:
            if cell.source.strip() and not cell.source.lstrip().startswith(('"""', "#")):
                raise CourseError(f"{path}: a cell is neither right=\"...\" nor wrong=\"...\"")
            continue
        note = " ".join(re.match(r"(?:#[^\n]*\n?)*", cell.source)[0].replace("#", " ").split())
        found.append(Variant(exercise, kinds[0], cell.metadata[kinds[0]], cell.source, note))
    return found


def try_lesson(lesson: str) -> list[Outcome]:
    """Run the lesson once, solved; at each answer cell try every variant, then go on."""
    solution = read_lesson(source_path(lesson))
    stubs = {c.id: c.source for c in release(solution, lesson).cells}
    cells = [c for c in solution.cells if c.cell_type == "code" and not is_demo(c)]
    outcomes = []
    with Replay(SOLUTIONS / lesson) as replay:
        for index, cell in enumerate(cells):
            course = cell.metadata.get("course", {})
            if course.get("kind") == "exercise":
                name = course["exercise"]
                block = _block(cells, index, name)
                for variant in [Variant(name, "stub", "stub", stubs[cell.id]),
                                Variant(name, "solution", "solution", cell.source),
                                *read_variants(lesson, name)]:
                    outcomes.append(_try(replay, variant, block))
            if error := replay.run(cell.id, cell.source):
                raise CourseError(f"{lesson}, cell {cell.id} of the solution: "
                                  f"{type(error).__name__}: {error}")
    return outcomes


def _block(cells, start: int, exercise: str):
    """The cells after an answer up to the last check of its exercise."""
    def is_check(c):
        course = c.metadata.get("course", {})
        return course.get("kind") == "check" and course.get("exercise") == exercise
    last = max((i for i, c in enumerate(cells) if is_check(c)), default=None)
    if last is None:
        raise CourseError(f"exercise {exercise} has no check cell")
    return [(c, is_check(c)) for c in cells[start + 1:last + 1]]


def _try(replay: Replay, variant: Variant, block) -> Outcome:
    full = _verdict(replay, variant, block, hidden=True)
    visible = full if full[0] else _verdict(replay, variant, block, hidden=False)
    outcome = Outcome(variant, full[0], visible[0], full[1])
    outcome.faults = _faults(outcome)
    return outcome


def _verdict(replay: Replay, variant: Variant, block, hidden: bool) -> tuple[bool, str]:
    with replay.snapshot():
        error = replay.run(variant.name, variant.source)
        failed = None
        for cell, is_check in block:
            source = cell.source if hidden else visible(cell.source)
            stopped = replay.run(cell.id, source)
            if is_check and stopped is not None and failed is None:
                failed = stopped
    if failed is None:
        return True, ""
    if not isinstance(failed, CheckFailed):
        return False, f"bare {type(failed).__name__}: {failed}"
    return False, str(failed) if error is None else f"{failed} ({type(error).__name__}: {error})"


def _faults(o: Outcome) -> list[str]:
    kind, name = o.variant.kind, o.variant.name
    if kind in ("solution", "right"):
        return [] if o.passed else [f"{kind} answer {name} is refused: {o.message}"]
    if o.passed:
        return [f"{kind} answer {name} is accepted"]
    if o.message.startswith("bare ") or not o.message:
        return [f"{name} fails with a bare error: {o.message}"]
    if kind == "wrong" and o.message.startswith(VAGUE):
        return [f"{name} fails without saying what to look at: {o.message}"]
    if kind == "wrong" and not o.variant.note:
        return [f"{name} has no comment that names the misconception"]
    return []


def faults(outcomes: list[Outcome]) -> list[str]:
    """Everything wrong with the checks of the tried exercises, one sentence each."""
    found = [f"{o.variant.exercise}: {fault}" for o in outcomes for fault in o.faults]
    for exercise in dict.fromkeys(o.variant.exercise for o in outcomes):
        mine = [o for o in outcomes if o.variant.exercise == exercise]
        wrong = [o for o in mine if o.variant.kind == "wrong"]
        if not any(o.variant.kind == "right" for o in mine):
            found.append(f"{exercise}: needs a right answer written another way")
        if len(wrong) < 4:
            found.append(f"{exercise}: has {len(wrong)} wrong answers, needs 4")
        if wrong and not any(o.visible and not o.passed for o in wrong):
            found.append(f"{exercise}: no wrong answer passes the visible asserts and fails a "
                         "hidden one")
    return found


def _steady(message: str) -> str:
    """A message on one line, without measured seconds: they differ in every run."""
    return re.sub(r"\d+\.\d+ s\b", "… s", " ".join(message.split()))


def table(tried: dict[str, list[Outcome]]) -> str:
    """docs/checks.md: the rates for instructors, then each wrong answer with its message."""
    lines = ["# How well the checks check", "",
             "Written by `make variants`, which runs every check against these answers. "
             "*Hidden only*: wrong answers that pass every visible assert and fail a hidden one.",
             "", "| lesson | exercise | right accepted | wrong refused | hidden only |",
             "|---|---|---|---|---|"]
    details = []
    for lesson, outcomes in tried.items():
        for exercise in dict.fromkeys(o.variant.exercise for o in outcomes):
            mine = [o for o in outcomes if o.variant.exercise == exercise]
            right = [o for o in mine if o.variant.kind in ("right", "solution")]
            wrong = [o for o in mine if o.variant.kind in ("wrong", "stub")]
            hidden = sum(o.visible and not o.passed for o in wrong)
            lines.append(f"| {lesson} | {exercise} | {sum(o.passed for o in right)} of {len(right)} "
                         f"| {sum(not o.passed for o in wrong)} of {len(wrong)} | {hidden} |")
            details += ["", f"## {lesson}: {exercise}", ""]
            details += [f"- `{o.variant.name}` ({o.variant.note}) gets: "
                        f"“{_steady(o.message)}”" for o in wrong
                        if o.variant.kind == "wrong"]
    return "\n".join(lines + details) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.variants",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="such as 04_tokens; default all")
    parser.add_argument("--write", action="store_true", help="write docs/checks.md (all lessons)")
    options = parser.parse_args(arguments)
    if options.write and options.lesson:
        parser.error("--write writes docs/checks.md for all lessons: leave the names out")
    try:
        tried = {name: try_lesson(name) for name in options.lesson or lessons()}
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    found = [f"{name}: {fault}" for name, outcomes in tried.items() for fault in faults(outcomes)]
    print(table(tried).split("\n\n## ")[0])
    if options.write:
        build.write(TABLE, table(tried))
    for fault in found:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
