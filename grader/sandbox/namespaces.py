"""Level "namespaces": a forked child shuts itself in, so that its warm imports stay shared.

Root makes the mounts as root and then becomes a user that owns nothing; anybody else makes a
user namespace first. Call `enter` in a freshly forked child with one thread.
"""

import os
import signal

from grader.sandbox import linux, seccomp
from grader.sandbox.contract import DEVICES, ETC, FIRST_USER, SYSTEM, WORK, Place

INSIDE = 1000  # the user id that the runner sees


def enter(place: Place, anchor: str, seat: int = 0) -> None:
    """Return in a process that is alone: own root, network, processes, user; limits applied.

    anchor: an empty folder to mount on. seat: a number below 4,000 that no other runner on
    this machine has now (its user id when started as root). The calling process becomes a
    waiting parent and never returns; its death kills the child. OSError when refused.
    """
    root = os.geteuid() == 0
    if not root:
        user, group = os.geteuid(), os.getegid()
    flags = linux.NEWNS | linux.NEWPID | linux.NEWNET | linux.NEWIPC | linux.NEWUTS | linux.NEWCGROUP
    linux.unshare(flags | (0 if root else linux.NEWUSER))
    if not root:
        _map_user(user, group)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    _build(place, anchor, FIRST_USER + seat if root else INSIDE)
    child = os.fork()  # the first process of the new process namespace
    if child:
        _wait(child)
    linux.mount("proc", f"{anchor}/proc", "proc",
                linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.pivot(anchor)
    os.chdir(WORK / place.lesson)
    if root:
        linux.become(FIRST_USER + seat)
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.apply(place.limits)
    linux.no_new_privileges()
    seccomp.install()


def _map_user(user: int, group: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {user} 1"),
                       ("gid_map", f"{INSIDE} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _build(place: Place, anchor: str, user: int) -> None:
    """The runner's world at `anchor`: a small tmpfs with read-only views of the real one."""
    linux.mount("tmpfs", anchor, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    for path in SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), anchor + path)
        elif os.path.isdir(path):
            linux.bind(path, anchor + path, readonly=True)
    for path in (*ETC, *place.readonly):
        if os.path.exists(path):
            linux.bind(path, anchor + path, readonly=True)
    for name in DEVICES:
        linux.bind(f"/dev/{name}", f"{anchor}/dev/{name}", readonly=False)
    os.mkdir(f"{anchor}/proc")
    half = f"size={place.limits.disk_mb // 2}m,nr_inodes=4096"
    for path in ("/tmp", str(WORK), "/dev/shm"):
        os.makedirs(anchor + path, exist_ok=True)
        linux.mount("tmpfs", anchor + path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV,
                    f"{half},mode=1777" if path != "/dev/shm" else "size=16m,mode=1777")
    own = f"{anchor}{WORK}/{place.lesson}"
    os.mkdir(own)
    if place.reference and os.path.isdir(place.reference):
        linux.bind(place.reference, f"{own}/reference", readonly=True)
    if os.geteuid() == 0:
        os.chown(own, user, user)
    linux.mount(None, anchor, None, linux.MS_BIND | linux.MS_REMOUNT | linux.MS_RDONLY
                | linux.MS_NOSUID | linux.MS_NODEV)


def _wait(child: int) -> None:
    """Wait for the shut-in process and end as it did."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    while True:
        try:
            _, status = os.waitpid(child, 0)
        except InterruptedError:
            continue
        os._exit(os.waitstatus_to_exitcode(status) & 255)
