"""The warm start: forks that leak nothing, hang nowhere and die with whoever wanted them."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks need Linux")

from course.paths import CourseError  # noqa: E402
from grader.engine import wire  # noqa: E402
from grader.sandbox.contract import Place  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FORKS = 50


@pytest.fixture(scope="module")
def level():
    from grader.sandbox import detect
    try:
        found = detect.best()
    except CourseError as error:
        pytest.skip(str(error))
    return found if found != "bubblewrap" else "none"  # bubblewrap has no warm start


@pytest.fixture(scope="module")
def zygote():
    from grader.engine.zygote import Zygote
    with Zygote() as made:
        yield made


def cell(seat, source: str, seconds: float = 30) -> str:
    wire.send(seat.sock, {"op": "cell", "source": source})
    reply = wire.receive(seat.sock, seconds)
    assert reply["ok"], reply
    return reply["text"].strip()


@contextlib.contextmanager
def opened(level, zygote):
    from grader.engine.seats import open_seat
    seat = open_seat(level, Place("00_start"), zygote=zygote)
    try:
        yield seat
    finally:
        seat.close()


def below(pid: int) -> list[int]:
    """All descendants of a process."""
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii")
            for child in map(int, text.split()):
                found += [child, *below(child)]
    return found


def gone(pids, seconds: float = 8) -> bool:
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        if not any(os.path.exists(f"/proc/{p}") and "State:\tZ" not in _status(p) for p in pids):
            return True
        time.sleep(0.02)
    return False


def _status(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    return "State:\tZ"


def test_starts_clean(zygote):
    assert zygote.ready["threads"] == 1
    text = Path(f"/proc/{zygote.process.pid}/environ").read_bytes()
    assert b"COURSE_USER_DIR" not in text and b"PYTEST" not in text  # ours, set by conftest.py
    inherited = {os.readlink(f"/proc/{zygote.process.pid}/fd/{n}")
                 for n in os.listdir(f"/proc/{zygote.process.pid}/fd")}
    allowed = ("/dev/null", zygote.home)
    assert not [name for name in inherited if name.startswith("/") and name not in allowed]


def test_fifty_forks_leave_nothing(zygote, level, capsys):
    files, folders = set(), set(os.listdir("/tmp"))
    times, seeds, sized = [], set(), []
    for number in range(FORKS):
        began = time.monotonic()
        with opened(level, zygote) as seat:
            times.append(time.monotonic() - began)
            seeds.add(cell(seat, "import random, numpy, torch\nprint(random.random(), "
                                 "numpy.random.rand(), torch.rand(1).item())"))
        files.add(len(os.listdir(f"/proc/{zygote.process.pid}/fd")))
        if number in (4, FORKS - 1):
            sized.append(int(Path(f"/proc/{zygote.process.pid}/statm").read_text().split()[1]))
    with capsys.disabled():
        print(f"\nwarm start at level {level}: median {statistics.median(times):.3f} s, "
              f"zygote ready in {zygote.ready['seconds']} s with {zygote.ready['rss_mb']} MB")
    assert len(seeds) == FORKS
    assert len(files) == 1 or max(files) - min(files) <= 1
    assert sized[1] - sized[0] < 1000  # pages
    assert gone(below(zygote.process.pid))
    assert not [n for n in set(os.listdir("/tmp")) - folders if n.startswith("course-seat")]


def test_parallel_libraries_do_not_hang_after_the_fork(zygote, level):
    source = """
