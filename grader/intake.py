"""What can be wrong with a handed-in notebook, in words, and a healed copy of it.

`read` opens any notebook file; `inspect` compares it with the released notebook; `heal` gives
a copy with the course's own check cells in the course's order around the learner's answers.
"""

import ast
import copy
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course.paths import CourseError
from grader.source import visible

LARGEST = 50_000_000  # bytes of a notebook file
LARGEST_RAW = 200_000_000  # bytes of one whose outputs are left out before it is read
LONG = 200_000  # characters of an answer; longer ones are not read for advice
STUB = "raise NotImplementedError()"


@dataclass
class Finding:
    """One thing to know. kind is a word for programs; healed says that `heal` mends it."""

    kind: str
    cell: str
    sentence: str
    healed: bool = False
    blocks: bool = True  # a note when False: nothing has to be done about it


def read(path: Path):
    """(notebook of format 4, findings about the file); CourseError in one sentence otherwise."""
    return parse(text_of(path), path)


def parse(text: str, name):
    """The same for the text of a notebook file; name: what the sentences call it."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        raise CourseError(f"{name} is not a notebook: a notebook file starts with {{")
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{name} is not a whole notebook: its JSON breaks off or is damaged "
                          f"({str(error)[:80]}). Save it again in JupyterLab, or take the copy "
                          "in .ipynb_checkpoints beside it") from None
    if not isinstance(data.get("nbformat"), int) or not isinstance(
            data.get("cells", data.get("worksheets")), list):
        raise CourseError(f"{name} is not a notebook: open it in JupyterLab and save it, then "
                          "try again")
    try:
        notebook = nbformat.reads(json.dumps(data), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises many kinds for odd files
        raise CourseError(f"{name} is not a notebook that Jupyter accepts: "
                          f"{str(error).splitlines()[0][:120]}") from None
    found = []
    if data["nbformat"] < 4:
        found.append(Finding("format", "", f"the file has the old notebook format "
                             f"{data['nbformat']}; JupyterLab saves format 4", True))
    return notebook, found


def text_of(path: Path, name=None, largest: int = LARGEST) -> str:
    """The text of a file; CourseError in one sentence when it cannot be had."""
    name = name or path
    if path.is_dir():
        raise CourseError(f"{name} is a folder: name the notebook file in it")
    try:
        if path.stat().st_size > largest:
            raise CourseError(f"{name} has {path.stat().st_size // 10**6} MB: clear its outputs "
                              "(Edit, Clear Outputs of All Cells), save, and try again")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"there is no file {name}: check the name and the folder") from None
    except UnicodeDecodeError:
        raise CourseError(f"{name} is not a notebook: it is not a UTF-8 text file") from None
    except OSError as error:
        raise CourseError(f"{name} cannot be read: {error.strerror}") from None


def grade_id(cell) -> str:
    """nbgrader's name of a cell, "" for none."""
    nbgrader = cell.metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else ""


def is_answer(cell) -> bool:
    """A cell that the learner writes (code or essay)."""
    return bool(grade_id(cell)) and bool(cell.metadata["nbgrader"].get("solution"))


