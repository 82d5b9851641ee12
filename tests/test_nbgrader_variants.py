"""Plain nbgrader: every right and wrong answer gets the verdict of the kernel-free harness."""

import subprocess
import sys

import nbformat
import pytest

from grader import variants
from grader.kernel import is_demo
from grader.release import release, text_of
from grader.source import lessons, read_lesson, source_path
from tests.cohort import lesson_text, nbgrader_course
from tests.madeup import put

KEEP = """
from grader import checkcell as _checkcell
_kept = dict(globals())
_verdicts = {name: dict(parts) for name, parts in _checkcell._verdicts.items()}
"""
FORGET = """
for _name in set(globals()) - set(_kept):
    del globals()[_name]
globals().update({name: value for name, value in _kept.items() if name != "_kept"})
_checkcell.forget()
_checkcell._verdicts.update({name: dict(parts) for name, parts in _verdicts.items()})
"""


def _note(cell) -> dict:
    return cell.metadata.get("course", {})


class Pack:
    """A lesson in which each exercise stands once for each of its answers, so that one kernel tries
    them all. solution: the notebook for nbgrader. answers: {cell id: source to hand in}. checks:
    [(outcome, ids of its check cells)]. What an answer leaves behind is forgotten after its checks."""

    def __init__(self, solution, outcomes):
        self.answers, self.checks, self.cells = {}, [], []
        cells = [c for c in solution.cells if c.cell_type == "code" and not is_demo(c)]
        for index, cell in enumerate(cells):
            if _note(cell).get("kind") == "exercise":
                name = _note(cell)["exercise"]
                block = [c for c, _ in variants._block(cells, index, name)]
                self._plain(KEEP)
                for number, outcome in enumerate(o for o in outcomes if o.variant.exercise == name):
                    self._try(f"-{number:02d}", cell, block, outcome)
                    self._plain(FORGET)
            self.cells.append(cell)
        self.solution = nbformat.from_dict({**solution, "cells": self.cells})

    def _plain(self, source: str) -> None:
        self.cells.append(nbformat.v4.new_code_cell(source.strip(), id=f"plain-{len(self.cells)}"))

    def _try(self, mark: str, answer, block, outcome) -> None:
        copies = [self._copy(cell, mark) for cell in (answer, *block)]
        self.answers[copies[0].id] = outcome.variant.source
        self.checks.append((outcome, [c.id for c in copies if _note(c).get("kind") == "check"]))

    def _copy(self, cell, mark: str):
        copy = nbformat.from_dict({**cell, "id": cell.id[:60] + mark})
        if "nbgrader" in copy.metadata:
            copy.metadata.nbgrader.grade_id += mark
        self.cells.append(copy)
        return copy


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lessons())
def test_every_answer_gets_the_same_verdict_under_plain_nbgrader(lesson, tmp_path, monkeypatch):
    lesson_text(lesson, tmp_path)  # puts what it stored beside the notebook
    pack = Pack(read_lesson(source_path(lesson)), variants.try_lesson(lesson))
    course = nbgrader_course(tmp_path, {lesson: nbformat.writes(pack.solution)}, monkeypatch)
    course.do(course.api.generate_assignment(lesson))
    handed = nbformat.read(tmp_path / "notebooks" / lesson / f"{lesson}.ipynb", 4)
    for cell in handed.cells:
        cell.source = pack.answers.get(cell.id, cell.source)
        if _note(cell).get("kind") == "exercise" and cell.id not in pack.answers:
            cell.source = next(c.source for c in pack.cells if c.id == cell.id)
    put(tmp_path / "submitted" / "ada" / lesson / f"{lesson}.ipynb", nbformat.writes(handed))
    course.do(course.api.autograde(lesson, "ada"))
    graded = nbformat.read(tmp_path / "autograded" / "ada" / lesson / f"{lesson}.ipynb", 4)
    full = {c.id: all(o.output_type != "error" for o in c.outputs) for c in graded.cells
            if _note(c).get("kind") == "check"}  # all that a check without points has
    with course.api.gradebook as book:
        for name in full:
            grade = book.find_grade(name, lesson, lesson, "ada")
            full[name] &= grade.score == grade.max_score
    differ = [f"{o.variant.exercise}: {o.variant.name}: {o.message}" for o, names in pack.checks
              if all(full[name] for name in names) != o.passed]
    assert len(pack.checks) >= 7 and differ == []


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
