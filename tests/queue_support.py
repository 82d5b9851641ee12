"""A made-up lesson as a package, submissions to it, and a grading run in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.paths import ROOT, CourseError
from grader.queue import flow, pool, stamps
from grader.queue.ledger import Ledger
from tests import madeup
from tests.cohort import filled
from tests.madeup import LESSON, put

SANDBOX = os.environ.get("COURSE_TEST_SANDBOX", "best")
RIGHT = {"double-it": "def double(x):\n    return 2 * x\n",
         "count-words": "def count_words(text):\n    return len(text.split())\n"}
HALF = {"double-it": RIGHT["double-it"]}
SLY = {"double-it": "def double(x):\n    return 2 * abs(x) if isinstance(x, int) else 2 * x\n"}


class Made:
    """package: the made-up lesson packed. released, solution: its notebooks."""

    def __init__(self, folder: Path, monkeypatch):
        from grader.engine.plan import plan_of
        from grader.queue import packed
        from grader.source import read_lesson
        monkeypatch.setattr(madeup, "MODULES", ("source", "build", "variants"))
        course = madeup.made_up(folder, monkeypatch)
        reference = course.solution.parent / "reference"
        put(reference / "numbers.json", "[0, 2, 4, 6, 8]")
        put(reference / "curve.json", "[3, 2, 1]")
        self.folder, self.course = folder, course
        self.solution = read_lesson(course.source)
        plan = plan_of(LESSON, self.solution, reference)
        self.package, self.released = packed.pack(plan), plan.released
        self.file = put(folder / "package.json", json.dumps(self.package))

    def notebook(self, answers: dict):
        return filled(self.released, answers)

    def hand_in(self, folder: Path, who: str, answers: dict, extra: str = "") -> Path:
        """LEARNER_90_small.ipynb in a folder; extra: a comment that makes it another file."""
        notebook = self.notebook({k: v + extra for k, v in answers.items()})
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"by {who}", id=f"by-{len(who)}"))
        return put(folder / f"{who}_{LESSON}.ipynb", nbformat.writes(notebook))

    def options(self, **more) -> pool.Options:
        return pool.Options(**{"jobs": 2, "level": SANDBOX, "packed": {LESSON: self.package}} | more)

    def grade(self, store: Path, *paths: Path, **more):
        """{learner: (points, row, result)} of one run in this process."""
        from grader.reports import tables
        with Ledger(store, write=True) as ledger:
            run, whole = flow.grade(ledger, list(paths), self.options(**more))
            assert whole
            return {row["learner"]: (tables.score(row)[0], dict(row), tables.result_of(row, ledger))
                    for row in tables.Rows(ledger, run=run)}

    def start(self, store: Path, *paths: Path) -> subprocess.Popen:
        """The same in a process that can be killed. It takes the grader's code for what it is now:
        somebody who edits it while kills go on would have everything graded anew."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.queue_support", str(self.file), str(store),
             *map(str, paths)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COURSE_TEST_STAMP": stamps.environment()},
            text=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Made(tmp_path_factory.mktemp("made"), monkeypatch)


def main() -> int:
    stamp = os.environ["COURSE_TEST_STAMP"]
    stamps.environment = lambda *_: stamp
    package = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Ledger(Path(sys.argv[2]), write=True) as ledger:
        options = pool.Options(jobs=2, level=SANDBOX, packed={LESSON: package})
        try:
            _, whole = flow.grade(ledger, [Path(p) for p in sys.argv[3:]], options, say=print)
        except CourseError as error:
            print(f"error: {error}")
            return 2
    return 2 if options.left else 0 if whole else 130


if __name__ == "__main__":
    sys.exit(main())
