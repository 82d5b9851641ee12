"""Speed and size of grading, side by side with nbgrader's own autograde (`make bench`)."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from course.paths import ROOT
from grader.engine.plan import plan_of
from grader.queue import packed
from grader.source import read_lesson
from tests.attacks import lesson as fortress
from tests.cohort import filled, nbgrader_course
from tests.madeup import put
from tests.measured import note

pytestmark = pytest.mark.bench
LESSON = "98_heavy"
COUNT = 20
TEXT = '''\
# %% [markdown]
# # 98 · Heavy

# %% locked="heavy-setup"
import numpy as np
import torch
import transformers
import sklearn.linear_model
from grader import check, in_kernel

# %% exercise="fit"
def fit(x, y, steps):
    """Weights (d,) of a linear fit of y (n,) to x (n, d) by `steps` steps of gradient descent."""
    ### BEGIN SOLUTION
    w = torch.zeros(x.shape[1], requires_grad=True)
    for _ in range(steps):
        loss = ((x @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
    return w.detach()
    ### END SOLUTION

# %% check="fit" points=2
with check("fit"):
    torch.manual_seed(0)
    x = torch.randn(200, 5)
    want = torch.arange(5.0)
    got = fit(x, x @ want, 300)
    assert torch.allclose(got, want, atol=1e-2), f"the weights are {want}, you gave {got}"
    ### BEGIN HIDDEN TESTS
    got = fit(x, x @ -want, 300)
    assert torch.allclose(got, -want, atol=1e-2), "negative weights"
    ### END HIDDEN TESTS

# %% exercise="accuracy"
def accuracy(x, y):
    """The accuracy of a logistic regression on its own training data."""
    ### BEGIN SOLUTION
    return sklearn.linear_model.LogisticRegression().fit(x, y).score(x, y)
    ### END SOLUTION

# %% check="accuracy" points=1
with check("accuracy"):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 6))
    got = accuracy(x, x[:, 0] > 0)
    assert got > 0.95, f"the accuracy is above 0.95, you gave {got}"
'''
RIGHT = {
    "fit": "def fit(x, y, steps):\n    w = torch.zeros(x.shape[1], requires_grad=True)\n"
           "    opt = torch.optim.SGD([w], lr=0.1)\n    for _ in range(steps):\n"
           "        opt.zero_grad()\n        ((x @ w - y) ** 2).mean().backward()\n"
           "        opt.step()\n    return w.detach()",
    "accuracy": "def accuracy(x, y):\n    model = sklearn.linear_model.LogisticRegression()\n"
                "    return model.fit(x, y).score(x, y)"}


class Heavy:
    """folder/package.json and folder/submitted/LEARNER/98_heavy/98_heavy.ipynb, COUNT of them."""

    def __init__(self, folder: Path):
        self.folder, source = folder, put(folder / "source" / LESSON / f"{LESSON}.py", TEXT)
        self.solution = read_lesson(source)
        self.plan = plan_of(LESSON, self.solution, source.parent / "reference")
        self.package = put(folder / "package.json", json.dumps(packed.pack(self.plan)))
        for number in range(COUNT):
            one = filled(self.plan.released, {k: f"{v}\n# {number}" for k, v in RIGHT.items()})
            put(folder / "submitted" / f"learner{number:02}" / LESSON / f"{LESSON}.ipynb",
                nbformat.writes(one))


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    return Heavy(tmp_path_factory.mktemp("heavy"))


def drive(package: Path, store: Path, folder: Path, jobs: int, *more: str, watch=None) -> dict:
    """One run of tests.grading_drive: its JSON, and "wall" seconds of the whole command."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.grading_drive", package, store, folder, str(jobs), *more],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    if watch:
        watch(process.pid)
    text, _ = process.communicate(timeout=3000)
    assert process.returncode == 0
    return json.loads(text.splitlines()[-1]) | {"wall": time.monotonic() - began}


