"""The trusted parent of one runner: starts it at a level, watches it, ends all of it.

The keeper holds one end of a socket pair, the leash; whoever wants the runner holds the other.
When that end closes (asked for, or because its holder died), the runner and all it started end,
and then the keeper's end closes too: nobody needs a process id, which might be somebody else's by
then. Started warm by the zygote (a fork) or cold (`python -m grader.sandbox.keeper`).
"""

import contextlib
import gc
import json
import os
import random
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from grader.engine import wire
from grader.sandbox import linux
from grader.sandbox.contract import FIRST_USER, WORK, Limits, Place, environment, packages
from grader.sandbox.watch import Tree, folder_use

LOOK = 0.25            # seconds between looks at the memory of a runner
PATIENCE = 5           # seconds to wait for killed processes to go
PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Order:
    """One runner to start. control, leash, ticket: open files; ticket is what keeps its seat number."""

    level: str
    place: Place
    seat: int
    control: int
    leash: int
    ticket: int

    def text(self) -> str:
        """Without the open files, for another process."""
        return json.dumps({"level": self.level, "seat": self.seat, "place": asdict(self.place)})

    @staticmethod
    def parse(text: str, control: int, leash: int, ticket: int) -> "Order":
        data = json.loads(text)
        place = data["place"] | {"readonly": tuple(data["place"]["readonly"]),
                                 "limits": Limits(**data["place"]["limits"])}
        return Order(data["level"], Place(**place), data["seat"], control, leash, ticket)


def start(order: Order, serve: Callable[[socket.socket], None]) -> None:
    """Never returns: this process becomes the keeper of a runner which calls `serve(socket)`."""
    os.setsid()
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.set_wakeup_fd(-1)
    linux.null_standard()
    linux.close_all_but(order.control, order.leash, order.ticket)
    with contextlib.suppress(OSError):  # when memory runs out, runners go first
        _write("/proc/self/oom_score_adj", "1000")
    linux.prctl(PR_SET_CHILD_SUBREAPER, 1)  # what loses its parent becomes the keeper's child
    tree = Tree()
    try:
        gaps = _enter(order, tree)
        control = _ready(order)
    except BaseException as error:  # its words must reach whoever waits
        _fail(order.control, error)
    wire.send(control, {"op": "ready", "gaps": list(gaps), "level": order.level})
    serve(control)
    os._exit(0)


def _enter(order: Order, tree: Tree) -> tuple[str, ...]:
    """Return in the runner, shut in at the order's level; the caller's process keeps it."""
    if order.level == "namespaces":
        from grader.sandbox import namespaces
        _name_home("/tmp")
        return namespaces.enter(order.place, order.seat, lambda child: keep(child, order, tree))
    folder, gaps = "", ()
    if order.level in ("landlock", "none"):
        from grader.sandbox import landlock
        root = os.geteuid() == 0 and order.level == "landlock"
        folder, lock = landlock.make_folder(order.place, FIRST_USER + order.seat if root else None)
    keeper = os.getpid()
    child = os.fork()
    if child:
        keep(child, order, tree, folder)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)
    if order.level == "bubblewrap":
        from grader.sandbox import bubblewrap
        bubblewrap.execute(order)
    _name_home(folder)
    os.close(lock)
    if order.level == "landlock":
        where = os.path.join(folder, landlock.PATH)
        os.environ["PYTHONPATH"] = os.pathsep.join((where, *packages()))
        sys.path.insert(0, where)
        gaps = landlock.enter(order.place, folder, order.seat)
    else:
        os.chdir(os.path.join(folder, order.place.lesson))
        linux.apply(replace(order.place.limits, processes=order.place.limits.processes + 4096))
    return gaps


def _name_home(home: str) -> None:
    os.environ.clear()
    os.environ.update(environment(home))
    tempfile.tempdir = None


def _ready(order: Order) -> socket.socket:
    """Last steps inside: only the control socket stays open, chance starts anew."""
    linux.close_all_but(order.control)
    reseed()
    gc.enable()
    return socket.socket(fileno=order.control)


