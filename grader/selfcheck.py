"""Grade one's own work: a copy of the notebook, the course's check cells, hidden tests included.

Nothing is protected here (a learner alone only fools themselves); other people's work is
graded under nbgrader. The learner's file is only read.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from course.paths import SOLUTIONS
from grader import intake
from grader.kernel import run_notebook
from grader.release import release
from grader.source import read_lesson, source_path

CELL_SECONDS = 60


@dataclass
class Item:
    """One check or essay: points given, points possible, state and message."""

    exercise: str
    points: float
    out_of: float
    state: str  # "solved", "not yet", "not solved yet", "read by a person", "not reached"
    message: str = ""


@dataclass
class Report:
    """What a self-check found. notes: what was put back or left out of the copy."""

    lesson: str
    items: list[Item]
    seconds: float
    notes: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    @property
    def out_of(self) -> float:
        """Points that checks give; those read by a person are not counted."""
        return sum(i.out_of for i in self.items if i.state != "read by a person")

    @property
    def by_hand(self) -> float:
        return sum(i.out_of for i in self.items if i.state == "read by a person")


def grade(lesson: str, path: Path) -> Report:
    """Run a copy of the notebook at `path` against the lesson's checks."""
    solution = read_lesson(source_path(lesson))
    mine, found = intake.read(path)
    found += intake.inspect(mine, release(solution, lesson))
    notes = [f.sentence for f in found if f.healed]
    report = run_checks(lesson, intake.heal(mine, solution), solution, CELL_SECONDS,
                        SOLUTIONS / lesson / "reference")
    report.notes[:0] = notes
    return report


def run_checks(lesson: str, notebook, reference_notebook, cell_seconds: int, reference: Path):
    """Run a healed notebook in a scratch folder and read its check cells.

    reference_notebook: names the checks and essays. reference: folder of stored values.
    """
    with tempfile.TemporaryDirectory(prefix="course-grade-") as scratch:
        folder = Path(scratch) / lesson
        folder.mkdir()
        if reference.is_dir():
            shutil.copytree(reference, folder / "reference")
        run = run_notebook(notebook, folder, demos=False, allow_errors=True,
                           timeout=cell_seconds, NBGRADER_EXECUTION="selfcheck")
    notes = []
    if run.error:
        notes.append(f"{run.error}, in cell {run.failed_cell}: what stands below it was not run")
    ran = {c.id: c for c in run.notebook.cells}
    items = [_item(c, ran.get(c.id), run) for c in reference_notebook.cells
             if _kind(c) in ("check", "essay")]
    return Report(lesson, items, run.total, notes)


def _kind(cell) -> str | None:
    return cell.metadata.get("course", {}).get("kind")


def _item(cell, ran, run) -> Item:
    course, points = cell.metadata["course"], float(cell.metadata["nbgrader"]["points"])
    name = course["exercise"] + (f" ({course['part']})" if "part" in course else "")
    if course["kind"] == "essay":
        return Item(name, 0, points, "read by a person", "compare it with the model answer in "
                    f"solutions/{run.notebook.metadata['course']['lesson']}")
    if ran is None or ran.id not in run.seconds:
        return Item(name, 0, points, "not reached", run.error or "the run ended before this check")
    error = next((o for o in ran.outputs if o.output_type == "error"), None)
    if error is None:
        return Item(name, points, points, "solved")
    state = "not solved yet" if error.ename == "NotSolvedYet" else "not yet"
    message = " ".join(error.evalue.split())[:500]
    if "does not exist yet" in message:  # because the answer cell itself stopped: say why
        answer = next((c for c in run.notebook.cells if c.id == course["exercise"]), None)
        stopped = next((o for o in answer.outputs if o.output_type == "error"), None) if answer else None
        if stopped is not None and stopped.ename != "NotImplementedError":
            message = (f"your answer cell stopped with {stopped.ename}: "
                       f"{' '.join(stopped.evalue.split())[:300]}")
    return Item(name, 0, points, state, message)
