"""A page for each learner and one for the class: self-contained, without scripts, offline.

A learner's page holds what the checks said and the lesson's own hints: no check's source, and
nothing that the learner's code printed or drew (it could print what hidden tests asked it).
"""

import os
import time
from pathlib import Path

from course.paths import CourseError
from grader.reports import charts, hints, statistics, tables
from grader.reports.markup import page, table, text
from grader.sandbox.contract import GAPS

ROWS = 5000  # learners listed on the class page; the CSV has all
TELLING = {"judge", "stopped", "outputs", "cells", "edited", "marks", "added", "duplicate", "type",
           "order", "missing", "kernel"}


def write_all(ledger, rows, folder: Path, whole_class: bool = True) -> int:
    """Write LEARNER.html for each learner in `rows` and index.html; how many files."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    count, learner, mine = 0, None, []
    for row in rows.by_learner():
        if row["learner"] != learner and mine:
            count += _write_learner(ledger, folder, learner, mine)
            mine = []
        learner = row["learner"]
        mine.append(row)
    if mine:
        count += _write_learner(ledger, folder, learner, mine)
    if whole_class:
        _write(folder / "index.html", class_page(rows))
        count += 1
        with ledger.transaction():  # it names them all: whoever is forgotten takes it along
            for name in {row["learner"] for row in rows}:
                _remember(ledger, name, folder / "index.html")
    return count


def page_name(learner: str) -> str:
    """The file name of a learner's page; index.html is the class's."""
    return f"{learner}{'-page' if learner.casefold() == 'index' else ''}.html"


def _remember(ledger, learner: str, path: Path) -> None:
    ledger.db.execute("INSERT OR IGNORE INTO pages VALUES (?, ?)", (learner, str(path.resolve())))


def _write_learner(ledger, folder: Path, learner: str, rows: list) -> int:
    path = folder / page_name(learner)
    _write(path, learner_page(learner, [(row, tables.result_of(row, ledger)) for row in rows]))
    _remember(ledger, learner, path)
    return 1


def _write(path: Path, content: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(content, encoding="utf-8")
        os.chmod(part, 0o600)
        os.replace(part, path)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None


# --- a learner ---------------------------------------------------------------------------

def learner_page(learner: str, graded: list[tuple]) -> str:
    """The page of one learner. graded: [(row of the ledger, result)], one a submission."""
    return page(f"Results of {learner}", "\n".join(_submission(*one) for one in graded))


def _submission(row, result: dict) -> str:
    lesson, whole = row["lesson"] or "no lesson", result.get("whole")
    head = f"<h2>{text(lesson)}</h2>\n" + (_whole(whole) if whole else _by_checks(result))
    head += f"<p>File {text(row['name'])}. {_times(row, whole)}</p>\n"
    if result["reason"]:
        head += f"<p><strong>{text(result['state'])}:</strong> {text(result['reason'])}</p>\n"
    told = [_check(item) for item in result["items"]]
    body = table("Checks", ("Exercise", "Points", "Result"), told, (1,)) if told else ""
    notes = "".join(f"<li>{text(note['sentence'])}</li>" for note in result["notes"]
                    if note["kind"] not in ("judge",))
    if notes:
        body += f"<h3>Notes</h3>\n<ul>{notes}</ul>\n"
    return head + body + _hints(lesson, result) + _level(result)


def _by_checks(result: dict) -> str:
    """The score where no gradebook is."""
    more = f"; {result['by_hand']:g} more are read by a person" if result["by_hand"] else ""
    return (f"<p class=\"score\">{result['points']:g} of {result['out_of']:g} points by checks"
            f"{more}</p>\n")


def _whole(whole: dict) -> str:
    """The score in an instructor's gradebook, then its parts: checks, a person, lateness."""
    count = whole["waiting"]
    wait = f"{count} answer{'s wait' if count > 1 else ' waits'} for your teacher" if count else ""
    parts = "; ".join(filter(None, [", ".join(shares(whole, "your teacher")), wait]))
    return (f"<p class=\"score\">In all {whole['score']:g} of {whole['max']:g} points</p>\n"
            + (f"<p>{parts}.</p>\n" if parts else ""))


def shares(whole: dict, person: str) -> list[str]:
    """What a score is made of: "20 of 20 by checks", "1 of 2 by PERSON", "6.3 taken off ..."."""
    said = [f"{points:g} of {out_of:g} by {who}" for who, (points, out_of) in (
        ("checks", whole["checks"]), (person, whole["person"])) if out_of]
    if whole["late"]:
        said.append(f"{whole['late']:g} taken off for handing in late")
    return said


def _times(row, whole: dict | None) -> str:
    """When it was handed in, where nbgrader knows; else when the grader first saw the file."""
    if whole and whole["times"]:
        return text(" ".join(whole["times"]))
    first = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(row["received"]))
    return f"The grader first received it on {first}; it does not know when you handed it in."


