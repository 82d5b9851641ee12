"""`grader autograde` against `nbgrader autograde`: same submissions, same gradebook, rows and all."""

import shutil
import sqlite3
import sys

import nbformat
import pytest

from course.paths import CourseError
from grader import autograde
from grader.graded import harmless
from grader.queue.ledger import Ledger
from grader.reports import handback, tables
from tests.cohort import hand_ins, lesson_text, nbgrader_course
from tests.madeup import LESSON, put
from tests.queue_support import made  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
HOSTILE = "# <script>alert(1)</script> [x](javascript:alert(1)) &#106;avascript:alert(1)"


class Both:
    """ours, theirs: the same course graded both ways. handed: {student: (notebook, points)}."""

    def __init__(self, made, folder, monkeypatch):  # noqa: F811
        self.made, self.handed = made, hand_ins(LESSON, made.solution, made.released)
        self.theirs = nbgrader_course(
            folder / "theirs", {LESSON: lesson_text(LESSON, folder / "theirs")}, monkeypatch)
        self.theirs.do(self.theirs.api.generate_assignment(LESSON))
        for student, (notebook, _) in self.handed.items():
            put(folder / "theirs" / "submitted" / student / LESSON / f"{LESSON}.ipynb",
                nbformat.writes(notebook))
            put(folder / "theirs" / "submitted" / student / LESSON / "timestamp.txt",
                "2026-11-20 10:00:00 UTC\n")
        shutil.copytree(folder / "theirs", folder / "ours")
        self.ours = nbgrader_course(folder / "ours", {}, monkeypatch)
        shutil.copy(folder / "theirs" / "gradebook.db", folder / "ours" / "gradebook.db")
        self.root, self.store = folder / "ours", folder / "store"

    def grade(self, students=None, **more):
        course = autograde.open_course(self.root)
        with Ledger(self.store, write=True) as ledger:
            rows, whole = autograde.autograde(course, LESSON, ledger, self.made.options(**more),
                                              students)
            return whole, {row["learner"]: tables.score(row)[0] for row in rows}


@pytest.fixture(scope="module")
def both(made, tmp_path_factory):  # noqa: F811
    with pytest.MonkeyPatch.context() as monkeypatch:
        both = Both(made, tmp_path_factory.mktemp("both"), monkeypatch)
        both.result = both.grade()
        monkeypatch.chdir(both.theirs.root)
        both.logs = {s: both.theirs.api.autograde(LESSON, s) for s in both.handed}
        yield both


def rows_of(course, student):
    with course.api.gradebook as book:
        notebook = book.find_submission_notebook(LESSON, LESSON, student)
        grades = {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade, g.max_score)
                  for g in notebook.grades}
        comments = {c.name: c.auto_comment for c in notebook.comments}
        return grades, comments, book.find_submission(LESSON, student).timestamp, notebook.score


def test_every_row_equals_nbgraders(both):
    whole, scores = both.result
    assert whole and len(scores) == 8
    for student in set(both.handed) - {"crashes"}:
        assert both.logs[student]["success"]
        assert rows_of(both.ours, student) == rows_of(both.theirs, student), student


def test_scores_are_the_expected_ones_and_a_crash_costs_its_exercise_only(both):
    _, scores = both.result
    for student, (_, points) in both.handed.items():
        if points is not None:
            assert scores[student] == points == rows_of(both.ours, student)[3], student
    assert scores["crashes"] == 1.5, "nbgrader gives none at all here"


def test_notebooks_say_what_nbgraders_say(both):
    for student in set(both.handed) - {"crashes"}:
        ours, theirs = (
            {c.id: c for c in nbformat.read(course.root / "autograded" / student / LESSON
                                            / f"{LESSON}.ipynb", 4).cells}
            for course in (both.ours, both.theirs))
        for name, cell in theirs.items():
            assert ours[name].source == cell.source, (student, name)
            if name.startswith("check-"):
                assert [(o.ename, o.evalue) for o in ours[name].outputs] == \
                    [(o.ename, o.evalue) for o in cell.outputs if o.output_type == "error"], student
    folder = both.root / "autograded" / "half" / LESSON
    assert (folder / "reference" / "numbers.json").is_file() and not list(folder.rglob("*.py"))


