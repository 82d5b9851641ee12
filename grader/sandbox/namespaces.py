"""Level "namespaces": a forked child shuts itself in, so that its warm imports stay shared.

Root makes the mounts as root and then becomes a user that owns nothing; anybody else makes a
user namespace first. Call `enter` in a freshly forked child with one thread.
"""

import contextlib
import os
import signal
from collections.abc import Callable

from grader.sandbox import linux, seccomp
from grader.sandbox.contract import DEVICES, ETC, FIRST_USER, SYSTEM, WORK, Place

INSIDE = 1000     # the user id that the runner sees
ANCHOR = "/tmp"   # mounted on in a private view only: the host's own /tmp never changes
SYS_ADMIN = 21
READ_ONLY_PROC = linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC


def enter(place: Place, seat: int, keep: Callable[[int], None]) -> tuple[str, ...]:
    """Return in a process that is alone: own root, network, processes, user; limits applied.

    seat: a number below SEATS that no other runner on this machine has now (its user id when
    started as root). The calling process itself goes on in `keep(pid of the shut-in process)`,
    which must not return; the shut-in one dies with it. Returns what could not be had
    (sentences). OSError when refused.
    """
    user = FIRST_USER + seat
    if root := os.geteuid() == 0:
        if not linux.capable(SYS_ADMIN):  # root of a container: try what any user may try
            linux.become(user)
            root = False
    _alone(root)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    _build(place, user if root else INSIDE)
    listen, alive = os.pipe()
    child = os.fork()  # the first process of the new process namespace
    if child:
        os.close(listen)
        keep(child)
        os._exit(1)
    os.close(alive)
    gaps = _mount_proc()
    linux.pivot(ANCHOR)
    os.chdir(WORK / place.lesson)
    if root:
        linux.become(user)
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user would undo it
    os.set_blocking(listen, False)
    with contextlib.suppress(BlockingIOError):
        os.read(listen, 1)
        os._exit(1)  # the end of the pipe: the keeper died before we asked to die with it
    os.close(listen)
    linux.apply(place.limits)
    linux.no_new_privileges()
    seccomp.install()
    return gaps


def _alone(root: bool) -> None:
    """New namespaces of every kind; a user namespace only for who is not root."""
    user, group = os.geteuid(), os.getegid()
    flags = linux.NEWNS | linux.NEWPID | linux.NEWNET | linux.NEWIPC | linux.NEWUTS | linux.NEWCGROUP
    linux.unshare(flags | (0 if root else linux.NEWUSER))
    if root:
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {user} 1"),
                       ("gid_map", f"{INSIDE} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _mount_proc() -> tuple[str, ...]:
    try:
        linux.mount("proc", f"{ANCHOR}/proc", "proc", READ_ONLY_PROC)
    except PermissionError:  # a container that hides parts of its own /proc
        return ("this container allows no /proc of its own inside: programs that read it fail",)
    return ()


def _build(place: Place, user: int) -> None:
    """The runner's world at ANCHOR: a small tmpfs with read-only views of the real one.

    Everything shown is opened first, since ANCHOR then covers what lies below it.
    """
    shown = _open_all(place)
    linux.mount("tmpfs", ANCHOR, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV,
                "size=1m,nr_inodes=2048,mode=755")
    for path in SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), ANCHOR + path)
    _private_folders(place, user)  # first: a course that lies in /tmp is shown in the new /tmp
    for path, (descriptor, readonly) in shown.items():
        linux.bind(f"/proc/self/fd/{descriptor}", ANCHOR + path, readonly)
        os.close(descriptor)
    _write_names(user)
    os.makedirs(f"{ANCHOR}/proc", exist_ok=True)
    linux.mount(None, ANCHOR, None, linux.MS_BIND | linux.MS_REMOUNT | linux.MS_RDONLY
                | linux.MS_NOSUID | linux.MS_NODEV)


def _open_all(place: Place) -> dict[str, tuple[int, bool]]:
    """{path inside: (open file, read-only)}."""
    wanted = [p for p in SYSTEM if os.path.isdir(p) and not os.path.islink(p)]
    wanted += [p for p in (*ETC, *place.readonly) if os.path.exists(p)]
    shown = {p: (os.open(p, os.O_PATH), True) for p in wanted}
    shown |= {f"/dev/{n}": (os.open(f"/dev/{n}", os.O_PATH), False) for n in DEVICES}
    if place.reference and os.path.isdir(place.reference):
        shown[f"{WORK}/{place.lesson}/reference"] = (os.open(place.reference, os.O_PATH), True)
    return shown


def _private_folders(place: Place, user: int) -> None:
    limits = place.limits
    half = f"size={limits.disk_mb // 2}m,nr_inodes={limits.files},mode=1777"
    for path, options in (("/tmp", half), (str(WORK), half),
                          ("/dev/shm", "size=16m,nr_inodes=256,mode=1777")):
        os.makedirs(ANCHOR + path, exist_ok=True)
        linux.mount("tmpfs", ANCHOR + path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
    own = f"{ANCHOR}{WORK}/{place.lesson}"
    os.mkdir(own)
    if os.geteuid() == 0:
        os.chown(own, user, user)


def _write_names(user: int) -> None:
    """A user and group list with the runner alone, for programs that look their name up."""
    os.makedirs(f"{ANCHOR}/etc", exist_ok=True)
    for name, text in (("passwd", f"learner:x:{user}:{user}::/tmp:/bin/sh\n"),
                       ("group", f"learner:x:{user}:\n"), ("hosts", "127.0.0.1 localhost\n")):
        with open(f"{ANCHOR}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)
