"""Whose fault it was: a machine that fails costs no score, a neighbour neither."""

import contextlib
import json
import os
import sys
import time
import types
from pathlib import Path

import psutil
import pytest

from course.paths import CourseError
from grader import receive
from grader.engine import session, zygote
from grader.queue import flow, grading, nursery, packed, pool, result, retention, seating, stamps
from grader.queue.ledger import Ledger
from tests.madeup import LESSON, put
from tests.queue_support import HALF, RIGHT, made  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
SHAPE = {"lesson": LESSON, "key": "k", "checks": [["c", "e", "", 1.0]], "essays": []}


class Lead:
    """A nursery that does what `answer(name of the submission)` says: True grades it, None dies,
    a text is what its machine complains of."""

    def __init__(self, answer):
        self.answer, self.waiting, self.together = answer, [], []

    def say(self, message):
        self.waiting.append(message["grade"])
        self.together.append(sorted(job["name"] for job in self.waiting))

    def hear(self, seconds):
        told = [(job["number"], self.answer(job["name"])) for job in self.waiting]
        if any(said is None for _, said in told):
            raise EOFError
        self.waiting = []
        return [{"graded": n, "result": result.complete(SHAPE, {"c": {"passed": True}}, []),
                 "outputs": {}} if said is True else {"ungraded": n, "reason": said}
                for n, said in told]


def grade(folder, names, answer):
    """({name: points or None}, what was at work together, a sentence about what is left or None)."""
    with Ledger(folder, write=True) as ledger:
        for name in names:
            ledger.receive(1, name, LESSON, name * 64, name, 1)
        options = pool.Options(jobs=2)
        work = pool._Work(ledger, 1, SHAPE, options, ledger.pending(1, LESSON, "k",
                                                                   options.environment))
        lead, together = Lead(answer), []
        while work.feed(lead):
            try:
                work.take(lead)
            except EOFError:
                together += lead.together
                lead = Lead(answer)
                work.nursery_died()
        pool.tell_left(SHAPE, work.left, options)
        error = options.left[0] if options.left else None
        return {row["learner"]: row["points"] for row in ledger.rows()}, together + lead.together, error


def test_who_brings_the_nursery_down_is_found_alone_and_costs_nobody_else(tmp_path):
    scores, together, error = grade(tmp_path, "abcd", lambda name: None if name == "b" else True)
    assert scores == {"a": 1, "b": 0, "c": 1, "d": 1} and error is None
    assert together.count(["b"]) == pool.ATTEMPTS and together[-2:] == [["c"], ["c", "d"]]


def test_a_nursery_that_dies_by_itself_costs_nobody_anything(tmp_path):
    deaths = iter([None, True, None, None])
    scores, _, error = grade(tmp_path, "abcd", lambda name: next(deaths, True))
    assert set(scores.values()) == {1.0} and error is None


def test_what_a_machine_cannot_grade_has_no_score_and_is_graded_next_time(tmp_path):
    scores, _, error = grade(tmp_path, "abc", lambda name: "no room" if name == "b" else True)
    assert scores == {"a": 1, "b": None, "c": 1}
    assert "1 submissions" in str(error) and "no room" in str(error) and "again" in str(error)
    assert grade(tmp_path, "abc", lambda name: True)[0] == {"a": 1, "b": 1, "c": 1}


def test_no_runner_is_the_machines_fault(made, tmp_path, monkeypatch):  # noqa: F811
    """A process that cannot start a runner says so; it gives no verdict."""
    monkeypatch.setattr(session.time, "sleep", lambda _: None)
    path = made.hand_in(tmp_path, "ann", RIGHT)
    plan = packed.unpack(made.package, tmp_path)
    reads, writes = os.pipe()

    def start():
        raise CourseError("no process left")
    grading.grade(plan, start, grading.Job(0, str(path), "ann.ipynb"), writes, session.Budget())
    os.close(writes)
    with open(reads, encoding="utf-8") as pipe:
        lines = [json.loads(line) for line in pipe]
    assert lines[-1] == {"machine": "no runner could be started (no process left)"}
    assert not any("check" in line or "done" in line for line in lines)
    child = nursery.Child(None, 0, 0)
    for line in lines:
        nursery._note(child, line)
    assert child.machine and not child.done


def test_other_bounds_are_another_environment():
    """Who ran out of memory is graded again when there is more of it."""
    usual = pool.Options().environment
    assert pool.Options(budget={"notebook": 300}, limits={"memory_mb": 4096}).environment == usual
    assert pool.Options(limits={"memory_mb": 8192}).environment != usual
    assert pool.Options(budget={"notebook": 60}).environment != usual
    assert stamps.bounds({}, {}) == "[]"


