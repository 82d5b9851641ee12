"""Deadlines of a course in one file, late.toml, beside nbgrader_config.py.

    grace_minutes = 15        # nothing is lost within these
    lost_per_day = 0.1        # share of the points for each day begun after that
    most_lost = 0.5           # never more than this share ...
    nothing_after_days = 14   # ... until this day, from which on nothing is given

    [due]
    "04_tokens" = 2027-10-12T23:59:00+02:00

    [[extension]]
    learner = "demo-ben"
    lesson = "04_tokens"
    hours = 48

`grader autograde` enters due dates and extensions into nbgrader's gradebook, and nbgrader (or
grader) asks the policy for the penalty, which feedback and export take off; formgrader's lists show
points before it. Where the file exists it decides: a lesson that [due] does not name is never late.
"""

import datetime
import difflib
import math
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.plugins import BasePlugin

from course.paths import CourseError

FILE = "late.toml"
DATE = "2027-10-12T23:59:00+02:00"
LONGEST = 8784  # hours of an extension: a year
NUMBERS = {"grace_minutes": 0.0, "lost_per_day": 0.0, "most_lost": 1.0, "nothing_after_days": math.inf}


@dataclass
class Policy:
    """due: {lesson: time with zone}. extensions: {(lesson, learner): hours}."""

    grace_minutes: float
    lost_per_day: float
    most_lost: float
    nothing_after_days: float
    due: dict[str, datetime.datetime] = field(default_factory=dict)
    extensions: dict[tuple[str, str], float] = field(default_factory=dict)

    def lost(self, score: float, seconds_late: float) -> float:
        """Points taken off a score that was handed in so many seconds late."""
        late = seconds_late - 60 * self.grace_minutes
        if late <= 0:
            return 0.0
        if late > 86400 * self.nothing_after_days:
            return score
        share = min(self.lost_per_day * math.ceil(late / 86400), self.most_lost)
        return round(score * share, 4)

    def rule(self) -> str:
        """The numbers as a sentence for learners; "" when nothing is ever lost."""
        said = []
        if self.lost_per_day:
            most = f", at most {100 * self.most_lost:g} %" if self.most_lost < 1 else ""
            said.append(f"each day begun costs {100 * self.lost_per_day:g} % of the points{most}")
        if math.isfinite(self.nothing_after_days):
            said.append(f"after {self.nothing_after_days:g} days nothing is given")
        grace = f"after {self.grace_minutes:g} minutes of grace " if self.grace_minutes else ""
        sentence = grace + "; ".join(said) + "."
        return sentence[0].upper() + sentence[1:] if said else ""

    def unknown(self, lesson: str, learners: set[str], lessons: list[str]) -> list[str]:
        """Sentences about due dates of no lesson, and extensions of this one for no learner."""
        said = [f"{FILE} has a due date for {name}, and there is no such lesson"
                + _like(name, lessons) for name in self.due if name not in lessons]
        return said + [
            f"{FILE} gives {who} an extension for {lesson}, and there is no {who}: neither a "
            "submission nor a name in the gradebook" + _like(who, learners)
            for name, who in self.extensions if name == lesson and who not in learners]


def _like(name: str, names) -> str:
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def read(folder: Path) -> Policy | None:
    """The policy in `folder`, None without one; CourseError for a file that says something else."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file:
            said = tomllib.load(file)
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise CourseError(f"{path} cannot be read: {error}. A date looks like {DATE}, without "
                          "quotes; a name stands in quotes") from None
    unknown = set(said) - {*NUMBERS, "due", "extension"}
    if unknown:
        raise CourseError(f"{path} has unknown words: {', '.join(sorted(unknown))}")
    due = _due(path, said.get("due", {}))
    return Policy(**_numbers(path, said), due=due,
                  extensions=_extensions(path, said.get("extension", []), due))


def _numbers(path: Path, said: dict) -> dict:
    numbers = {name: said.get(name, default) for name, default in NUMBERS.items()}
    for name in set(NUMBERS) & set(said):
        if not _number(said[name]) or said[name] < 0:
            raise CourseError(f"{path}: {name} must be a number of at least 0")
    for name in ("lost_per_day", "most_lost"):
        if numbers[name] > 1:
            raise CourseError(f"{path}: {name} is a share from 0 to 1, not percent")
    return numbers


def _number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _due(path: Path, due) -> dict:
    if not isinstance(due, dict):
        raise CourseError(f"{path}: due dates stand below a line [due], one a lesson")
    for lesson, when in due.items():
        if not isinstance(when, datetime.datetime) or when.tzinfo is None:
            raise CourseError(f"{path}: the due date of {lesson} needs day, time and zone, such as "
                              f"{DATE} (without quotes)")
    return due


def _extensions(path: Path, entries, due: dict) -> dict:
    found = {}
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CourseError(f"{path}: each extension begins with a line [[extension]], with two "
                          "brackets on each side")
    for entry in entries:
        if set(entry) != {"learner", "lesson", "hours"}:
            raise CourseError(f"{path}: an extension needs learner, lesson and hours; one has "
                              f"{', '.join(entry) or 'nothing'}")
        who, lesson, hours = str(entry["learner"]), str(entry["lesson"]), entry["hours"]
        if not _number(hours) or not 0 <= hours <= LONGEST:
            raise CourseError(f"{path}: hours of {who}'s extension must be a number from 0 to "
                              f"{LONGEST} (a year), not {hours}")
        if lesson not in due:
            raise CourseError(f"{path}: {who} has an extension for {lesson}, which has no due date")
        if (lesson, who) in found:
            raise CourseError(f"{path}: {who} has two extensions for {lesson}: leave one")
        found[lesson, who] = hours
    return found


def enter(folder: Path, gradebook, lesson: str) -> None:
    """Due date of a lesson into an open gradebook, before submissions are. A file without one takes
    away what an earlier file left there: due date, extensions, penalties."""
    policy = read(folder)
    if policy is None:
        return
    assignment = gradebook.find_assignment(lesson)
    if lesson in policy.due:
        assignment.duedate = policy.due[lesson].astimezone(
            datetime.timezone.utc).replace(tzinfo=None)
    else:
        assignment.duedate = None
        for submission in assignment.submissions:
            submission.extension = None  # nbgrader would add it to a due date that is none
            for notebook in submission.notebooks:
                notebook.late_submission_penalty = None
    gradebook.db.flush()


def extend(folder: Path, submission, lesson: str, learner: str) -> None:
    """A learner's extension, as it stands in the file now, into their row of the gradebook."""
    policy = read(folder)
    if policy is not None:
        hours = policy.extensions.get((lesson, learner), 0)
        submission.extension = datetime.timedelta(hours=hours) if hours else None


class LatePolicy(BasePlugin):
    """nbgrader's plugin: `c.AssignLatePenalties.plugin_class = "grader.late.LatePolicy"`."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """Points to take off, None for nothing."""
        folder = Path(os.environ.get("COURSE_LATE") or self.parent_folder())
        policy = read(folder)
        return None if policy is None else policy.lost(score, total_seconds_late) or None

    def parent_folder(self) -> str:
        """The course folder that nbgrader is configured for."""
        return str(self.config.CourseDirectory.get("root") or Path.cwd())
