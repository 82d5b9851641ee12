"""The attack suite against plain `nbgrader autograde`: what a sandbox and a judge change.

Each case is handed in to a scratch course in a temporary folder and graded with a time limit in
one box around nbgrader, kernel and course together (bubblewrap, no capabilities): all that lies
outside the folder is read-only there, and all that was started ends with it.
"""

import contextlib
import dataclasses
import json
import operator
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from course.paths import ROOT
from grader.source import read_lesson
from tests.attacks import lesson
from tests.attacks.arena import CANARY, Arena, all_cases, written
from tests.attacks.case import CLASSES, Case
from tests.attacks.lesson import FULL, HONEST, LESSON
from tests.cohort import nbgrader_course
from tests.measured import note
from tests.support import need

pytestmark = pytest.mark.bench
SECONDS = 40      # for one case; a cell may take 4
AT_ONCE = 2
# what would fill or stop this machine when nothing holds it
TOO_HARMFUL = {"a fork bomb (in a cell of their own)", "memory in many processes (in a cell of their own)",
               "memory until it ends (in a cell of their own)", "shared memory (in a cell of their own)",
               "ten thousand threads (in a cell of their own)",
               "a disk full of bytes (in a cell of their own)",
               "a disk full of files (in a cell of their own)",
               "300 MB of output (in a cell of their own)"}


def bench_cases():
    return [case for kind in CLASSES for case in all_cases(kind)
            if case.suffix == ".ipynb" and not case.alone and case.name not in TOO_HARMFUL]


class Plain:
    """A course to copy for each case, with an honest learner; `grade(case)`."""

    def __init__(self, folder: Path, monkeypatch):
        self.folder = folder
        self.source = read_lesson(lesson.write_source(folder / "made"))
        course = nbgrader_course(folder / "course", {LESSON: nbformat.writes(self.source)},
                                 monkeypatch)
        course.do(course.api.generate_assignment(LESSON))
        self.master = folder / "course"
        config = self.master / "nbgrader_config.py"
        config.write_text(config.read_text(encoding="utf-8") + "\nc.ExecutePreprocessor.timeout = 4\n"
                          "c.Execute.timeout = 4\n", encoding="utf-8")
        self.released = nbformat.read(self.master / "notebooks" / LESSON / f"{LESSON}.ipynb", 4)
        self.put(self.master, "zoe", json.dumps(
            lesson.submission(self.released, HONEST, "zoe")).encode())

    def put(self, course: Path, who: str, data: bytes) -> Path:
        path = course / "submitted" / who / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def grade(self, case) -> dict:
        """{"points", "neighbours" when the honest one kept her score, "leak", "seconds", "stopped"}."""
        home = Path(tempfile.mkdtemp(prefix="plain-"))
        course = home / "course"
        try:
            shutil.copytree(self.master, course)
            values = {"WORLD": str(course), "STORE": str(home / "store"), "ROOT": str(home / "none"),
                      "PORT": "9", "NEIGHBOUR": str(course / "submitted" / "zoe" / LESSON / f"{LESSON}.ipynb")}
            (course / "secret.txt").write_text("canary-gradebook-123456", encoding="utf-8")
            path = self.put(course, "mallory", b"")
            if case.place:
                path.unlink()
                case.place(path, values)
            else:
                path.write_bytes(written(case, self.released, values))
            return self._run(home, course)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _run(self, home: Path, course: Path) -> dict:
        env = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin:/bin"]),
               "HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "MPLBACKEND": "Agg",
               "OMP_NUM_THREADS": "1", "TMPDIR": str(home), "COURSE_CANARY": "canary-environ-123456",
               "JUPYTER_PLATFORM_DIRS": "1", "COURSE_USER_DIR": str(home / "user")}
        began, stopped = time.monotonic(), False
        with open(home / "log", "wb") as log:
            process = subprocess.Popen(
                [*box(home), sys.executable, "-m", "nbgrader", "autograde", LESSON], cwd=course,
                env=env, stdout=log, stderr=log, start_new_session=True, preexec_fn=bound)
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                stopped = True
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return {"stopped": stopped, "seconds": time.monotonic() - began} | self._outcome(course)

    def _outcome(self, course: Path) -> dict:
        scores: dict = {}
        with contextlib.suppress(sqlite3.Error), contextlib.closing(
                sqlite3.connect(course / "gradebook.db")) as db:
            for who, auto, needs in db.execute(
                    "SELECT s.student_id, g.auto_score, g.needs_manual_grade FROM grade g "
                    "JOIN submitted_notebook n ON g.notebook_id = n.id "
                    "JOIN submitted_assignment s ON n.assignment_id = s.id"):
                scores[who] = scores.get(who, 0) + (auto or 0)
        graded = course / "autograded" / "mallory" / LESSON / f"{LESSON}.ipynb"
        text = ""
        with contextlib.suppress(OSError, ValueError):
            data = json.loads(graded.read_text(encoding="utf-8"))
            text = json.dumps([c.get("outputs") for c in data["cells"] if not c["metadata"].get(
                "nbgrader", {}).get("grade")])  # nbgrader shows hidden tests there to all
        return {"points": scores.get("mallory") if graded.is_file() else None,
                "neighbours": scores.get("zoe") == FULL,
                "leak": bool(CANARY.search(text))}


