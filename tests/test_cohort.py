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
from grader import autograde, cli, cohort, cohort_release, variants
from grader.queue import flow, pool
from grader.queue.ledger import Ledger
from grader.reports import tables
from grader.source import read_lesson, source_path
from tests import remember
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


@pytest.mark.parametrize("lesson", [name for name in LESSONS if name > "07"])
def test_other_exercises_than_those_have_other_data(lesson):
    contract, slices = cohort.declared(lesson)
    exercises = cohort.answers(read_lesson(source_path(lesson)))
    assert len(slices) >= 3 and set(slices) <= set(exercises)
    assert len({*contract, *slices}) >= len(exercises) - 1, "two cohorts differ nearly everywhere"
    assert all(len(one["values"]) >= 3 for some in slices.values() for one in some)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_version_tells_its_own_answer_from_the_defaults(lesson, tmp_path, monkeypatch):
    """Its own answers pass under the judge, too. Slices also take every right answer of tests/variants, refuse every wrong one, and refuse
    an answer that knows the default's check by heart."""
    default = cohort.answers(read_lesson(source_path(lesson)))
    recited = by_heart(lesson, default)
    seen = set()
    for number, choices in enumerate(rounds(lesson)):
        monkeypatch.setattr(cohort, "choose", lambda *_, c=choices: c)
        folder = tmp_path / str(number)
        others = {"default": default}
        for choice in sliced(choices):
            if (choice.exercise, choice.name) not in seen:
                seen.add((choice.exercise, choice.name))
                others |= tried(lesson, choice, recited)
        solution, _ = cohort_release.make(lesson, "s", "name", folder)  # its own answers pass
        cohort_release.refuse_unjudged(lesson, solution, folder)  # as they are graded, too
        got = cohort_release.verdicts(solution, folder / "solutions" / lesson, others)
        cohort_release.refuse_weak(lesson, choices, got.pop("default"))
        assert not [label for label, passed in got.items()
                    if list(passed.values()) != [label.startswith("right")]]
        stale = cohort_release.changed_values(lesson, folder)
        assert stale in ([], ["bills.json"], ["threshold.json"])
        assert all(cohort_release.heading_of(solution, file) for file in stale)


def sliced(choices):
    """The choices of exercises whose contract is the default's."""
    other = {choice.exercise for choice in choices if choice.contract}
    return [choice for choice in choices if choice.exercise not in other]


def tried(lesson, choice, recited):
    """{label: {exercise: answer}} for one slice; a label begins with right or with wrong. Right
    answers copy constants out of the lesson's text: they are left out where that text differs."""
    found = {f"{one.kind} {one.name}, {choice.exercise}, {choice.name}": {choice.exercise: one.source}
             for one in variants.read_variants(lesson, choice.exercise)
             if one.kind == "wrong" or "lesson" not in choice.alternative}
    if choice.exercise in recited:
        found[f"wrong by heart, {choice.exercise}, {choice.name}"] = {
            choice.exercise: recited[choice.exercise]}
    return found


def by_heart(lesson, default):
    """{exercise: an answer without any computation that passes the default's check}."""
    _, slices = cohort.declared(lesson)
    solution = read_lesson(source_path(lesson))
    taken = {name: remember.taking(default[name]) for name in slices}
    given = {name: remember.giving(default[name]) for name in slices}
    got = cohort_release.verdicts(solution, cohort.SOLUTIONS / lesson, {"take": taken, "give": given})
    assert all(got["take"].values())
    return {name: given[name] for name, passed in got["give"].items() if passed}


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
    assert "00_start: something else is asked in 1 of 1 exercises, other data are used in 0" in said
    assert "majority-baseline asks something else: " in said
    assert "  answers copied from the public course solve 0 of 1 exercises here\n" in said
    assert "  answers copied from a class with the seed 'secret-18' solve " in said
    assert "  its own answers get all points from the judge that grades (tried in " in said
    assert out.stat().st_mode & 0o077 == 0
    assert (out / "cohort.json").stat().st_mode & 0o077 == 0
    note = cohort_release.read(out)
    assert note["seed"] == "secret-17" and list(note["lessons"]) == ["00_start"]
    assert not list((out / "solutions").rglob("*.py")), "one source, the notebook"
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


