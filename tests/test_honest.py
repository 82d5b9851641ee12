"""Honest work keeps its exact score: what learners hand in, on every lesson, check by check."""

import sys

import nbformat
import pytest

from grader import variants
from grader.queue import flow, pool
from grader.queue.ledger import Ledger
from grader.reports import tables
from grader.source import lessons, read_lesson, source_path
from tests.cohort import earned, filled, hand_ins
from tests.madeup import put
from tests.queue_support import SANDBOX

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")


def corpus(lesson: str) -> dict:
    """{learner: (notebook, expected points)}: eight kinds of submission, then one notebook for
    each further answer of the variants, wrong and right in turn."""
    from grader.release import release
    solution = read_lesson(source_path(lesson))
    released = release(solution, lesson)
    made = {who: pair for who, pair in hand_ins(lesson, solution, released).items()
            if pair[1] is not None}
    tried = {}
    for outcome in variants.try_lesson(lesson):
        tried.setdefault(outcome.variant.exercise, []).append(outcome)
    for number in range(max(map(len, tried.values()))):
        answers = {exercise: some[number].variant.source for exercise, some in tried.items()
                   if number < len(some)}
        notebook = filled(released, answers)
        made[f"variant{number}"] = (notebook, earned(lesson, solution, notebook))
    return made


@pytest.mark.parametrize("lesson", [
    pytest.param(name, marks=() if name == "00_start" else pytest.mark.fortress) for name in lessons()])
def test_every_honest_submission_keeps_its_exact_score(lesson, tmp_path):
    handed = corpus(lesson)
    for who, (notebook, _) in handed.items():
        put(tmp_path / "in" / f"{who}_{lesson}.ipynb", nbformat.writes(notebook))
    with Ledger(tmp_path / "store", write=True) as ledger:
        run, whole = flow.grade(ledger, [tmp_path / "in"], pool.Options(jobs=2, level=SANDBOX))
        got = {row["learner"]: tables.score(row)[0] for row in tables.Rows(ledger, run=run)}
        notes = {row["learner"]: tables.result_of(row)["items"] for row in ledger.rows(run=run)}
    assert whole
    wrong = {who: (got[who], points, [(i["check"], i["state"], i["message"][:80])
                                      for i in notes[who]])
             for who, (_, points) in handed.items() if got[who] != points}
    assert wrong == {}