def box(home: Path) -> list[str]:
    """The command that shuts nbgrader in with its course, so that the machine survives."""
    return [need("bwrap"), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs",
            "/dev/shm", "--tmpfs", "/tmp", "--ro-bind", str(ROOT), str(ROOT), "--bind", str(home), str(home), "--unshare-pid",
            "--unshare-ipc", "--unshare-net", "--cap-drop", "ALL", "--die-with-parent",
            "--chdir", str(home / "course")]


def bound() -> None:
    """Some limits beside the box."""
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000_000, 50_000_000))
    resource.setrlimit(resource.RLIMIT_DATA, (3_000_000_000, 3_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.fixture(scope="module")
def plain():
    folder = Path(tempfile.mkdtemp(prefix="plain-master-"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = Plain(folder, monkeypatch)
        honest = made.grade(Case("an honest one", "reports", answers=HONEST, points=FULL))
        assert honest["points"] == FULL and honest["neighbours"], f"the box is broken: {honest}"
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@dataclasses.dataclass
class Count:
    """What became of some cases: how many, and the points that were stolen; ours: cases with a fault."""

    cases: int = 0
    stolen: int = 0
    points: float = 0.0
    lost: int = 0
    hurt: int = 0
    leaks: int = 0
    ours: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*map(operator.add, dataclasses.astuple(self), dataclasses.astuple(other)))

    def told(self) -> str:
        return (f"{self.cases} cases. Plain nbgrader: {self.stolen} stole {self.points:g} points, "
                f"{self.lost} ended without a score, {self.hurt} cost honest neighbours theirs, "
                f"{self.leaks} read secrets. Here: {self.ours} did any of that")


together: dict[str, Count] = {}


@pytest.mark.parametrize("kind", CLASSES)
def test_the_same_cases_against_plain_nbgrader(kind, plain):
    every = int(os.environ.get("COURSE_EVERY", "1"))  # 10: each tenth case, for a quick look
    cases = [case for case in bench_cases() if case.kind == kind][::every]
    with ThreadPoolExecutor(AT_ONCE) as workers:
        theirs = dict(zip([c.name for c in cases], workers.map(plain.grade, cases)))
    arena = Arena(cases)
    faults = {c.name: arena.faults(c.name) for c in cases}
    together[kind] = counted(cases, theirs, arena, faults)
    if every == 1:
        note(f"attacks: {kind}", together[kind].told())
    if len(together) == len(CLASSES):
        note("attacks, all together", sum(together.values(), Count()).told())
    assert {name: found for name, found in faults.items() if found} == {}


def counted(cases, theirs: dict, arena, faults: dict) -> Count:
    """Print each case, count the difference."""
    total = Count(len(cases), ours=sum(map(bool, faults.values())))
    for case in cases:
        told = theirs[case.name]
        more = max((told["points"] or 0) - case.points, 0)
        lost = told["points"] is None or told["stopped"]
        total += Count(0, more > 0, more, lost, not told["neighbours"], told["leak"])
        marks = [word for word, some in (("STOLEN", more), ("no score", lost), (
            "neighbours", not told["neighbours"]), ("LEAK", told["leak"])) if some]
        print(f"{case.kind:15} {case.name[:66]:66} {told['seconds']:4.0f} s, nbgrader "
              f"{told['points']} of {case.points:g} {' '.join(marks)}; ours "
              f"{arena.outcomes[case.name].points:g}")
    return total
