"""Deadlines: the policy's arithmetic, then in a gradebook: late, extended, read by a person, regraded."""

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
    ("hours = 48", "days = 2", "needs learner, lesson and hours"),
    (f'lesson = "{LESSON}"', 'lesson = "91_other"', "which has no due date"),
    ("grace_minutes", "grace", "unknown words: grace"), ("[due]", "[due", "cannot be read")])
def test_a_slip_in_the_file_is_one_sentence(tmp_path, old, new, says):
    put(tmp_path / "late.toml", POLICY.replace(old, new))
    with pytest.raises(CourseError, match=says.replace("[", r"\[")):
        late.read(tmp_path)


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


def grade(course):
    opened = autograde.open_course(course.root)
    with Ledger(course.store, write=True) as ledger:
        assert autograde.autograde(opened, LESSON, ledger, course.options)[1]
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
    opened = grade(taught)
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
    grade(taught)
    with Ledger(taught.store) as ledger:
        assert handback.write_all(opened, ledger, LESSON) == len(HANDED)
    page = (taught.root / "feedback" / "late" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "In all 4.5 of 5.5 points, 0.5 taken off for handing in late." in page
    assert "0.5 of 1" in page and "Say &lt;b&gt;why&lt;/b&gt;." in page
    assert "HIDDEN" not in page and "look at its sign" not in page and "<script" not in page


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


def test_feedback_without_a_grade_is_one_sentence(taught, tmp_path):
    shutil.rmtree(taught.root / "feedback", ignore_errors=True)
    opened = autograde.open_course(taught.root)
    with Ledger(tmp_path / "empty", write=True) as ledger, \
            pytest.raises(CourseError, match="nothing of 90_small is graded"):
        handback.write_all(opened, ledger, LESSON)
    with Ledger(tmp_path / "empty", write=True) as ledger, \
            pytest.raises(CourseError, match="does not know 91_none"):
        handback.write_all(opened, ledger, "91_none")
