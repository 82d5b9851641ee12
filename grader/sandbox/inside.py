"""What a cold runner or a kernel does inside bwrap before a stranger's code: limits, user, filter."""

import contextlib
import os
import signal
import socket
import sys

from grader.engine import wire
from grader.sandbox import linux, seccomp
from grader.sandbox.contract import FIRST_USER, WORK, Limits, Place


def settle(place: Place, seat: int, own: str = "", loopback: bool = False) -> tuple[str, ...]:
    """Give up every right in bwrap's world. own: a new folder to work in (by default where we
    are). Returns what could not be had (sentences)."""
    gaps = _bound_files(place.limits)
    if own:
        os.chdir(own)
    if os.geteuid() == 0 and linux.capable(7):  # bwrap ran as root: CAP_SETUID is still there
        if own:
            os.chown(own, FIRST_USER + seat, FIRST_USER + seat)
        linux.become(FIRST_USER + seat)
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.apply(place.limits)
    linux.no_new_privileges()
    seccomp.install(loopback=loopback)
    return gaps


def _bound_files(limits: Limits) -> tuple[str, ...]:
    """bwrap bounds the bytes of its file systems; the number of files needs another mount call."""
    for path, size, files in (("/tmp", limits.disk_mb << 19, limits.files),
                              (str(WORK), limits.disk_mb << 19, limits.files),
                              ("/dev/shm", 16 << 20, 256)):
        with contextlib.suppress(OSError):
            if not os.path.ismount(path):
                continue
            linux.mount(None, path, None, linux.MS_REMOUNT | linux.MS_NOSUID | linux.MS_NODEV,
                        f"size={size},nr_inodes={files}")
            continue
        return ("the number of files in its folders is bounded by a watch once a second",)
    return ()


def main() -> None:
    """`python -m grader.sandbox.inside ORDER CONTROL`, or `... ORDER run FOLDER COMMAND...`."""
    from grader.engine import runner
    from grader.sandbox.keeper import Order, reseed
    if sys.argv[2] == "run":
        order = Order.parse(sys.argv[1], -1, -1, -1)
        settle(order.place, order.seat, loopback=True)
        os.chdir(sys.argv[3])  # as its user: root without its rights may not enter
        os.execv(sys.argv[4], sys.argv[4:])
    control = int(sys.argv[2])
    order = Order.parse(sys.argv[1], control, -1, -1)
    linux.close_all_but(control)
    gaps = settle(order.place, order.seat, str(WORK / order.place.lesson))
    reseed()
    with socket.socket(fileno=control) as sock:
        wire.send(sock, {"op": "ready", "gaps": list(gaps), "level": order.level})
        runner.serve(sock)
    os._exit(0)


if __name__ == "__main__":
    main()
