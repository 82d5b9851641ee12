"""The notebook as it was given out, as far as this machine can tell.

What lies in notebooks/ may be the file that the learner works in, and a class's own version may be
on no disk but the learner's. But each of the course's cells carries the checksum that nbgrader
gave it: a cell that still has it is as it was given out, whoever gave it.
"""

import copy
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course.paths import NOTEBOOKS, SOLUTIONS, CourseError
from grader import intake
from grader.intake import Finding, grade_id
from grader.release import release
from grader.source import read_lesson
from grader.words import cause


@dataclass
class Given:
    """notebook: what to compare with. reference: its stored values. whose: words for the learner.
    lost: the course's cells that nothing here has as they were given out."""

    notebook: nbformat.NotebookNode
    reference: Path
    whose: str = ""
    lost: tuple[str, ...] = ()

    def findings(self, mine) -> list[Finding]:
        """What to tell about a notebook. A lost cell is never mended: the text to mend it with
        would be another class's."""
        found = [f for f in intake.inspect(mine, self.notebook) if f.cell not in self.lost]
        there = {grade_id(cell) for cell in mine.cells}
        return found + [
            Finding("edited" if name in there else "missing", name, f"the course's cell `{name}` "
                    + ("is not as you got it" if name in there else "was deleted")
                    + ": copy it again from the notebook that was given to you")
            for name in self.lost]


def released_notebook(lesson: str):
    """The notebook in notebooks/; CourseError when it is not on this machine."""
    path = NOTEBOOKS / lesson / f"{lesson}.ipynb"
    try:
        return nbformat.read(path, 4)
    except (OSError, ValueError) as error:
        raise CourseError(f"the course's own {path} cannot be read ({cause(error)}): get it again from "
                          "the course") from None


def find(mine, path: Path, lesson: str) -> Given:
    """What to compare the notebook `mine`, read from `path`, with."""
    cohort = cohort_of(mine)
    whose = f", the version of {cohort}" if cohort else ""
    folders = _class_folders(path, cohort) if cohort else []
    for folder in (*folders, NOTEBOOKS):
        there = _whole(folder / lesson / f"{lesson}.ipynb", cohort)
        if there is not None:
            return Given(there, folder / lesson / "reference", whose)
    source = SOLUTIONS / lesson / f"{lesson}.py"
    if not cohort and source.is_file():
        return Given(release(read_lesson(source), lesson), NOTEBOOKS / lesson / "reference")
    beside = path.resolve().parent / "reference"
    notebook, lost = _by_its_marks(mine, released_notebook(lesson), cohort)
    return Given(notebook, beside if beside.is_dir() else NOTEBOOKS / lesson / "reference",
                 f"{whose}, compared with the marks in its own cells", lost)


def cohort_of(notebook) -> str:
    """The class whose version a notebook is, "" for the public course."""
    course = notebook.metadata.get("course")
    name = course.get("cohort", "") if isinstance(course, dict) else ""
    return name if isinstance(name, str) else ""


def _class_folders(path: Path, cohort: str) -> list[Path]:
    """notebooks/ of that class's folder, where we or the file are in it."""
    found = []
    for folder in (*path.resolve().parents, Path.cwd(), *Path.cwd().parents):
        try:
            note = json.loads((folder / "cohort.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(note, dict) and note.get("name") == cohort:
            found.append(folder / "notebooks")
    return found


def _whole(path: Path, cohort: str):
    """A notebook of that class in which nobody has worked, or None."""
    try:
        notebook, _ = intake.read(path)
    except CourseError:
        return None
    untouched = all(intake.as_given(cell) for cell in notebook.cells if grade_id(cell))
    return notebook if untouched and cohort_of(notebook) == cohort else None


def _by_its_marks(mine, base, cohort: str):
    """(a notebook with the cells of `base`, each as it was given out; names of those of which
    no untouched copy is left). base: another class's, or one in which somebody works."""
    model = nbformat.v4.new_notebook(metadata=copy.deepcopy(base.metadata))
    model.metadata["course"] = copy.deepcopy(mine.metadata.get("course", {}))
    lost = []
    for cell in copy.deepcopy(base.cells):
        name = grade_id(cell)
        copies = [c for c in mine.cells if name and grade_id(c) == name]
        if (given := next(filter(intake.as_given, copies), None)) is not None:
            cell.source, cell.metadata = given.source, copy.deepcopy(given.metadata)
        elif name and not (intake.as_given(cell) and cohort_of(base) == cohort):
            if intake.is_answer(cell):
                cell.source = ""  # how it looked before is not known, and does not matter
            else:
                lost.append(name)
                if not copies:
                    continue
                cell.source = copies[0].source
        model.cells.append(cell)
    return model, tuple(lost)
