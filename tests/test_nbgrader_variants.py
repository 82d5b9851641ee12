"""Every right and wrong answer under plain nbgrader: the verdicts of the kernel-free harness."""

import nbformat
import pytest

from grader import variants
from grader.source import lessons, read_lesson, source_path
from tests.cohort import filled, lesson_text, nbgrader_course
from tests.madeup import put


def _note(cell) -> dict:
    return cell.metadata.get("course", {})


def packed(solution, outcomes):
    """Notebooks that hold one answer of each exercise: [({exercise: outcome}, notebook)]."""
    tried = {}
    for outcome in outcomes:
        tried.setdefault(outcome.variant.exercise, []).append(outcome)
    notebooks = []
    for number in range(max(map(len, tried.values()), default=0)):
        chosen = {e: mine[number] for e, mine in tried.items() if number < len(mine)}
        notebook = filled(solution, {e: o.variant.source for e, o in chosen.items()})
        notebooks.append((chosen, mended(notebook, solution)))
    return notebooks


def mended(notebook, solution):
    """Put the reference answer after an exercise's last check: later exercises build on it."""
    right = {_note(c)["exercise"]: c.source for c in solution.cells
             if _note(c).get("kind") == "exercise"}
    last = {_note(c)["exercise"]: c.id for c in solution.cells if _note(c).get("kind") == "check"}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        name = _note(cell).get("exercise")
        if name in right and last.get(name) == cell.id:
            cells.append(nbformat.v4.new_code_cell(right[name], id=f"mended-{name}"))
    notebook.cells = cells
    return notebook


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lessons())
def test_every_answer_gets_the_same_verdict_under_plain_nbgrader(lesson, tmp_path, monkeypatch):
    text = lesson_text(lesson, tmp_path)
    course = nbgrader_course(tmp_path, {lesson: text}, monkeypatch)
    course.do(course.api.generate_assignment(lesson))
    solution = read_lesson(source_path(lesson))
    notebooks = packed(solution, variants.try_lesson(lesson))
    differ = []
    for number, (chosen, notebook) in enumerate(notebooks):
        student = f"pack{number:02d}"
        put(tmp_path / "submitted" / student / lesson / f"{lesson}.ipynb",
            nbformat.writes(notebook))
        course.do(course.api.autograde(lesson, student))
        graded = nbformat.read(tmp_path / "autograded" / student / lesson / f"{lesson}.ipynb", 4)
        failed = {_note(c)["exercise"] for c in graded.cells if _note(c).get("kind") == "check"
                  and any(o.output_type == "error" for o in c.outputs)}
        differ += [f"{student}: {exercise}: {outcome.variant.name}: {outcome.message}"
                   for exercise, outcome in chosen.items()
                   if (exercise not in failed) != outcome.passed]
    assert differ == []
