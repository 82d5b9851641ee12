"""Preflight: each thing that can be wrong is named in a sentence, mended in a copy, and no work lost."""

import copy
import json
import shutil

import nbformat
import pytest

from course.paths import NOTEBOOKS
from grader import cli, cohort, cohort_release, given_out, intake, preflight
from grader.source import lessons
from tests.cohort import filled

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
    return {f.kind: f for f in intake.inspect(nb, given_out.released_notebook(LESSON))}


def healed(nb):
    released = given_out.released_notebook(LESSON)
    out = intake.heal(nb, released)
    left = [f for f in intake.inspect(out, released) if f.healed]
    assert not left, left
    return out


def copy_of(original, **changes):
    return nbformat.from_dict({**original, "id": "pasted", **changes})


def test_an_untouched_answer_is_a_stub():
    nb = given_out.released_notebook(LESSON)
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
    stub = cell(given_out.released_notebook(LESSON), "majority-baseline")
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


# ---- compared with what was given out ----

RIGHT = ("def majority_baseline(labels):\n"
         "    return max(map(labels.count, labels), default=0) / max(len(labels), 1)\n")


@pytest.mark.parametrize("lesson", lessons())
def test_every_cell_is_given_out_with_nbgraders_checksum(lesson):
    nb = given_out.released_notebook(lesson)
    cells = [c for c in nb.cells if intake.grade_id(c)]
    assert cells and all(map(intake.as_given, cells))
    for one in cells:
        one.source += " "
    assert not any(map(intake.as_given, cells))


@pytest.fixture
def in_place(tmp_path, monkeypatch, mine):
    """A learner works in notebooks/ itself, as the troubleshooting page says."""
    shutil.copytree(NOTEBOOKS / LESSON, tmp_path / "notebooks" / LESSON)
    for module in (given_out, preflight):
        monkeypatch.setattr(module, "NOTEBOOKS", tmp_path / "notebooks")
    cell(mine, "majority-baseline").source = RIGHT
    return tmp_path / "notebooks" / LESSON / f"{LESSON}.ipynb"


def test_the_learners_own_file_is_not_taken_for_the_courses(in_place, mine, capsys):
    nbformat.write(mine, in_place)
    assert preflight.main([str(in_place)]) == 0
    assert capsys.readouterr().out.startswith(f"{LESSON}\n  every cell of the course is there")
    cell(mine, "check-majority-baseline").source = "pass"
    nbformat.write(mine, in_place)
    assert preflight.main([str(in_place), "--no-run"]) == 1
    assert "was changed; the course's own text counts · --heal" in capsys.readouterr().out


def test_without_solutions_the_marks_in_the_cells_decide(in_place, mine, capsys, monkeypatch, tmp_path):
    """As on the hub, where they are hidden."""
    monkeypatch.setattr(given_out, "SOLUTIONS", tmp_path / "nothing")
    nbformat.write(mine, in_place)
    assert preflight.main([str(in_place)]) == 0
    said = capsys.readouterr().out
    assert "compared with the marks in its own cells" in said and "2 of 2 points" in said
    cell(mine, "check-majority-baseline").source = "pass"
    nbformat.write(mine, in_place)
    assert preflight.main([str(in_place), "--no-run"]) == 1
    said = capsys.readouterr().out
    assert "`check-majority-baseline` is not as you got it" in said and "--heal" not in said


def test_a_check_that_was_mended_after_the_release_is_no_fault_of_the_learner(mine):
    newer = given_out.released_notebook(LESSON)
    cell(newer, "check-majority-baseline").source += "\n# mended"
    kinds = {f.kind: f for f in intake.inspect(mine, newer)}
    assert list(kinds) == ["version"] and not kinds["version"].blocks
    assert "after this notebook was given out; the new one counts" in kinds["version"].sentence
    assert cell(intake.heal(mine, newer), "check-majority-baseline").source.endswith("# mended")
    cell(mine, "check-majority-baseline").source = "pass"
    assert {f.kind for f in intake.inspect(mine, newer)} == {"edited"}


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """(folder, a learner's notebook with right answers) of a class with a seed."""
    out = tmp_path_factory.mktemp("class") / "autumn"
    assert cli.main(["release", LESSON, "--seed", "secret", "--name", "autumn", "--out", str(out)]) == 0
    book = nbformat.read(out / "notebooks" / LESSON / f"{LESSON}.ipynb", 4)
    return out, filled(book, cohort.answers(cohort_release.solution_of(out, LESSON)))


def test_a_classs_own_version_is_not_measured_by_the_public_one(a_class, tmp_path, capsys):
    out, book = a_class
    path, healed = tmp_path / f"{LESSON}.ipynb", tmp_path / "healed.ipynb"
    nbformat.write(book, path)
    assert preflight.main([str(path), "--heal", str(healed)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{LESSON}, the version of autumn, compared with the marks in its own cells\n"
                           "  every cell of the course is there") and "2 of 2 points" in said
    for mark in ("check-majority-baseline", "setup"):
        assert cell(nbformat.read(healed, 4), mark).source == cell(book, mark).source
    assert nbformat.read(healed, 4).metadata.course.cohort == "autumn"


@pytest.mark.parametrize("what", ["changed", "deleted"])
def test_the_public_text_is_never_healed_into_a_class(a_class, tmp_path, capsys, what):
    book = copy.deepcopy(a_class[1])
    check = cell(book, "check-majority-baseline")
    check.source += "\n# mine"
    if what == "deleted":
        book.cells.remove(check)
    path, healed = tmp_path / f"{LESSON}.ipynb", tmp_path / "healed.ipynb"
    nbformat.write(book, path)
    assert preflight.main([str(path), "--heal", str(healed)]) == 1
    said = capsys.readouterr().out
    assert "copy it again from the notebook that was given to you\n" in said
    left = [c.source for c in nbformat.read(healed, 4).cells
            if intake.grade_id(c) == "check-majority-baseline"]
    assert left == ([check.source] if what == "changed" else [])


def test_in_the_classs_folder_its_notebook_is_compared_with(a_class, tmp_path, capsys, monkeypatch):
    out, book = a_class
    book = copy.deepcopy(book)
    cell(book, "check-majority-baseline").source = "pass"
    path, healed = tmp_path / f"{LESSON}.ipynb", tmp_path / "healed.ipynb"
    nbformat.write(book, path)
    monkeypatch.chdir(out)
    assert preflight.main([str(path), "--heal", str(healed)]) == 1
    assert "the course's own text counts · --heal OUT mends it" in capsys.readouterr().out
    assert cell(nbformat.read(healed, 4), "check-majority-baseline").source == \
        cell(a_class[1], "check-majority-baseline").source
