"""An nbgrader course in a temporary folder, driven as an instructor drives it."""

import copy
import os
import re
import sys
from pathlib import Path

from course.paths import ROOT
from grader import build, variants
from grader.kernel import is_demo
from grader.replay import Replay
from tests.madeup import put

class Course:
    """root: the course folder (solutions/, notebooks/, gradebook.db). api: nbgrader's own."""

    def __init__(self, root: Path, config):
        from nbgrader.apps import NbGraderAPI
        self.root, self.config, self.api = root, config, NbGraderAPI(config=config)

    def do(self, answer: dict) -> None:
        """An API call that must succeed."""
        assert answer["success"], answer.get("error") or answer.get("log")

    def as_student(self, student: str, lesson: str, home: Path, exchange: str) -> None:
        """`nbgrader fetch_assignment` or `nbgrader submit` of one student, in their folder."""
        from nbgrader.auth import Authenticator
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.exchange import default
        from traitlets.config import Config
        config = copy.deepcopy(self.config)
        config.merge(Config(CourseDirectory={"student_id": student, "assignment_id": lesson},
                            Exchange={"assignment_dir": str(home), "cache": str(home / ".cache")}))
        worker = getattr(default, exchange)(
            coursedir=CourseDirectory(config=config), config=config,
            authenticator=Authenticator(config=config))
        worker.log.setLevel("ERROR")
        worker.start()

    def score(self, lesson: str, student: str):
        """Points in the gradebook; None when nbgrader holds no submission of theirs."""
        from nbgrader.api import MissingEntry
        with self.api.gradebook as book:
            try:
                return book.find_submission(lesson, student).score
            except MissingEntry:
                return None


def nbgrader_course(root: Path, lessons: dict, monkeypatch) -> Course:
    """A course with the given lessons ({name: solution notebook text}) and our configuration."""
    from traitlets.config.loader import PyFileConfigLoader
    # alembic makes the gradebook; nbgrader looks for it on PATH
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent),
                                                os.environ["PATH"]]))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(root / "no-config"))
    for lesson, text in lessons.items():
        put(root / "solutions" / lesson / f"{lesson}.ipynb", text)
        put(root / "solutions" / lesson / f"{lesson}.py", "raise SystemExit('an answer')\n")
    ours = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    put(root / "nbgrader_config.py", ours + f"""
c.Exchange.root = {str(root / "exchange")!r}
c.Exchange.cache = {str(root / "cache")!r}
c.ExchangeCollect.check_owner = False  # all students are one user here
""")
    (root / "exchange").mkdir(exist_ok=True)
    (root / "exchange").chmod(0o777)
    monkeypatch.chdir(root)
    before = list(sys.path)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    sys.path[:] = before  # the configuration puts its own folder there
    return Course(root, config)


def lesson_text(lesson: str, root: Path) -> str:
    """The solution notebook as text; its references are put beside where nbgrader looks."""
    files = build.build_lesson(lesson)
    for path, content in files.items():
        if path.parent == build.NOTEBOOKS / lesson / "reference":
            target = root / "solutions" / lesson / "reference" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return files[build.SOLUTIONS / lesson / f"{lesson}.ipynb"]


# ---- what eight students hand in ----

NOISY = """

def _loud(answer):
    import functools, logging, os, sys, warnings

    @functools.wraps(answer)
    def call(*given, **named):
        warnings.warn("deprecated")
        logging.warning("careful")
        print("noise", file=sys.stderr)
        os.write(2, b"noise")
        return answer(*given, **named)
    return call


for _name in [{names}]:
    globals()[_name] = _loud(globals()[_name])
"""
CRASH = "import os\nos._exit(3)\n"


def hand_ins(lesson: str, solution, released) -> dict:
    """{student: (notebook, expected points)} for one lesson; None where nbgrader gives none.

    The wrong answers are the lesson's variants. What they earn is counted without nbgrader and
    without a kernel, so that part points of many-part checks are right too.
    """
    outcomes = variants.try_lesson(lesson)
    right = {c.metadata["course"]["exercise"]: c.source for c in solution.cells
             if c.metadata.get("course", {}).get("kind") == "exercise"}
    some = list(right)[:max(1, len(right) // 2)]
    wrong, hidden = ({o.variant.exercise: o.variant.source for o in reversed(outcomes)
                      if o.variant.kind == "wrong" and o.visible is sly} for sly in (False, True))
    names = {e: re.findall(r"^def (\w+)", source, re.M) for e, source in right.items()}
    loud = {e: source + NOISY.format(names=", ".join(map(repr, names[e])))
            for e, source in right.items()}
    tampered = filled(released, wrong)
    for cell in tampered.cells:
        if _kind(cell) == "check":
            cell.source = "pass  # nothing to see here"
    made = {"perfect": filled(released, right), "empty": filled(released, {}),
            "half": filled(released, {e: right[e] for e in some}),
            "wrong": filled(released, wrong), "hidden": filled(released, hidden),
            "tampered": tampered, "warns": filled(released, loud)}
    crash = filled(released, right | {some[-1]: CRASH})
    return {**{student: (notebook, earned(lesson, solution, notebook))
               for student, notebook in made.items()}, "crashes": (crash, None)}


def three_hand_ins(lesson: str, solution, released) -> dict:
    """{"perfect", "half", "wrong": (notebook, expected points)}: cheaper than all eight, since only
    the wrong one has to be counted by running it. An essay stands in each."""
    right = {c.metadata["course"]["exercise"]: c.source for c in solution.cells
             if _kind(c) == "exercise"}
    some = list(right)[:max(1, len(right) // 2)]
    wrong = {name: next(v.source for v in variants.read_variants(lesson, name) if v.kind == "wrong")
             for name in right}
    made = {"perfect": filled(released, right), "wrong": filled(released, wrong),
            "half": filled(released, {name: right[name] for name in some})}
    for notebook in made.values():
        for cell in notebook.cells:
            if _kind(cell) == "essay":
                cell.source = "An answer for a person to read."
    points = {c.id: (c.metadata["course"]["exercise"], c.metadata["nbgrader"]["points"])
              for c in solution.cells if _kind(c) == "check"}
    return {"perfect": (made["perfect"], sum(p for _, p in points.values())),
            "half": (made["half"], sum(p for name, p in points.values() if name in some)),
            "wrong": (made["wrong"], earned(lesson, solution, made["wrong"]))}


def _kind(cell) -> str | None:
    return cell.metadata.get("course", {}).get("kind")


def earned(lesson: str, solution, notebook) -> float:
    """Points of a submission by the solution's own check cells, in this process, without demo cells
    (tests/test_notebooks.py proves that they change no score)."""
    checks = {c.id: c for c in solution.cells if _kind(c) == "check"}
    points = 0.0
    with Replay(build.SOLUTIONS / lesson) as replay:
        del os.environ["COURSE_STRICT"]
        os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader's kernels are told
        for cell in notebook.cells:
            if cell.cell_type == "code" and not is_demo(cell):
                error = replay.run(cell.id, checks.get(cell.id, cell).source)
                if cell.id in checks and error is None:
                    points += checks[cell.id].metadata["nbgrader"]["points"]
    return points


def filled(released, answers: dict):
    """A copy of the released notebook with answers in it: {exercise: source}."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        if _kind(cell) == "exercise":
            cell.source = answers.get(cell.metadata["course"]["exercise"], cell.source)
    return notebook
