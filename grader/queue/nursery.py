"""A lesson kept warm: reads it once, forks a grading process for each submission, watches them.

Started by pool.py (`python -m grader.queue.nursery FD`); JSON lines at one end of a socket pair.
In: {"open": {"lesson" | "packed", "level", "jobs", "budget"}}, then {"grade": Job's fields}.
Out: {"ready": shape} or {"failed": sentence}, then {"graded": number, "result", "outputs"} or
{"ungraded": number, "reason"} where this machine failed, not the submission.
It ends, with all its children, when the other end hangs up.
"""

import grader.queue.quick  # noqa: F401, I001  (before all others)
import contextlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from course.paths import CourseError
from grader.engine.session import Budget
from grader.queue import grading, packed, result, seating

STARTS = 5  # grading processes one submission may use up
GRACE = 30  # seconds beyond the notebook's own time, for reading the file and for restarts
LONGEST = 8_000_000  # bytes that may wait unread as one line


@dataclass
class Child:
    """A submission at work: its process, what it said so far."""

    job: grading.Job
    began: float
    deadline: float
    pid: int = 0
    pipe: int = -1
    starts: int = 0
    waiting: bytes = b""
    begun: str = ""
    done: bool = False
    refused: str = ""
    machine: str = ""
    verdicts: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    outputs: dict = field(default_factory=dict)
    cells: list = field(default_factory=list)


