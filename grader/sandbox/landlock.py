"""Level "landlock": where namespaces are refused, the kernel still limits files and sockets.

Its gaps stand in contract.GAPS and beside each score.
"""

import os
import signal
import struct
import sys

from course.paths import ROOT
from grader.sandbox import linux, scratch, seccomp
from grader.sandbox.contract import DEVICES, ETC, FIRST_USER, SYSTEM, Place

READ = 1 | 4 | 8            # execute, read file, read folder
FILE_ONLY = 1 | 2 | 4       # what applies to a file that is not a folder
TRUNCATE, IOCTL = 1 << 14, 1 << 15
NETWORK, SCOPE = 3, 3       # TCP bind and connect; abstract sockets and signals
PREFIX = "course-seat-"
PATH = ".path"              # links to the course's packages: the folder they lie in is not readable


def version() -> int:
    """Landlock's version on this kernel; OSError when it has none."""
    return linux.call("landlock_create_ruleset", None, 0, 1)


def make_folder(place: Place, owner: int | None) -> tuple[str, int]:
    """(a new folder for one runner, its lock to hold open). Left-overs of the dead are removed."""
    scratch.sweep(PREFIX)
    folder = scratch.make(PREFIX)
    lock = scratch.lock(folder)
    own = os.path.join(folder, place.lesson)
    os.mkdir(own)
    if place.reference and os.path.isdir(place.reference):
        os.symlink(place.reference, os.path.join(own, "reference"))
    path = os.path.join(folder, PATH)
    os.mkdir(path)
    for name in ("course", "grader"):
        os.symlink(ROOT / name, os.path.join(path, name))
    if owner is not None:
        for path in (folder, own):
            os.chown(path, owner, owner)
    return folder, lock


def enter(place: Place, folder: str, seat: int) -> tuple[str, ...]:
    """Limit this process for good: `folder` writable, `place.readonly` and the system readable.

    The caller made `folder` for one runner (its /tmp too) and keeps it. Returns what could not
    be had (sentences). OSError when refused.
    """
    abi = version()
    ruleset = _rules(place, folder, abi)
    os.chdir(os.path.join(folder, place.lesson))
    if os.geteuid() == 0:
        linux.become(FIRST_USER + seat)
        if not os.access(sys.executable, os.X_OK) or not all(map(_listed, place.readonly)):
            raise PermissionError(13, "this Python or this course lies where only root can read: "
                                      "grade as the user who owns it")
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.apply(place.limits)
    linux.no_new_privileges()
    linux.call("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)
    seccomp.install(alone=False, signals=abi >= 6)
    return () if abi >= 6 else ("before Linux 6.12 it can end no process, also none of its own",)


def _listed(path: str) -> bool:
    return not os.path.isdir(path) or os.access(path, os.R_OK | os.X_OK)


def _rules(place: Place, folder: str, abi: int) -> int:
    files = (1 << (13 if abi < 2 else 14 if abi < 3 else 15 if abi < 5 else 16)) - 1
    rules = struct.pack("<QQQ", files, NETWORK if abi >= 4 else 0, SCOPE if abi >= 6 else 0)
    rules = rules[:8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = linux.call("landlock_create_ruleset", rules, len(rules), 0)
    for path in (*SYSTEM, *ETC, *place.readonly, place.reference, "/proc/self"):
        if path and os.path.exists(path):
            _allow(ruleset, path, READ, files)
    _allow(ruleset, folder, files, files)
    for name in DEVICES:
        _allow(ruleset, f"/dev/{name}", 2 | 4 | IOCTL, files)
    return ruleset


def _allow(ruleset: int, path: str, access: int, handled: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            access &= FILE_ONLY | TRUNCATE | IOCTL
        linux.call("landlock_add_rule", ruleset, 1, struct.pack("<Qi", access & handled, descriptor), 0)
    finally:
        os.close(descriptor)
