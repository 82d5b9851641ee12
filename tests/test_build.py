"""The build: same bytes everywhere, nbgrader's own release, whole files or none."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from course.paths import NOTEBOOKS, ROOT, SOLUTIONS, CourseError
from grader import build, source
from grader.release import release
from tests.cohort import lesson_text, nbgrader_course
from tests.madeup import LESSON, TEXT, made_up

LESSONS = source.lessons()


@pytest.fixture
def course(tmp_path, monkeypatch):
    return made_up(tmp_path, monkeypatch)


def as_bytes(files):
    return {path: content.encode("utf-8") if isinstance(content, str) else content
            for path, content in files.items()}


# ---- the same bytes ----

def test_two_builds_give_the_same_bytes():
    assert as_bytes(build.everything([])) == as_bytes(build.everything([]))


def test_a_second_clone_elsewhere_gives_the_same_bytes(tmp_path):
    """Another folder (with a space), hash seed, locale and time zone."""
    clone = tmp_path / "another clone"
    for name in ("course", "grader", "solutions", "docs"):
        shutil.copytree(ROOT / name, clone / name,
                        ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (clone / "data").mkdir()
    shutil.copy(ROOT / "data" / "manifest.toml", clone / "data")
    environment = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0",
                   "TZ": "Asia/Kathmandu", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-m", "grader.build"], cwd=clone, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for path, content in as_bytes(build.everything([])).items():
        assert (clone / path.relative_to(ROOT)).read_bytes() == content, path


def test_no_address_time_or_machine_in_what_is_built():
    for path, content in as_bytes(build.everything([])).items():
        if NOTEBOOKS in path.parents and path.suffix == ".ipynb":
            text = content.decode("utf-8")
            assert str(ROOT) not in text and "\r" not in text
            notebook = json.loads(text)
            assert set(notebook["metadata"]) == {"course", "kernelspec", "language_info"}
            for cell in notebook["cells"]:
                assert cell.get("outputs", []) == [] and not cell.get("execution_count")


def test_the_tree_holds_what_the_sources_give():
    assert build.stale_files() == [], "run make build"


# ---- nbgrader's Generate ----

@pytest.mark.parametrize("lesson", [*LESSONS, LESSON])
def test_the_release_is_what_nbgrader_generates(lesson, tmp_path, monkeypatch):
    if lesson == LESSON:
        made_up(tmp_path / "made", monkeypatch)
    course = nbgrader_course(tmp_path, {lesson: lesson_text(lesson, tmp_path)}, monkeypatch)
    course.do(course.api.generate_assignment(lesson))
    made = course.root / "notebooks" / lesson
    files = build.build_lesson(lesson)
    ours = {path.relative_to(build.NOTEBOOKS / lesson): content
            for path, content in as_bytes(files).items()
            if path.is_relative_to(build.NOTEBOOKS)}
    theirs = {path.relative_to(made): path.read_bytes()
              for path in made.rglob("*") if path.is_file()}
    assert set(theirs) == set(ours), "*.py never reaches a release"
    for name, content in ours.items():
        assert theirs[name] == content, name


def test_no_source_stands_in_the_released_folder():
    assert not list(NOTEBOOKS.rglob("*.py"))


@pytest.mark.parametrize("old, new, says", [
    ("    ### END SOLUTION\n\n# %% check", "\n# %% check", "ClearSolutions"),
    ("    ### END HIDDEN TESTS\n\n# %% check", "\n# %% check", "ClearHiddenTests"),
    ("    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n",
     "ClearSolutions"),
    ("numbers = result", "### BEGIN SOLUTION\n### END SOLUTION\nnumbers = result",
     "ClearSolutions")])
def test_what_nbgrader_refuses_is_one_sentence(course, old, new, says, capsys):
    course.change(old, new)
    with pytest.raises(CourseError, match=f"solutions/{LESSON}: nbgrader's {says} refuses"):
        release(source.read_lesson(course.source), LESSON)
    assert build.main([]) == 1
    assert capsys.readouterr().err.startswith(f"error: solutions/{LESSON}: nbgrader's {says}")
    assert not course.released.exists(), "nothing is written when a lesson is refused"


# ---- outputs ----

def executed(course):
    """Build, then pretend that every code cell printed something."""
    course.build()
    notebook = nbformat.read(course.solution, 4)
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        cell.execution_count = number + 1
        cell.outputs = [nbformat.v4.new_output("stream", text=f"{number}\n")]
    nbformat.write(notebook, course.solution)


def outputs(course):
    return {c.source: (c.execution_count, len(c.outputs))
            for c in nbformat.read(course.solution, 4).cells if c.cell_type == "code"}


def test_outputs_stay_with_unchanged_cells_and_leave_changed_ones(course):
    executed(course)
    before = outputs(course)
    course.change("print(numbers)", "print(numbers, 1)")
    course.change("assert got == 6,", "assert got == 6.0,")
    course.change("# %%\nnumbers", "# %%\nfresh = 1\n\n# %%\nnumbers")
    course.build()
    after = outputs(course)
    changed = {text for text in after if text not in before}
    assert len(changed) == 3
    for text, state in after.items():
        assert state == ((None, 0) if text in changed else before[text])
    assert all(state == (None, 0) for state in
               ((c.execution_count, len(c.outputs))
                for c in nbformat.read(course.released, 4).cells if c.cell_type == "code"))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"cells": 3}', b"\xff\xfe", b"null"])
def test_a_damaged_solution_notebook_is_built_anew(course, damage):
    course.build()
    whole = course.solution.read_bytes()
    course.solution.write_bytes(damage)
    assert build.main([LESSON]) == 0
    assert course.solution.read_bytes() == whole


def test_references_travel_with_the_release(course):
    reference = course.solution.parent / "reference"
    reference.mkdir()
    (reference / "numbers.npy").write_bytes(b"\x93NUMPY\xff\r\n")
    (reference / ".numbers.json").write_text("half", encoding="utf-8")
    course.build()
    made = course.released.parent / "reference"
    assert [p.name for p in made.iterdir()] == ["numbers.npy"]
    assert (made / "numbers.npy").read_bytes() == b"\x93NUMPY\xff\r\n"


# ---- the command ----

def test_build_check_names_stale_files_and_writes_nothing(course, capsys):
    assert build.main(["--check"]) == 1
    assert f"stale: {course.released}: run make build" in capsys.readouterr().out
    assert not course.released.exists()
    assert build.main([]) == 0 and build.main(["--check"]) == 0
    course.released.write_text("{}", encoding="utf-8")
    assert build.main(["--check"]) == 1


def test_a_second_build_changes_nothing(course, capsys):
    assert build.main([]) == 0
    times = {p: p.stat().st_mtime_ns for p in course.root.rglob("*.ipynb")}
    assert build.main([]) == 0
    assert ", 0 changed" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in course.root.rglob("*.ipynb")} == times


def one_sentence(capsys):
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and "Traceback" not in error
    return error


def test_an_unknown_lesson_is_one_sentence(course, capsys):
    assert build.main(["05_tokens"]) == 1
    assert "there is no lesson '05_tokens'" in one_sentence(capsys)


def test_a_missing_start_page_is_one_sentence(course, capsys):
    (course.root / "solutions" / "START_HERE.py").unlink()
    assert build.main([]) == 1
    assert "START_HERE.py cannot be read" in one_sentence(capsys)


def everything_under(folder):
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("step", ["write", "replace"])
@pytest.mark.parametrize("number, words", [(28, "No space left on device"),
                                           (30, "Read-only file system"),
                                           (13, "Permission denied")])
def test_a_full_or_read_only_disk_leaves_the_old_files(
        course, capsys, monkeypatch, step, number, words):
    course.build()
    course.change("print(numbers)", "print(numbers, 1)")
    before = everything_under(course.root)

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    def half(path, data):
        with open(path, "wb") as file:
            file.write(data[:len(data) // 2])
        refuse()
    if step == "replace":
        monkeypatch.setattr("os.replace", refuse)
    else:
        monkeypatch.setattr("pathlib.Path.write_bytes", half)
    assert build.main([]) == 1
    monkeypatch.undo()
    assert words in one_sentence(capsys)
    assert everything_under(course.root) == before


def test_a_file_where_a_folder_belongs_is_one_sentence(course, capsys):
    (course.root / "notebooks").write_text("in the way", encoding="utf-8")
    assert build.main([]) == 1
    assert "cannot be written" in one_sentence(capsys)


def test_a_folder_that_refuses_is_one_sentence(course, capsys, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    assert build.main([]) == 1
    monkeypatch.undo()
    assert "Permission denied" in one_sentence(capsys)


def test_the_made_up_lesson_is_a_real_one(course):
    assert TEXT == course.source.read_text(encoding="utf-8")
    assert SOLUTIONS not in course.source.parents
