"""Grades in the forms that Canvas and Moodle take in.

Canvas: its gradebook CSV (Student, ID, SIS User ID, SIS Login ID, Section, one column for each
assignment; a row of points possible). Moodle: the worksheet of one assignment (Identifier
"Participant N", Grade, Maximum Grade, Feedback comments). The file that the LMS gave out, as
--roster, brings the names and keeps its own headings; without it the ids alone are written.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from course.paths import CourseError
from grader.reports import tables

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
          "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
          "Feedback comments")
LARGEST = 50_000_000


def canvas(rows, roster: Path | None = None) -> Iterator[str]:
    """Lines of a Canvas gradebook file: a column for each lesson."""
    heads, people = _read(roster, "ID") if roster else ([], {})
    lessons, points, out_of = _scores(rows)
    columns = {lesson: _column(lesson, heads) for lesson in lessons}
    yield from tables.csv_text([(*CANVAS, *columns.values())])
    yield from tables.csv_text([("    Points Possible", "", "", "", "",
                                 *(float(out_of[lesson]) for lesson in lessons))])
    for learner, mine in points.items():
        person = people.get(learner) or {"ID": learner} | (
            {} if learner.isdigit() else {"ID": "", "SIS Login ID": learner})
        yield from tables.csv_text([(*(person.get(name, "") for name in CANVAS),
                                     *(mine.get(lesson, "") for lesson in lessons))])


def moodle(rows, roster: Path | None = None) -> Iterator[str]:
    """Lines of a Moodle worksheet for one lesson."""
    _, people = _read(roster, "Identifier") if roster else ([], {})
    yield from tables.csv_text([MOODLE])
    for row in rows:
        result = tables.result_of(row, rows.ledger)
        name = row["learner"]
        identifier = f"Participant {name}" if name.isdigit() else name
        person = people.get(identifier) or people.get(name) or {"Identifier": identifier}
        made = {**person, "Grade": float(result["points"]),
                "Maximum Grade": float(result["out_of"]), "Feedback comments": _comment(result)}
        yield from tables.csv_text([[made.get(head, "") for head in MOODLE]])


def _comment(result: dict) -> str:
    """What is open, in a line; Moodle shows comments as HTML, so no mark-up is let through."""
    said = [result["reason"]] if result["reason"] else []
    said += [f"{item['exercise']}: {item['state']}" for item in result["items"]
             if item["state"] not in ("solved", "read by a person")]
    return "; ".join(said).replace("<", "(").replace(">", ")").replace("&", "+")[:1500]


def _scores(rows) -> tuple[list[str], dict, dict]:
    """(lessons, {learner: {lesson: points}}, {lesson: points possible})."""
    points: dict[str, dict[str, float]] = {}
    out_of: dict[str, float] = {}
    for row in rows:
        result = tables.result_of(row, rows.ledger)
        if row["lesson"]:
            points.setdefault(row["learner"], {})[row["lesson"]] = float(result["points"])
            out_of[row["lesson"]] = max(out_of.get(row["lesson"], 0), result["out_of"])
    return sorted(out_of), points, out_of


def _column(lesson: str, heads: list[str]) -> str:
    """Canvas's own heading of an assignment, such as `04_tokens (1234)`, when it has one."""
    return next((h for h in heads if h == lesson or h.startswith(f"{lesson} (")), lesson)


def _read(path: Path, key: str) -> tuple[list[str], dict]:
    """(headings, {value under `key`: row}) of a CSV file from an LMS."""
    try:
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} is too large for a list of learners")
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads = list(reader.fieldnames or [])
            if key not in heads:
                raise CourseError(f"{path} has no column {key!r}: give the file that the LMS "
                                  "exported")
            return heads, {str(row[key]).strip(): row for row in reader if row.get(key)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV ({error})") from None
