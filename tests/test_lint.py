"""`make check`: a clean course passes, and each fault that it names is found once broken."""

import json

import nbformat
import pytest

from course.paths import CourseError
from grader import build, lint, run, source, variants
from tests.madeup import LESSON, VARIANTS, made_up, put

PNG = "iVBORw0KGgo="
FAST = {"seconds": 5, "seconds_without_demos": 4, "peak_mb": 200, "slowest_cell": "small-setup",
        "slowest_cell_seconds": 1, "slowest_check": "check-double-it", "demos": {},
        "slowest_check_seconds": .1, "long_checks": {}, "machine": "m"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A made-up course without faults, as after `make build` and `make run`."""
    made = made_up(tmp_path, monkeypatch)
    made.build()
    record()
    return made


def record(**changes):
    """What `make run` would have noted for the sources of now."""
    row = {**FAST, "fingerprint": run.fingerprint(LESSON), **changes}
    put(run.RUNS, json.dumps({LESSON: row}))


def faults(rule):
    return list(rule([LESSON]))


def only(rule, *words):
    """The one fault of a rule; it holds all the words."""
    found = faults(rule)
    assert len(found) == 1, found
    for word in words:
        assert word in found[0], found[0]


def give_output(course, cell, output):
    """Put one output into a cell of the stored solution notebook."""
    notebook = nbformat.read(course.solution, 4)
    target = next(c for c in notebook.cells if c.id == cell)
    target.outputs = [nbformat.from_dict(output)]
    nbformat.write(notebook, course.solution)


OWN_RULES = [rule for rule in lint.RULES if rule is not lint.licences_whole]


@pytest.mark.parametrize("rule", OWN_RULES, ids=lambda rule: rule.__name__)
def test_a_clean_course_has_no_fault(rule, course):
    assert faults(rule) == []


# ---- stale and stray files ----

def test_a_changed_source_is_stale_until_built_and_run(course):
    course.change("print(numbers)", "print(numbers, 1)")
    found = faults(lint.stale_notebooks)
    assert f"notebooks/{LESSON}/{LESSON}.ipynb is stale: run make build" in found
    assert f"{LESSON} changed since its outputs were made: make run LESSON={LESSON}" in found
    course.build()
    assert found[-1:] == faults(lint.stale_notebooks)
    record()
    assert faults(lint.stale_notebooks) == []


def test_changed_prose_needs_a_build_but_no_run(course):
    course.change("Write `double(x)`;", "Write a function `double(x)`;")
    assert all("run make build" in fault for fault in faults(lint.stale_notebooks))
    course.build()
    assert faults(lint.stale_notebooks) == []


def test_an_edited_release_is_stale(course):
    text = course.released.read_text(encoding="utf-8")
    put(course.released, text.replace("double", "triple"))
    only(lint.stale_notebooks, "is stale: run make build")


def test_a_lesson_that_never_ran_says_so(course):
    run.RUNS.unlink()
    only(lint.stale_notebooks, f"{LESSON} was never executed: make run LESSON={LESSON}")


def test_course_code_and_checks_belong_to_the_fingerprint(course, monkeypatch, tmp_path):
    for name in ("course/money.py", "course/setup.py", "grader/checkcell.py", "grader/lint.py",
                 *(f"grader/{m}.py" for m in run.CHECKS)):
        put(tmp_path / "clone" / name, "x = 1\n")
    monkeypatch.setattr(run, "ROOT", tmp_path / "clone")
    first = run.fingerprint(LESSON)
    for name, matters in [("course/money.py", True), ("grader/checkcell.py", True),
                          ("course/setup.py", False), ("grader/lint.py", False)]:
        before = run.fingerprint(LESSON)
        put(tmp_path / "clone" / name, f"x = {name!r}\n")
        assert (run.fingerprint(LESSON) != before) is matters, name
    assert first != run.fingerprint(LESSON)


def test_the_data_versions_belong_to_the_fingerprint(course, monkeypatch, tmp_path):
    put(source.CATALOGUE, source.CATALOGUE.read_text(encoding="utf-8").replace(
        "uses = []", 'uses = ["ranks"]'))
    monkeypatch.setattr(source, "_uses", lambda names: "none")
    monkeypatch.setattr(run, "DATA", tmp_path / "data")
    entry = '[[entry]]\nname = "{}"\nversion = "{}"\n'
    prints = []
    for ranks, other in [("1", "1"), ("1", "2"), ("2", "2")]:
        put(tmp_path / "data" / "manifest.toml",
            entry.format("ranks", ranks) + entry.format("other", other))
        prints.append(run.fingerprint(LESSON))
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize("name", ["notes.txt", f"{LESSON}/{LESSON}.py", f"{LESSON}/old.ipynb",
                                  f"{LESSON}/reference/extra.json"])
def test_a_stray_file_in_the_release(course, name):
    put(course.root / "notebooks" / name, "{}")
    only(lint.stray_notebooks, f"notebooks/{name} is not made by make build: remove it")


def test_checkpoints_of_jupyter_are_no_fault(course):
    put(course.released.parent / ".ipynb_checkpoints" / "x.ipynb", "{}")
    assert faults(lint.stray_notebooks) == []


@pytest.mark.parametrize("marker", lint.MARKERS)
def test_a_solution_marker_in_the_release(course, marker):
    text = course.released.read_text(encoding="utf-8")
    put(course.released, text.replace("Twice x.", f"Twice x.\\n### {marker}"))
    only(lint.solution_markers, f"contains a '{marker}' marker")


# ---- checks and exercises ----

@pytest.mark.parametrize("old, new", [
    (', f"double(3) should be 6, you gave {got}"', ""),
    (', f"double(3) should be 6, you gave {got}"', ', ""'),
    (', f"a negative number gave {got}: look at its sign"', "")])
def test_an_assert_without_a_message(course, old, new):
    course.change(old, new)
    only(lint.assert_messages, LESSON, "check-double-it", "has no message")


@pytest.mark.parametrize("old, new", [
    ('with check("double-it"):', 'with check("other"):'),
    ('with check("double-it", "text"):', 'with check("double-it"):'),
    ('with check("count-words"):\n', 'import os\nwith check("count-words"):\n'),
    ('with check("count-words"):', 'if True:')])
def test_a_check_cell_of_another_shape(course, old, new):
    course.change(old, new)
    only(lint.check_shape, LESSON, "must be one `with check(")


def test_a_check_that_reads_its_own_result(course):
    course.change("    got = double(3)\n",
                  "    got = double(3)\n    own = result('double-it', list, 'numbers.json')\n")
    only(lint.check_shape, "check-double-it", "reads `result` of its own exercise")
    course.change("'double-it', list", "'count-words', list")
    assert faults(lint.check_shape) == []


@pytest.mark.parametrize("rule", [lint.assert_messages, lint.check_shape])
def test_a_check_that_is_not_python_is_one_sentence(rule, course):
    course.change("    got = double(3)\n", "    got = double(3\n")
    with pytest.raises(CourseError, match="check-double-it: not plain Python in line 2"):
        faults(rule)


@pytest.mark.parametrize("kind, header", [
    ("contract", '# %% [markdown] contract="count-words" difficulty=1 minutes=2'),
    ("hints", '# %% [markdown] hints="count-words"')])
def test_an_exercise_without_its_parts(course, kind, header):
    course.change(header, "# %% [markdown]")
    only(lint.exercises_whole, f"exercise count-words has no {kind} cell")


def test_an_exercise_without_a_check(course):
    text = course.source.read_text(encoding="utf-8")
    start = text.index('# %% check="count-words"')
    course.write(text[:start] + text[text.index('# %% [markdown] hints="count-words"'):])
    only(lint.exercises_whole, "exercise count-words has no check cell")


def test_a_check_without_an_exercise(course):
    course.change('# %% exercise="count-words"', "# %%")
    only(lint.exercises_whole, "exercise count-words has no exercise cell")


def test_an_exercise_without_variants(course):
    (course.variants / "count_words.py").unlink()
    only(lint.exercises_whole, "exercise count-words of 90_small has no variants: write ")


def test_an_untouched_answer_that_stops_the_notebook(course):
    course.change("    return len(text.split())\n    ### END SOLUTION",
                  "    return len(text.split())\n    ### END SOLUTION\n\n\n"
                  "### BEGIN SOLUTION\nn = 3\n### END SOLUTION")
    only(lint.stubs_run, "count-words", "stops the notebook: put what is to be written into")


def test_an_exercise_of_another_lesson(course):
    text = course.source.read_text(encoding="utf-8").replace("# %% [markdown] card\n# {card}\n", "")
    put(course.root / "solutions" / "91_other" / "91_other.py", text)
    found = list(lint.exercises_whole(["91_other"]))
    assert "91_other: exercise double-it exists in 90_small too" in found


# ---- layout, links, pictures ----

@pytest.mark.parametrize("where", ["print(numbers)", "    return 2 * x", "    got = double(-1)"])
def test_a_long_line(course, where):
    course.change(where, f"{where}  # {'x' * 79}")
    only(lint.code_layout, LESSON, "a line of ", "columns")


def test_a_long_cell(course):
    course.change("print(numbers)", "print(numbers)\n" * 29)
    only(lint.code_layout, "31 lines in a code cell, at most 30")


@pytest.mark.parametrize("row", ["| returns | `<|im_start|>` |", "| a | text|> |"])
def test_a_mark_with_bars_in_a_table_row(course, row):
    course.change("# Write `double(x)`;", f"# {row}\n# Write `double(x)`;")
    only(lint.table_rows, LESSON, "a table row with <| or |>")


def test_marks_with_bars_outside_tables_are_fine(course):
    course.change("# Write `double(x)`;", "# `<|im_start|>`\n#\n# ```\n# |<|im_end|>|\n# ```\n"
                  "#\n# | a | b > 3 |\n# Write `double(x)`;")
    assert faults(lint.table_rows) == []


def test_a_table_that_nobody_sees(course):
    course.change("print(numbers)", "from course import table\ntable([[1]], ['n'])\nprint(numbers)")
    only(lint.tables_shown, LESSON, "table(...) is not the last line of its cell")
    course.change("table([[1]], ['n'])\nprint(numbers)", "print(numbers)\ntable([[1]], ['n'])")
    assert faults(lint.tables_shown) == []


@pytest.mark.parametrize("picture", ["![](plot.png)", '<img src="plot.png">',
                                     '<img src="plot.png" alt="">', '<img alt="plot" src="x">'])
def test_a_picture_in_the_text_without_alt_text(course, picture):
    course.change("# Write `double(x)`;", f"# {picture}\n# Write `double(x)`;")
    course.build()
    only(lint.figure_texts, "an image without alt text")


GOOD_ALT = "two curves cross at 40 labels"


@pytest.mark.parametrize("output, fault", [
    ({"data": {"image/png": PNG}, "metadata": {}}, "a figure without alt text"),
    ({"data": {"image/png": PNG}, "metadata": {"image/png": {"alt": GOOD_ALT}}}, None),
    ({"data": {"text/html": "<img src='data:,'>"}, "metadata": {}}, "an <img> without alt text"),
    ({"data": {"text/html": f'<img alt="{GOOD_ALT}" src="data:,">'}, "metadata": {}}, None)])
def test_a_figure_in_an_output(course, output, fault):
    give_output(course, "small-setup", {"output_type": "display_data", **output})
    assert faults(lint.figure_texts) == ([f"{LESSON}, small-setup: {fault}" if "img" in fault else
                                          f"{LESSON}, small-setup: {fault}: use course.show"]
                                         if fault else [])


@pytest.mark.parametrize("output", [
    {"output_type": "stream", "name": "stderr", "text": "UserWarning"},
    {"output_type": "error", "ename": "CheckFailed", "evalue": "m", "traceback": []}])
def test_stderr_or_an_error_in_a_check_cell(course, output):
    give_output(course, "check-double-it", output)
    only(lint.check_outputs, "check-double-it", "nbgrader gives zero")


def test_stdout_in_a_check_cell_is_no_fault(course):
    give_output(course, "check-double-it", {"output_type": "stream", "name": "stdout", "text": "x"})
    assert faults(lint.check_outputs) == []


# ---- budgets ----

@pytest.mark.parametrize("row, words", [
    ({"seconds": 31}, "its card's promise, s: 31 is over the limit of 30"),
    ({"seconds_without_demos": 10.1}, "without demo cells, s: 10.1"),
    ({"peak_mb": 3001}, "peak memory, MB: 3001 is over the limit of 3000"),
    ({"slowest_cell_seconds": 20.1}, "cell small-setup, s: 20.1 is over the limit of 20"),
    ({"slowest_check_seconds": 2.1}, "check check-double-it, s: 2.1 is over the limit of 2"),
    ({"demos": {"a": 60.5}}, "demo a, s: 60.5 is over the limit of 60"),
    ({"demos": {"a": 21, "b": 22}}, "2 demo cells over 20 s; a lesson may have one"),
    ({"long_checks": {"a": 21}, "seconds_without_demos": 29}, "long check a, s: 21"),
    ({"long_checks": {"a": 3, "b": 3}}, "2 long checks; a lesson may have one"),
    ({"long_checks": {"a": 12}, "seconds_without_demos": 21}, None),
    ({"demos": {"a": 59, "b": 19}}, None)])
def test_time_and_memory_over_budget(course, row, words):
    record(**row)
    only(lint.budgets, LESSON, words) if words else None
    assert words or faults(lint.budgets) == []


def test_the_whole_notebook_has_a_limit_by_lesson(course):
    put(source.CATALOGUE, source.CATALOGUE.read_text(encoding="utf-8").replace(
        "seconds = 30", "seconds = 500"))
    record(seconds=61)
    only(lint.budgets, "whole notebook, s: 61 is over the limit of 60")


def test_measuring_names_the_slowest_cell_that_is_no_demo_and_no_long_check(course):
    course.change('# %% check="count-words" points=1.5', '# %% check="count-words" long points=1.5')
    notebook = source.read_lesson(course.source)
    demo = next(c.id for c in notebook.cells if c.metadata.get("course", {}).get("demo"))
    seconds = {c.id: 1.0 for c in notebook.cells if c.cell_type == "code"}
    seconds |= {demo: 50.0, "check-count-words": 15.0, "small-setup": 3.0, "check-double-it": 1.5}
    row = run.measure(LESSON, run.Run(notebook, seconds, total=80.0, peak_mb=99.6))
    assert (row["slowest_cell"], row["slowest_cell_seconds"]) == ("small-setup", 3.0)
    assert (row["slowest_check"], row["slowest_check_seconds"]) == ("check-double-it", 1.5)
    assert row["demos"] == {demo: 50.0} and row["long_checks"] == {"check-count-words": 15.0}
    assert (row["seconds_without_demos"], row["peak_mb"]) == (30.0, 100)
    assert f"| {LESSON} | 80.0 | 30.0 | 100 |" in run.table({LESSON: row})


# ---- damaged files and the command ----

@pytest.mark.parametrize("damage", ["", "{", "[]", '{"cells": 3}'])
@pytest.mark.parametrize("rule", [lint.figure_texts, lint.check_outputs])
def test_a_damaged_solution_notebook_is_one_sentence(rule, damage, course):
    put(course.solution, damage)
    with pytest.raises(CourseError, match="cannot be read .*: make build"):
        faults(rule)


def test_damaged_records_are_one_sentence(course):
    put(run.RUNS, "{")
    with pytest.raises(CourseError, match="is not JSON .*: restore it from git"):
        faults(lint.budgets)


def test_the_command_prints_faults_and_fails(course, capsys, monkeypatch):
    monkeypatch.setattr(lint, "RULES", OWN_RULES)
    assert lint.main([]) == 0
    assert capsys.readouterr().out == f"{len(OWN_RULES)} rules, 0 faults\n"
    course.change("print(numbers)", f"print(numbers)  # {'x' * 79}")
    course.build()
    record()
    assert lint.main([LESSON]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"code_layout: {LESSON}, ") and out.endswith("rules, 1 faults\n")


def test_the_command_survives_a_bad_source_and_an_unknown_lesson(course, capsys, monkeypatch):
    monkeypatch.setattr(lint, "RULES", OWN_RULES)
    assert lint.main(["05_tokens"]) == 1
    assert "there is no lesson '05_tokens'" in capsys.readouterr().out
    course.change("# %% demo", "# %% dmeo")
    assert lint.main([]) == 1
    assert "unknown words ['dmeo']" in capsys.readouterr().out


def test_the_made_up_variants_are_complete(course):
    assert {p.stem for p in course.variants.glob("*.py")} == set(VARIANTS)
    assert variants.FOLDER == course.variants.parent and build.NOTEBOOKS in course.released.parents


def test_the_real_tree_has_no_fault(capsys):
    """The state that every commit must have: `python -m grader.lint` ends with 0."""
    code = lint.main([])
    assert code == 0, capsys.readouterr().out