def reseed() -> None:
    """All forks of one zygote start with the same random state: give this one its own."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(None)
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


def _fail(control: int, error: BaseException) -> None:
    with contextlib.suppress(Exception), socket.socket(fileno=control) as sock:
        wire.send(sock, {"op": "refused", "error": f"{type(error).__name__}: {error}"[:500]})
    os._exit(1)


def keep(child: int, order: Order, tree: Tree, folder: str = "") -> None:
    """Watch the runner `child` until it or the wish for it ends. Never returns."""
    code = 1
    try:
        os.close(order.control)
        stop = _stop_flag()
        _die_with_parent()
        try:
            code = _watch(child, order, tree, folder, stop)
        finally:
            _end(child, order, tree)
            if folder:
                from grader.sandbox import scratch
                scratch.remove(folder)
        with contextlib.suppress(OSError):
            os.write(order.leash, bytes([code & 255]))
    finally:
        os._exit(code & 255)


def _stop_flag() -> list[bool]:
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    return stop


def _die_with_parent() -> None:
    parent = os.getppid()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died in between
        os.kill(os.getpid(), signal.SIGTERM)


def _watch(child: int, order: Order, tree: Tree, folder: str, stop: list) -> int:
    """The exit code of the runner, or why it must end: 250 unwanted, 251 memory, 252 disk."""
    limits, looks = order.place.limits, 0
    poll = select.poll()
    poll.register(order.leash, select.POLLIN | select.POLLHUP)
    while not stop:
        status = _reap(child)
        if status is not None:
            return status
        if poll.poll(LOOK * 1000 if looks else 50):
            return _how_it_ended(child, tree, order.level)
        looks += 1
        if tree.memory(limits.memory_mb << 20) > limits.memory_mb << 20:
            return 251
        if looks % 4 == 0 and _disk(order, tree, folder):
            return 252
    return 250


def _how_it_ended(child: int, tree: Tree, level: str) -> int:
    """250, or the exit code of a runner that was ending by itself: its socket closes first."""
    late = time.monotonic() + 1
    while (status := _reap(child)) is None and time.monotonic() < late and (
            tree.ending(child)  # bwrap is two processes that end after the runner
            or level == "bubblewrap" and all(map(tree.ending, tree.all()[2:]))):
        time.sleep(0.005)
    return 250 if status is None else status


def _disk(order: Order, tree: Tree, folder: str) -> bool:
    """Whether the runner made too much or too many, where no file system of its own says no."""
    limits = order.place.limits
    if folder:
        size, count = folder_use(folder, 2 * limits.files)
        return size > limits.disk_mb << 20 or count > 2 * limits.files
    return order.level == "bubblewrap" and any(
        tree.files(path) > 2 * limits.files for path in ("/tmp", str(WORK), "/dev/shm"))


def _reap(child: int) -> int | None:
    """Collect whatever has ended; the exit code of `child` when it is among them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 1
        if pid == 0:
            return None
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _end(child: int, order: Order, tree: Tree) -> None:
    """End the runner and all it started, and wait until they are gone."""
    late = time.monotonic() + PATIENCE
    seat_user = os.geteuid() == 0 and order.level == "landlock"
    while time.monotonic() < late:
        living = tree.all()
        for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped first: none forks away
            for pid in living:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        if seat_user:
            _end_user(FIRST_USER + order.seat)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not living:
            return
        time.sleep(0.005)


def _end_user(user: int) -> None:
    helper = os.fork()
    if helper == 0:
        try:
            linux.become(user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def main() -> None:
    """`python -m grader.sandbox.keeper ORDER CONTROL LEASH TICKET`: a cold runner and its keeper."""
    from grader.engine import runner
    order = Order.parse(sys.argv[1], *(int(a) for a in sys.argv[2:5]))
    start(order, runner.serve)


if __name__ == "__main__":
    main()
