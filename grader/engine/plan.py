"""What all submissions of a lesson share: the released notebook, the trusted cells, the judge."""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course.paths import NOTEBOOKS, SOLUTIONS, CourseError
from grader.judge.interface import interface_of
from grader.judge.judge import Judge
from grader.kernel import is_demo
from grader.source import read_lesson, source_path


@dataclass
class Plan:
    """released: what learners got. trusted: {cell id: source} of check and locked cells, hidden
    tests included. checks: [(id, exercise, part, points)] in order. essays: [(id, exercise,
    points)]. key: hash of everything that decides a score."""

    lesson: str
    released: nbformat.NotebookNode
    trusted: dict[str, str]
    checks: list[tuple[str, str, str, float]]
    essays: list[tuple[str, str, float]]
    interface: dict
    reference: Path
    key: str
    judge: Judge | None = None

    def warm(self) -> None:
        """Make the judge and run the locked cells in it, once for all submissions."""
        self.judge = Judge(self.interface)
        for cell in self.released.cells:
            if cell.cell_type == "code" and _kind(cell) == "locked":
                with self.beside():
                    problem = self.judge.helper(self.trusted[cell.id], cell.id)
                if problem:
                    raise CourseError(f"{self.lesson}: the locked cell {cell.id} does not run by "
                                      f"itself: {problem}")

    def beside(self):
        """While trusted cells run: the working folder from which reference/ is found."""
        there = self.reference.is_dir()
        return contextlib.chdir(self.reference.parent) if there else contextlib.nullcontext()


def plan(lesson: str) -> Plan:
    """Read a lesson's source into a plan; CourseError when there is none."""
    solution = read_lesson(source_path(lesson))
    return plan_of(lesson, solution, SOLUTIONS / lesson / "reference")


def plan_of(lesson: str, solution, reference: Path) -> Plan:
    """The plan of any solution notebook."""
    from grader.release import release  # loads nbgrader (0.9 s), which a packed plan never needs
    cells = [c for c in solution.cells if not is_demo(c)]
    trusted = {c.id: c.source for c in cells if c.cell_type == "code" and _kind(c) in ("check", "locked")}
    checks = [(c.id, c.metadata.course.exercise, c.metadata.course.get("part", ""),
               float(c.metadata.nbgrader.points)) for c in cells if _kind(c) == "check"]
    essays = [(c.id, c.metadata.course.exercise, float(c.metadata.nbgrader.points))
              for c in cells if _kind(c) == "essay"]
    interface = interface_of(solution)
    stored = {p.name: hashlib.sha256(p.read_bytes()).hexdigest()
              for p in sorted(reference.glob("*"))} if reference.is_dir() else {}
    decides = [lesson, trusted, checks, interface, stored,
               [c.source for c in solution.cells if c.cell_type == "code"]]
    key = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:24]
    return Plan(lesson, release(solution, lesson), trusted, checks, essays, interface, reference, key)


def released_path(lesson: str) -> Path:
    """Where the released notebook of a lesson stands."""
    return NOTEBOOKS / lesson / f"{lesson}.ipynb"


def _kind(cell) -> str | None:
    return cell.metadata.get("course", {}).get("kind")