import os, numpy as np, torch
os.environ["OMP_NUM_THREADS"] = "2"; torch.set_num_threads(2)
from sklearn.ensemble import HistGradientBoostingClassifier as H
from sklearn.cluster import KMeans
a = torch.randn(400, 400); (a @ a).sum()
w = torch.randn(300, 300, requires_grad=True); (w @ w).sum().backward()
x = np.random.rand(300, 4); H(max_iter=3).fit(x, x.sum(1) > 2); KMeans(3, n_init=1).fit(x)
print("well")
"""
    with opened(level, zygote) as first, opened(level, zygote) as second:
        assert cell(first, source, 60) == "well"
        assert cell(second, source, 60) == "well"


def test_a_dead_child_and_a_hung_one_hold_nobody_up(zygote, level):
    with opened(level, zygote) as hung:
        wire.send(hung.sock, {"op": "cell", "source": "while True: pass"})
        with opened(level, zygote) as dying:
            wire.send(dying.sock, {"op": "cell", "source": "import os, signal\n"
                                   "os.kill(os.getpid(), signal.SIGABRT)\nos._exit(3)"})
            with pytest.raises(wire.Silent):
                wire.receive(dying.sock, 10)
        assert dying.code in (3, -6 & 255)
        with opened(level, zygote) as next_one:
            assert cell(next_one, "print(1 + 1)") == "2"
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert hung.code == 250


def test_seat_numbers_are_unique_on_this_machine():
    from grader.engine import seats
    taken = [seats.take_ticket() for _ in range(20)]
    assert len({number for number, _ in taken}) == 20
    with pytest.raises(seats.Refused):
        seats.take_ticket(taken[0][0])
    for _, ticket in taken:
        ticket.close()
    seats.take_ticket(taken[0][0])[1].close()


def test_a_refused_level_says_why(zygote):
    from grader.engine.seats import Refused, open_seat
    with pytest.raises(Refused, match="no-such-level"):
        open_seat("no-such-level", Place("00_start"), zygote=zygote)


def test_threads_at_the_fork_are_refused(tmp_path, monkeypatch):
    from grader.engine import zygote as module
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
        encoding="utf-8")
    real = module.environment
    monkeypatch.setattr(module, "environment", lambda home: real(home) | {
        "PYTHONPATH": f"{real()['PYTHONPATH']}{os.pathsep}{tmp_path}"})
    with pytest.raises(CourseError, match="thread"):
        module.Zygote(("starts_a_thread",))


def test_close_ends_all(level):
    from grader.engine.zygote import Zygote
    with Zygote(()) as zygote:
        seat = __import__("grader.engine.seats", fromlist=["x"]).open_seat(
            level, Place("00_start"), zygote=zygote)
        wire.send(seat.sock, {"op": "cell", "source": "while True: pass"})
        time.sleep(0.3)
        pids = [zygote.process.pid, *below(zygote.process.pid)]
        assert len(pids) >= 3
    assert gone(pids)
    assert not os.path.exists(zygote.home)
    seat.close()


SCRIPT = """
import os, sys, time
from grader.engine import wire
from grader.engine.seats import open_seat
from grader.engine.zygote import Zygote
from grader.sandbox.contract import Place
zygote = Zygote(()) if sys.argv[2] == "warm" else None
seat = open_seat(sys.argv[1], Place("00_start"), zygote=zygote)
wire.send(seat.sock, {"op": "cell", "source": "import os\\nif os.fork() == 0: os.setsid()\\nwhile True: pass"})
print(os.getpid(), zygote.process.pid if zygote else 0, flush=True)
time.sleep(60)
"""


SLOW = pytest.mark.fortress


@pytest.mark.parametrize(("kind", "victim"), [
    ("warm", "grader"), ("cold", "keeper"), pytest.param("warm", "zygote", marks=SLOW),
    pytest.param("cold", "grader", marks=SLOW), pytest.param("bubblewrap", "grader", marks=SLOW),
    pytest.param("warm", "keeper", marks=SLOW)])
def test_death_ends_everything_below(level, kind, victim):
    """kill -9 of the grader, of the zygote or of a keeper leaves no process and no folder."""
    from grader.sandbox import detect
    if kind == "bubblewrap":
        works, why = dict((n, (w, s)) for n, w, s in detect.levels())["bubblewrap"]
        if not works:
            pytest.skip(why)
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, "bubblewrap" if kind == "bubblewrap"
                                else level, kind], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        grader, zygote = map(int, process.stdout.readline().split())
        time.sleep(0.5)
        family = below(grader)
        assert len(family) >= (4 if kind == "warm" else 3), family
        keepers = Path(f"/proc/{zygote or grader}/task/{zygote or grader}/children")
        keeper = int(keepers.read_text(encoding="ascii").split()[-1])
        dead = {"grader": grader, "zygote": zygote, "keeper": keeper}[victim]
        kept = {"keeper": {grader, zygote}, "zygote": {grader}}.get(victim, set())
        os.kill(dead, signal.SIGKILL)
        assert gone([pid for pid in family if pid not in kept])
    finally:
        process.kill()
        process.wait()
    assert gone(family)
