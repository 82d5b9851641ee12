"""Grading on dask's workers: two of them, one lost, the scheduler restarted."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from course.paths import ROOT, CourseError
from grader.queue import dask_pool, flow
from grader.queue.ledger import Ledger
from grader.reports import tables
from tests.queue_support import HALF, RIGHT, made  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")


def test_without_dask_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match="requirements/grading.txt"):
        dask_pool.engine("tcp://127.0.0.1:1")


class Cluster:
    """A scheduler and workers as processes on this machine."""

    def __init__(self, workers: int):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes, self.workers = [], []
        self.scheduler = self.schedule()
        for _ in range(workers):
            self.add_worker()

    def start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join(
                [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])})
        self.processes.append(process)
        return process

    def schedule(self) -> subprocess.Popen:
        return self.start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
                          str(self.port), "--no-dashboard")

    def add_worker(self) -> None:
        self.workers.append(self.start("distributed.cli.dask_worker", self.address, "--nthreads",
                                       "1", "--no-dashboard", "--no-nanny"))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster():
    pytest.importorskip("distributed", reason="dask.distributed is not installed: pip install -r "
                        "requirements/grading.txt")
    made = []

    def start(workers):
        made.append(Cluster(workers))
        return made[0]
    yield start
    for one in made:
        one.close()


def grade(made, store, folder, address, after):  # noqa: F811
    """{learner: points}; after(done) is called as results come."""
    until = time.monotonic() + 30
    engine = None
    while engine is None:
        try:
            engine = dask_pool.engine(address)
        except CourseError:
            assert time.monotonic() < until
    with Ledger(store, write=True) as ledger:
        run = ledger.new_run()
        flow.take_in(ledger, run, [folder], [made.package["lesson"]])

        def show(done, total):
            after(done)
        engine(ledger, run, made.package["lesson"], made.options(), show, lambda: False)
        engine.close()
        events = [row[0] for row in ledger.db.execute("SELECT what FROM events")]
        assert events.count("finished") == 12 and "repeated" not in events
        return {row["learner"]: tables.score(row)[0] for row in tables.Rows(ledger, run=run)}


def class_of(made, folder):  # noqa: F811
    for number in range(12):
        made.hand_in(folder, f"learner{number:02d}", RIGHT if number % 2 else HALF, f"# {number}\n")
    return {f"learner{number:02d}": 4.5 if number % 2 else 3 for number in range(12)}


@pytest.mark.slow
def test_two_workers_give_every_score(made, tmp_path, cluster):  # noqa: F811
    want = class_of(made, tmp_path / "in")
    assert grade(made, tmp_path / "store", tmp_path / "in", cluster(2).address,
                 lambda done: None) == want


@pytest.mark.slow
def test_a_lost_worker_loses_nothing(made, tmp_path, cluster):  # noqa: F811
    want, here, lost = class_of(made, tmp_path / "in"), cluster(2), []

    def after(done):
        if done >= 2 and not lost:
            lost.append(here.workers[0].send_signal(signal.SIGKILL))
    assert grade(made, tmp_path / "store", tmp_path / "in", here.address, after) == want
    assert lost


@pytest.mark.slow
def test_a_restarted_scheduler_loses_nothing(made, tmp_path, cluster):  # noqa: F811
    want, here, lost = class_of(made, tmp_path / "in"), cluster(1), []

    def after(done):
        if done >= 2 and not lost:
            here.scheduler.kill()
            here.scheduler.wait()
            lost.append(here.schedule())
            here.add_worker()
    assert grade(made, tmp_path / "store", tmp_path / "in", here.address, after) == want
    assert lost
