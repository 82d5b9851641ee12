"""Plain nbgrader: every right and wrong answer gets the verdict of the kernel-free harness."""

import subprocess
import sys

import nbformat
import pytest

from grader import variants
from grader.release import release, text_of
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


@pytest.mark.slow
def test_the_commands_of_the_instructor_guide_work(tmp_path, monkeypatch):
    """generate, validate, autograde, feedback and export as typed into a terminal."""
    lesson = lessons()[0]
    course = nbgrader_course(tmp_path, {lesson: lesson_text(lesson, tmp_path)}, monkeypatch)

    def nbgrader(*words):
        done = subprocess.run([sys.executable, "-m", "nbgrader", *words], cwd=course.root,
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    code, said = nbgrader("generate_assignment", lesson)
    assert code == 0, said
    untouched = tmp_path / "notebooks" / lesson / f"{lesson}.ipynb"
    assert untouched.read_text(encoding="utf-8") == text_of(
        release(read_lesson(source_path(lesson)), lesson))
    code, said = nbgrader("validate", str(untouched))
    assert "cell failed" in said and "write your answer in the cell above" in said
    code, said = nbgrader("validate", str(tmp_path / "solutions" / lesson / f"{lesson}.ipynb"))
    assert code == 0 and "Success! Your notebook passes all the tests." in said
    put(tmp_path / "submitted" / "ada" / lesson / f"{lesson}.ipynb",
        lesson_text(lesson, tmp_path))
    for command in (("autograde", lesson, "--create"), ("generate_feedback", lesson), ("export",)):
        code, said = nbgrader(*command)
        assert code == 0, said
    assert (tmp_path / "feedback" / "ada" / lesson / f"{lesson}.html").is_file()
    rows = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 and rows[1].split(",")[-2:] == ["2.0", "2.0"]
