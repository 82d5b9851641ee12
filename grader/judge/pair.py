"""Try a lesson's checks under the judge without kernels: two plain processes, one socket.

For tests and for the build, which refuses a lesson whose solution passes plainly but not
here. Real grading runs the same judge against a sandboxed kernel (grader.engine).
"""

import os
import signal
import socket
import sys
from pathlib import Path

from grader.judge.agent import Agent
from grader.judge.judge import Judge
from grader.replay import Replay


class Kernel:
    """A forked child that runs a learner's cells and answers the judge, as a kernel would."""

    def __init__(self, folder: Path):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self.ours.close()
            try:
                _serve(theirs, folder)
            finally:
                os._exit(0)
        theirs.close()

    def run(self, name: str, source: str) -> str:
        """Run a cell over there; "" or the error it ended with."""
        _tell(self.ours, "cell", name, source)
        return _hear(self.ours)[0]

    def snapshot(self, begin: bool) -> None:
        """Fork: what follows is forgotten at `snapshot(False)`."""
        _tell(self.ours, "begin" if begin else "end")
        _hear(self.ours)

    def check(self, judge: Judge, cell, source: str) -> dict:
        """Let the judge run one check cell against this kernel."""
        here, there = socket.socketpair(socket.AF_UNIX)
        _tell(self.ours, "judge", fds=[there.fileno()])
        there.close()
        course = cell.metadata["course"]
        verdict = judge.check(source, course["exercise"], course.get("part", ""), here, cell.id)
        self.ours.settimeout(3)
        try:
            _hear(self.ours)
            self.ours.settimeout(None)
        except (EOFError, OSError, ValueError):  # it died, hangs or babbles: of no more use
            os.kill(self.pid, signal.SIGKILL)
        return verdict

    def close(self) -> None:
        self.ours.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _tell(sock, *words: str, fds=()) -> None:
    import json
    data = json.dumps(words).encode()
    socket.send_fds(sock, [len(data).to_bytes(4, "big")], list(fds))
    sock.sendall(data)


def _hear(sock):
    import json
    head, fds, _, _ = socket.recv_fds(sock, 4, 1)
    if not head:
        raise EOFError
    size, data = int.from_bytes(head, "big"), b""
    while len(data) < size:
        data += sock.recv(size - len(data))
    return (*json.loads(data), *fds)


def _one_thread() -> None:
    """Torch on one thread in this process: after a parallel region a fork would hang in the next."""
    os.environ["OMP_NUM_THREADS"] = "1"  # what course.quiet gives torch when it comes in
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _serve(sock, folder: Path) -> None:
    _one_thread()
    with Replay(folder) as replay:
        while True:
            try:
                word, *rest = _hear(sock)
            except EOFError:
                return
            answer = ""
            if word == "cell":
                error = replay.run(*rest)
                answer = f"{type(error).__name__}: {error}" if error else ""
            elif word == "judge":
                there = socket.socket(fileno=rest[0])
                try:
                    Agent(replay.names, there).loop()
                except (EOFError, OSError):
                    pass
                there.close()
            elif word == "begin":
                child = os.fork()
                if child:
                    os.waitpid(child, 0)
            _tell(sock, answer)
            if word == "end":
                os._exit(0)
