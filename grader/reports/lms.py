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
    heads, table = _read(roster, "ID") if roster else ([], [])
    people = _by(table, "SIS Login ID", "SIS User ID", "ID")  # the last named is the surest
    lessons, points, out_of = _scores(rows)
    _same_maximum("Canvas", lessons, out_of, _canvas_maxima(heads, table, lessons))
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
    """Lines of a Moodle worksheet for one lesson; with a roster in its own columns."""
    heads, table = _read(roster, "Identifier") if roster else ([], [])
    heads = [*(heads or MOODLE), *(h for h in ("Grade", "Maximum Grade", "Feedback comments")
                                   if heads and h not in heads)]
    people = _by(table, "Email address", "Username", "ID number", "Identifier")
    lessons, _, out_of = _scores(rows)
    maxima = {float(r["Maximum Grade"]) for r in table if _number(r.get("Maximum Grade"))}
    _same_maximum("Moodle", lessons, out_of, {lesson: maxima for lesson in lessons})
    yield from tables.csv_text([heads])
    for row in rows:
        result = tables.result_of(row, rows.ledger)
        name = row["learner"]
        identifier = f"Participant {name}" if name.isdigit() else name
        person = people.get(identifier) or people.get(name) or {"Identifier": identifier}
        made = {**person, "Grade": float(result["points"]),
                "Maximum Grade": float(result["out_of"]), "Feedback comments": _comment(result)}
        cells = [made.get(head) for head in heads]
        yield from tables.csv_text([["" if cell is None else cell for cell in cells]])


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


def _by(table: list[dict], *names: str) -> dict[str, dict]:
    """{what stands under one of these headings: row}; rows without it (Canvas's second and third
    line) are left out. The last heading wins."""
    found = {}
    for name in names:
        found |= {str(row[name]).strip(): row for row in table if str(row.get(name) or "").strip()}
    return found


def _number(text) -> bool:
    try:
        return float(text) > 0
    except (TypeError, ValueError):
        return False


def _canvas_maxima(heads: list[str], table: list[dict], lessons: list[str]) -> dict[str, set]:
    """What Canvas itself says an assignment is worth: its row "Points Possible"."""
    worth = next((r for r in table if str(r.get("Student")).strip() == "Points Possible"), {})
    found = {lesson: worth.get(_column(lesson, heads)) for lesson in lessons}
    return {lesson: {float(said)} for lesson, said in found.items() if _number(said)}


def _same_maximum(lms: str, lessons: list[str], out_of: dict, maxima: dict[str, set]) -> None:
    """Points are read as points of the LMS's own maximum: refuse where that is another one."""
    for lesson in lessons:
        other = sorted(maxima.get(lesson, set()) - {float(out_of[lesson])})
        if other:
            raise CourseError(f"{lms} has {lesson} at {other[0]:g} points, and its checks give "
                              f"{out_of[lesson]:g}: set it to {out_of[lesson]:g} there, and take "
                              "the file out of it again")


def _read(path: Path, key: str) -> tuple[list[str], list[dict]]:
    """(headings, rows) of a CSV file from an LMS, which must have the heading `key`. Canvas writes
    semicolons in some languages."""
    try:
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} is too large for a list of learners")
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            mark = ";" if first.count(";") > first.count(",") else ","
            reader = csv.DictReader(file, delimiter=mark)
            heads = list(reader.fieldnames or [])
            if key not in heads:
                raise CourseError(f"{path} has no column {key!r}: give the file that the LMS "
                                  "exported")
            return heads, list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV ({error})") from None