def _check(item: dict) -> tuple[str, str, str]:
    part = f" ({item['part']})" if item["part"] else ""
    said = f"<strong>{text(item['state'])}</strong>"
    if item["message"]:
        said += f"<div class=\"message\">{text(item['message'])}</div>"
    given = "–" if item["state"] == "read by a person" else f"{item['points']:g}"
    return (text(item["exercise"] + part), f"{given} of {item['out_of']:g}", said)


def _hints(lesson: str, result: dict) -> str:
    open_ones = list(dict.fromkeys(
        item["exercise"] for item in result["items"]
        if item["state"] not in ("solved", "read by a person", "read")))
    known = hints.of(lesson) if open_ones else {}
    pieces = [f"<h4>{text(name)}</h4>\n{known[name]}" for name in open_ones if name in known]
    return "<h3>Hints for what is open</h3>\n" + "\n".join(pieces) if pieces else ""


def _level(result: dict) -> str:
    if not result["level"]:
        return ""
    gaps = "; ".join(result["gaps"] or GAPS.get(result["level"], ()))
    return f"<p>Graded in a sandbox of level {text(result['level'])}" + (
        f" (not covered: {text(gaps)})" if gaps else "") + f" in {result['seconds']:.1f} s.</p>\n" \
        if result["level"] != "none" else "<p>Graded without a sandbox.</p>\n"


# --- the class ---------------------------------------------------------------------------

def class_page(rows) -> str:
    """For instructors: scores, solve rates, commonest messages, and what was odd."""
    pieces = ["<p>This page is for instructors: it names learners and quotes messages.</p>\n"]
    for lesson in statistics.of(rows).values():
        pieces.append(_lesson(lesson))
    pieces.append(_learners(rows))
    return page("Class", "\n".join(pieces))


def _lesson(lesson: statistics.Lesson) -> str:
    graded = sum(lesson.scores.values())
    out = (f"<h2>{text(lesson.lesson)}</h2>\n<p>{lesson.submissions} submissions, {graded} graded, "
           f"{lesson.refused} refused, {lesson.waiting} not graded yet. Mean {lesson.mean:.2f} of "
           f"{lesson.out_of:g} points. {lesson.seconds:.0f} s of grading in all.</p>\n")
    if not lesson.checks:
        return out
    full = lesson.scores.get(lesson.out_of, 0)
    out += charts.histogram(f"Points: {full} of {graded} got all {lesson.out_of:g}",
                            lesson.scores, lesson.out_of)
    names = {key: key[0] + (f" ({key[1]})" if key[1] else "") for key in lesson.checks}
    hard = min(lesson.checks, key=lambda key: lesson.checks[key].rate)
    out += charts.bars(f"Solved: {names[hard]} least often", [
        (names[key], check.rate, f"{check.passed} of {check.tried}")
        for key, check in lesson.checks.items()])
    out += table("Checks", ("Check", "Solved", "Untouched", "Mean s", "Slowest s",
                            "Commonest messages"), (_row(names[k], c)
                                                    for k, c in lesson.checks.items()),
                 (1, 2, 3, 4))
    if lesson.notes:
        kinds = ", ".join(f"{text(kind)} {count}" for kind, count in lesson.notes.most_common())
        out += f"<p>Notes by kind: {kinds}.</p>\n"
    return out


def _row(name: str, check: statistics.Check) -> tuple:
    messages = "".join(f"<li>{count} × <span class=\"message\">{text(words[:300])}</span></li>"
                       for words, count in check.messages.most_common(statistics.MOST))
    return (text(name), f"{check.passed} of {check.tried} ({100 * check.rate:.0f} %)",
            str(check.untouched), f"{check.seconds / max(check.tried, 1):.3f}",
            f"{check.slowest:.2f}", f"<ul>{messages}</ul>" if messages else "")


def _learners(rows) -> str:
    listed = []
    for number, row in enumerate(rows):
        if number >= ROWS:
            break
        result = tables.result_of(row, rows.ledger)
        odd = [note["sentence"] for note in result["notes"] if note["kind"] in TELLING]
        said = [result["reason"]] * bool(result["reason"]) + odd
        listed.append((f"<a href=\"{text(page_name(row['learner']))}\">{text(row['learner'])}</a>",
                       text(row["lesson"]), f"{result['points']:g} of {result['out_of']:g}",
                       text(result["level"]), "<br>".join(text(words[:300]) for words in said[:6])))
    return "<h2>Learners</h2>\n" + table(
        "What was repaired, capped or tried stands in the last column",
        ("Learner", "Lesson", "Points", "Sandbox", "To look at"), listed, (2,))
