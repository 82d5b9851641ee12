"""Grade what is pending on this machine: one nursery a lesson, N submissions at a time.

The leader (this process) reads no notebook: it hands out paths of kept originals and writes
results to the ledger, one transaction each. Nothing but what is at work is held in memory.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from course.paths import ROOT, CourseError
from grader.queue import result, retention, stamps
from grader.queue.ledger import Ledger

ATTEMPTS = 3  # nurseries one submission may bring down, alone, before it gets a verdict for it


@dataclass
class Options:
    """level: "best", "none" (only --unsafe) or a level's name. packed: {lesson: plan} instead of
    solutions/. outputs: keep what cells printed and drew. budget, limits: fields of the engine's
    Budget and the sandbox's Limits that differ from their defaults. left: filled with a sentence
    for each lesson of which this machine could not grade all."""

    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    level: str = "best"
    outputs: bool = False
    budget: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)
    packed: dict = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def environment(self) -> str:
        return stamps.environment(self.level != "none", stamps.bounds(self.budget, self.limits))

    def wanted(self, lesson: str) -> dict:
        """The first message to a nursery."""
        what = {"packed": self.packed[lesson]} if lesson in self.packed else {"lesson": lesson}
        return what | {"level": self.level, "limits": self.limits, "budget": self.budget}


class Stopped(Exception):
    """Ctrl-C came before the lesson was warm."""


class Lead:
    """The leader's end of one nursery. shape: what a result of its lesson is made of."""

    def __init__(self, wanted: dict):
        self.sock, there = socket.socketpair()
        self.waiting = b""
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader.queue.nursery", str(there.fileno())],
            pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            start_new_session=True, env=environ)
        there.close()
        self.shape = None
        with contextlib.suppress(OSError):  # it ended at once: whoever waits for it is told
            self.say({"open": wanted})

    def opened(self, stopped: Callable[[], bool] = lambda: False, seconds: float = 300) -> dict:
        """Wait until the lesson is warm; its shape. CourseError with the reason otherwise, Stopped
        when nobody wants it any more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if stopped():
                raise Stopped
            for message in self.hear(0.25):
                if "failed" in message:
                    raise CourseError(message["failed"])
                self.shape = message["ready"]
                return self.shape
        raise CourseError(f"a lesson was not ready after {seconds:g} s: is this machine busy?")

    def say(self, message: dict) -> None:
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def hear(self, seconds: float) -> list[dict]:
        """Messages that came within `seconds`; EOFError when the nursery is gone."""
        if not select.select([self.sock], [], [], seconds)[0]:
            return []
        data = self.sock.recv(1 << 20)
        if not data:
            raise EOFError
        *lines, self.waiting = (self.waiting + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Hang up; the nursery ends itself with its children, or is killed."""
        self.sock.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def shape_of(ledger: Ledger, lesson: str, options: Options,
             stopped: Callable[[], bool]) -> tuple[dict, Lead | None]:
    """(what the lesson is made of, a nursery when one had to be started to learn it)."""
    stamp = _stamp(lesson, options)
    known = ledger.shape(stamp)
    if known:
        return known, None
    lead = _ready(options, lesson, stopped)
    shape = _only_shape(lead.shape)
    ledger.keep_shape(stamp, shape)
    return shape, lead


def _stamp(lesson: str, options: Options) -> str:
    known = options.packed.get(lesson)
    return stamps.package(known) if known else stamps.lesson(lesson)


def _only_shape(told: dict) -> dict:
    return {name: told[name] for name in ("lesson", "key", "checks", "essays")}


def grade_lesson(ledger: Ledger, run: int, lesson: str, options: Options,
                 show: Callable, stopped: Callable[[], bool]) -> None:
    """Grade what is pending of one lesson. show(done, total) is told after each submission;
    stopped() asked often."""
    shape, lead = shape_of(ledger, lesson, options, stopped)
    key = shape["key"]
    total, done = ledger.count(run, lesson, key, options.environment, options.outputs)
    show(done, total)
    if done == total:
        if lead:
            lead.close()
        return
    todo = ledger.pending(run, lesson, key, options.environment, options.outputs)
    work = _Work(ledger, run, shape, options, todo)
    try:
        while not stopped() and work.feed(lead):
            lead = lead or _ready(options, lesson, stopped)
            try:
                done += work.take(lead)
            except (EOFError, ConnectionError):
                lead.close()
                lead = None
                done += work.nursery_died()
            show(done, total)
    finally:
        if lead:
            lead.close()
    tell_left(shape, work.left, options)


