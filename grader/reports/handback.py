"""`grader feedback ASSIGNMENT`: our pages where nbgrader hands feedback out from.

Writes feedback/LEARNER/ASSIGNMENT/ASSIGNMENT.html: what the checks said, the hints for what is
open, what a person gave and wrote, the late penalty. Unlike nbgrader's own feedback it shows no
hidden test. `nbgrader release_feedback ASSIGNMENT` then hands the pages out.
"""

import contextlib
import os
from pathlib import Path

from course.paths import CourseError
from grader.graded import SECRET
from grader.reports import pages, tables


def write_all(course, ledger, assignment: str) -> int:
    """Pages for every graded submission of an nbgrader course (autograde.open_course); how many."""
    directory, _ = course
    from nbgrader.api import Gradebook, MissingEntry
    count = 0
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
            result = with_what_people_gave(tables.result_of(row, ledger), submission)
            _write(Path(directory.root), directory, row["learner"], assignment,
                   pages.learner_page(row["learner"], [(row, result)]))
            count += 1
    if not count:
        raise CourseError(f"nothing of {assignment} is graded: run grader autograde {assignment} first")
    return count


def with_what_people_gave(result: dict, submission) -> dict:
    """A result with manual scores and comments of the gradebook in it, and the whole score."""
    given, said = {}, {}
    for notebook in submission.notebooks:
        given |= {grade.name: grade for grade in notebook.grades}
        said |= {comment.name: comment.comment for comment in notebook.comments if comment.comment}
    items = [_item(item, given.get(item["check"]), said.get(item["check"], ""))
             for item in result["items"]]
    waiting = sum(1 for item in items if item["state"] == "read by a person")
    late = submission.late_submission_penalty or 0
    whole = {"score": max(submission.score - late, 0), "max": submission.max_score, "late": late,
             "waiting": waiting}
    return result | {"items": items, "whole": whole}


def _item(item: dict, grade, comment: str) -> dict:
    if grade is None or (grade.needs_manual_grade and grade.manual_score is None):
        return item
    if item["state"] == "read by a person":
        return item | {"state": "read", "points": float(grade.score), "message": comment}
    if grade.manual_score is not None:  # an instructor overruled the check
        return item | {"state": "graded by a person", "points": float(grade.score),
                       "message": comment or item["message"]}
    return item


def _write(root: Path, directory, learner: str, assignment: str, page: str) -> None:
    folder = root / directory.feedback_directory / learner / assignment
    folder.mkdir(parents=True, exist_ok=True)
    pages._write(folder / f"{assignment}.html", page)
    os.chmod(folder / f"{assignment}.html", 0o644)  # nbgrader copies it, mode and all, to the learner
    graded = root / directory.autograded_directory / learner / assignment
    for name in ("timestamp.txt", SECRET):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).write_bytes((graded / name).read_bytes())
