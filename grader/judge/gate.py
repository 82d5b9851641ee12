"""The release gate: a lesson whose solution passes plainly must pass under the judge too."""

import contextlib
import sys
from collections.abc import Iterator

from grader.judge.interface import interface_of
from grader.judge.judge import Judge
from grader.kernel import is_demo
from grader.source import read_lesson, source_path


def refused_by_judge(names: list[str]) -> Iterator[str]:
    """Checks and locked cells that do not work from another process; nothing off Linux."""
    if sys.platform != "linux":
        return
    from grader.judge.pair import Kernel
    for lesson in names:
        solution = read_lesson(source_path(lesson))
        there = Kernel(source_path(lesson).parent)
        try:
            with contextlib.chdir(source_path(lesson).parent):  # locked cells read reference/
                found = list(_problems(lesson, solution, Judge(interface_of(solution)), there))
            yield from found
        finally:
            there.close()


def _problems(lesson: str, solution, judge: Judge, there) -> Iterator[str]:
    for cell in solution.cells:
        if cell.cell_type != "code" or is_demo(cell):
            continue
        kind = cell.metadata.get("course", {}).get("kind")
        if kind == "locked":
            if problem := judge.helper(cell.source, cell.id):
                yield f"{lesson}, {cell.id}: does not run in the judge by itself: {problem}"
        if kind == "check":
            verdict = there.check(judge, cell, cell.source)
            if not verdict["passed"]:
                yield (f"{lesson}, {cell.id}: the solution passes plainly and not under the judge: "
                       f"{verdict['message']}")
        else:
            there.run(cell.id, cell.source)  # an error here is `make run`'s to tell
