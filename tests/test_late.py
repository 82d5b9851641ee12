"""Deadlines: the policy's arithmetic, then in a gradebook: late, extended, read by a person, regraded."""

import math
import shutil
import sys

import nbformat
import pytest

from course.paths import CourseError
from grader import autograde, late
from grader.queue.ledger import Ledger
from grader.reports import handback
from tests.cohort import lesson_text, nbgrader_course
from tests.madeup import LESSON, put
from tests.queue_support import RIGHT, made  # noqa: F401

POLICY = f"""\
grace_minutes = 15
lost_per_day = 0.1
most_lost = 0.5
nothing_after_days = 14

[due]
"{LESSON}" = 2026-11-20T12:00:00+02:00

[[extension]]
learner = "extended"
lesson = "{LESSON}"
hours = 48
"""
DAY = 86400


@pytest.fixture
def policy(tmp_path):
    put(tmp_path / "late.toml", POLICY)
    return late.read(tmp_path)


@pytest.mark.parametrize("seconds, lost", [
    (0, 0), (60, 0), (900, 0), (901, 1), (900 + DAY, 1), (901 + DAY, 2), (10 * DAY, 5),
    (900 + 14 * DAY, 5), (901 + 14 * DAY, 10)])
def test_what_is_lost(policy, seconds, lost):
    assert policy.lost(10, seconds) == lost


def test_no_file_is_no_policy(tmp_path):
    assert late.read(tmp_path) is None


@pytest.mark.parametrize("old, new, says", [
    ("0.1", "10", "a share from 0 to 1, not percent"), ("0.1", '"much"', "must be a number"),
    ("T12:00:00+02:00", "T12:00:00", "needs day, time and zone"),
    ("0.1", "nan", "lost_per_day must be a number"), ("14", "inf", "nothing_after_days must be a number"),
    ("hours = 48", "days = 2", "hours; one has learner, lesson, days$"),
    ("hours = 48", "hours = -48", "from 0 to 8784 .a year., not -48"), ("= 48", "= nan", "not nan"),
    ("= 48", "= 1e9", "from 0 to 8784"), ("= 48", "= true", "not True"),
    ("[[extension]]", "[extension]", "with two brackets on each side"),
    ("hours = 48", f"""hours = 48
[[extension]]
learner = "extended"
lesson = "{LESSON}"
hours = 2""", "two extensions for"),
    ("2026-11-20T12:00:00+02:00", "20 November", "A date looks like 2027-10-12T23:59:00.02:00"),
    (f'lesson = "{LESSON}"', 'lesson = "91_other"', "which has no due date"),
    ("grace_minutes", "grace", "unknown words: grace"), ("[due]", "[due", "cannot be read")])
def test_a_slip_in_the_file_is_one_sentence(tmp_path, old, new, says):
    put(tmp_path / "late.toml", POLICY.replace(old, new))
    with pytest.raises(CourseError, match=says.replace("[", r"\[")) as slip:
        late.read(tmp_path)
    assert "{" not in str(slip.value) and "Errno" not in str(slip.value)


def test_the_rule_in_words(policy):
    assert policy.rule() == ("After 15 minutes of grace each day begun costs 10 % of the points, at most "
                             "50 %; after 14 days nothing is given.")
    assert late.Policy(0, 0.25, 1, math.inf).rule() == "Each day begun costs 25 % of the points."
    assert late.Policy(0, 0, 1, 3).rule() == "After 3 days nothing is given."
    assert late.Policy(60, 0, 1, math.inf).rule() == ""


def test_names_of_nobody_are_said(policy):
    assert policy.unknown(LESSON, {"extended", "ben"}, [LESSON]) == []
    (said,) = policy.unknown(LESSON, {"extendd", "ben"}, [LESSON])
    assert "there is no extended" in said and said.endswith("did you mean extendd?")
    (said,) = policy.unknown("91_other", set(), ["91_other"])  # an extension of another lesson is not asked
    assert said == f"late.toml has a due date for {LESSON}, and there is no such lesson"


# ---- in a gradebook ----

HANDED = {"punctual": "10:00:00", "grace": "10:10:00", "late": "22:00:00", "extended": "22:00:00"}


@pytest.fixture(scope="module")
def taught(made, tmp_path_factory):  # noqa: F811
    """A course with a policy; four perfect learners hand in at other times, with an essay each."""
    if sys.platform != "linux":
        pytest.skip("grading others' work needs Linux")
    folder = tmp_path_factory.mktemp("late")
    with pytest.MonkeyPatch.context() as monkeypatch:
        root = folder / "course"
        course = nbgrader_course(root, {LESSON: lesson_text(LESSON, root)}, monkeypatch)
        course.do(course.api.generate_assignment(LESSON))
        put(root / "late.toml", POLICY)
        for who, time in HANDED.items():
            notebook = made.notebook(RIGHT)
            for cell in notebook.cells:
                if cell.metadata.get("course", {}).get("kind") == "essay":
                    cell.source = "Mine."
            put(root / "submitted" / who / LESSON / f"{LESSON}.ipynb", nbformat.writes(notebook))
            put(root / "submitted" / who / LESSON / "timestamp.txt", f"2026-11-20 {time} UTC\n")
            put(root / "submitted" / who / LESSON / "submission_secret.txt", f"secret of {who}")
        course.store, course.options = folder / "store", made.options()
        yield course