def test_feedback_and_export_work_unchanged(both, monkeypatch):
    from nbgrader.plugins import CsvExportPlugin
    monkeypatch.chdir(both.root)
    both.ours.do(both.ours.api.generate_feedback(LESSON))
    page = (both.root / "feedback" / "hidden" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "look at its sign" in page
    plugin = CsvExportPlugin(config=both.ours.config)
    plugin.to = str(both.root / "grades.csv")
    with both.ours.api.gradebook as book:
        plugin.export(book)
    assert (both.root / "grades.csv").read_text("utf-8").count(LESSON) == 8
    states = {row["student"]: row for row in both.ours.api.get_submissions(LESSON)}
    assert all(row["autograded"] for row in states.values())


def test_again_keeps_manual_grades_and_grades_nothing_twice(both):
    with both.ours.api.gradebook as book:
        grade = book.find_grade("check-double-it", LESSON, LESSON, "wrong")
        grade.manual_score = 1.25
        book.db.commit()
    both.grade()
    grades, *_ = rows_of(both.ours, "wrong")
    assert grades["check-double-it"][1:3] == (1.25, True)
    with Ledger(both.store) as ledger:
        events = [r[0] for r in ledger.db.execute("SELECT what FROM events")]
    assert events.count("begun") == events.count("finished") == 8
    assert list(both.root.glob("gradebook.db.before-*"))


def test_copies_of_the_gradebook_that_stay(tmp_path, capsys):
    book = tmp_path / "gradebook.db"
    sqlite3.connect(book).close()
    for name in ("20261101-080000-001", "20261101-090000-001", "20261102-080000-001",
                 "20261102-080000-002"):
        (tmp_path / f"gradebook.db.before-{name}").touch()
    for _ in range(7):
        autograde._back_up(book)
    left = sorted(path.name.split("before-")[1] for path in tmp_path.glob("gradebook.db.before-*"))
    assert left[:2] == ["20261101-080000-001", "20261102-080000-001"], "the first of each day"
    assert 2 + 5 <= len(left) <= 2 + 7, "and the last five"  # 6 when its day has a first; midnight: 7


def test_odd_hand_ins_get_zero_and_a_reason(both):
    top = both.root / "submitted"
    put(top / "odd" / LESSON / f"{LESSON}.ipynb", "no notebook <script>alert(1)</script>")
    (top / "linked").mkdir()
    (top / "linked" / LESSON).symlink_to(top / "perfect" / LESSON)
    (top / "none" / LESSON).mkdir(parents=True)
    evil = both.made.notebook({})
    evil.cells.append(nbformat.v4.new_markdown_cell(HOSTILE, id="evil"))
    put(top / "evil" / LESSON / f"{LESSON}.ipynb", nbformat.writes(evil))
    both.grade(["odd", "linked", "none", "evil"])
    for student in ("odd", "linked", "none", "evil"):
        assert rows_of(both.ours, student)[3] == 0, student
    with Ledger(both.store) as ledger:
        told = list(handback.lines(autograde.open_course(both.root), tables.Rows(
            ledger, lesson=LESSON, learner="odd")))
    assert "  0 of 5.5  (" in told[0] and "0 of 0" not in told[0] and told[1] == "1 submission"
    for student, said in (("odd", "is not a notebook"), ("linked", "links are not followed")):
        text = (both.root / "autograded" / student / LESSON / f"{LESSON}.ipynb").read_text("utf-8")
        assert said in text and "<script" not in text
    written = (both.root / "autograded" / "evil" / LESSON / f"{LESSON}.ipynb").read_text("utf-8")
    assert "<script" not in written and "javascript:" not in written


def test_a_notebook_under_another_name_is_graded_and_no_notebook_is_a_row(both, capsys):
    """nbgrader hands in the folder as it is; whoever renamed their notebook got zero, unsaid."""
    top, right = both.root / "submitted", (both.root / "submitted" / "perfect" / LESSON
                                           / f"{LESSON}.ipynb").read_text("utf-8")
    put(top / "renamed" / LESSON / "my work (1).ipynb", right)
    put(top / "renamed" / LESSON / "timestamp.txt", "2026-11-20 10:00:00 UTC\n")
    put(top / "two" / LESSON / f"{LESSON}-Copy1.ipynb", right)
    put(top / "two" / LESSON / "b.ipynb", right)
    put(top / "copied" / LESSON / f"{LESSON}.ipynb", right)
    put(top / "copied" / LESSON / "again.ipynb", "{}")
    put(top / "text" / LESSON / "notes.txt", "sorry")
    put(top / "markup" / LESSON / "<img src=x onerror=alert(1)>\x1b[31m.txt", "sorry")
    put(top / "nothing" / LESSON / "timestamp.txt", "2026-11-20 10:00:00 UTC\n")
    put(top / "file" / LESSON, "not a folder")
    put(top / "stranger" / LESSON / "work.ipynb", right.replace(f'"{LESSON}"', '"04_tokens"'))
    wrong = {"two": f"no {LESSON}.ipynb but 2 notebooks with other names ({LESSON}-Copy1.ipynb, b.ipynb)",
             "text": f"no {LESSON}.ipynb was handed in, only notes.txt",
             "markup": f"no {LESSON}.ipynb was handed in, only <img",
             "nothing": f"no {LESSON}.ipynb was handed in",
             "file": f"the folder of {LESSON}.ipynb cannot be read (Not a directory)",
             "stranger": f"no {LESSON}.ipynb was handed in, only work.ipynb, which is of 04_tokens"}
    _, scores = both.grade(["renamed", "copied", *wrong])
    told = capsys.readouterr().err
    assert scores["renamed"] == scores["copied"] == both.result[1]["perfect"]
    assert f"renamed: there is no {LESSON}.ipynb, so my work (1).ipynb was taken for it" in told
    assert f"copied: again.ipynb beside {LESSON}.ipynb was not graded" in told
    with Ledger(both.store) as ledger:
        reasons = {row["learner"]: row["refused"] for row in tables.Rows(ledger, lesson=LESSON)}
    for student, sentence in wrong.items():
        assert sentence in reasons[student] and student + ":" not in told, student
        assert scores[student] == rows_of(both.ours, student)[3] == 0, student
        page = (both.root / "autograded" / student / LESSON / f"{LESSON}.ipynb").read_text("utf-8")
        assert "handed in" in page or "hand in" in page or "cannot be read" in page, student
        assert "<img" not in page and "\x1b" not in page and "\\u001b" not in page, student


def test_a_failure_leaves_the_gradebook_as_it_was(both, monkeypatch):
    from grader import graded
    before = dump(both.root / "gradebook.db")
    calls = []

    def fails(self, student, result, kept, keep=graded.Keeper.keep):
        calls.append(student)
        if len(calls) == 3:
            raise OSError("the disk is full")
        return keep(self, student, result, kept)
    monkeypatch.setattr(graded.Keeper, "keep", fails)
    with pytest.raises(OSError):
        both.grade()
    assert dump(both.root / "gradebook.db") == before


def dump(path):
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


def test_wrong_input_is_one_sentence(both, tmp_path):
    with pytest.raises(CourseError, match="nbgrader_config"):
        autograde.open_course(tmp_path)
    with pytest.raises(CourseError, match="nobody"):
        both.grade(["nobody"])
    with both.ours.api.gradebook as book:
        cell = book.find_source_cell("check-double-it", LESSON, LESSON)
        kept, cell.source = cell.source, "another"
        book.db.commit()
    try:
        with pytest.raises(CourseError, match="another version"):
            both.grade()
    finally:
        with both.ours.api.gradebook as book:
            book.find_source_cell("check-double-it", LESSON, LESSON).source = kept
            book.db.commit()


def test_markdown_is_made_harmless():
    assert "<" not in harmless(HOSTILE) and "javascript:" not in harmless(HOSTILE)
    assert harmless("a < b & c") == "a &lt; b &amp; c"
