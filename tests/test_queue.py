"""The queue: every score, whatever stops it: kills, Ctrl-C, a dead judge, a second writer."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from course.paths import CourseError
from grader.queue import flow, retention
from grader.queue.ledger import Ledger
from tests.madeup import LESSON, put
from tests.measured import note
from tests.queue_support import HALF, RIGHT, SLY, made  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")


BOUNDS = {"notebook": 30, "check": 1.5, "cell": 5}  # other bounds are graded anew


@pytest.fixture(scope="module")
def graded(made, tmp_path_factory):  # noqa: F811
    """One run over what learners hand in, good and bad."""
    folder, store = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("store")
    made.hand_in(folder, "ann", RIGHT)
    made.hand_in(folder, "bob", {})
    made.hand_in(folder, "cem", HALF)
    made.hand_in(folder, "dan", SLY)
    made.hand_in(folder, "eve", RIGHT | {"double-it": "import os\nos._exit(3)"})
    put(folder / f"gus_{LESSON}.ipynb", "not a notebook")
    began = time.monotonic()
    rows = made.grade(store, folder, budget=BOUNDS)
    return made, folder, store, rows, time.monotonic() - began


def test_every_learner_has_the_exact_score(graded):
    *_, rows, _ = graded
    assert {who: points for who, (points, *_) in rows.items()} == {
        "ann": 4.5, "bob": 0, "cem": 3, "dan": 1, "eve": 1.5, "gus": 0}


def test_every_result_is_complete(graded):
    *_, rows, _ = graded
    for who, (_, row, result) in rows.items():
        names = [item["check"] for item in result["items"]]
        assert names == ["check-double-it", "check-double-it-text", "check-count-words",
                         "essay-why-small"], who
        assert all(set(i) >= {"points", "state", "message", "seconds"} for i in result["items"])
        assert result["items"][-1]["state"] == "read by a person" and result["by_hand"] == 1
        assert result["out_of"] == 4.5 and result["level"] in (
            "namespaces", "bubblewrap", "landlock", "none")
    assert "not a notebook" in rows["gus"][2]["reason"] and rows["gus"][2]["state"] == "refused"
    assert "look at its sign" in rows["dan"][2]["items"][0]["message"]


def test_unchanged_submissions_are_not_graded_again(graded):
    made, folder, store, first, seconds = graded
    began = time.monotonic()
    again = made.grade(store, folder, budget=BOUNDS)
    faster = seconds / (time.monotonic() - began)
    assert {w: r[0] for w, r in again.items()} == {w: r[0] for w, r in first.items()}
    with Ledger(store) as ledger:
        assert ledger.db.execute("SELECT count(*) FROM events WHERE what = 'begun'").fetchone()[0] \
            == ledger.db.execute("SELECT count(*) FROM results").fetchone()[0]
    assert faster > 50, f"only {faster:.0f} times faster"


def test_originals_are_kept_with_hash_and_time(graded):
    _, folder, store, rows, _ = graded
    row = rows["ann"][1]
    kept = retention.original(store, row["sha"])
    assert kept.read_bytes() == (folder / row["name"]).read_bytes()
    assert abs(row["received"] - time.time()) < 3600
    assert kept.stat().st_mode & 0o077 == 0 and (store / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_a_judge_that_dies_costs_its_check_only(made, tmp_path):  # noqa: F811
    """The grading process is killed inside a check: it starts again without that check."""
    from grader.queue import nursery
    package = dict(made.package)
    package["trusted"] = dict(package["trusted"])
    package["trusted"]["check-double-it"] = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    package["key"] = "a-judge-that-dies"
    made.hand_in(tmp_path / "in", "ann", RIGHT)
    rows = made.grade(tmp_path / "store", tmp_path / "in", packed={LESSON: package})
    points, _, result = rows["ann"]
    assert points == 2.5 and "stopped the process that judges" in result["items"][0]["message"]
    assert any(note["kind"] == "judge" for note in result["notes"]) and nursery.STARTS > 1


def test_two_writers_are_refused_in_a_sentence(tmp_path):
    with Ledger(tmp_path, write=True), pytest.raises(CourseError, match="another grader"):
        Ledger(tmp_path, write=True)


def test_progress_tells_the_time_left():
    assert flow.left(10, 300, 20) == ", about 10 min left"
    assert flow.left(0, 5, 1) == "" and flow.left(5, 0, 1) == ""
    assert flow.left(1, 30, 1) == ", about 30 s left"


# ---- kills ----

def many(made, folder, count):  # noqa: F811
    for number in range(count):
        made.hand_in(folder, f"learner{number:03d}", RIGHT if number % 2 else HALF,
                     f"# {number}\n")


def results_in(store) -> int:
    """Results that are committed now."""
    if not (store / "ledger.sqlite").exists():
        return 0
    with Ledger(store) as ledger:
        with contextlib.suppress(sqlite3.OperationalError):  # no table yet
            return ledger.db.execute("SELECT count(*) FROM results").fetchone()[0]
    return 0


def kill_and_go_on(made, tmp_path, kills, count, seed=7):  # noqa: F811
    """Kill at random moments, every second time while results come in; then let it end. How many
    were killed at work, and how many of these after new results."""
    folder, store, chance = tmp_path / "in", tmp_path / "store", random.Random(seed)
    many(made, folder, count)
    killed = late = 0
    for number in range(kills):
        before, more = results_in(store), chance.randint(1, 3)
        process = made.start(store, folder)
        until = time.monotonic() + (60 if number % 2 else chance.uniform(0.1, 2.2))
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
            if number % 2 and results_in(store) >= before + more:
                time.sleep(chance.uniform(0, 0.2))
                break
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
            late += results_in(store) > before
        process.communicate()
        if (store / "ledger.sqlite").exists():
            with Ledger(store) as ledger:
                assert ledger.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    process = made.start(store, folder)
    out = process.communicate(timeout=600)[0]
    assert process.returncode == 0, out[-2000:]
    return store, killed, late


def assert_once_each(store, count):
    with Ledger(store) as ledger:
        rows = list(ledger.rows())
        events = ledger.db.execute("SELECT what, sha FROM events ORDER BY rowid").fetchall()
    assert len(rows) == count and all(row["result"] for row in rows)
    assert [row["points"] for row in rows] == [4.5 if n % 2 else 3 for n in range(count)]
    finished = set()
    for what, sha in map(tuple, events):
        assert what != "repeated" and sha not in finished, "finished work was begun again"
        if what == "finished":
            finished.add(sha)
    assert len(finished) == count


def test_ten_kills_lose_and_repeat_nothing(made, tmp_path):  # noqa: F811
    store, killed, late = kill_and_go_on(made, tmp_path, 10, 24)
    assert_once_each(store, 24)
    assert killed >= 6 and late >= 3, "the kills came too late or too early to prove anything"


@pytest.mark.bench
@pytest.mark.parametrize("half", [1, 2])
def test_a_hundred_kills_lose_and_repeat_nothing(made, tmp_path, half):  # noqa: F811
    store, killed, late = kill_and_go_on(made, tmp_path, 50, 200, seed=half)
    assert_once_each(store, 200)
    assert killed >= 45 and late >= 20
    note(f"kills, {'first' if half == 1 else 'second'} half",
         f"{killed} of 50 runs were killed at work, {late} of them while results came in; "
         "200 submissions graded once each, each with its exact score")


def test_ctrl_c_stops_cleanly_and_the_next_call_goes_on(made, tmp_path):  # noqa: F811
    folder, store = tmp_path / "in", tmp_path / "store"
    many(made, folder, 20)
    process = made.start(store, folder)
    for line in process.stdout:
        if "of 20" in line and not line.startswith(f"{LESSON}: 0 "):
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 130
    with Ledger(store) as ledger:
        done = ledger.db.execute("SELECT count(*) FROM results").fetchone()[0]
        for row in ledger.db.execute("SELECT result FROM results"):
            assert len(json.loads(row[0])["items"]) == 4, "nothing half finished is kept"
    assert 0 < done < 20
    assert left_behind(process.pid) == []
    process = made.start(store, folder)
    out = process.communicate(timeout=120)[0]
    assert process.returncode == 0 and "20 of 20 graded" in out
    assert "learner0" not in out, "progress names no learner"
    assert_once_each(store, 20)


def left_behind(leader: int) -> list[str]:
    """Nurseries and zygotes that outlive their leader by more than a moment."""
    import psutil
    time.sleep(1)
    return [" ".join(p.info["cmdline"]) for p in psutil.process_iter(["cmdline", "ppid"])
            if p.info["ppid"] in (1, leader) and "grader.queue.nursery" in
            " ".join(p.info["cmdline"] or [])]


# ---- forgetting ----

def test_forgetting_a_learner_leaves_nothing(made, tmp_path):  # noqa: F811
    folder, store = tmp_path / "in", tmp_path / "store"
    put(folder / f"zelda_{LESSON}.ipynb", "zelda writes no notebook")
    made.hand_in(folder, "ann", {})
    rows = made.grade(store, folder)
    with Ledger(store, write=True) as ledger:
        gone = retention.forget(ledger, "zelda")
        assert gone["submissions"] == 1 and gone["originals"] == 1
        assert [row["learner"] for row in ledger.rows()] == ["ann"]
    assert not retention.original(store, rows["zelda"][1]["sha"]).exists()
    for path in store.rglob("*"):
        assert not path.is_file() or b"zelda" not in path.read_bytes(), path


def test_old_submissions_are_forgotten(tmp_path):
    with Ledger(tmp_path, write=True) as ledger:
        ledger.receive(1, "old", LESSON, "a" * 64, "old.ipynb", 1)
        ledger.receive(1, "new", LESSON, "b" * 64, "new.ipynb", 1)
        ledger.db.execute("UPDATE submissions SET received = received - 864001 "
                          "WHERE learner = 'old'")
        ledger.setting("keep_days", "10")
        flow._keep_days(ledger)
        assert [row["learner"] for row in ledger.rows()] == ["new"]


def test_same_file_of_two_learners_is_graded_once_and_forgotten_apart(tmp_path):
    with Ledger(tmp_path, write=True) as ledger:
        for who in ("ann", "bob"):
            ledger.receive(1, who, LESSON, "a" * 64, "x.ipynb", 1)
        assert list(ledger.pending(1, LESSON, "k", "e")) == [("a" * 64, "x.ipynb")]
        result = {"points": 1.0, "out_of": 1.0, "seconds": 0.1, "lesson": LESSON}
        assert ledger.finish(1, "a" * 64, "k", "e", result, None)
        assert not ledger.finish(1, "a" * 64, "k", "e", result, None), "delivered twice"
        assert retention.forget(ledger, "ann")["submissions"] == 1
        assert [row["points"] for row in ledger.rows()] == [1.0]


def test_the_file_handed_in_last_counts_also_when_it_is_an_old_one(tmp_path):
    with Ledger(tmp_path, write=True) as ledger:
        for run, sha in enumerate(("a", "b", "a"), 1):
            ledger.receive(run, "ann", LESSON, sha * 64, "x.ipynb", 1)
        assert [row["sha"][0] for row in ledger.rows()] == ["a"]


def test_a_record_that_is_no_database_is_refused(tmp_path):
    put(tmp_path / "ledger.sqlite", "x" * 5000)
    with pytest.raises(CourseError, match="move it away"):
        Ledger(tmp_path, write=True)
    with pytest.raises(CourseError, match="nothing was graded"):
        Ledger(tmp_path / "none")
    assert sqlite3.sqlite_version
