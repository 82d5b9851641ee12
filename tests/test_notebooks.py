"""Every notebook in a real kernel: solved, untouched, with and without its demo cells."""

import os
import shutil
import subprocess
import sys

import pytest

from course.paths import ROOT, SOLUTIONS
from grader import build, lint
from grader.kernel import run_notebook
from grader.release import release
from grader.source import catalogue, lessons, read_lesson, source_path
from tests.madeup import LESSON, made_up

LESSONS = lessons()
CARD = {"solved": "✓ Solved here", "open": ("○ Not solved yet", "✗ Not yet")}


def crowded() -> float:
    """How much slower this machine is just now than two free cores; at least 1."""
    if not hasattr(os, "getloadavg"):
        return 2.0
    return max(1.0, 1.5 * max(os.getloadavg()[:2]) / (os.cpu_count() or 1))


def desk(lesson, tmp_path):
    """A folder like a learner's: the lesson's name, its references, nothing else."""
    folder = tmp_path / lesson
    folder.mkdir(parents=True)
    reference = build.SOLUTIONS / lesson / "reference"
    if reference.is_dir():
        shutil.copytree(reference, folder / "reference")
    return folder


def solved(lesson):
    return read_lesson(source_path(lesson))


def untouched(lesson):
    return release(solved(lesson), lesson)


def checks(notebook):
    return [c for c in notebook.cells if c.metadata.get("course", {}).get("kind") == "check"]


def plain_text(cell):
    return "\n".join(o.data.get("text/plain", "") for o in cell.outputs if "data" in o)


@pytest.mark.parametrize("lesson", LESSONS)
def test_solved_strictly_without_demos_and_within_its_limits(lesson, tmp_path):
    late = {}
    for attempt in ("first", "again"):  # a busy neighbour makes the same cell late once, not twice
        run = run_notebook(solved(lesson), desk(lesson, tmp_path / attempt), demos=False,
                           COURSE_STRICT="1")
        assert run.error == "", f"{run.failed_cell}: {run.error}"
        assert run.connections == []
        assert run.peak_mb < lint.MEMORY
        for cell in checks(run.notebook):
            assert cell.outputs == [], f"{cell.id} must be silent under nbgrader"
        late = too_late(run, crowded()) if not late else {
            name: late[name] for name in too_late(run, crowded()).keys() & late.keys()}
        if not late:
            break
    assert not late


def too_late(run, slow: float) -> dict[str, float]:
    """{cell, or "all": seconds} of what took longer than its limit; slow: see crowded()."""
    cells = checks(run.notebook)
    long = {c.id for c in cells if c.metadata["course"].get("long")}
    took = {c.id: run.seconds[c.id] for c in cells}
    late = {i: s for i, s in took.items()
            if s > (lint.LONG_CHECK if i in long else lint.CHECK) * slow}
    whole = run.total - sum(took[i] for i in long)
    return late | ({"all": whole} if whole > lint.NO_DEMOS * slow else {})


@pytest.mark.parametrize("lesson", LESSONS)
def test_untouched_every_check_shows_a_card_and_the_notebook_runs_to_its_end(lesson, tmp_path):
    run = run_notebook(untouched(lesson), desk(lesson, tmp_path), demos=False)
    assert run.error == "", f"{run.failed_cell}: {run.error}"
    assert run.connections == []
    for cell in checks(run.notebook):
        assert plain_text(cell).startswith(CARD["open"]), cell.id
        assert all(o.output_type == "display_data" for o in cell.outputs), cell.id


@pytest.mark.parametrize("lesson", LESSONS[:1])  # one shows it; all are run strictly above
def test_solved_as_a_learner_sees_it_every_card_says_solved(lesson, tmp_path):
    run = run_notebook(solved(lesson), desk(lesson, tmp_path), demos=False)
    for cell in checks(run.notebook):
        assert plain_text(cell).startswith(CARD["solved"]), cell.id
    assert "Note ·" not in "".join(map(plain_text, (
        c for c in run.notebook.cells if c.cell_type == "code")))


