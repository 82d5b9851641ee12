"""Open a seat for one runner: at a sandbox level, warm from a zygote or cold."""

import os
import socket
import subprocess
import sys
import tempfile

from course.paths import CourseError
from grader.engine import wire
from grader.engine.session import Seat
from grader.sandbox.contract import SEATS, Place, environment

WARM = ("namespaces", "landlock", "none")  # levels that a forked child can shut itself in at
START = 60  # seconds until a runner must be ready


class Refused(CourseError):
    """This machine does not give the level asked for."""


def open_seat(level: str, place: Place, seat: int | None = None, zygote=None) -> Seat:
    """A runner that is shut in and waits for its first message; close() ends all of it.

    seat: its number; by default the first that no grader on this machine uses. zygote: forks it
    where the level can be had by a fork, otherwise a new process starts. Refused when the level
    is not to be had here.
    """
    if sys.platform != "linux":
        return _bare(level)
    from grader.sandbox.keeper import Order
    number, ticket = take_ticket(seat)
    ours, control = socket.socketpair(socket.AF_UNIX)
    hold, leash = socket.socketpair(socket.AF_UNIX)
    process = None
    try:
        order = Order(level, place, number, control.fileno(), leash.fileno(), ticket.fileno())
        if zygote is not None and level in WARM:
            zygote.fork(order)
        else:
            process = _cold(order)
    except BaseException:
        ours.close()
        hold.close()
        raise
    finally:
        for mine in (control, leash, ticket):
            mine.close()
    opened = Seat(ours, leash=hold, process=process, level=level)
    try:
        hello = wire.receive(ours, START)
    except wire.Silent as error:
        opened.close()
        raise Refused(f"a runner at level {level} did not start ({error})") from None
    if hello.get("op") != "ready":
        opened.close()
        raise Refused(f"level {level}: {hello.get('error', 'no reason given')}")
    opened.gaps = tuple(hello["gaps"])
    return opened


def take_ticket(seat: int | None = None) -> tuple[int, socket.socket]:
    """(number, ticket): the number is nobody else's on this machine while the ticket is open.

    The ticket is a socket with a name of its own kind (abstract): it leaves no file, and the
    kernel takes it back when its last holder dies. Runners cannot see or take such names.
    """
    numbers = range(SEATS) if seat is None else (seat,)
    start = os.getpid() * 37 % len(numbers)  # concurrent graders rarely try the same ones
    for step in range(len(numbers)):
        number = numbers[(start + step) % len(numbers)]
        ticket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            if sys.platform == "linux":
                ticket.bind(f"\0labels-to-agents-seat-{number}")
            return number, ticket
        except OSError:
            ticket.close()
    raise Refused("no seat for another runner is free on this machine" if seat is None
                  else f"seat {seat} is taken")


def _bare(level: str) -> Seat:
    """A runner in a process of its own and nothing around it (not Linux; level none only)."""
    if level != "none" or sys.platform == "win32":
        raise Refused(f"level {level} needs Linux: grade in the course's container or in WSL 2")
    ours, control = socket.socketpair(socket.AF_UNIX)
    home = tempfile.mkdtemp(prefix="course-seat-")
    with control:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "grader.engine.runner", str(control.fileno())],
            env=environment(home), cwd=home, pass_fds=[control.fileno()], start_new_session=True)
    return Seat(ours, process.pid)


def _cold(order) -> subprocess.Popen:
    files = (order.control, order.leash, order.ticket)
    return subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "grader.sandbox.keeper", order.text(),
         *map(str, files)],
        env=environment("/nonexistent"), cwd="/", pass_fds=files, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

