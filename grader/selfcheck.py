"""Grade one's own work: a copy of the notebook, the course's check cells, hidden tests included.

Nothing is protected here (a learner alone only fools themselves); other people's work is
graded under nbgrader. The learner's file is only read.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from course.paths import SOLUTIONS, CourseError
from grader.kernel import is_demo, run_notebook
from grader.source import read_lesson, source_path, visible

CELL_SECONDS = 60
LARGEST = 50_000_000  # bytes of a notebook file


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


def read_notebook(path: Path):
    """A notebook file of format 4; CourseError in one sentence for anything else."""
    if path.is_dir():
        raise CourseError(f"{path} is a folder: name the notebook file in it")
    try:
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} has {path.stat().st_size // 10**6} MB: clear its outputs "
                              "(Edit, Clear Outputs of All Cells), save, and try again")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"there is no file {path}: check the name and the folder") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not a notebook: it is not a text file") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    if not text.lstrip().startswith("{"):
        raise CourseError(f"{path} is not a notebook: a notebook file starts with {{")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path} is not a whole notebook: its JSON breaks off or is damaged "
                          f"({str(error)[:80]}). Save it again in JupyterLab, or take the copy "
                          "in .ipynb_checkpoints beside it") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise CourseError(f"{path} is not a notebook of format 4: open it in JupyterLab and "
                          "save it, then try again")
    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:  # nbformat raises many kinds for odd files
        raise CourseError(f"{path} is not a notebook that Jupyter accepts: "
                          f"{str(error).splitlines()[0][:120]}") from None


def merge(learner, solution) -> tuple:
    """(notebook to run, notes): the learner's cells around the course's own check cells."""
    trusted = {c.id: c for c in solution.cells if _kind(c) in ("check", "locked")}
    cells, notes, seen = [], [], set()
    for cell in learner.cells:
        if cell.cell_type != "code" or is_demo(cell):
            continue
        name = _grade_id(cell)
        if name in trusted:
            if name in seen:
                notes.append(f"cell {name} stands twice: only the first counts")
                continue
            if cell.source not in (trusted[name].source, visible(trusted[name].source).rstrip("\n")):
                notes.append(f"cell {name} was changed: the course's own cell is used")
            cell = trusted[name]
        if name:
            seen.add(name)
        cells.append(cell)
    cells = _put_back(cells, trusted, seen, solution, notes)
    ids: set[str] = set()
    for index, cell in enumerate(cells):
        cell = cells[index] = nbformat.from_dict({**cell, "outputs": [], "execution_count": None})
        if cell.get("id") in ids or not cell.get("id"):
            cell["id"] = f"extra-{index}"
        ids.add(cell["id"])
    return nbformat.v4.new_notebook(cells=cells, metadata=solution.metadata), notes


def _put_back(cells, trusted, seen, solution, notes):
    """Missing check cells stand again after the cell that precedes them in the course."""
    order = [c.id for c in solution.cells]
    for name in [c.id for c in solution.cells if c.id in trusted and c.id not in seen]:
        before = set(order[:order.index(name)])
        at = max((i for i, c in enumerate(cells) if _grade_id(c) in before), default=-1) + 1
        cells = cells[:at] + [trusted[name]] + cells[at:]
        notes.append(f"cell {name} was missing: put back in the copy")
    return cells


def _kind(cell) -> str | None:
    return cell.metadata.get("course", {}).get("kind")


def _grade_id(cell) -> str:
    nbgrader = cell.metadata.get("nbgrader")
    return nbgrader.get("grade_id", "") if isinstance(nbgrader, dict) else ""


def grade(lesson: str, path: Path) -> Report:
    """Run a copy of the notebook at `path` against the lesson's checks."""
    solution = read_lesson(source_path(lesson))
    notebook, notes = merge(read_notebook(path), solution)
    with tempfile.TemporaryDirectory(prefix="course-grade-") as scratch:
        folder = Path(scratch) / lesson
        folder.mkdir()
        reference = SOLUTIONS / lesson / "reference"
        if reference.is_dir():
            shutil.copytree(reference, folder / "reference")
        run = run_notebook(notebook, folder, demos=False, allow_errors=True,
                           timeout=CELL_SECONDS, NBGRADER_EXECUTION="selfcheck")
    if run.error:
        notes.append(f"{run.error}, in cell {run.failed_cell}: what stands below it was not run")
    ran = {c.id: c for c in run.notebook.cells}
    items = [_item(c, ran.get(c.id), run) for c in solution.cells if _kind(c) in ("check", "essay")]
    return Report(lesson, items, run.total, notes)


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
    return Item(name, 0, points, state, " ".join(error.evalue.split())[:500])