def by_nbgrader(heavy, folder: Path, monkeypatch) -> float:
    """Wall seconds of `nbgrader autograde` on the same files, its command's start included."""
    course = nbgrader_course(folder, {LESSON: nbformat.writes(heavy.solution)}, monkeypatch)
    course.do(course.api.generate_assignment(LESSON))
    shutil.copytree(heavy.folder / "submitted", folder / "submitted")
    log = folder / "log"
    began = time.monotonic()
    with open(log, "w", encoding="utf-8") as file:
        code = subprocess.run([sys.executable, "-m", "nbgrader", "autograde", LESSON], cwd=folder,
                              stdout=file, stderr=file, timeout=3000,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode
    seconds = time.monotonic() - began
    assert code == 0, log.read_text(encoding="utf-8")[-3000:]
    with course.api.gradebook as book:
        scores = [s.score for s in book.assignment_submissions(LESSON)]
    assert scores == [3.0] * COUNT, scores
    return seconds


def test_twenty_submissions_side_by_side_with_nbgrader(heavy, tmp_path, monkeypatch):
    store = tmp_path / "store"
    ours = drive(heavy.package, store, heavy.folder / "submitted", 2)
    assert ours["points"] == [3.0] * COUNT
    theirs = by_nbgrader(heavy, tmp_path / "course", monkeypatch)
    ratio = theirs / ours["wall"]
    note("20 submissions that import torch, transformers and scikit-learn",
         f"nbgrader autograde {theirs:.1f} s ({COUNT * 60 / theirs:.1f} a minute), ours with "
         f"sandbox ({ours['level']}) and judge {ours['wall']:.1f} s "
         f"({COUNT * 60 / ours['wall']:.0f} a minute): {ratio:.1f} times as fast")
    again = drive(heavy.package, store, heavy.folder / "submitted", 2)
    assert again["points"] == ours["points"]
    note("the same 20 again, unchanged", f"{ours['seconds']:.2f} s, then {again['seconds']:.3f} s "
         f"(the command's start of {again['started']:.1f} s not counted): "
         f"{ours['seconds'] / again['seconds']:.0f} times as fast")
    assert ratio >= 5 and ours["seconds"] >= 50 * again["seconds"]


OWN = """
import json, sys, time, warnings, os
os.environ["COURSE_STRICT"] = "1"
import numpy, torch, transformers, sklearn.linear_model
from IPython.core.interactiveshell import InteractiveShell
import nbformat
shell, times = InteractiveShell.instance(), []
import grader
cells = [c.source for c in nbformat.read(sys.argv[1], 4).cells if c.cell_type == "code"]
for _ in range(5):
    began = time.monotonic()
    for source in cells:
        shell.run_cell(source).raise_error()
    times.append(time.monotonic() - began)
print(json.dumps(sorted(times)[2]))
"""


def test_overhead_over_the_learners_own_code(heavy, tmp_path):
    """One at a time: seconds of a submission here, less the same cells in one warm process."""
    first = heavy.folder / "submitted" / "learner00" / LESSON / f"{LESSON}.ipynb"
    run = subprocess.run([sys.executable, "-c", OWN, first], capture_output=True, text=True,
                         cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT),
                                        "OMP_NUM_THREADS": "1"}, check=True)
    own = json.loads(run.stdout.splitlines()[-1])
    each = sorted(drive(heavy.package, tmp_path / "store", heavy.folder / "submitted", 1)["each"])
    over = each[COUNT // 2] - own
    note("overhead of a submission over its own code", f"{each[COUNT // 2]:.2f} s in all, "
         f"{own:.2f} s its own: {over:.2f} s (median of {COUNT}, one at a time)")
    assert over < 1


class Memory:
    """The most memory that a process and all below it held together (PSS), looked at often."""

    def __init__(self):
        self.peak, self.stop = 0, False

    def __call__(self, pid: int) -> None:
        self.thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self.thread.start()

    def _look(self, pid: int) -> None:
        while not self.stop and Path(f"/proc/{pid}").exists():
            total, todo = 0, [pid]
            while todo:
                one = todo.pop()
                try:
                    for task in Path(f"/proc/{one}/task").iterdir():
                        todo += [int(p) for p in (task / "children").read_text().split()]
                    text = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
                    total += int(text.split("Pss:")[1].split()[0])
                except (OSError, IndexError, ValueError):
                    continue
            self.peak = max(self.peak, total)
            time.sleep(0.2)


def light(folder: Path, count: int) -> tuple[Path, Path]:
    """(package, folder of submissions) of the fortress lesson."""
    plan = fortress.make_plan(folder / "course")
    package = put(folder / "package.json", json.dumps(packed.pack(plan)))
    for number in range(count):
        one = fortress.submission(plan.released, fortress.HONEST, f"number {number}")
        put(folder / "in" / f"learner{number:04}.ipynb", json.dumps(one))
    return package, folder / "in"


def test_memory_does_not_grow_with_the_number_of_submissions(tmp_path):
    peaks = {}
    for count in (100, 1000):
        package, folder = light(tmp_path / str(count), count)
        memory = Memory()
        told = drive(package, tmp_path / f"store{count}", folder, 2, watch=memory)
        assert told["points"] == [fortress.FULL] * count
        peaks[count] = memory.peak / 1024
        rate = count * 60 / told["wall"]
    note("peak memory of all processes together", f"100 light submissions {peaks[100]:.0f} MB, "
         f"1,000 {peaks[1000]:.0f} MB: {100 * (peaks[1000] / peaks[100] - 1):+.1f} % "
         f"({rate:.0f} light submissions a minute; 100,000 would take {100_000 / rate / 60:.1f} h)")
    assert peaks[1000] <= 1.1 * peaks[100]


def test_two_dask_workers_against_one(tmp_path):
    """Many light ones: twenty heavy ones are done before both workers have their lesson warm."""
    pytest.importorskip("distributed", reason="dask.distributed is not installed: pip install -r "
                        "requirements/grading.txt")
    from tests.test_dask import Cluster
    count, seconds = 400, {}
    package, folder = light(tmp_path, count)
    for workers in (1, 2):
        cluster = Cluster(workers)
        try:
            time.sleep(8)
            told = drive(package, tmp_path / f"store{workers}", folder, 1, cluster.address)
            assert told["points"] == [fortress.FULL] * count
            seconds[workers] = told["seconds"]
        finally:
            cluster.close()
    note("dask workers", f"one {seconds[1]:.1f} s, two {seconds[2]:.1f} s for {count} light submissions: "
         f"{seconds[1] / seconds[2]:.2f} times as fast")


def test_a_million_hostile_frames():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "tests/test_codec.py", "-k", "hostile"],
        cwd=ROOT, capture_output=True, text=True, timeout=3000,
        env={**os.environ, "COURSE_FRAMES": os.environ.get("COURSE_FRAMES", "1000000")})
    assert run.returncode == 0, run.stdout[-3000:]
    line = next(text for text in run.stdout.splitlines() if "frames" in text)
    note("hostile frames at the codec", line.strip("."))
