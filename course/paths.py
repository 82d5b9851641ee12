"""Where things live. Standard library only: set-up reads this before anything is installed."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"
CATALOGUE = ROOT / "course" / "catalogue.toml"


class CourseError(Exception):
    """One clear sentence for a person: what is wrong, where, and what to do."""

    def _render_traceback_(self):
        """What IPython shows instead of a traceback: the sentence alone."""
        return [str(self)]


def cache() -> Path:
    """The folder of everything fetched at set-up (ignored by git), made on demand."""
    folder = DATA / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def source_dir() -> Path | None:
    """The folder named by COURSE_DATA, read instead of the package index, or None."""
    value = os.environ.get("COURSE_DATA")
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise CourseError(
            f"COURSE_DATA names {folder}, which is not a folder: "
            "unset it, or point it at what `make bundle` wrote.")
    return folder.resolve()


def user_dir() -> Path:
    """The user's data folder of the course, outside the repository (not made here)."""
    if os.environ.get("COURSE_USER_DIR"):
        return Path(os.environ["COURSE_USER_DIR"]).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "labels-to-agents"


def progress_file() -> Path:
    """Solved exercises and self-check scores of this user; a convenience, never trusted."""
    return user_dir() / "progress.json"
