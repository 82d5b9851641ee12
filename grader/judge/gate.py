"""The release gate: a lesson whose solution passes plainly must pass under the judge too."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.judge.interface import interface_of
from grader.judge.judge import Judge
from grader.kernel import is_demo
from grader.source import read_lesson, source_path


def refused_by_judge(names: list[str]) -> Iterator[str]:
    """Checks and locked cells that do not work from another process; nothing off Linux."""
    for lesson in names:
        yield from refused(lesson, read_lesson(source_path(lesson)), source_path(lesson).parent)


def refused(lesson: str, solution, folder: Path) -> list[str]:
    """The same for any solution notebook; folder: where its reference/ lies. The judge runs the
    locked cells first, all of them, as it does in grading (engine.plan.Plan.warm): what a check
    finds then is not always what it would find in a run from top to bottom."""
    if sys.platform != "linux":
        return []
    from grader.judge.pair import Kernel
    there = Kernel(folder)
    try:
        with contextlib.chdir(folder):  # locked cells read reference/
            return list(_problems(lesson, solution, Judge(interface_of(solution)), there))
    finally:
        there.close()


def _problems(lesson: str, solution, judge: Judge, there) -> Iterator[str]:
    cells = [c for c in solution.cells if c.cell_type == "code" and not is_demo(c)]
    for cell in cells:
        if _kind(cell) == "locked" and (problem := judge.helper(cell.source, cell.id)):
            yield f"{lesson}, {cell.id}: does not run in the judge by itself: {problem}"
    for cell in cells:
        if _kind(cell) != "check":
            there.run(cell.id, cell.source)  # an error here is `make run`'s to tell
            continue
        verdict = there.check(judge, cell, cell.source)
        if not verdict["passed"]:
            yield (f"{lesson}, {cell.id}: the solution passes plainly and not under the judge: "
                   f"{verdict['message']}")


def _kind(cell) -> str | None:
    return cell.metadata.get("course", {}).get("kind")
