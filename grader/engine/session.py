"""Grade one healed notebook: lead the runner through its cells, let the judge decide (trusted).

A runner that dies, hangs or babbles costs the exercise it did it in: a new one is started, the
earlier cells are run again, and grading goes on.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from course.paths import CourseError
from grader.engine import wire
from grader.engine.plan import Plan
from grader.intake import grade_id
from grader.kernel import is_demo
from grader.sandbox.contract import Budget


@dataclass
class Seat:
    """A running runner: its control socket, and what ends it.

    leash: a socket whose other end the runner's keeper holds (grader.sandbox.keeper); closing it
    ends all of the runner. Without one, pid is our own child. level, gaps: how it is shut in.
    """

    sock: socket.socket
    pid: int = 0
    leash: socket.socket | None = None
    process: subprocess.Popen | None = None
    level: str = "none"
    gaps: tuple[str, ...] = ()
    code: int | None = None

    def close(self) -> None:
        """End it and wait until it is gone; `code` then says how it had ended, if that was told."""
        with contextlib.suppress(OSError):
            self.sock.close()
        if self.leash is not None:
            self._let_go()
        elif self.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(self.pid, 0)

    def _let_go(self) -> None:
        late = time.monotonic() + 10
        with self.leash, contextlib.suppress(OSError):
            self.leash.shutdown(socket.SHUT_WR)
            while (left := late - time.monotonic()) > 0:
                self.leash.settimeout(left)
                told = self.leash.recv(16)
                if not told:
                    break
                self.code = told[0]
        self.leash = None
        if self.process is not None:  # a cold keeper is our own child
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)


def plain(error: str) -> str:
    """The first line of an error, without the name that a shell gives to a cell."""
    line = (error.strip().splitlines() or [""])[0][:300]
    return re.sub(r"\(<[^<>]*>, (line \d+)\)", r"(\1)", line)


class NoSeat(CourseError):
    """This machine could not start a runner: no fault of the submission."""


@dataclass
class Session:
    """The state of grading one notebook. start: makes a Seat. tell: gets each verdict at once."""

    plan: Plan
    start: Callable[[], Seat]
    tell: Callable[[dict], None]
    budget: Budget = field(default_factory=Budget)
    outputs: dict = field(default_factory=dict)

    def run(self, notebook, skip: frozenset = frozenset()) -> None:
        """Grade. `skip` names checks that killed the judge before: they count as failed."""
        self.seat, self.left, self.ran = None, self.budget.restarts, []
        self.deadline = time.monotonic() + self.budget.notebook
        checks = {identity: rest for identity, *rest in self.plan.checks}
        try:
            self.seat = self._start()
            for cell in notebook.cells:
                if cell.cell_type != "code" or is_demo(cell):
                    continue
                name = grade_id(cell)
                if name in checks:
                    self._check(name, *checks[name], skip)
                else:
                    self._cell(name or cell.id, self.plan.trusted.get(name, cell.source))
        finally:
            if self.seat:
                self.seat.close()

    def _cell(self, name: str, source: str) -> None:
        reason = self._spent()
        if not reason:
            reply, reason = self._ask({"op": "cell", "source": source}, self.budget.cell)
        if reason:
            self.outputs[name] = {"error": reason}
            return
        self.outputs[name] = reply
        self.ran.append((name, source))

    def _check(self, name: str, exercise: str, part: str, points: float, skip) -> None:
        verdict = {"check": name, "exercise": exercise, "part": part, "points": 0.0,
                   "out_of": points, "passed": False, "state": "not reached", "message": "",
                   "seconds": 0.0}
        reason = "this check stopped the judge" if name in skip else self._spent()
        if not reason and self.seat is None and not self._restart():
            reason = "your code stopped its process too often"
        if reason:
            self.tell(verdict | {"message": reason})
            return
        self.tell({"begin": name})
        verdict |= self._judge(name, exercise, part)
        if "does not exist yet" in verdict["message"]:
            verdict |= self._stopped(exercise)
        verdict["points"] = points if verdict["passed"] else 0.0
        self.tell(verdict)

    def _judge(self, name: str, exercise: str, part: str) -> dict:
        here, there = socket.socketpair(socket.AF_UNIX)
        judge = self.plan.judge
        judge.seconds = min(self.budget.check, max(self.deadline - time.monotonic(), 1))
        try:
            wire.send(self.seat.sock, {"op": "judge"}, there.fileno())
        except wire.Silent:
            there.close()
            here.close()
            self._restart()
            return {"state": "not yet", "message": "your code's process had ended"}
        there.close()
        with self.plan.beside():
            verdict = judge.check(self.plan.trusted[name], exercise, part, here, name)
        verdict.pop("out"), verdict.pop("calls")
        try:
            wire.receive(self.seat.sock, 2)
        except wire.Silent:  # died or hung inside the learner's function
            if not verdict["passed"]:
                verdict["message"] = verdict["message"] or "your code stopped its process"
            self._restart()
        return verdict

    def _stopped(self, exercise: str) -> dict:
        """Why nothing of the answer exists, when its cell was stopped by an error."""
        error = str(self.outputs.get(exercise, {}).get("error") or "")
        if not error or error.startswith("NotImplementedError"):
            return {}
        return {"state": "not yet", "message": f"your answer cell stopped with {plain(error)}"}

    def _ask(self, message: dict, seconds: float) -> tuple[dict, str]:
        """(reply, "") or ({}, why there is none); a silent runner is replaced."""
        if self.seat is None and not self._restart():
            return {}, "not run: the process of this notebook ended too often"
        began = time.monotonic()
        seconds = min(seconds, max(self.deadline - began, 1))
        try:
            wire.send(self.seat.sock, message)
            return wire.receive(self.seat.sock, seconds), ""
        except wire.Silent:
            late = time.monotonic() - began >= seconds
            why = f"this cell took more than {seconds:.0f} s" if late else \
                "this cell ended the process it runs in (exit, or out of memory)"
            self._restart()
            return {}, why

    def _spent(self) -> str:
        if time.monotonic() < self.deadline:
            return ""
        return f"the notebook's time of {self.budget.notebook:.0f} s was used up"

    def _start(self) -> Seat:
        """A new runner, tried three times; NoSeat with the reason."""
        for pause in (0.2, 1, 0):
            try:
                return self.start()
            except (CourseError, OSError) as error:
                reason = error
                time.sleep(pause)
        raise NoSeat(f"no runner could be started ({reason})")

    def _restart(self) -> bool:
        """A new runner with the earlier cells run again; False when none is left."""
        if self.seat:
            self.seat.close()
            self.seat = None
        while self.left > 0 and time.monotonic() < self.deadline:
            self.left -= 1
            self.seat = self._start()
            if self._replay():
                return True
            self.seat.close()
            self.seat = None
        return False

    def _replay(self) -> bool:
        for name, source in list(self.ran):
            try:
                wire.send(self.seat.sock, {"op": "cell", "source": source})
                wire.receive(self.seat.sock, min(self.budget.cell,
                                                 max(self.deadline - time.monotonic(), 1)))
            except wire.Silent:
                self.ran.remove((name, source))  # it ran once and kills now: leave it out
                return False
        return True
