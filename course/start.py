"""START_HERE: the lessons with your progress, read from the released notebooks beside it."""

import json
import tomllib
from html import escape

from course.paths import CATALOGUE, NOTEBOOKS, CourseError, progress_file


def catalogue() -> list[dict]:
    """The entries of course/catalogue.toml; CourseError when the file is damaged."""
    try:
        with open(CATALOGUE, "rb") as file:
            return tomllib.load(file)["lesson"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CourseError(f"The list of lessons in {CATALOGUE} cannot be read ({error}): "
                          "restore the file from the repository.") from None


def noted() -> dict:
    """What this user's progress file says, {} where there is none or it cannot be read."""
    try:
        lessons = json.loads(progress_file().read_text(encoding="utf-8"))["lessons"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return lessons if isinstance(lessons, dict) else {}


def contents(lesson: str) -> dict | None:
    """{"points", "by_hand", "exercises": [...]} of a released lesson; None when it is not there."""
    path = NOTEBOOKS / lesson / f"{lesson}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return None
    found = {"points": 0.0, "by_hand": 0.0, "exercises": []}
    for cell in cells:
        note, graded = cell["metadata"].get("course", {}), cell["metadata"].get("nbgrader", {})
        if note.get("kind") == "check":
            found["points"] += graded["points"]
        elif note.get("kind") == "essay":
            found["by_hand"] += graded["points"]
        elif note.get("kind") == "exercise":
            found["exercises"].append(note["exercise"])
    return found


def rows() -> list[dict]:
    """One dict a lesson: id, title, minutes, points, solved, exercises, score, or planned=True."""
    progress = noted()
    listed = []
    for entry in catalogue():
        row = {"id": entry["id"], "title": entry["title"]}
        found = contents(entry["id"]) if "minutes" in entry else None
        if found is None:
            listed.append(row | {"planned": True})
            continue
        mine = progress.get(entry["id"])
        mine = mine if isinstance(mine, dict) else {}
        solved = mine.get("solved") if isinstance(mine.get("solved"), dict) else {}
        listed.append(row | {
            "planned": False, "minutes": entry["minutes"],
            "points": found["points"] + found["by_hand"],
            "solved": sum(name in solved for name in found["exercises"]),
            "exercises": len(found["exercises"]), "score": _score(mine.get("score"))})
    return listed


def _score(score) -> str:
    try:
        by_hand = f" + {score['by_hand']:g} by hand" if score.get("by_hand") else ""
        return f"{score['points']:g} of {score['out_of']:g}{by_hand}, {score['day']}"
    except (TypeError, KeyError, ValueError, AttributeError):
        return "not graded yet"


class Progress:
    """The table of lessons: HTML in a notebook, aligned text elsewhere."""

    def __str__(self):
        lines = []
        for row in rows():
            if row["planned"]:
                lines.append(f"{row['id']:22} planned")
            else:
                lines.append(f"{row['id']:22} {row['solved']} of {row['exercises']} solved · "
                             f"score {row['score']} · {row['minutes']} min, "
                             f"{row['points']:g} points")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        head = "".join(f"<th style='text-align:left' scope='col'>{name}</th>" for name in (
            "lesson", "minutes", "points", "solved here", "score with hidden tests"))
        body = []
        for row in rows():
            if row["planned"]:
                continue
            link = f"{row['id']}/{row['id']}.ipynb"
            share = row["solved"] / row["exercises"] if row["exercises"] else 0
            bar = (f"<progress max='1' value='{share:.2f}' aria-hidden='true'></progress> "
                   f"{row['solved']} of {row['exercises']}")
            body.append(
                f"<tr><td style='text-align:left'><a href='{link}'>{row['id'][:2]} · "
                f"{escape(row['title'])}</a></td><td>{row['minutes']}</td>"
                f"<td>{row['points']:g}</td><td style='text-align:left'>{bar}</td>"
                f"<td style='text-align:left'>{escape(row['score'])}</td></tr>")
        return (f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>")


def progress() -> Progress:
    """Your lessons, what you solved, and your last score by `python -m course.grade`."""
    return Progress()
