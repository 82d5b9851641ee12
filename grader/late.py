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
points before it.
"""

import datetime
import math
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.plugins import BasePlugin

from course.paths import CourseError

FILE = "late.toml"
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


def read(folder: Path) -> Policy | None:
    """The policy in `folder`, None without one; CourseError for a file that says something else."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file:
            said = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None
    unknown = set(said) - {*NUMBERS, "due", "extension"}
    if unknown:
        raise CourseError(f"{path} has unknown words: {', '.join(sorted(unknown))}")
    numbers = {name: said.get(name, default) for name, default in NUMBERS.items()}
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise CourseError(f"{path}: {name} must be a number of at least 0")
    for name in ("lost_per_day", "most_lost"):
        if numbers[name] > 1:
            raise CourseError(f"{path}: {name} is a share from 0 to 1, not percent")
    due = said.get("due", {})
    for lesson, when in due.items():
        if not isinstance(when, datetime.datetime) or when.tzinfo is None:
            raise CourseError(f"{path}: the due date of {lesson} needs day, time and zone, such as "
                              "2027-10-12T23:59:00+02:00")
    return Policy(**numbers, due=due, extensions=_extensions(path, said.get("extension", []), due))


def _extensions(path: Path, entries: list, due: dict) -> dict:
    found = {}
    for entry in entries:
        if set(entry) != {"learner", "lesson", "hours"} or not isinstance(entry["hours"], (int, float)):
            raise CourseError(f"{path}: an extension needs learner, lesson and hours, not {entry}")
        if entry["lesson"] not in due:
            raise CourseError(f"{path}: {entry['learner']} has an extension for {entry['lesson']}, "
                              "which has no due date")
        found[entry["lesson"], str(entry["learner"])] = entry["hours"]
    return found


def enter(folder: Path, gradebook, lesson: str) -> None:
    """Due date and extensions of a lesson into an open gradebook, before submissions are."""
    policy = read(folder)
    if policy is None or lesson not in policy.due:
        return
    when = policy.due[lesson].astimezone(datetime.timezone.utc).replace(tzinfo=None)
    gradebook.update_or_create_assignment(lesson, duedate=when)
    gradebook.db.flush()


def extend(folder: Path, submission, lesson: str, learner: str) -> None:
    """A learner's extension, as it stands in the file now, into their row of the gradebook."""
    policy = read(folder)
    if policy is not None and lesson in policy.due:
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