class Nursery:
    """The loop. control: the socket to whoever leads."""

    def __init__(self, control: socket.socket):
        self.control, self.waiting = control, b""
        self.children: dict[int, Child] = {}  # by the descriptor of its pipe
        self.plan, self.shape, self.opener, self.scratch = None, {}, None, None
        self.budget, self.level, self.gaps = Budget(), "", []

    def say(self, message: dict) -> None:
        self.control.sendall(json.dumps(message).encode() + b"\n")

    def run(self) -> None:
        """Work until the leader hangs up."""
        try:
            while True:
                ready, _, _ = select.select([self.control, *self.children], [], [], self._pause())
                for source in ready:
                    if source is self.control:
                        if not self._listen():
                            return
                    elif source in self.children:
                        self._hear(self.children[source])
                self._stop_the_late()
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            for child in list(self.children.values()):
                _kill(child)
            if self.opener:
                self.opener.close()
            if self.scratch:
                self.scratch.cleanup()

    def _pause(self) -> float | None:
        ends = [child.deadline for child in self.children.values()]
        return max(min(ends) - time.monotonic(), 0) + 0.01 if ends else None

    def _listen(self) -> bool:
        data = self.control.recv(1 << 20)
        if not data:
            return False
        *lines, self.waiting = (self.waiting + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "open" in message:
                self._open(message["open"])
            else:
                job = grading.Job(**message["grade"] | {"skip": set()})
                now = time.monotonic()
                self._start(Child(job, now, now + self.budget.notebook + GRACE))
        return True

    def _open(self, wanted: dict) -> None:
        try:
            self.budget = Budget(**wanted.get("budget") or {})
            if "packed" in wanted:
                self.scratch = tempfile.TemporaryDirectory(prefix="course-lesson-")
                self.plan = packed.unpack(wanted["packed"], Path(self.scratch.name))
            else:
                self.plan = packed.read(wanted["lesson"])
            _trusted_mode()
            self.opener = seating.Opener(wanted["level"], self.plan, wanted.get("limits"))
            self.plan.warm()
            self.opener.settle()
            self.level, self.gaps = self.opener.level, list(self.opener.gaps)
            self.shape = packed.shape(self.plan)
        except CourseError as error:
            self.say({"failed": str(error)})
            return
        self.say({"ready": self.shape | {"level": self.level, "gaps": self.gaps}})

    # --- grading processes --------------------------------------------------------------

    def _start(self, child: Child) -> None:
        child.starts += 1
        child.waiting, child.begun, child.cells = b"", "", []
        try:
            self.opener.mend()
        except CourseError as error:  # no runner here, now: no reason for a score
            self.say({"ungraded": child.job.number, "reason": str(error)})
            return
        child.pid, child.pipe = grading.start_forked(self.plan, self.opener, child.job,
                                                     self.budget)
        self.children[child.pipe] = child

    def _hear(self, child: Child) -> None:
        try:
            data = os.read(child.pipe, 1 << 18)
        except BlockingIOError:
            return
        child.waiting += data
        *lines, child.waiting = child.waiting.split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                _note(child, json.loads(line))
        if not data or len(child.waiting) > LONGEST:
            self._ended(child)

    def _ended(self, child: Child) -> None:
        """The process is gone: the result is whole, or it starts again without that check."""
        how = _kill(child)
        del self.children[child.pipe]
        late = time.monotonic() >= child.deadline
        if child.machine:
            self.say({"ungraded": child.job.number, "reason": child.machine})
            return
        if child.done or late or child.starts >= STARTS:
            self._finish(child, late)
            return
        if child.begun and child.begun not in child.verdicts:
            child.job.skip.add(child.begun)
            child.verdicts[child.begun] = {
                "passed": False, "state": "not yet", "message": "your code gave back a value that "
                f"stopped the process that judges it ({how})"}
            child.notes.append({"kind": "judge", "sentence": f"the judge stopped in {child.begun} "
                                f"({how}) and was started again without it"})
        elif child.starts >= 2:
            self._finish(child, late, how)
            return
        self._start(child)

    def _finish(self, child: Child, late: bool, how: str = "") -> None:
        reason = ""
        if not child.done:
            reason = "the time for this submission was used up" if late else \
                "grading it stopped the grading process" + (f" ({how})" if how else "")
            child.notes.append({"kind": "stopped", "sentence": reason})
        if child.refused or (reason and not child.verdicts and not late):
            told = result.refused(self.shape, child.refused or f"{child.job.name}: {reason}",
                                  child.notes)
        else:
            told = result.complete(self.shape, child.verdicts, child.notes, reason)
        told |= {"level": self.level, "gaps": self.gaps,
                 "seconds": round(time.monotonic() - child.began, 3)}
        self.say({"graded": child.job.number, "result": told,
                  "outputs": {"cells": child.cells, "outputs": child.outputs}})

    def _stop_the_late(self) -> None:
        now = time.monotonic()
        for child in [c for c in self.children.values() if now >= c.deadline]:
            self._ended(child)


def _note(child: Child, line: dict) -> None:
    """One line of a grading process; the first verdict on a check stands."""
    if "begin" in line:
        child.begun = str(line["begin"])
    elif "check" in line:
        child.verdicts.setdefault(str(line["check"]), line)
    elif "note" in line:
        child.notes.append(line["note"])
    elif "machine" in line:
        child.machine = str(line["machine"])
    elif "refused" in line:
        child.refused = str(line["refused"])
    elif "output" in line:
        name, output = line["output"]
        child.outputs[str(name)] = output
    elif "cell" in line:
        child.cells.append(line["cell"])
    elif line.get("done") is True:
        child.done = True


def _kill(child: Child) -> str:
    """Make sure that the process is gone; how it ended, in words."""
    with contextlib.suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.kill(child.pid, signal.SIGKILL)
    os.close(child.pipe)
    try:
        _, status = os.waitpid(child.pid, 0)
    except ChildProcessError:
        return "unknown"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return {signal.SIGXCPU: "too much processor time", signal.SIGKILL: "killed"}.get(
            number, signal.Signals(number).name)
    code = os.WEXITSTATUS(status)
    return "out of memory or an error" if code else "it ended by itself"


def _trusted_mode() -> None:
    """Check cells raise in this process and its children, as the judge needs."""
    os.environ.update(COURSE_STRICT="1", OMP_NUM_THREADS="1", MPLBACKEND="Agg",
                      COURSE_PROGRESS="off", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1",
                      TOKENIZERS_PARALLELISM="false")
    os.environ.pop("NBGRADER_EXECUTION", None)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the leader's to answer
    for name, value in (("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")):
        os.environ[name] = value
    Nursery(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