def as_given(cell) -> bool:
    """Whether one of the course's cells still has the checksum it was given out with. It is
    nbgrader's (utils.compute_checksum), without its imports; a learner could make one: it decides
    what is said, never what counts."""
    marks = cell.metadata["nbgrader"]
    answer, graded = bool(marks.get("solution")), bool(marks.get("grade"))
    locked = not answer and (graded or bool(marks.get("locked")))
    try:
        points = str(float(marks["points"])) if graded else ""
    except (KeyError, TypeError, ValueError):
        return False
    parts = (cell.source, cell.cell_type, graded, answer, locked, marks["grade_id"], points)
    return marks.get("checksum") == hashlib.md5(
        "".join(map(str, parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def lesson_of(notebook, path: Path, known: list[str]) -> str:
    """The lesson a notebook belongs to: its metadata, else its file name; CourseError else."""
    course = notebook.metadata.get("course")
    named = course.get("lesson") if isinstance(course, dict) else None
    for name in (named, path.stem, path.resolve().parent.name):
        if name in known:
            return name
    for name in known:
        if path.stem.startswith(name):
            return name
    raise CourseError(f"{path} does not say which lesson it is: add --lesson, one of "
                      + ", ".join(known))


def inspect(notebook, released) -> list[Finding]:
    """Everything worth telling about a notebook, compared with the released one."""
    ours = {grade_id(c): c for c in released.cells if grade_id(c)}
    theirs = defaultdict(list)
    for cell in notebook.cells:
        if grade_id(cell):
            theirs[grade_id(cell)].append(cell)
    found = [*_kernel(notebook)]
    for name, cell in ours.items():
        found += _one(name, cell, theirs.get(name, []))
    for name, cells in theirs.items():
        if name not in ours:
            found.append(Finding("added", name, f"cell {name} is marked as one of the course's, "
                                 "but this lesson has none of that name (copied from another "
                                 "notebook?); it will count for nothing", True))
    found += _order(notebook, list(ours))
    return found


def _one(name: str, cell, copies: list) -> list[Finding]:
    what = "your answer" if is_answer(cell) else "the check" if cell.metadata["nbgrader"]["grade"] \
        else "the course's cell"
    if not copies:
        return [Finding("missing", name, f"{what} `{name}` was deleted", True)]
    found = []
    if len(copies) > 1:
        found.append(Finding("duplicate", name, f"{what} `{name}` stands {len(copies)} times "
                             "(a copied and pasted cell keeps its name); graders refuse that", True))
    mine = chosen(copies, cell)
    if not is_answer(cell) and as_given(mine):
        if visible(mine.source).rstrip() != cell.source.rstrip() or _marks(mine) != _marks(cell):
            found.append(Finding("version", name, f"{what} `{name}` was changed by the course or your "
                                 "teacher after this notebook was given out; the new one counts",
                                 True, blocks=False))
        return found
    if mine.cell_type != cell.cell_type:
        found.append(Finding("type", name, f"{what} `{name}` became a {mine.cell_type} cell", True))
    elif _marks(mine) != _marks(cell):
        found.append(Finding("marks", name, f"the grading marks of `{name}` were changed", True))
    if not is_answer(cell):
        if visible(mine.source).rstrip() != cell.source.rstrip():
            found.append(Finding("edited", name, f"{what} `{name}` was changed; the course's own "
                                 "text counts", True))
    elif mine.source.strip() == cell.source.strip() or STUB in mine.source:
        kind = "is not written yet" if mine.source.strip() == cell.source.strip() else \
            f"still contains `{STUB}`"
        found.append(Finding("stub", name, f"{what} `{name}` {kind}"))
    elif cell.cell_type == "code":
        found += _code(name, mine.source)
    return found


def _code(name: str, source: str) -> list[Finding]:
    from IPython.core.inputtransformer2 import TransformerManager
    if len(source) > LONG:
        return [Finding("syntax", name, f"your answer `{name}` has {len(source):,} characters: "
                        "load data from a file instead of writing it into the cell")]
    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        return [Finding("syntax", name, f"your answer `{name}` is not valid Python"
                        + (f" (line {line}: {error.msg})" if line else ""))]
    calls = {n.func.id for n in ast.walk(tree)
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    if "input" in calls:
        return [Finding("input", name, f"your answer `{name}` calls input(): nobody is there to "
                        "type when it is graded")]
    return []


def _marks(cell) -> dict:
    nbgrader = cell.metadata["nbgrader"]
    return {key: nbgrader.get(key) for key in ("grade", "solution", "locked", "points",
                                               "schema_version", "task")}


def _kernel(notebook) -> list[Finding]:
    spec = notebook.metadata.get("kernelspec") or {}
    if spec and (spec.get("name") != "python3" or spec.get("language", "python") != "python"):
        return [Finding("kernel", "", f"the notebook asks for the kernel {spec.get('name')!r}; the "
                        "course runs in python3 (menu Kernel, Change Kernel…)", True)]
    return []


def _order(notebook, order: list[str]) -> list[Finding]:
    seen = [n for n in dict.fromkeys(grade_id(c) for c in notebook.cells) if n in order]
    want = [n for n in order if n in seen]
    moved = next((a for a, b in zip(seen, want) if a != b), None)
    if moved is None:
        return []
    return [Finding("order", moved, f"cells were moved: `{moved}` does not stand where the course "
                    "has it, and cells run from top to bottom", True)]


def chosen(copies: list, reference):
    """Of several cells with one name, the one that counts: the last that has work in it, since
    that is the one whose definitions a run from top to bottom leaves behind."""
    if is_answer(reference):
        for cell in reversed(copies):
            if _has_work(cell, reference):
                return cell
    return copies[0]


def _has_work(cell, reference) -> bool:
    return bool(cell.source.strip()) and cell.source.strip() != reference.source.strip()


def heal(notebook, reference):
    """A copy with `reference`'s locked cells in its order around the notebook's own work.

    reference: the released notebook, or the solution (then with hidden tests). Answers keep
    every byte. Extra cells stay behind the course's cell that they followed. Further copies of
    an answer stay as text, so that no work is lost and none of it runs twice.
    """
    ours = {grade_id(c): c for c in reference.cells if grade_id(c)}
    copies = defaultdict(list)
    for cell in notebook.cells:
        copies[grade_id(cell)].append(cell)
    counts = {name: chosen(copies[name], cell) for name, cell in ours.items() if copies[name]}
    followers, last = defaultdict(list), None
    for cell in notebook.cells:
        name = grade_id(cell)
        if name not in ours:
            followers[last].append(_plain(cell))
        elif cell is counts[name]:
            last = name
        elif is_answer(ours[name]) and _has_work(cell, ours[name]):
            followers[last].append(_as_text(cell, name))
    cells = list(followers[None])
    for name, model in ours.items():
        cell = copy.deepcopy(model)
        if is_answer(model):
            cell.source = counts[name].source if name in counts else stub_of(model)
        cells += [cell, *followers[name]]
    healed = nbformat.v4.new_notebook(metadata=copy.deepcopy(reference.metadata))
    healed.cells = _with_ids(cells)
    return healed


def _as_text(cell, name: str):
    return nbformat.v4.new_markdown_cell(
        f"*A further copy of your answer `{name}`, kept as text:*\n\n```\n{cell.source}\n```")


def _plain(cell):
    plain = copy.deepcopy(cell)
    course = {} if grade_id(cell) else cell.metadata.get("course", {})
    plain.metadata = nbformat.from_dict({"course": course} if course else {})
    return plain


def stub_of(cell) -> str:
    """What an unwritten answer looks like, made from the reference cell."""
    return "raise NotImplementedError()" if cell.cell_type == "code" else ""


def _with_ids(cells: list) -> list:
    ids: set[str] = set()
    for index, cell in enumerate(cells):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if not cell.get("id") or cell.id in ids:
            cell.id = f"kept-{index}"
        ids.add(cell.id)
    return cells
