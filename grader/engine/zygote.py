"""A clean process that only imported the lessons' heavy libraries; runners are forked from it.

Nothing secret is ever in it: it starts anew (exec) with the environment of a runner. It runs no
foreign code and no parallel region: a thread at the moment of the fork would hang the child, so
one thread too many and it refuses. It dies with whoever started it, and all runners with it.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

from course.paths import CourseError
from grader.sandbox import scratch
from grader.sandbox.contract import environment

# torch._dynamo: the first optimizer of a process imports it, which takes as long as torch itself
HEAVY = ("numpy", "torch", "torch._dynamo", "transformers", "sklearn", "sklearn.linear_model", "sklearn.ensemble",
         "matplotlib.pyplot", "pandas", "scipy.stats", "tiktoken", "course")
ALWAYS = ("IPython.core.interactiveshell", "IPython.utils.capture", "matplotlib_inline.backend_inline",
          "grader.explain", "grader.judge.agent", "grader.engine.runner", "grader.sandbox.keeper",
          "grader.sandbox.namespaces", "grader.sandbox.landlock")
LIBRARIES = {name.split(".")[0] for name in HEAVY} | {
    "tokenizers", "safetensors", "huggingface_hub", "PIL", "joblib", "sympy", "regex"}
MORE, LIST = b"more", "more.json"  # an order to import what this file in its folder names
PREFIX = "course-zygote-"
LONGEST = 1 << 16  # bytes of an order
START = 180        # seconds that the imports may take on a busy machine


class Ended(CourseError):
    """The process went away by itself or was killed: another one may live."""


class Zygote:
    """Starts the process and sends it orders; `with Zygote(...) as zygote`.

    modules: what to import if it is installed. A process forked from ours may use the same
    object: orders are single datagrams and every answer has its own socket.
    ready: {"seconds", "rss_mb", "threads", "missing"}.
    """

    def __init__(self, modules: tuple[str, ...] = HEAVY, seconds: float = START):
        scratch.sweep(PREFIX)
        self.home = scratch.make(PREFIX)
        self.owner = os.getpid()
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-m", "grader.engine.zygote", str(theirs.fileno()),
                 self.home, ",".join(modules)],
                env=environment(self.home), cwd="/", pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
        try:
            self.line.settimeout(seconds)
            text = self.line.recv(LONGEST)
            self.line.settimeout(None)
            self.ready = _told(text)
        except (OSError, CourseError) as error:
            self.close()
            raise _failed(error) from None

    def more(self, names: list[str], seconds: float = START) -> None:
        """Import these modules too, before the first fork. CourseError when that fails, Ended
        when the process is gone."""
        with open(os.path.join(self.home, LIST), "w", encoding="utf-8") as file:
            json.dump(names, file)
        try:
            self.line.send(MORE)
            self.line.settimeout(seconds)
            self.ready = _told(self.line.recv(LONGEST))
            self.line.settimeout(None)
        except (OSError, CourseError) as error:
            raise _failed(error) from None

    def fork(self, order) -> None:
        """Have a keeper and its runner forked; they take over the order's open files.

        The order's control socket tells what came of it (keeper.start). CourseError when the
        zygote is gone.
        """
        try:
            socket.send_fds(self.line, [order.text().encode()],
                            [order.control, order.leash, order.ticket])
        except OSError as error:
            raise CourseError(f"the process that starts runners has ended ({error})") from None

    def close(self) -> None:
        """End it and every runner it forked. In a forked process: let go of it only."""
        self.line.close()
        if os.getpid() != self.owner:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _told(text: bytes) -> dict:
    """What the process says of its imports."""
    if not text:
        raise Ended("its process ended")
    told = json.loads(text)
    if "error" in told:
        raise CourseError(told["error"])
    return told


def _failed(error: Exception) -> CourseError:
    kind = Ended if isinstance(error, (Ended, ConnectionError)) else CourseError
    return kind(f"the warm start of runners failed: {error}")


def main() -> None:
    """`python -m grader.engine.zygote FD HOME MODULES`: the process itself."""
    line, home, modules = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3]
    scratch.lock(home)  # held until we end, however we end
    parent = os.pidfd_open(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ready = _import((*ALWAYS, *filter(None, modules.split(","))))
        line.send(json.dumps(ready).encode())
        if "error" not in ready:
            _serve(line, parent, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _import(names: tuple[str, ...]) -> dict:
    began, missing = time.monotonic(), []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # a lesson without it must still be graded
            missing.append(f"{name}: {type(error).__name__}"[:200])
    gc.collect()
    gc.freeze()  # what is imported stays shared: the collector of a child must not write to it
    threads = sorted(open(f"/proc/self/task/{t}/comm", encoding="utf-8").read().strip()
                     for t in os.listdir("/proc/self/task"))
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[1])
    ready = {"seconds": round(time.monotonic() - began, 2), "missing": missing[:20],
             "threads": len(threads), "rss_mb": pages * os.sysconf("SC_PAGE_SIZE") >> 20}
    if len(threads) > 1:
        ready["error"] = f"an import started threads ({', '.join(threads)}), forks could hang"
    return ready


def libraries(modules) -> list[str]:
    """Those of these modules (name: module) that belong to a lesson's libraries: what its locked
    cells made a process import is what every runner of the lesson will import. Other names for
    a module, as transformers keeps for old code, cannot be imported and are left out."""
    def real(name: str) -> bool:
        spec = getattr(modules[name], "__spec__", None)
        return spec is None or spec.name == name
    return sorted(name for name in list(modules) if name.split(".")[0] in LIBRARIES and real(name))


def _serve(line: socket.socket, parent: int, home: str) -> None:
    """Fork a keeper for each order until told to end, or until all who could order are gone."""
    stop: list = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    keepers: set[int] = set()
    poll = select.poll()
    for descriptor in (line.fileno(), parent, wake):
        poll.register(descriptor, select.POLLIN)
    while not stop:
        events = dict(poll.poll())
        if wake in events:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 4096)
        _reap(keepers)
        if parent in events or events.get(line.fileno(), 0) & ~select.POLLIN:
            break
        if line.fileno() in events and not _order(line, keepers, home):
            break
    _end(keepers)


def _order(line: socket.socket, keepers: set[int], home: str) -> bool:
    """Carry out one order; False when no more can come."""
    text, files, _, _ = socket.recv_fds(line, LONGEST, 8)
    if not text:
        return False
    if text == MORE:
        with open(os.path.join(home, LIST), encoding="utf-8") as file:
            gc.unfreeze()
            ready = _import(tuple(json.load(file)))
        line.send(json.dumps(ready).encode())
        return "error" not in ready
    try:
        if len(files) == 3:
            pid = os.fork()
            if pid == 0:
                _become_keeper(text.decode(), files)
            keepers.add(pid)
    except OSError:  # no process to be had: the closed sockets say so
        pass
    finally:
        for descriptor in files:
            os.close(descriptor)
    return True


def _become_keeper(text: str, files: list[int]) -> None:
    try:
        from grader.engine import runner
        from grader.sandbox import keeper
        keeper.start(keeper.Order.parse(text, *files), runner.serve)
    finally:
        os._exit(1)


def _reap(keepers: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]):
            keepers.discard(pid)


def _end(keepers: set[int]) -> None:
    """Ask the keepers to end their runners; then none is left to ask."""
    for pid in keepers:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    late = time.monotonic() + 10
    while keepers and time.monotonic() < late:
        _reap(keepers)
        time.sleep(0.01)
    for pid in keepers:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