def grade(course, students=None, told=None):
    """told: gets the lines that the command prints."""
    opened = autograde.open_course(course.root)
    with Ledger(course.store, write=True) as ledger:
        rows, whole = autograde.autograde(opened, LESSON, ledger, course.options, students)
        assert whole
        if told is not None:
            told.extend(handback.lines(opened, rows))
    return opened


def scores(course):
    """{learner: (score, penalty, whole)} in the gradebook."""
    with course.api.gradebook as book:
        found = {}
        for who in HANDED:
            submission = book.find_submission(LESSON, who)
            lost = submission.late_submission_penalty or 0
            found[who] = (submission.score, round(lost, 4), round(submission.score - lost, 4))
        return found


def by_hand(course, who, cell, points, comment=""):
    with course.api.gradebook as book:
        grade = book.find_grade(cell, LESSON, LESSON, who)
        grade.manual_score, grade.needs_manual_grade = points, False
        if comment:
            book.find_comment(cell, LESSON, LESSON, who).manual_comment = comment
        book.db.commit()


def test_late_extended_read_and_regraded(taught):
    told = []
    opened = grade(taught, told=told)
    assert "4.05 of 5.5  (4.5 of 4.5 by checks, 0.45 taken off for handing in late; 1 essay waits " \
        "for you" in told[2] and told[2].startswith("late ") and told[-1] == "4 submissions"
    assert scores(taught) == {"punctual": (4.5, 0, 4.5), "grace": (4.5, 0, 4.5),
                              "late": (4.5, 0.45, 4.05), "extended": (4.5, 0, 4.5)}
    for who in HANDED:
        by_hand(taught, who, "essay-why-small", 0.5, "Say <b>why</b>.")
    grade(taught)  # regrading keeps what a person gave, and takes the penalty from all of it
    assert scores(taught)["late"] == (5, 0.5, 4.5)
    assert scores(taught)["punctual"] == (5, 0, 5)
    text = (taught.root / "late.toml").read_text(encoding="utf-8")
    put(taught.root / "late.toml", text.replace('"extended"', '"late"'))
    grade(taught)  # an extension granted, another withdrawn
    assert scores(taught)["late"] == (5, 0, 5) and scores(taught)["extended"] == (5, 0.5, 4.5)
    put(taught.root / "late.toml", text)
    told.clear()
    grade(taught, told=told)
    assert "4.5 of 5.5  (4.5 of 4.5 by checks, 0.5 of 1 by a person, 0.5 taken off" in told[2]
    assert "wait" not in "".join(told)
    with Ledger(taught.store) as ledger:
        assert handback.write_all(opened, ledger, LESSON) == len(HANDED)
    page = (taught.root / "feedback" / "late" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert page.index("In all 4.5 of 5.5 points<") < page.index(
        "4.5 of 4.5 by checks, 0.5 of 1 by your teacher, 0.5 taken off for handing in late.")
    assert "more are read" not in page and "wait" not in page
    assert "Handed in 2026-11-21 00:00 UTC+02:00; due 2026-11-20 12:00 UTC+02:00. After 15 minutes" in page
    page = (taught.root / "feedback" / "extended" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "due 2026-11-22 12:00 UTC+02:00, with your extension of 48 hours." in page
    assert "0.5 of 1" in page and "Say &lt;b&gt;why&lt;/b&gt;." in page
    assert "HIDDEN" not in page and "look at its sign" not in page and "<script" not in page


def essay(course, who):
    """(points by hand, whether formgrader asks for a person)."""
    with course.api.gradebook as book:
        entry = book.find_grade("essay-why-small", LESSON, LESSON, who)
        return entry.manual_score, entry.needs_manual_grade


def test_an_essay_that_was_read_is_not_asked_for_again_until_it_changes(taught):
    grade(taught)
    assert [essay(taught, who) for who in HANDED] == [(0.5, False)] * 4
    path = taught.root / "submitted" / "grace" / LESSON / f"{LESSON}.ipynb"
    before = path.read_text(encoding="utf-8")
    put(path, before.replace('"Mine."', '"Mine, <b>rewritten</b>."'))
    told = []
    for _ in range(2):  # the second time nothing changed, and still nobody has read it
        grade(taught, ["grace"], told)
        assert essay(taught, "grace") == (0.5, True)
    assert "0.5 of 1 by a person; 1 essay waits for you" in told[0]
    by_hand(taught, "grace", "essay-why-small", 0.75)
    grade(taught, ["grace"])
    assert essay(taught, "grace") == (0.75, False)
    shutil.rmtree(taught.root / "autograded" / "grace")  # nothing says what the person read
    grade(taught, ["grace"])
    assert essay(taught, "grace") == (0.75, True)
    put(path, before)
    by_hand(taught, "grace", "essay-why-small", 0.5)
    grade(taught, ["grace"])
    by_hand(taught, "grace", "essay-why-small", 0.5)


def test_a_deadline_taken_out_takes_its_penalties_along(taught):
    text = (taught.root / "late.toml").read_text(encoding="utf-8")
    assert scores(taught)["late"][1] == 0.5
    put(taught.root / "late.toml", text[:text.index("[due]")])
    try:
        grade(taught, ["punctual"])  # for everybody, not only whom it grades
        assert {who: lost for who, (_, lost, _) in scores(taught).items()} == dict.fromkeys(HANDED, 0)
        with taught.api.gradebook as book:
            assert book.find_assignment(LESSON).duedate is None
            assert book.find_submission(LESSON, "extended").extension is None
    finally:
        put(taught.root / "late.toml", text)
    grade(taught)
    assert scores(taught)["late"][1] == 0.5 and scores(taught)["extended"][1] == 0


def test_a_slip_or_a_wrong_name_is_said_before_anything_is_graded(taught, monkeypatch, capsys):
    text = (taught.root / "late.toml").read_text(encoding="utf-8")
    monkeypatch.setattr(autograde.flow, "go", lambda *_: pytest.fail("it was graded"))
    with Ledger(taught.store, write=True) as ledger:
        def begin():
            autograde.autograde(autograde.open_course(taught.root), LESSON, ledger, taught.options)
        try:
            put(taught.root / "late.toml", text.replace("2026-11-20T", "2026-13-20T"))
            with pytest.raises(CourseError, match="A date looks like"):
                begin()
            put(taught.root / "late.toml", text.replace('"extended"', '"extendet"'))
            with pytest.raises(pytest.fail.Exception, match="it was graded"):
                begin()
        finally:
            put(taught.root / "late.toml", text)
    assert "there is no extendet" in (said := capsys.readouterr().err) and "mean extended?" in said


def test_nbgraders_own_autograde_takes_the_same_off(taught, monkeypatch):
    monkeypatch.chdir(taught.root)
    course = nbgrader_course(taught.root, {}, monkeypatch)  # reads the configuration again
    for who in ("late", "punctual"):
        course.do(course.api.autograde(LESSON, who))
    assert scores(course)["late"][1] == 0.5 and scores(course)["punctual"][1] == 0


def test_feedback_reaches_the_right_learner_through_the_exchange(taught):
    with Ledger(taught.store) as ledger:  # written after the last grading, whoever did it
        handback.write_all(autograde.open_course(taught.root), ledger, LESSON)
    taught.do(taught.api.release_feedback(LESSON))
    from nbgrader.utils import notebook_hash
    outbox = taught.root / "exchange" / "labels-to-agents" / "feedback"
    for who in HANDED:
        page = outbox / f"{notebook_hash(secret=f'secret of {who}', notebook_id=LESSON)}.html"
        assert f"Results of {who}" in page.read_text(encoding="utf-8")
    # nbgrader looks for it under the name that the learner's own notebook has
    handed, pages = (taught.root / place / "late" / LESSON for place in ("submitted", "feedback"))
    for old, new in ((LESSON, "my work (1)"), ("my work (1)", LESSON)):
        (handed / f"{old}.ipynb").rename(handed / f"{new}.ipynb")
        with Ledger(taught.store) as ledger:
            handback.write_all(autograde.open_course(taught.root), ledger, LESSON)
        assert {page.stem for page in pages.glob("*.html")} == {LESSON, new}
        taught.do(taught.api.release_feedback(LESSON))
        page = outbox / f"{notebook_hash(secret='secret of late', notebook_id=new)}.html"
        assert "Results of late" in page.read_text(encoding="utf-8")


def test_feedback_without_a_grade_is_one_sentence(taught, tmp_path):
    shutil.rmtree(taught.root / "feedback", ignore_errors=True)
    opened = autograde.open_course(taught.root)
    with Ledger(tmp_path / "empty", write=True) as ledger, \
            pytest.raises(CourseError, match="nothing of 90_small is graded"):
        handback.write_all(opened, ledger, LESSON)
    with Ledger(tmp_path / "empty", write=True) as ledger, \
            pytest.raises(CourseError, match="does not know 91_none"):
        handback.write_all(opened, ledger, "91_none")
