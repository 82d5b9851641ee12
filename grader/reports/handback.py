"""`grader feedback ASSIGNMENT`: our pages where nbgrader hands feedback out from.

Writes feedback/LEARNER/ASSIGNMENT/ASSIGNMENT.html: what the checks said, the hints for what is
open, what a person gave and wrote, the late penalty. Unlike nbgrader's own feedback it shows no
hidden test. `nbgrader release_feedback ASSIGNMENT` then hands the pages out, to a learner who
renamed the notebook under that name, too.
"""

import contextlib
import datetime
import os
from collections.abc import Iterator
from pathlib import Path

from course.paths import CourseError
from grader import collected, late
from grader.graded import SECRET
from grader.reports import pages, tables


def write_all(course, ledger, assignment: str) -> int:
    """Pages for every graded submission of an nbgrader course (autograde.open_course); how many."""
    directory, _ = course
    from nbgrader.api import Gradebook, MissingEntry
    count, policy = 0, late.read(Path(directory.root))
    with Gradebook(directory.db_url, directory.course_id) as gb:
        try:
            gb.find_assignment(assignment)
        except MissingEntry:
            raise CourseError(f"the gradebook does not know {assignment}: run grader autograde "
                              f"{assignment} first") from None
        for row in tables.Rows(ledger, lesson=assignment):
            try:
                submission = gb.find_submission(assignment, row["learner"])
            except MissingEntry:
                continue  # graded outside this course
            result = with_what_people_gave(tables.result_of(row, ledger), submission, policy)
            _write(Path(directory.root), directory, row["learner"], assignment,
                   pages.learner_page(row["learner"], [(row, result)]))
            count += 1
    if not count:
        raise CourseError(f"nothing of {assignment} is graded: run grader autograde {assignment} first")
    return count


def lines(course, rows) -> Iterator[str]:
    """A line a submission with what the gradebook gives for it: checks, a person, lateness."""
    directory, _ = course
    from nbgrader.api import Gradebook
    count = 0
    with Gradebook(directory.db_url, directory.course_id) as gb:
        for row in rows:
            count += 1
            submission = gb.find_submission(row["lesson"], row["learner"])
            result = with_what_people_gave(tables.result_of(row, rows.ledger), submission)
            whole = result["whole"]
            essays = f"{whole['marked']} essay{'s wait' if whole['marked'] > 1 else ' waits'} for you"
            said = "; ".join(filter(None, [", ".join(pages.shares(whole, "a person")),
                                           essays if whole["marked"] else ""]))
            yield f"{row['learner']:<24} {row['lesson']:<18} {whole['score']:>5g} of " \
                f"{whole['max']:g}{f'  ({said})' if said else ''}" \
                f"{tables._aside(result | {'by_hand': 0})}"
    yield f"{count} submission{'s' if count != 1 else ''}"


def with_what_people_gave(result: dict, submission, policy=None) -> dict:
    """A result with manual scores and comments of the gradebook in it, and the whole score with
    its parts. policy: late.Policy, for the time that was due and the rule."""
    given, said = {}, {}
    for notebook in submission.notebooks:
        given |= {grade.name: grade for grade in notebook.grades}
        said |= {comment.name: comment.comment for comment in notebook.comments if comment.comment}
    items = [_item(item, given.get(item["check"]), said.get(item["check"], ""))
             for item in result["items"]]
    taken = submission.late_submission_penalty or 0
    whole = {"score": round(max(submission.score - taken, 0), 4), "max": submission.max_score,
             "checks": [0.0, 0.0], "person": [0.0, 0.0], "late": taken, "waiting": 0, "marked": 0,
             "times": _times(submission, result, policy)}
    for item in items:
        grade = given.get(item["check"])
        essay = item["state"] in ("read", "read by a person")
        whole["marked"] += essay and (grade is None or bool(grade.needs_manual_grade))
        if item["state"] == "read by a person":
            whole["waiting"] += 1
            continue
        part = whole["person" if essay or item["state"] == "graded by a person" else "checks"]
        part[0] += float(grade.score) if grade is not None else item["points"]
        part[1] += item["out_of"]
    return result | {"items": items, "whole": whole}


def _times(submission, result: dict, policy) -> list[str]:
    """Sentences: when nbgrader got it, when it was due, what lateness costs; none where it came
    another way and nobody knows."""
    if submission.timestamp is None:
        return []
    due = policy and policy.due.get(result["lesson"])
    zone = due.tzinfo if due else datetime.timezone.utc

    def told(naive):
        when = naive.replace(tzinfo=datetime.timezone.utc).astimezone(zone)
        return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"
    said = f"Handed in {told(submission.timestamp)}"
    if not due or submission.duedate is None:
        return [f"{said}."]
    longer = submission.extension
    more = f", with your extension of {longer.total_seconds() / 3600:g} hours" if longer else ""
    return [f"{said}; due {told(submission.duedate)}{more}."] + [policy.rule()] * bool(policy.rule())


def _item(item: dict, grade, comment: str) -> dict:
    if grade is None or (grade.needs_manual_grade and grade.manual_score is None):
        return item
    if item["state"] == "read by a person":
        return item | {"state": "read", "points": float(grade.score), "message": comment}
    if grade.manual_score is not None or grade.extra_credit:  # an instructor overruled the check
        return item | {"state": "graded by a person", "points": float(grade.score),
                       "message": comment or item["message"]}
    return item


def _write(root: Path, directory, learner: str, assignment: str, page: str) -> None:
    folder = root / directory.feedback_directory / learner / assignment
    folder.mkdir(parents=True, exist_ok=True)
    handed = root / directory.submitted_directory / learner / assignment
    names = [f"{name}.html" for name in collected.names_of_pages(handed)]
    for old in set(folder.glob("*.html")) - {folder / name for name in names}:
        old.unlink()  # of a notebook that was handed in before, under another name
    for name in names:
        pages._write(folder / name, page)
        os.chmod(folder / name, 0o644)  # nbgrader copies it, mode and all, to the learner
    graded = root / directory.autograded_directory / learner / assignment
    for name in ("timestamp.txt", SECRET):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).write_bytes((graded / name).read_bytes())
