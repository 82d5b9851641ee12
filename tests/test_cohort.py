"""Versions for cohorts: every one fits its lesson, its own answer passes, the default's does not."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.paths import ROOT, CourseError
from grader import autograde, cli, cohort, cohort_release
from grader.queue import flow, pool
from grader.queue.ledger import Ledger
from grader.reports import tables
from grader.source import read_lesson, source_path
from tests.cohort import Course, filled
from tests.madeup import LESSON, made_up, put

LESSONS = cohort_release.all_lessons()
VERSIONS = '''
CONTRACT = {"double-it": [
    {"name": "times", "says": "an option", "values": [{"K": 3}, {"K": 4}],
     "contract": [("Write `double(x)`", "Write `double(x, times=2)`")],
     "answer": [("def double(x):", "def double(x, times=2):"), ("return 2 * x", "return times * x")],
     "check/text": [("    assert got == \\"abab\\"", "    assert double(1, «K») == «K», 'look at times'\\n"
                     "    assert got == \\"abab\\"")]}]}
SLICES = {"count-words": [{"name": "words", "says": "other words", "check": [('" a  b "', '" a  c "')]}]}
'''


def rounds(lesson):
    """Choices that together take every alternative with each of its values, few lessons long."""
    groups = {}
    for choice in cohort.every_choice(lesson):
        groups.setdefault((choice.exercise, choice.contract), []).append(choice)
    for number in range(max(map(len, groups.values()))):
        yield [some[number % len(some)] for some in groups.values()]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_third_of_the_exercises_have_another_contract(lesson):
    contract, _ = cohort.declared(lesson)
    exercises = cohort.answers(read_lesson(source_path(lesson)))
    assert len(contract) >= math.ceil(len(exercises) / 3) and set(contract) <= set(exercises)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_version_fits_the_lesson_as_it_is_now(lesson, tmp_path):
    for choices in rounds(lesson):
        path = put(tmp_path / f"{lesson}.py", cohort.text_for(lesson, choices))
        book = read_lesson(path)
        assert "«" not in "".join(c.source for c in book.cells)
        changed = cohort.answers(book)
        default = cohort.answers(read_lesson(source_path(lesson)))
        for choice in choices:
            if choice.contract:
                assert changed[choice.exercise] != default[choice.exercise], choice.name
        told = {c.metadata["course"]["exercise"]: c.source for c in book.cells
                if c.metadata.get("course", {}).get("kind") == "contract"}
        before = {c.metadata["course"]["exercise"]: c.source
                  for c in read_lesson(source_path(lesson)).cells
                  if c.metadata.get("course", {}).get("kind") == "contract"}
        assert all(told[c.exercise] != before[c.exercise] for c in choices if c.contract), \
            "a contract that differs must say so"


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_version_tells_its_own_answer_from_the_defaults(lesson, tmp_path, monkeypatch):
    default = cohort.answers(read_lesson(source_path(lesson)))
    for number, choices in enumerate(rounds(lesson)):
        monkeypatch.setattr(cohort, "choose", lambda *_, c=choices: c)
        folder = tmp_path / str(number)
        solution, _ = cohort_release.make(lesson, "s", "name", folder)  # its own answers pass
        got = cohort_release.verdicts(solution, folder / "solutions" / lesson, {"default": default})
        cohort_release.refuse_weak(lesson, choices, got["default"])
        assert cohort_release.changed_values(lesson, folder) in ([], ["bills.json"], ["threshold.json"])


def test_a_seed_chooses_the_same_everywhere_and_seeds_differ():
    told = [[c.name for c in cohort.choose("04_tokens", seed)] for seed in ("a", "a", "b", "c", "d")]
    assert told[0] == told[1] and len({tuple(t) for t in told}) >= 3
    assert cohort._number("a", "b", "c") % 10**9 == 50101379, "an old seed must still give its cohort"


# ---- the command, on the lesson that takes half a second ----

@pytest.fixture
def released(tmp_path, capsys):
    out = tmp_path / "autumn"
    code = cli.main(["release", "00_start", "--seed", "secret-17", "--name", "autumn-2027", "--out",
                     str(out), "--against", "secret-18", "--against", "secret-21"])
    return code, out, capsys.readouterr().out


def test_a_release_holds_a_course_and_says_what_differs(released):
    code, out, said = released
    assert code == 0
    assert "majority-baseline: " in said
    assert "of 1 reference answers of the default 0 pass here" in said
    assert "of 1 reference answers of seed 'secret-18'" in said
    assert out.stat().st_mode & 0o077 == 0
    assert (out / "cohort.json").stat().st_mode & 0o077 == 0
    note = cohort_release.read(out)
    assert note["seed"] == "secret-17" and list(note["lessons"]) == ["00_start"]
    assert (out / "solutions" / "00_start" / "00_start.py").is_file()
    assert '"autumn-2027"' in (out / "nbgrader_config.py").read_text() or \
        "'autumn-2027'" in (out / "nbgrader_config.py").read_text()


def test_learners_get_a_name_and_nothing_of_the_seed(released):
    _, out, _ = released
    for path in (out / "notebooks").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "secret-17" not in text and "HIDDEN" not in text and "SOLUTION" not in text
    book = nbformat.read(out / "notebooks" / "00_start" / "00_start.ipynb", 4)
    assert book.metadata.course == {"lesson": "00_start", "cohort": "autumn-2027"}


def test_a_second_release_adds_lessons_and_another_cohort_is_refused(released, tmp_path, capsys):
    _, out, _ = released
    first = (out / "notebooks" / "00_start" / "00_start.ipynb").read_bytes()
    again = ["release", "00_start", "--seed", "secret-17", "--out", str(out), "--name"]
    assert cli.main([*again, "autumn-2027"]) == 0
    assert (out / "notebooks" / "00_start" / "00_start.ipynb").read_bytes() == first
    for more, says in (([*again, "spring"], "belongs to the cohort 'autumn-2027'"),
                       ([*again[:-2], str(ROOT / "notebooks"), "--name", "x"], "lies in the course"),
                       ([*again[:-2], str(tmp_path), "--name", "x"], "is not empty")):
        assert cli.main(more) == 2
        error = capsys.readouterr().err
        assert says in error and error.count("\n") == 1


def test_without_a_seed_the_lessons_are_frozen_as_they_are(tmp_path):
    out = tmp_path / "frozen"
    assert cli.main(["release", "00_start", "--name", "frozen", "--out", str(out)]) == 0
    for part in ("00_start.ipynb", "reference/baseline.json"):
        assert (out / "notebooks" / "00_start" / part).read_bytes() == \
            (ROOT / "notebooks" / "00_start" / part).read_bytes()
    assert not list(out.rglob("cohort.py")) and not list(out.rglob("instructor.md"))


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_a_cohort_is_graded_by_its_own_checks(released, tmp_path, capsys):
    _, out, _ = released
    book = nbformat.read(out / "notebooks" / "00_start" / "00_start.ipynb", 4)
    own = cohort.answers(read_lesson(out / "solutions" / "00_start" / "00_start.py"))
    default = cohort.answers(read_lesson(source_path("00_start")))
    for who, answers in (("own", own), ("default", default)):
        put(tmp_path / f"{who}_00_start.ipynb", nbformat.writes(filled(book, answers)))
    capsys.readouterr()
    code = cli.main(["grade", *(str(p) for p in sorted(tmp_path.glob("*.ipynb"))), "--cohort",
                     str(out), "--store", str(tmp_path / "record"), "--json", "--quiet", "--jobs", "1"])
    told = json.loads(capsys.readouterr().out)["submissions"]
    assert code == 0 and {t["learner"]: t["points"] for t in told} == {"own": 2, "default": 0}


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_a_cohorts_folder_is_a_course_for_autograde(released, tmp_path, monkeypatch):
    _, out, _ = released
    monkeypatch.chdir(out)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    made = Course(out, autograde.open_course(out)[1])
    made.do(made.api.generate_assignment("00_start"))
    book = nbformat.read(out / "notebooks" / "00_start" / "00_start.ipynb", 4)
    own = cohort.answers(read_lesson(out / "solutions" / "00_start" / "00_start.py"))
    put(out / "submitted" / "wei" / "00_start" / "00_start.ipynb", nbformat.writes(filled(book, own)))
    course = autograde.open_course(out)
    with Ledger(tmp_path / "record", write=True) as ledger:
        options = pool.Options(jobs=1, packed=cohort_release.packed_lessons(out))
        rows, whole = autograde.autograde(course, "00_start", ledger, options)
        assert whole and [tables.score(row) for row in rows] == [(2, 2)]


def test_in_a_cohorts_folder_the_record_lies_there(released, tmp_path, monkeypatch):
    _, out, _ = released
    monkeypatch.delenv("COURSE_GRADING", raising=False)
    monkeypatch.chdir(out)
    assert flow.store() == flow.store(None, out) == out / "grading"
    monkeypatch.chdir(tmp_path)
    assert flow.store() == ROOT / "grading" and flow.store(Path("x")) == Path("x")


def test_a_cohort_needs_no_solutions_in_the_course(released, tmp_path, monkeypatch):
    """As on the hub, where they are hidden."""
    from grader import source
    _, out, _ = released
    monkeypatch.setattr(source, "SOLUTIONS", tmp_path / "nothing")
    assert cohort_release.packed_lessons(out)["00_start"]["checks"]


def test_another_version_of_the_course_is_named(released, monkeypatch):
    _, out, _ = released
    assert cohort_release.another_version(out) == ""
    monkeypatch.setattr(cohort_release, "_commit", lambda: "f" * 40)
    assert "git worktree add" in cohort_release.another_version(out)


def test_a_tag_needs_a_commit_with_everything_in_it(tmp_path, monkeypatch):
    asked = []

    def git(line, **_):
        asked.append(line)
        return subprocess.CompletedProcess(line, 0, "", "")
    monkeypatch.setattr(cohort_release, "_commit", lambda: "f" * 40 + "+")
    with pytest.raises(CourseError, match="a tag needs a commit"):
        cohort_release._tag("autumn")
    monkeypatch.setattr(cohort_release, "_commit", lambda: "f" * 40)
    monkeypatch.setattr(cohort_release.subprocess, "run", git)
    assert cohort_release._tag("autumn") == "the course is tagged cohort-autumn"
    assert asked[0][3:6] == ["tag", "-a", "cohort-autumn"]


# ---- what a slip gives ----

@pytest.fixture
def made(tmp_path, monkeypatch):
    course = made_up(tmp_path, monkeypatch)
    for module in (cohort, cohort_release):
        if hasattr(module, "SOLUTIONS"):
            monkeypatch.setattr(module, "SOLUTIONS", tmp_path / "solutions")
    put(course.solution.parent / "cohort.py", VERSIONS)
    put(course.solution.parent / "reference" / "numbers.json", "[0, 2, 4, 6, 8]")
    put(course.solution.parent / "reference" / "curve.json", "[3, 2, 1]")
    return course


def build(made, tmp_path):
    return list(cohort_release.release_cohort([LESSON], "s", "name", tmp_path / "out", ["t"]))


def test_the_made_up_lesson_comes_out(made, tmp_path):
    said = build(made, tmp_path)
    assert said[1].endswith("of 2 reference answers of the default 1 pass here")
    assert said[2].endswith("of 2 reference answers of seed 't' 2 pass here")


@pytest.mark.parametrize("old, new, says", [
    ("Write `double(x)`", "Write `triple(x)`", "stands 0 times in contract"),
    ('("def double(x):"', '("x"', "times in answer, it must stand there once"),
    ('"says"', '"sys"', "unknown words"), ("CONTRACT", "CONTRACT =", "cannot be run"),
    ("assert double(1, «K») == «K», 'look at times'", "pass", "its check does not look"),
    ("return times * x", "return 5 * x", "CheckFailed"),
    ("CONTRACT", "OTHER", "a third is needed"),
    ('\'" a  c "\'', '\'" a  b c "\'', "CheckFailed")])
def test_a_slip_in_the_versions_is_one_sentence(made, tmp_path, old, new, says):
    put(made.solution.parent / "cohort.py", VERSIONS.replace(old, new))
    with pytest.raises(CourseError, match=says):
        build(made, tmp_path)
    assert not (tmp_path / "out" / "notebooks" / LESSON).exists(), "nothing half"


def test_a_lesson_without_versions_is_named(made, tmp_path):
    (made.solution.parent / "cohort.py").unlink()
    with pytest.raises(CourseError, match="has no versions for cohorts"):
        build(made, tmp_path)
