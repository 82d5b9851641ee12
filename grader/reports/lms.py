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
from grader.words import cause, counted, first

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
          "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
          "Feedback comments")
LARGEST = 50_000_000
SHOWN = 20  # names in a sentence


def canvas(rows, roster: Path | None = None) -> Iterator[str]:
    """Lines of a Canvas gradebook file: a column for each lesson."""
    heads, table = _read(roster, "ID") if roster else ([], [])
    people, called = _canvas_people(table), _called(heads)
    lessons, points, out_of = _scores(rows)
    _same_maximum("Canvas", lessons, out_of, _canvas_maxima(heads, table, lessons))
    columns = {lesson: _column(lesson, heads) for lesson in lessons}
    yield from tables.csv_text([(*CANVAS, *columns.values())])
    yield from tables.csv_text([("    Points Possible", "", "", "", "",
                                 *(float(out_of[lesson]) for lesson in lessons))])
    for learner, mine in points.items():
        person = people.get(learner) or {"ID": learner} | (
            {} if learner.isdigit() else {"ID": "", "SIS Login ID": learner})
        yield from tables.csv_text([(*(person.get(called(name), person.get(name, ""))
                                       for name in CANVAS),
                                     *(mine.get(lesson, "") for lesson in lessons))])


def _canvas_people(table: list[dict]) -> dict[str, dict]:
    return _by(table, "SIS Login ID", "SIS User ID", "ID")  # the last named is the surest


def moodle(rows, roster: Path | None = None) -> Iterator[str]:
    """Lines of a Moodle worksheet for one lesson; with a roster in its own columns."""
    heads, table = _read(roster, "Identifier") if roster else ([], [])
    called = _called(heads)
    heads = [*(heads or MOODLE), *(h for h in _ours(called) if heads and h not in heads)]
    people = _moodle_people(table)
    lessons, _, out_of = _scores(rows)
    grade, most, comments = _ours(called)
    maxima = {float(r[most]) for r in table if _number(r.get(most))}
    _same_maximum("Moodle", lessons, out_of, {lesson: maxima for lesson in lessons})
    yield from tables.csv_text([heads])
    for row in rows:
        result = tables.result_of(row, rows.ledger)
        name = row["learner"]
        person = _person(people, name) or {called("Identifier"): _identifier(name)}
        made = {**person, grade: float(result["points"]), comments: _comment(result),
                most: person.get(most) or float(result["out_of"])}
        cells = [made.get(head) for head in heads]
        yield from tables.csv_text([["" if cell is None else cell for cell in cells]])


def _called(heads: list[str]):
    """What this Moodle calls a column: releases differ in capitals (Maximum grade, Maximum Grade)."""
    names = {head.lower(): head for head in reversed(heads) if head}
    return lambda name: names.get(name.lower(), name)


def _ours(called) -> tuple[str, str, str]:
    """The columns that we fill, as this Moodle calls them."""
    return called("Grade"), called("Maximum Grade"), called("Feedback comments")


def _moodle_people(table: list[dict]) -> dict[str, dict]:
    return _by(table, "Email address", "Username", "ID number", "Identifier")


def _identifier(learner: str) -> str:
    return f"Participant {learner}" if learner.isdigit() else learner


def _person(people: dict[str, dict], learner: str) -> dict | None:
    return people.get(_identifier(learner)) or people.get(learner)


def told(form: str, rows, roster: Path | None, output: str) -> Iterator[str]:
    """What an export holds, and whom or what it and the roster do not have in common."""
    to = "" if output == "-" else f" to {output}"
    if form in ("csv", "jsonl"):
        yield f"{counted(len(rows), 'submission')} written{to}"
        return
    everybody, lessons = {row["learner"] for row in rows}, {row["lesson"] for row in rows} - {""}
    learners = {row["learner"] for row in rows if row["lesson"]}
    yield f"{counted(len(learners), 'learner')} written{to}"
    if without := sorted(everybody - learners):
        yield f"not written, since no file of theirs says a lesson: {first(without, SHOWN)}"
    if roster:
        yield from _against(form, roster, learners, sorted(lessons))


def _against(form: str, roster: Path, learners: set[str], lessons: list[str]) -> Iterator[str]:
    key = "ID" if form == "canvas" else "Identifier"
    heads, table = _read(roster, key)
    people = _canvas_people(table) if form == "canvas" else _moodle_people(table)
    met = {name: people.get(name) if form == "canvas" else _person(people, name)
           for name in learners}
    if strangers := sorted(name for name, person in met.items() if person is None):
        yield f"not in your roster: {first(strangers, SHOWN)}"
    here = {id(person) for person in met.values() if person is not None}
    named = ((str(person.get(_called(heads)(key)) or "").strip(), id(person)) for person in table)
    if absent := [name for name, number in named if name and number not in here]:
        yield f"in your roster without a file: {first(absent, SHOWN)}"
    fresh = [lesson for lesson in lessons if _column(lesson, heads) not in heads]
    if fresh and form == "canvas":
        yield (f"your roster has no column for {', '.join(fresh)}: Canvas takes that for a new "
               "assignment (export with --lesson writes one lesson only)")


def _comment(result: dict) -> str:
    """What is open, in a line; Moodle shows comments as HTML, so no mark-up is let through."""
    said = [result["reason"]] if result["reason"] else []
    if result["state"] != "refused":  # nothing of a refused file was run: its reason says all
        said += [f"{item['exercise']}{_part(item)}: {item['state']}" for item in result["items"]
                 if item["state"] not in ("solved", "read by a person")]
    one = "; ".join(dict.fromkeys(said))
    return one.replace("<", "(").replace(">", ")").replace("&", "+")[:1500]


def _part(item: dict) -> str:
    return f" ({item['part']})" if item["part"] else ""


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
        found |= {str(row[key]).strip(): row for row in table for key in row
                  if key and key.lower() == name.lower() and str(row[key] or "").strip()}
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
            if key.lower() not in [head.lower() for head in heads]:
                raise CourseError(f"{path} has no column {key!r}: give the file that the LMS "
                                  "exported")
            return heads, [{head: _kept(cell) for head, cell in row.items()} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV ({cause(error)})") from None


def _kept(cell):
    return tables.Kept(cell) if isinstance(cell, str) else cell
