"""An nbgrader course in a temporary folder, driven as an instructor drives it."""

import os
import shutil
import sys
from pathlib import Path

from course.paths import ROOT
from grader import build
from tests.madeup import put

STUDENTS_FILES = ("timestamp.txt", "submission_secret.txt")


class Course:
    """root: the course folder (solutions/, notebooks/, gradebook.db). api: nbgrader's own."""

    def __init__(self, root: Path, api):
        self.root, self.api = root, api

    def do(self, answer: dict) -> str:
        """The log of an API call that must succeed."""
        assert answer["success"], answer.get("error") or answer["log"]
        return answer["log"]


def nbgrader_course(root: Path, lessons: dict, monkeypatch, **options) -> Course:
    """A course with the given lessons ({name: solution notebook text}) and our configuration."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader
    # alembic makes the gradebook; nbgrader looks for it on PATH
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent),
                                                os.environ["PATH"]]))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(root / "no-config"))
    for lesson, text in lessons.items():
        put(root / "solutions" / lesson / f"{lesson}.ipynb", text)
        put(root / "solutions" / lesson / f"{lesson}.py", "raise SystemExit('an answer')\n")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.merge(Config(Exchange={"root": str(root / "exchange"), "cache": str(root / "cache")},
                        ExchangeCollect={"check_owner": False},  # all are one user here
                        **options))
    (root / "exchange").mkdir(exist_ok=True)
    (root / "exchange").chmod(0o777)
    monkeypatch.chdir(root)
    return Course(root, NbGraderAPI(config=config))


def real_lesson(lesson: str, root: Path) -> str:
    """The solution notebook as text; its references are put beside where nbgrader looks."""
    from course.paths import NOTEBOOKS, SOLUTIONS
    files = build.build_lesson(lesson)
    for path, content in files.items():
        if path.parent == NOTEBOOKS / lesson / "reference":
            target = root / "solutions" / lesson / "reference" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return files[SOLUTIONS / lesson / f"{lesson}.ipynb"]
