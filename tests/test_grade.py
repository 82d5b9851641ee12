"""`python -m course.grade`: scores, damaged files, wrong names."""

import json

import nbformat
import pytest

from course import grade
from course.paths import NOTEBOOKS
from grader import progress, selfcheck
from grader.source import read_lesson, source_path

LESSON = "00_start"
GOOD = ("from collections import Counter\n\ndef majority_baseline(labels):\n"
        "    return max(Counter(labels).values(), default=0) / (len(labels) or 1)\n")


def notebook(answer=None):
    nb = nbformat.read(NOTEBOOKS / LESSON / f"{LESSON}.ipynb", 4)
    if answer is not None:
        _answer(nb).source = answer
    return nb


def _answer(nb):
    return next(c for c in nb.cells
                if c.metadata.get("nbgrader", {}).get("grade_id") == "majority-baseline")


def graded(tmp_path, nb):
    path = tmp_path / "mine.ipynb"
    nbformat.write(nb, path)
    before = path.read_bytes()
    report = selfcheck.grade(LESSON, path)
    assert path.read_bytes() == before, "the learner's file is only read"
    return report


@pytest.mark.parametrize("answer, points, state", [
    (GOOD, 2, "solved"),
    (None, 0, "not solved yet"),
    (GOOD.replace("max(", "2 * max("), 0, "not yet"),
    ("import warnings; warnings.warn('x')\n" + GOOD, 2, "solved"),
    ("import time\nwhile True: time.sleep(1)\n", 0, "not solved yet"),
    ("import os\nos._exit(3)\n", 0, "not reached"),
    ("def broken(:\n", 0, "not solved yet"),
])
def test_scores(tmp_path, monkeypatch, answer, points, state):
    monkeypatch.setattr(selfcheck, "CELL_SECONDS", 3)
    report = graded(tmp_path, notebook(answer))
    assert (report.points, report.out_of) == (points, 2)
    assert report.items[0].state == state
    assert state == "solved" or report.items[0].message


def test_an_answer_cell_that_stops_is_named(tmp_path):
    report = graded(tmp_path, notebook("import pandas_is_not_here\n" + GOOD))
    assert "answer cell stopped with ModuleNotFoundError" in report.items[0].message


def test_hidden_tests_count(tmp_path):
    only_visible = ("def majority_baseline(labels):\n"
                    "    share = sum(x == labels[0] for x in labels) / len(labels)\n"
                    "    return max(share, 1 - share)\n")
    report = graded(tmp_path, notebook(only_visible))
    assert report.points == 0 and "three different labels" in report.items[0].message


def test_the_reference_solution_gets_everything(tmp_path):
    report = graded(tmp_path, read_lesson(source_path(LESSON)))
    assert report.points == report.out_of and not report.notes


def test_changed_missing_and_doubled_cells_are_named_and_mended(tmp_path):
    nb = notebook(GOOD)
    check = next(c for c in nb.cells if c.id.startswith("check-"))
    check.source = "pass"
    nb.cells.append(nbformat.from_dict({**check, "id": "copy"}))
    setup = next(c for c in nb.cells if c.id == "setup")
    nb.cells.remove(setup)
    report = graded(tmp_path, nb)
    assert report.points == 2
    text = "\n".join(report.notes)
    assert "stands 2 times" in text and "was changed" in text and "`setup` was deleted" in text


def test_extra_cells_and_reordered_answers_run_as_the_learner_left_them(tmp_path):
    nb = notebook("def majority_baseline(labels):\n    return helper(labels)\n")
    helper = nbformat.v4.new_code_cell(GOOD.replace("majority_baseline", "helper"))
    nb.cells.insert(nb.cells.index(_answer(nb)), helper)
    assert graded(tmp_path, nb).points == 2


@pytest.mark.parametrize("content, says", [
    (b"", "not a notebook"), (b"print('x')\n", "not a notebook"),
    (b'{"cells": [{"cell_type"', "breaks off"), (b"\xff\xfe\x00", "not a UTF-8 text file"),
    (b'{"a": 1}', "not a notebook"), (b'{"cells": 3}', "not a notebook"),
    (b'{"cells": [1], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a notebook"),
])
def test_damaged_files_get_one_sentence(tmp_path, capsys, content, says):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content)
    assert grade.main(["00", str(path)]) == 1
    error = capsys.readouterr().err
    assert says in error and "Traceback" not in error and str(path) in error


def test_wrong_names_get_one_sentence(tmp_path, capsys):
    assert grade.main(["77"]) == 1
    assert grade.main(["00", str(tmp_path / "none.ipynb")]) == 1
    assert grade.main(["00", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.count("error: ") == 3 and "Traceback" not in error


def test_the_score_is_noted_for_start_here(tmp_path, user_dir, capsys):
    path = tmp_path / "mine.ipynb"
    nbformat.write(notebook(GOOD), path)
    assert grade.main(["00", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == 2
    assert progress.read()[LESSON]["score"]["points"] == 2
    from course.start import rows
    assert rows()[0]["score"].startswith("2 of 2")
