"""What `nbgrader collect` left: submitted/LEARNER/ASSIGNMENT/, with ASSIGNMENT.ipynb in it or not."""

import os
from pathlib import Path

from course.paths import CourseError
from grader.others import NO_WORK, NO_WORK_FOLDERS
from grader.receive import Handed, handed_file
from grader.whose import learner_of
from grader.words import cause, counted, first


def folders(directory, assignment: str, students=None) -> dict[str, Path]:
    """{student: their folder below submitted/}. directory: nbgrader's CourseDirectory."""
    top = Path(directory.root) / directory.submitted_directory
    if not top.is_dir():
        raise CourseError(f"there is no folder {top}: run nbgrader collect first")
    found = {folder.name: folder / assignment for folder in sorted(top.iterdir())
             if (not students or folder.name in students)
             and os.path.lexists(folder / assignment)}
    missing = set(students or ()) - set(found)
    if missing or not found:
        who = f" by {', '.join(sorted(missing))}" if missing else ""
        raise CourseError(f"{top} holds no submission of {assignment}{who}: run nbgrader collect "
                          "first, or check the name")
    return found


def handed_in(folder: Path, student: str) -> tuple[Handed, str]:
    """(the notebook to grade, a sentence for the instructor or ""). The only notebook counts under
    any name; with none, or several under other names, the Handed says why there is nothing to grade.
    """
    wanted = f"{folder.name}.ipynb"

    def nothing(why: str) -> tuple[Handed, str]:
        return Handed(learner_of(student), wanted, refused=why), ""

    try:
        names, books = _listed(folder)
    except CourseError as error:
        return nothing(str(error))
    if wanted in books:
        others = [name for name in books if name != wanted]
        return handed_file(folder / wanted, student), others and (
            f"{first(others)} beside {wanted} {'was' if len(others) == 1 else 'were'} not graded") or ""
    if len(books) == 1:
        return handed_file(folder / books[0], student), \
            f"there is no {wanted}, so {books[0]} was taken for it"
    if books:
        return nothing(f"there is no {wanted} but {counted(len(books), 'notebook')} with other names "
                       f"({first(books)}): hand in one, under that name")
    return nothing(f"no {wanted} was handed in" + (f", only {first(names)}" if names else ""))


def names_of_pages(folder: Path) -> list[str]:
    """What a learner's page must be called, without ending: nbgrader hands feedback out by the
    names of the notebooks that were handed in."""
    try:
        _, books = _listed(folder)
    except CourseError:
        books = []
    wanted = f"{folder.name}.ipynb"
    return [folder.name, *(name[:-len(".ipynb")] for name in books if wanted not in books)]


def _listed(folder: Path) -> tuple[list[str], list[str]]:
    """(names of what can be work, those of notebooks), sorted; CourseError in a sentence."""
    if folder.is_symlink() or folder.parent.is_symlink():
        # would hand in a neighbour's work, and tell the names of a neighbour's files
        raise CourseError(f"the folder of {folder.name}.ipynb is a link, and links are not followed")
    try:
        found = os.listdir(folder)
    except OSError as error:
        raise CourseError(f"the folder of {folder.name}.ipynb cannot be read "
                          f"({cause(error)})") from None
    names = sorted(name for name in found if not name.startswith(".")
                   and name.lower() not in NO_WORK | NO_WORK_FOLDERS)
    return names, [name for name in names if name.lower().endswith(".ipynb")]


def of_another_lesson(name: str, said: set[bytes], assignment: str) -> str:
    """Why a notebook under another name is not this assignment's; "" when it may be.
    said: the lessons that it names itself."""
    if not said or assignment.encode() in said:
        return ""
    return (f"no {assignment}.ipynb was handed in, only {name}, "
            f"which is of {first([one.decode() for one in sorted(said)])}")
