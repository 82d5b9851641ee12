"""What a class did, exercise by exercise, counted row by row so that no submission is held."""

from collections import Counter
from dataclasses import dataclass, field

from grader.reports import tables

MESSAGES = 2000  # different messages counted for one check; rarer ones are left out
MOST = 5


@dataclass
class Check:
    """One check cell over a class. seconds: sum of what the check took."""

    out_of: float
    tried: int = 0
    passed: int = 0
    untouched: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    messages: Counter = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.passed / self.tried if self.tried else 0.0


@dataclass
class Lesson:
    """One lesson over a class. scores: how many got each number of points."""

    lesson: str
    out_of: float = 0.0
    submissions: int = 0
    refused: int = 0
    waiting: int = 0
    seconds: float = 0.0
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    scores: Counter = field(default_factory=Counter)
    notes: Counter = field(default_factory=Counter)

    @property
    def mean(self) -> float:
        graded = sum(self.scores.values())
        return sum(p * n for p, n in self.scores.items()) / graded if graded else 0.0


def of(rows) -> dict[str, Lesson]:
    """{lesson: Lesson} of rows of the ledger."""
    found: dict[str, Lesson] = {}
    for row in rows:
        result = tables.result_of(row)
        name = row["lesson"] or "no lesson"
        _count(found.setdefault(name, Lesson(name)), result)
    return found


def _count(lesson: Lesson, result: dict) -> None:
    lesson.submissions += 1
    lesson.out_of = max(lesson.out_of, result["out_of"])
    lesson.seconds += result["seconds"]
    if result["state"] != "graded":
        lesson.refused += result["state"] == "refused"
        lesson.waiting += result["state"] != "refused"
        return
    lesson.scores[result["points"]] += 1
    for note in result["notes"]:
        lesson.notes[note["kind"]] += 1
    for item in result["items"]:
        if item["state"] == "read by a person":
            continue
        check = lesson.checks.setdefault((item["exercise"], item["part"]), Check(item["out_of"]))
        check.tried += 1
        check.passed += item["state"] == "solved"
        check.untouched += item["state"] == "not solved yet"
        check.seconds += item["seconds"]
        check.slowest = max(check.slowest, item["seconds"])
        known = item["message"] in check.messages or len(check.messages) < MESSAGES
        if item["message"] and item["state"] in ("not yet", "not reached") and known:
            check.messages[item["message"]] += 1
