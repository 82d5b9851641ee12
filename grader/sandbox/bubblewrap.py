"""Level "bubblewrap": a cold runner in the world that the program bwrap makes.

It is for machines where only bwrap may make namespaces (Ubuntu's AppArmor profile), and it is how
plain nbgrader gets its kernels shut in (grader/provisioner.py). As root bwrap runs as root and the
runner gives root up inside (inside.py): becoming a user first would need user namespaces, which
such machines refuse, and a Python below /root could not be read.
"""

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import PurePath

from grader.sandbox.contract import ETC, FIRST_USER, SYSTEM, WORK, Limits, Place, environment
from grader.sandbox.namespaces import INSIDE, SYS_ADMIN

KEPT = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_SYS_ADMIN")  # until inside.py


def program() -> str:
    """The path of bwrap; FileNotFoundError when it is not installed."""
    found = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if not found:
        raise FileNotFoundError("bubblewrap is not installed: scripts/system-packages installs it")
    return found


def privileged() -> bool:
    """Whether bwrap can make namespaces as root, without a user namespace."""
    from grader.sandbox import linux
    return os.geteuid() == 0 and linux.capable(SYS_ADMIN)


def execute(order) -> None:
    """Become bwrap with a cold runner in it, for an order of keeper.py. OSError when refused."""
    os.set_inheritable(order.control, True)
    if os.geteuid() == 0 and not privileged():  # root of a container: as a user, whose processes
        from grader.sandbox import linux        # are counted; root's never are
        linux.become(FIRST_USER + order.seat)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    own = str(WORK / order.place.lesson)
    words = [*world(order.place, environment()), "--perms", "0755", "--dir", own]
    if order.place.reference and os.path.isdir(order.place.reference):
        words += ["--ro-bind", order.place.reference, f"{own}/reference"]
    words += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", own]
    told = replace(order, place=replace(order.place, reference="", readonly=()))
    command = [program(), "--args", str(_hidden(words)), "--", sys.executable, "-s", "-P", "-m",
               "grader.sandbox.inside", told.text(), str(order.control)]
    os.execve(command[0], command, {"PATH": "/usr/bin:/bin"})


def _hidden(words: list[str]) -> int:
    """An open file with bwrap's arguments: the runner can read the command line of bwrap, and
    where things lie on this machine is not its business."""
    descriptor = os.memfd_create("words", 0)
    os.write(descriptor, "\0".join(words).encode() + b"\0")
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def world(place: Place, variables: dict[str, str]) -> list[str]:
    """bwrap's arguments for everything but the runner's own folder."""
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
             "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"]
    if privileged():
        words += ["--cap-drop", "ALL"]
        words += [word for name in KEPT for word in ("--cap-add", name)]
    else:
        words += ["--unshare-user", "--uid", str(INSIDE), "--gid", str(INSIDE)]
    for name, value in variables.items():
        words += ["--setenv", name, value]
    words += ["--proc", "/proc", "--dev", "/dev", *_private(place.limits)]
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    shown = [path for path in (*ETC, *place.readonly) if os.path.exists(path)]
    words += parents(*shown)
    for path in shown:
        words += ["--ro-bind", path, path]
    return words


def parents(*paths: str) -> list[str]:
    """bwrap's arguments for the folders above these, which it would make for root's eyes only."""
    above = {str(folder) for path in paths for folder in PurePath(path).parents[:-1]}
    return [word for path in sorted(above - {"/tmp"}) for word in ("--perms", "0755", "--dir", path)]


def _private(limits: Limits) -> list[str]:
    half = str(limits.disk_mb << 19)
    words = []
    for path, size in (("/tmp", half), (str(WORK), half), ("/dev/shm", str(16 << 20))):
        words += ["--perms", "1777", "--size", size, "--tmpfs", path]
    return words
