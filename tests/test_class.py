"""A class through nbgrader's exchange, our grader and back: every learner's every number compared.

30 learners on one lesson and 3 on each other one (make test-slow); 30 on all (make bench). Demo
cells are left out, as in every graded run.
"""

import copy
import csv
import datetime
import json
import sys
import time

import pytest

from grader import autograde, cohort_release
from grader.cohort_release import packed_lessons
from grader.queue import pool
from grader.queue.ledger import Ledger
from grader.release import release
from grader.reports import handback
from grader.source import lessons, read_lesson, source_path
from tests.cohort import lesson_text, nbgrader_course, three_hand_ins

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux"),
    pytest.mark.filterwarnings("ignore")]
BIG = "04_tokens"
LOST = 0.25  # a day late


class Learner:
    """One simulated learner: what they hand in, in order, and what it must give."""

    def __init__(self, number: int, made: dict, essays: list[float]):
        self.name = f"demo-{number:02d}"
        what = ("perfect", "half", "wrong")[number % 3]
        self.how = {3: "never", 4: "late", 5: "twice", 6: "extended"}.get(number % 10, "in time")
        self.hands_in = [(made["wrong"], False)] if self.how == "twice" else []
        if self.how != "never":
            self.hands_in.append((made[what], self.how in ("late", "extended")))
        self.by_hand = [round(points * (number % 4) / 4, 3) for points in essays]
        whole = made[what][1] + sum(self.by_hand)
        self.expected = None if self.how == "never" else round(
            whole * (1 - LOST if self.how == "late" else 1), 4)

    def notebook(self, made):
        """The submission with a word of their own in it: no two are graded as one."""
        notebook = copy.deepcopy(made[0])
        answer = next(c for c in notebook.cells if c.metadata.get("course", {}).get("kind") == "exercise")
        answer.source += f"\n# {self.name}"
        return notebook


def hand_in(course, lesson, learner, folder, late: bool) -> None:
    for made, is_late in learner.hands_in:
        if is_late is late:
            home = folder / learner.name
            if not home.exists():
                home.mkdir()
                course.as_student(learner.name, lesson, home, "ExchangeFetchAssignment")
            path = home / lesson / f"{lesson}.ipynb"
            path.write_text(json.dumps(learner.notebook(made)), encoding="utf-8")
            course.as_student(learner.name, lesson, home, "ExchangeSubmit")


def grade(course, lesson, folder, package):
    opened = autograde.open_course(course.root)
    with Ledger(folder / "record", write=True) as ledger:
        rows, whole = autograde.autograde(opened, lesson, ledger, pool.Options(packed=package))
        assert whole
    return opened


def taught(lesson: str, many: int, folder, monkeypatch) -> float:
    """Teach one lesson to `many` learners and compare every number; the seconds it took."""
    began = time.monotonic()
    solution = read_lesson(source_path(lesson))
    made = three_hand_ins(lesson, solution, release(solution, lesson))
    essays = {c.id: c.metadata["nbgrader"]["points"] for c in solution.cells
              if c.metadata.get("course", {}).get("kind") == "essay"}
    list(cohort_release.release_cohort([lesson], None, "demo", folder / "frozen", []))
    package = packed_lessons(folder / "frozen")
    course = nbgrader_course(folder / "course", {lesson: lesson_text(lesson, folder / "course")},
                             monkeypatch)
    learners = [Learner(number, made, list(essays.values())) for number in range(many)]
    course.do(course.api.generate_assignment(lesson))
    course.do(course.api.release_assignment(lesson))
    for learner in learners:
        hand_in(course, lesson, learner, folder, late=False)
    due = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=0.1)
    time.sleep(1.2)  # the second that time stamps of submissions are told apart by
    for learner in learners:
        hand_in(course, lesson, learner, folder, late=True)
    extended = [learner.name for learner in learners if learner.how == "extended"]
    (course.root / "late.toml").write_text(
        f'lost_per_day = {LOST}\n[due]\n"{lesson}" = {due.isoformat()}\n' + "".join(
            f'[[extension]]\nlearner = "{name}"\nlesson = "{lesson}"\nhours = 1\n' for name in extended),
        encoding="utf-8")
    course.do(course.api.collect(lesson))
    course.config = autograde.open_course(course.root)[1]
    grade(course, lesson, folder, package)
    read_essays(course, lesson, learners, list(essays))
    opened = grade(course, lesson, folder, package)  # the penalty is taken from all points
    compare(course, opened, lesson, learners, folder)
    return time.monotonic() - began


def read_essays(course, lesson, learners, essays) -> None:
    with course.api.gradebook as book:
        for learner in learners:
            for essay, points in zip(essays, learner.by_hand) if learner.hands_in else ():
                entry = book.find_grade(essay, lesson, lesson, learner.name)
                entry.manual_score, entry.needs_manual_grade = points, False
        book.db.commit()


def compare(course, opened, lesson, learners, folder) -> None:
    with Ledger(folder / "record") as ledger:
        pages = handback.write_all(opened, ledger, lesson)
    handed = [learner for learner in learners if learner.hands_in]
    assert pages == len(handed)
    course.do(course.api.release_feedback(lesson))
    from nbgrader.plugins import CsvExportPlugin
    plugin = CsvExportPlugin(config=course.config)
    plugin.to = str(folder / "grades.csv")
    with course.api.gradebook as book:
        plugin.export(book)
        most = book.find_assignment(lesson).max_score
    with open(folder / "grades.csv", newline="", encoding="utf-8") as file:
        got = {row["student_id"]: float(row["score"] or 0) for row in csv.DictReader(file)}
    assert {learner.name: got[learner.name] for learner in handed} == pytest.approx(
        {learner.name: learner.expected for learner in handed})
    assert not [learner.name for learner in learners if not learner.hands_in
                and got.get(learner.name)]
    for learner in handed:
        course.as_student(learner.name, lesson, folder / learner.name, "ExchangeFetchFeedback")
        newest = sorted((folder / learner.name / lesson / "feedback").iterdir())[-1]
        page = (newest / f"{lesson}.html").read_text(encoding="utf-8")
        assert f"In all {learner.expected:g} of {most:g} points" in page, learner.name
        assert f"Results of {learner.name}" in page and "HIDDEN" not in page


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lessons())
def test_a_class(lesson, tmp_path, monkeypatch):
    many = 30 if lesson == BIG else 3
    seconds = taught(lesson, many, tmp_path, monkeypatch)
    print(f"\n{lesson}: {many} learners from release to feedback in {seconds:.0f} s")


@pytest.mark.bench
@pytest.mark.parametrize("lesson", lessons())
def test_thirty_learners(lesson, tmp_path, monkeypatch):
    print(f"\n{lesson}: 30 learners in {taught(lesson, 30, tmp_path, monkeypatch):.0f} s")
