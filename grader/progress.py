"""Which exercises this user has solved: a convenience file, never trusted, never in the way."""

import datetime
import json
import os
import re
import tempfile
from pathlib import Path

from course.paths import progress_file

LESSON = re.compile(r"\d\d_\w+")


def here() -> str | None:
    """The lesson whose notebook is running: the name of the working folder, or None."""
    name = Path.cwd().name
    return name if LESSON.fullmatch(name) else None


def read() -> dict:
    """{lesson: {"solved": {exercise: day}, "score": {...}}}; {} when there is none or it is bad."""
    try:
        data = json.loads(progress_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    lessons = data.get("lessons") if isinstance(data, dict) else None
    return lessons if isinstance(lessons, dict) else {}


def _write(lessons: dict) -> None:
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"lessons": lessons}, file, indent=1, sort_keys=True)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _lesson_of(lessons: dict, lesson: str) -> dict:
    entry = lessons.get(lesson)
    if not isinstance(entry, dict):
        entry = lessons[lesson] = {}
    if not isinstance(entry.get("solved"), dict):
        entry["solved"] = {}
    return entry


def note(exercise: str, lesson: str | None = None) -> None:
    """Remember that an exercise's check passed today; an unwritable folder is no error."""
    lesson = lesson or here()
    if lesson is None:
        return
    try:
        lessons = read()
        _lesson_of(lessons, lesson)["solved"].setdefault(
            exercise, datetime.date.today().isoformat())
        _write(lessons)
    except OSError:
        return


def note_score(lesson: str, points: float, out_of: float, still_open: float = 0) -> None:
    """Remember what `python -m course.grade` found; `still_open` points are graded by hand."""
    try:
        lessons = read()
        _lesson_of(lessons, lesson)["score"] = {
            "points": points, "out_of": out_of, "by_hand": still_open,
            "day": datetime.date.today().isoformat()}
        _write(lessons)
    except OSError:
        return
