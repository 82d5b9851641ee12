"""Results as rows: text, CSV, JSON; written whole or not at all."""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from course.paths import CourseError
from grader.words import counted

COLUMNS = ("learner", "lesson", "points", "out_of", "by_hand", "state", "level", "received",
           "graded", "file", "sha256", "notes")


class Rows:
    """Rows of the ledger, read anew at each iteration, so that none has to be held."""

    def __init__(self, ledger, run: int | None = None, lesson: str = "", learner: str = ""):
        self.ledger, self.asked = ledger, {"run": run, "lesson": lesson, "learner": learner}

    def __iter__(self) -> Iterator:
        return self.ledger.rows(**self.asked)

    def by_learner(self) -> Iterator:
        return self.ledger.rows(**self.asked, order="learner")

    def __len__(self) -> int:
        return sum(1 for _ in self)


def result_of(row, ledger=None) -> dict:
    """The result as a dict, also where a file was refused or is not graded yet."""
    if row["result"]:
        return json.loads(row["result"])
    shape = (ledger.newest_shape(row["lesson"]) if ledger else None) or {"checks": [], "essays": []}
    out_of = sum(points for *_, points in shape["checks"])
    state = "refused" if row["refused"] else "not graded yet"
    return {"lesson": row["lesson"], "state": state, "reason": row["refused"] or "not graded yet",
            "points": 0.0, "out_of": out_of, "by_hand": sum(p for *_, p in shape["essays"]),
            "items": [], "notes": [], "level": "", "gaps": [], "seconds": 0.0}


def score(row) -> tuple[float, float]:
    """(points, points possible) of a row."""
    return (row["points"] or 0.0, row["out_of"] or 0.0) if row["result"] else (0.0, 0.0)


def flat(row, ledger=None) -> dict:
    """One row as COLUMNS."""
    result = result_of(row, ledger)
    said = [result["reason"]] if result["reason"] else ended_early(result)
    return {"learner": row["learner"], "lesson": row["lesson"], "points": result["points"],
            "out_of": result["out_of"], "by_hand": result["by_hand"], "state": result["state"],
            "level": result["level"], "received": stamp(row["received"]),
            "graded": stamp(row["graded"]), "file": row["name"], "sha256": row["sha"],
            "notes": "; ".join(said + [note["sentence"] for note in result["notes"]])}


def ended_early(result: dict) -> list[str]:
    """Why checks gave no verdict (a process that ended, time that was used up), each reason once."""
    return list(dict.fromkeys(f"{item['exercise']}: {item['message']}" for item in result["items"]
                              if item["state"] == "not reached" and item["message"]))


def stamp(seconds: float | None) -> str:
    """A time in UTC, to the second; "" for none."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else ""


class Kept(str):
    """A cell of a file that an LMS gave out: it goes back as it came."""


def plain(value) -> str:
    """A CSV cell that a spreadsheet does not take for a formula."""
    if isinstance(value, Kept):
        return value
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = "".join(c if c.isprintable() else " " for c in text)
    formula = text.startswith(("=", "+", "-", "@")) and not isinstance(value, float)
    return f"'{text}" if formula else text


def csv_text(rows: Iterable) -> Iterator[str]:
    """Lines of a CSV file from sequences of cells."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([plain(cell) for cell in row])
        yield line.getvalue()


def as_csv(rows: Rows) -> Iterator[str]:
    yield from csv_text([COLUMNS])
    yield from csv_text(flat(row, rows.ledger).values() for row in rows)


def entry(row, ledger=None) -> dict:
    """A submission with everything known about it, for programs."""
    names = ("learner", "lesson", "received", "graded", "file", "sha256")
    known = flat(row, ledger)
    return {name: known[name] for name in names} | result_of(row, ledger)


def as_json(rows: Rows) -> Iterator[str]:
    """One JSON document, written piece by piece."""
    yield '{"submissions": ['
    for index, row in enumerate(rows):
        yield (",\n" if index else "\n") + json.dumps(entry(row, rows.ledger))
    yield "\n]}\n"


def as_json_lines(rows: Rows) -> Iterator[str]:
    for row in rows:
        yield json.dumps(entry(row, rows.ledger)) + "\n"


def write(name, pieces: Iterable[str]) -> None:
    """Write to a file in one step, or to the screen for "-"."""
    if str(name) == "-":
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
        return
    path = Path(name)
    if not path.absolute().parent.is_dir():
        raise CourseError(f"there is no folder for {name}: make it first")
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def lines(rows: Rows, details: bool = False) -> Iterator[str]:
    """A line a submission; with details a line a check and the messages."""
    count = 0
    for row in rows:
        count += 1
        result = result_of(row, rows.ledger)
        score = f"{result['points']:>5g} of {result['out_of']:g}" if result["out_of"] else "no score"
        yield f"{row['learner']:<24} {row['lesson'] or '?':<18} {score}{_aside(result)}"
        for item in result["items"] if details else ():
            part = f" ({item['part']})" if item["part"] else ""
            yield f"    {item['points']:g} of {item['out_of']:g}  {item['exercise']}{part}: " \
                f"{item['state']}"
            if item["message"]:
                yield f"        {shown(item['message'])}"
        for note in result["notes"] if details else ():
            yield f"    note: {shown(note['sentence'])}"
    yield counted(count, "submission")


def shown(text: str) -> str:
    """Text of a submission for a terminal: one line, no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:500]


def _aside(result: dict) -> str:
    said = []
    if result["by_hand"]:
        said.append(f"{result['by_hand']:g} more read by a person")
    if result["level"] and result["level"] != "namespaces":
        said.append("no sandbox" if result["level"] == "none" else f"sandbox: {result['level']}")
    if result["reason"]:
        said.append(shown(result["reason"]))
    elif result["notes"]:
        said.append(counted(len(result["notes"]), "note"))
    return f"  ({'; '.join(said)})" if said else ""


def summary(ledger, rows: Rows) -> Iterator[str]:
    """What `grader status` says: counts a lesson, then the learners without a result."""
    found: dict[str, dict[str, int]] = {}
    waiting = []
    for row in rows:
        state = result_of(row)["state"]
        counts = found.setdefault(row["lesson"] or "no lesson", {})
        counts[state] = counts.get(state, 0) + 1
        if state != "graded" and len(waiting) < 50:
            waiting.append(f"  {row['learner']}: {row['name']}: {state}"
                           + (f" ({shown(row['refused'])})" if row["refused"] else ""))
    for lesson, counts in found.items():
        yield f"{lesson}: " + ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    yield from waiting
    days = ledger.setting("keep_days")
    yield f"kept in {ledger.folder}" + (f", forgotten after {float(days):g} days" if days else
                                        "; nothing is forgotten by itself (--keep-days)")