def test_a_lesson_is_released_once_unless_it_is_forced(released, capsys):
    """Learners may hold what is there; the folder's own seed counts when none is given."""
    _, out, _ = released
    notebook = out / "notebooks" / "00_start" / "00_start.ipynb"
    first = notebook.read_bytes()
    notebook.write_text("mended")
    again = ["release", "00_start", "--name", "autumn-2027", "--out", str(out)]
    for more in ([], ["--seed", "secret-17"]):
        assert cli.main([*again, *more]) == 2
        error = capsys.readouterr().err
        assert "00_start: released in" in error and "--force" in error and error.count("\n") == 1
        assert notebook.read_text() == "mended"
        assert cli.main([*again, *more, "--force"]) == 0
        assert "answers copied from a class with another seed solve " in capsys.readouterr().out
        assert notebook.read_bytes() == first and cohort_release.read(out)["seed"] == "secret-17"
        notebook.write_text("mended")


def test_another_cohort_and_another_seed_are_refused(released, tmp_path, capsys):
    _, out, _ = released
    again = ["release", "00_start", "--force", "--seed", "secret-17", "--out", str(out), "--name"]
    for more, says in (([*again, "spring"], "belongs to the cohort 'autumn-2027'"),
                       ([*again[:-2], str(ROOT / "notebooks"), "--name", "x"], "lies in the course"),
                       ([*again[:-2], str(tmp_path), "--name", "x"], "is not empty"),
                       ([*again[:-2], str(out / "cohort.json"), "--name", "x"], "is a file"),
                       ([*again[:-2], str(out / "cohort.json" / "x"), "--name", "x"], "is a file"),
                       ([*again[:4], "other", *again[5:], "autumn-2027"], "with another seed"),
                       (["release", "00", *again[3:], "autumn-2027"], "no lesson '00'"),
                       ([*again[:4], " ", *again[5:], "autumn-2027"], "yours is empty"),
                       ([*again, "autumn-2027", "--against", ""], "yours is empty"),
                       ([*again, "autumn-2027", "--against", "secret-17"], "needs another seed")):
        assert cli.main(more) == 2
        error = capsys.readouterr().err
        assert says in error and error.count("\n") == 1


def test_a_frozen_folder_takes_no_seed(tmp_path, capsys):
    out = ["--name", "frozen", "--out", str(tmp_path / "frozen")]
    assert cli.main(["release", "00_start", *out]) == 0
    assert cli.main(["release", "01_traditional_ml", *out, "--seed", "s"]) == 2
    assert "was released without a seed" in capsys.readouterr().err


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
    own = cohort.answers(cohort_release.solution_of(out, "00_start"))
    default = cohort.answers(read_lesson(source_path("00_start")))
    for who, answers in (("own", own), ("default", default)):
        put(tmp_path / f"{who}_00_start.ipynb", nbformat.writes(filled(book, answers)))
    capsys.readouterr()
    code = cli.main(["grade", *(str(p) for p in sorted(tmp_path.glob("*.ipynb"))), "--cohort",
                     str(out), "--store", str(tmp_path / "record"), "--json", "--quiet", "--jobs", "1"])
    told = json.loads(capsys.readouterr().out)["submissions"]
    assert code == 0 and {t["learner"]: t["points"] for t in told} == {"own": 2, "default": 0}