def test_nurseries_and_zygotes_that_are_killed_cost_no_score(made, tmp_path):  # noqa: F811
    """Whatever of ours dies at work: every score is the exact one."""
    count, kills = 40, 0
    for number in range(count):
        made.hand_in(tmp_path / "in", f"learner{number:03d}", RIGHT if number % 2 else HALF,
                     f"# {number}\n")
    process = made.start(tmp_path / "store", tmp_path / "in")
    leader = psutil.Process(process.pid)
    while process.poll() is None and kills < 4:
        time.sleep(0.3)
        with contextlib.suppress(psutil.Error, IndexError):
            victim = leader.children()[0]
            if kills % 2:
                victim = [p for p in victim.children() if "grader.engine.zygote" in p.cmdline()][0]
            with Ledger(tmp_path / "store") as ledger:
                done = ledger.db.execute("SELECT count(*) FROM results").fetchone()[0]
            if done > 4 * kills:  # at work, not at its start
                victim.kill()
                kills += 1
    said = process.communicate(timeout=120)[0]
    if process.returncode == 2:  # no runner for a while: what is left was told, and no score given
        process = made.start(tmp_path / "store", tmp_path / "in")
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said[-2000:]
    with Ledger(tmp_path / "store") as ledger:
        assert [row["points"] for row in ledger.rows()] == [4.5 if n % 2 else 3 for n in range(count)]
    assert kills >= 2


@pytest.mark.parametrize("deaths", [1, seating.STARTS])
def test_a_zygote_that_is_killed_while_it_starts_is_started_again(deaths, tmp_path, monkeypatch):
    put(tmp_path / "is_killed.py", f"""
import os, pathlib, signal
deaths = pathlib.Path({str(tmp_path / "deaths")!r})
before = len(deaths.read_text()) if deaths.exists() else 0
deaths.write_text("x" * (before + 1))
if before < {deaths}:
    os.kill(os.getpid(), signal.SIGKILL)
""")
    usual = zygote.environment
    monkeypatch.setattr(zygote, "environment", lambda home: usual(home) | {
        "PYTHONPATH": f"{usual()['PYTHONPATH']}{os.pathsep}{tmp_path}"})
    monkeypatch.setattr(seating, "heavy", lambda plan: ("is_killed",))
    opener = seating.Opener("none", types.SimpleNamespace(lesson=LESSON, reference=Path("/none")))
    with contextlib.closing(opener):
        if deaths < seating.STARTS:
            opener.settle()
            assert opener.zygote.process.poll() is None
        else:
            with pytest.raises(CourseError, match="its process ended"):
                opener.settle()


@pytest.mark.parametrize("deaths", [1, pool.ATTEMPTS])
def test_a_nursery_that_is_killed_while_it_starts_is_started_again(deaths, monkeypatch):
    ends = iter([True] * deaths)

    class Killed:
        def __init__(self, wanted):
            self.open = True

        def opened(self, stopped):
            if next(ends, False):
                raise EOFError

        def close(self):
            self.open = False
    monkeypatch.setattr(pool, "Lead", Killed)
    if deaths < pool.ATTEMPTS:
        assert pool._ready(pool.Options(), LESSON, lambda: False).open
    else:
        with pytest.raises(CourseError, match="3 times"):
            pool._ready(pool.Options(), LESSON, lambda: False)


def test_a_wish_to_stop_is_heard_while_a_lesson_warms_up(made, monkeypatch):  # noqa: F811
    asked = iter([False, False, True])
    with pytest.raises(pool.Stopped):
        pool._ready(made.options(), LESSON, lambda: next(asked))


def test_a_lesson_that_cannot_be_graded_here_costs_the_others_nothing(tmp_path):
    graded = []

    def engine(ledger, run, lesson, options, show, stopped):
        if lesson in broken:
            raise CourseError("no room")
        graded.append(lesson)
    with Ledger(tmp_path, write=True) as ledger:
        for lesson in ("a", "b", "c"):
            ledger.receive(1, "ann", lesson, lesson * 64, lesson, 1)
        options, broken = pool.Options(), {"b"}
        assert flow.go(ledger, 1, options, engine=engine)
        assert graded == ["a", "c"] and options.left == ["b: no room"]
        broken = {"a", "b", "c"}
        with pytest.raises(CourseError, match="no room"):
            flow.go(ledger, 1, options, engine=engine)


def test_a_kept_original_that_was_cut_short_is_kept_anew(tmp_path):
    """A power cut may leave an empty file under the right name."""
    handed = receive.handed_file(put(tmp_path / "a.ipynb", "{}"), "ann")
    sha, *_ = receive.keep(tmp_path / "store", handed)
    kept = retention.original(tmp_path / "store", sha)
    kept.write_bytes(b"")
    assert receive.keep(tmp_path / "store", handed)[0] == sha and kept.read_bytes() == b"{}"


def test_an_answer_that_is_no_python_is_told_once_where_it_counts(made, tmp_path):  # noqa: F811
    made.hand_in(tmp_path / "in", "gus", {"double-it": "def double(x:\n    return 2 * x\n"})
    _, _, told = made.grade(tmp_path / "store", tmp_path / "in")["gus"]
    first = told["items"][0]
    assert first["state"] == "not yet" and "stopped with SyntaxError" in first["message"]
    assert "(line 1)" in first["message"] and "<" not in first["message"]
    assert ["double-it" in note["sentence"] for note in told["notes"]].count(True) == 1