def test_start_here_runs(tmp_path):
    notebook = read_lesson(SOLUTIONS / "START_HERE.py")
    run = run_notebook(notebook, tmp_path)
    assert run.error == "" and run.connections == []
    text = "".join(c.source for c in notebook.cells)
    for lesson in LESSONS:
        if "minutes" in catalogue()[lesson]:
            assert f"({lesson}/{lesson}.ipynb)" in text


# ---- what a run makes of trouble ----

@pytest.mark.parametrize("body, says", [
    ("import os; os._exit(3)", "the kernel died"),
    ("import time; time.sleep(60)", "the cell did not end within 1 s"),
    ("1 / 0", "ZeroDivisionError: division by zero")])
def test_trouble_in_a_cell_ends_the_run_with_a_sentence(tmp_path, monkeypatch, body, says):
    course = made_up(tmp_path / "made", monkeypatch)
    course.change("# %% locked=", f"# %%\n{body}\n\n# %% locked=")
    notebook = solved(LESSON)
    run = run_notebook(notebook, tmp_path, timeout=1 if "sleep" in body else 60)
    assert says in run.error
    cell = next(c for c in notebook.cells if c.id == run.failed_cell)
    assert cell.source == body


def test_make_run_stores_outputs_references_and_measurements(tmp_path, monkeypatch, capsys):
    from grader import run
    course = made_up(tmp_path, monkeypatch)
    course.build()
    assert run.main([LESSON]) == 0
    assert capsys.readouterr().out.startswith(f"{LESSON}: ")
    reference = course.solution.parent / "reference"
    assert (reference / "numbers.json").read_text(encoding="utf-8").split() == list(
        "[ 0, 2, 4, 6, 8 ]".split())
    assert (course.released.parent / "reference" / "curve.json").is_file()
    made = {c.id: c for c in build.nbformat.read(course.solution, 4).cells}
    assert plain_text(made["check-double-it"]).startswith(CARD["solved"])
    assert LESSON in run.TIMINGS.read_text(encoding="utf-8")
    rules = [r for r in lint.RULES if r not in (lint.licences_whole, lint.budgets)]
    assert [fault for rule in rules for fault in rule([LESSON])] == []
    first = course.solution.read_bytes()
    assert run.main([LESSON]) == 0
    assert course.solution.read_bytes() == first, "no times and counts of the machine in it"


def test_make_run_refuses_a_solution_that_fails_and_keeps_the_old(tmp_path, monkeypatch, capsys):
    from grader import run
    course = made_up(tmp_path, monkeypatch)
    course.change("return 2 * x", "return 3 * x")
    assert run.main([LESSON]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {LESSON}, cell check-double-it: CheckFailed: double(3)")
    assert "Traceback" not in error and not run.RUNS.exists()
    assert run.main(["05_tokens"]) == 1


# ---- slow: with demos ----

@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_scores_with_and_without_demos_are_equal(lesson, tmp_path):
    """With every second answer open, with and without demos; and untouched, where each check stays
    open and the notebook runs to its end. Solved, all checks pass: without demos above, with them
    in the run below."""
    folder = desk(lesson, tmp_path)
    half = solved(lesson)
    stubs = {c.id: c.source for c in untouched(lesson).cells}
    answers = [c for c in half.cells if c.metadata.get("course", {}).get("kind") == "exercise"]
    for cell in answers[::2]:
        cell.source = stubs[cell.id]
    verdicts = []
    for notebook, demos in ((half, True), (half, False), (untouched(lesson), True)):
        run = run_notebook(notebook, folder, demos=demos, allow_errors=True,
                           NBGRADER_EXECUTION="autograde")
        assert run.error == ""
        verdicts.append({c.id: bool(c.outputs) for c in checks(run.notebook)})
    assert verdicts[0] == verdicts[1] and all(verdicts[2].values())
    assert any(verdicts[0].values()) and not all(verdicts[0].values()) or len(answers) == 1


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_nbval_runs_the_solution_with_its_demos(lesson):
    """Strict, so that a soft check cannot hide a failure; only tagged cells are compared."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider",
         "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "120",
         str(SOLUTIONS / lesson / f"{lesson}.ipynb")],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COURSE_STRICT": "1"})
    assert done.returncode == 0, done.stdout[-4000:]