@pytest.fixture
def graded(released, tmp_path, monkeypatch):
    """(the class's folder, nbgrader's course in it, a function that grades all)."""
    _, out, _ = released
    monkeypatch.chdir(out)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    made = Course(out, autograde.open_course(out)[1])
    made.do(made.api.generate_assignment("00_start"))
    book = nbformat.read(out / "notebooks" / "00_start" / "00_start.ipynb", 4)
    own = cohort.answers(cohort_release.solution_of(out, "00_start"))
    put(out / "submitted" / "wei" / "00_start" / "00_start.ipynb", nbformat.writes(filled(book, own)))

    def grade():
        with Ledger(tmp_path / "record", write=True) as ledger:
            options = pool.Options(jobs=1, packed=cohort_release.packed_lessons(out))
            rows, whole = autograde.autograde(autograde.open_course(out), "00_start", ledger, options)
            assert whole
            return [(tables.score(row), tables.result_of(row, ledger)["notes"]) for row in rows]
    return out, made, grade


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_a_cohorts_folder_is_a_course_for_autograde(graded):
    _, _, grade = graded
    assert grade() == [((2, 2), [])]


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_a_check_is_mended_in_the_notebook_and_nowhere_else(graded):
    """As the instructor guide says it; no learner is told that they changed the check."""
    out, made, grade = graded
    assert grade() == [((2, 2), [])]
    path = out / "solutions" / "00_start" / "00_start.ipynb"
    book = nbformat.read(path, 4)
    check = next(c for c in book.cells if c.metadata.get("course", {}).get("kind") == "check")
    check.source = ("with check('majority-baseline'):\n"
                    "    assert majority_baseline(['a']) == 7, 'nobody gives that'")
    check.id = "another-id"  # editors may give one
    nbformat.write(book, path)
    with pytest.raises(CourseError, match="its cell check-majority-baseline is not the one in "
                       "solutions/00_start/00_start.ipynb: run nbgrader generate_assignment 00_start "
                       "--force$"):
        grade()
    made.do(made.api.generate_assignment("00_start", force=True))
    [(score, notes)] = grade()
    assert score == (0, 2) and [note["kind"] for note in notes] == ["version"]


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
    assert said[:3] == [
        f"{LESSON}: something else is asked in 1 of 2 exercises, other data are used in 1",
        f"  double-it asks something else: an option (K={said[1][-2]})",
        "  count-words has other data: other words"]
    assert said[3].endswith("from the public course solve 1 of 2 exercises here")
    assert said[4].endswith("from a class with the seed 't' solve 2 of 2 exercises here")


@pytest.mark.parametrize("old, new, says", [
    ("Write `double(x)`", "Write `triple(x)`", "stands 0 times in contract"),
    ('("def double(x):"', '("x"', "times in answer, it must stand there once"),
    ('"says"', '"sys"', "unknown words"), ("CONTRACT", "CONTRACT =", "cannot be run"),
    ("assert double(1, «K») == «K», 'look at times'", "pass", "its check does not look"),
    ("return times * x", "return 5 * x", "CheckFailed"),
    ("assert double(1, «K») == «K», 'look at times'",
     "assert double.__code__.co_argcount == 2 and double(1, «K») == «K», 'look at times'",
     "do not get all points when they are graded, so nothing was written .* under the judge"),
    ("CONTRACT", "OTHER", "a third is needed"),
    ('\'" a  c "\'', '\'" a  b c "\'', "CheckFailed")])
def test_a_slip_in_the_versions_is_one_sentence(made, tmp_path, old, new, says):
    put(made.solution.parent / "cohort.py", VERSIONS.replace(old, new))
    with pytest.raises(CourseError, match=says):
        build(made, tmp_path)
    assert not (tmp_path / "out" / "notebooks" / LESSON).exists(), "nothing half"


def test_stored_values_that_changed_are_named_with_their_place(made, tmp_path):
    put(made.solution.parent / "reference" / "numbers.json", "[0, 2, 4, 6, 9]")
    assert any(line.startswith("  the stored values numbers.json are other ones: read whether the text "
                               "of the lesson under ") for line in build(made, tmp_path))


def test_a_lesson_without_versions_is_named(made, tmp_path):
    (made.solution.parent / "cohort.py").unlink()
    with pytest.raises(CourseError, match="has no versions for cohorts"):
        build(made, tmp_path)
