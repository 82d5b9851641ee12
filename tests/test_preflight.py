"""Preflight: each thing that can be wrong is named in a sentence, mended in a copy, and no work lost."""

import json

import nbformat
import pytest

from course.paths import NOTEBOOKS
from grader import intake, preflight

LESSON = "00_start"
ANSWER = "def majority_baseline(labels):\n    return 0.75  # mine\n"


@pytest.fixture
def mine():
    nb = nbformat.read(NOTEBOOKS / LESSON / f"{LESSON}.ipynb", 4)
    cell(nb, "majority-baseline").source = ANSWER
    return nb


def cell(nb, name):
    return next(c for c in nb.cells if intake.grade_id(c) == name)


def found(nb):
    return {f.kind: f for f in intake.inspect(nb, preflight.released_notebook(LESSON))}


def healed(nb):
    released = preflight.released_notebook(LESSON)
    out = intake.heal(nb, released)
    left = [f for f in intake.inspect(out, released) if f.healed]
    assert not left, left
    return out


def copy_of(original, **changes):
    return nbformat.from_dict({**original, "id": "pasted", **changes})


def test_an_untouched_answer_is_a_stub():
    nb = preflight.released_notebook(LESSON)
    assert list(found(nb)) == ["stub"]


def test_a_good_notebook_has_nothing_to_say(mine):
    assert found(mine) == {}
    assert cell(healed(mine), "majority-baseline").source == ANSWER


def test_deleted_check_comes_back_behind_its_answer(mine):
    mine.cells.remove(cell(mine, "check-majority-baseline"))
    assert "deleted" in found(mine)["missing"].sentence
    names = [intake.grade_id(c) for c in healed(mine).cells if intake.grade_id(c)]
    assert names == ["setup", "majority-baseline", "check-majority-baseline"]


def test_deleted_answer_comes_back_as_a_stub(mine):
    mine.cells.remove(cell(mine, "majority-baseline"))
    assert found(mine)["missing"].cell == "majority-baseline"
    assert "NotImplementedError" in cell(healed(mine), "majority-baseline").source


def test_duplicated_answer_keeps_both_texts_and_runs_one(mine):
    later = ANSWER.replace("0.75", "0.5")
    at = mine.cells.index(cell(mine, "majority-baseline"))
    mine.cells.insert(at + 1, copy_of(mine.cells[at], source=later))
    assert "2 times" in found(mine)["duplicate"].sentence
    out = healed(mine)
    assert cell(out, "majority-baseline").source == later
    assert any(c.cell_type == "markdown" and ANSWER in c.source for c in out.cells)


def test_a_copy_of_the_empty_stub_never_replaces_work(mine):
    stub = cell(preflight.released_notebook(LESSON), "majority-baseline")
    mine.cells.append(copy_of(stub))
    out = healed(mine)
    assert cell(out, "majority-baseline").source == ANSWER
    assert sum("NotImplementedError" in c.source for c in out.cells) == 0


def test_edited_check_and_marks(mine):
    check = cell(mine, "check-majority-baseline")
    check.source = "pass"
    check.metadata.nbgrader.points = 100
    kinds = found(mine)
    assert "changed" in kinds["edited"].sentence and "marks" in kinds
    assert "with check" in cell(healed(mine), "check-majority-baseline").source


def test_moved_cells(mine):
    check = cell(mine, "check-majority-baseline")
    mine.cells.remove(check)
    mine.cells.insert(0, check)
    assert "moved" in found(mine)["order"].sentence
    healed(mine)


def test_a_marked_cell_from_elsewhere(mine):
    other = copy_of(cell(mine, "check-majority-baseline"), source="x = 1")
    other.metadata = nbformat.from_dict(json.loads(json.dumps(other.metadata)))
    other.metadata.nbgrader.grade_id = "check-free-points"
    mine.cells.append(other)
    assert "added" in found(mine)
    assert any(c.source == "x = 1" and "nbgrader" not in c.metadata for c in healed(mine).cells)


def test_answer_turned_into_text(mine):
    answer = cell(mine, "majority-baseline")
    at = mine.cells.index(answer)
    mine.cells[at] = nbformat.v4.new_markdown_cell(answer.source, metadata=answer.metadata)
    assert "markdown" in found(mine)["type"].sentence
    assert cell(healed(mine), "majority-baseline").cell_type == "code"


def test_wrong_kernel(mine):
    mine.metadata.kernelspec = {"name": "ir", "language": "R", "display_name": "R"}
    assert "'ir'" in found(mine)["kernel"].sentence
    assert healed(mine).metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("answer, kind", [
    ("def majority_baseline(labels:\n", "syntax"),
    ("x = input()\n", "input"),
    (ANSWER + "raise NotImplementedError()\n", "stub"),
])
def test_answers_that_cannot_work(mine, answer, kind):
    cell(mine, "majority-baseline").source = answer
    assert found(mine)[kind].cell == "majority-baseline"


def test_extra_cells_stay_where_they_were(mine):
    helper = nbformat.v4.new_code_cell("helper = 1")
    mine.cells.insert(mine.cells.index(cell(mine, "majority-baseline")), helper)
    sources = [c.source for c in healed(mine).cells]
    assert sources.index("helper = 1") < sources.index(ANSWER)


def test_old_format_is_converted(tmp_path, mine):
    old = nbformat.convert(mine, 3)
    path = tmp_path / "00_start.ipynb"
    path.write_text(nbformat.writes(old, version=3), encoding="utf-8")
    report, out = preflight.preflight(path, run=False)
    assert [f.kind for f in report.findings][0] == "format"
    assert cell(out, "majority-baseline").source == ANSWER


def test_command_says_what_is_wrong_and_touches_nothing(tmp_path, mine, capsys):
    path, out = tmp_path / "mine.ipynb", tmp_path / "mended.ipynb"
    mine.cells.remove(cell(mine, "setup"))
    nbformat.write(mine, path)
    before = path.read_bytes()
    assert preflight.main([str(path), "--heal", str(out)]) == 1
    text = capsys.readouterr().out
    assert "`setup` was deleted" in text and "0 of 2 points" in text and "as it was" in text
    assert path.read_bytes() == before and out.is_file()
    assert preflight.main([str(path), "--heal", str(out)]) == 2
    assert preflight.main([str(path), "--heal", str(path)]) == 2
    assert "your own file" in capsys.readouterr().err


def test_ready(tmp_path, mine, capsys):
    cell(mine, "majority-baseline").source = (
        "def majority_baseline(labels):\n"
        "    return max(map(labels.count, labels), default=0) / max(len(labels), 1)\n")
    path = tmp_path / "mine.ipynb"
    nbformat.write(mine, path)
    assert preflight.main([str(path)]) == 0
    assert "2 of 2 points" in capsys.readouterr().out
    assert preflight.main([str(path), "--json", "--no-run"]) == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True


@pytest.mark.parametrize("content", ["", "hello", '{"cells": [', '{"nbformat": 4}'])
def test_damaged_files(tmp_path, capsys, content):
    path = tmp_path / "mine.ipynb"
    path.write_text(content, encoding="utf-8")
    assert preflight.main([str(path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and "Traceback" not in error


def test_a_notebook_of_no_lesson(tmp_path, capsys):
    path = tmp_path / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    assert preflight.main([str(path)]) == 2
    assert "--lesson" in capsys.readouterr().err