def _ready(options: Options, lesson: str, stopped: Callable[[], bool]) -> Lead:
    """A nursery that has its lesson warm; one that ends meanwhile is started again."""
    for _ in range(ATTEMPTS):
        lead = Lead(options.wanted(lesson))
        try:
            lead.opened(stopped)
            return lead
        except (EOFError, ConnectionError):
            lead.close()
        except BaseException:
            lead.close()
            raise
    raise CourseError(f"{lesson}: the process that reads the lesson ended by itself {ATTEMPTS} "
                      "times while it started; see what it said above")


class _Work:
    """What is at work in one lesson: {seat: (sha, name, attempts)}. What was at work when a nursery
    died is tried again alone: only then is it known who brought it down. left: {sha: reason} of what
    this machine could not grade; nothing is kept about it."""

    def __init__(self, ledger, run, shape, options, todo):
        self.ledger, self.run, self.shape, self.options = ledger, run, shape, options
        self.todo, self.busy, self.suspects, self.left = todo, {}, [], {}
        self.alone, self.sent = False, None

    def feed(self, lead) -> bool:
        """Fill the free seats, a suspect alone; False when nothing is left to do."""
        self.alone = self.alone and bool(self.busy)
        while len(self.busy) < (1 if self.suspects or self.alone else self.options.jobs):
            self.alone = bool(self.suspects)
            item = self.suspects.pop(0) if self.suspects else next(self.todo, None)
            if item is None:
                break
            sha, name, *attempts = item
            seat = next(n for n in range(self.options.jobs) if n not in self.busy)
            self.busy[seat] = (sha, name, attempts[0] if attempts else 0)
            self.ledger.begun(self.run, sha)
            if lead:
                self._send(lead, seat)
        return bool(self.busy)

    def _send(self, lead, seat: int) -> None:
        sha, name, _ = self.busy[seat]
        job = {"number": seat, "path": str(retention.original(self.ledger.folder, sha)),
               "name": name, "outputs": self.options.outputs}
        with contextlib.suppress(OSError):  # a nursery that is gone is noticed when we listen
            lead.say({"grade": job})
        self.sent = lead

    def take(self, lead) -> int:
        """Keep the results that came; how many."""
        if self.sent is not lead:  # a new nursery: hand it what is at work
            for seat in self.busy:
                self._send(lead, seat)
        done = 0
        for message in lead.hear(0.25):
            if "ungraded" in message:
                self._again(*self.busy.pop(message["ungraded"]), message["reason"])
                continue
            sha, *_ = self.busy.pop(message["graded"])
            self._keep(sha, message["result"], message["outputs"])
            done += 1
        return done

    def _again(self, sha: str, name: str, attempts: int, reason: str) -> None:
        """This machine failed: try it again, some times, and leave it without a result."""
        if attempts + 1 >= ATTEMPTS:
            self.left[sha] = reason
        else:
            self.suspects.append((sha, name, attempts + 1))

    def nursery_died(self) -> int:
        """All that was at work goes again, one at a time; how many got a verdict for it."""
        work, self.sent = list(self.busy.values()), None
        self.busy.clear()
        if len(work) > 1:
            self.suspects += work
            return 0
        done = 0
        for sha, name, attempts in work:
            if attempts + 1 < ATTEMPTS:
                self.suspects.append((sha, name, attempts + 1))
                continue
            self._keep(sha, result.refused(
                self.shape, f"{name}: the grader's own process ended {ATTEMPTS} times while it "
                "graded this file alone; an instructor should look at it"), {})
            done += 1
        return done

    def _keep(self, sha: str, told: dict, outputs: dict) -> None:
        self.ledger.finish(self.run, sha, self.shape["key"], self.options.environment, told,
                           outputs if self.options.outputs else None)


def tell_left(shape: dict, left: dict, options: Options) -> None:
    """Note what could not be graded here. left: {sha: reason}."""
    if left:
        options.left.append(
            f"{len(left)} submissions to {shape['lesson']} could not be graded on this machine "
            f"({next(iter(left.values()))}); all others are graded and kept. Run the same command "
            "again")
