"""The system calls that the sandbox needs and Python's os module lacks (ctypes)."""

import ctypes
import errno
import os
import resource
import struct

from grader.sandbox.contract import Limits

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWCGROUP = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000)
MNT_DETACH, AT_FDCWD, AT_RECURSIVE = 2, -100, 0x8000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
PR_SET_SECUREBITS, PR_CAP_AMBIENT = 28, 47
SYSCALLS = {"pivot_root": {"x86_64": 155, "aarch64": 41}, "mount_setattr": {"x86_64": 442, "aarch64": 442},
            "capset": {"x86_64": 126, "aarch64": 91},
            "landlock_create_ruleset": {"x86_64": 444, "aarch64": 444},
            "landlock_add_rule": {"x86_64": 445, "aarch64": 445},
            "landlock_restrict_self": {"x86_64": 446, "aarch64": 446}}

_libc = ctypes.CDLL(None, use_errno=True)


def checked(value: int, what: str) -> int:
    """The value of a system call, or OSError with its name."""
    if value < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return value


def call(name: str, *arguments) -> int:
    """A system call by name on this processor."""
    number = SYSCALLS[name].get(os.uname().machine)
    if number is None:
        raise OSError(38, f"{name} is not known on {os.uname().machine}")
    return checked(_libc.syscall(ctypes.c_long(number), *arguments), name)


def unshare(flags: int) -> None:
    checked(_libc.unshare(flags), "unshare")


def prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(_libc.prctl(option, *padded), "prctl")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0,
          options: str | None = None) -> None:
    def text(value):
        return value.encode() if value is not None else None
    checked(_libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options)),
            f"mount {target}")


def bind(source: str, target: str, readonly: bool) -> None:
    """Show `source` at `target`, with everything mounted below it."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a", encoding="utf-8").close()
    mount(source, target, None, MS_BIND | MS_REC)
    if readonly:
        make_readonly(target)


def make_readonly(target: str) -> None:
    """Read-only, no set-uid, for the whole tree of mounts at `target`."""
    attributes = struct.pack("<QQQQ", 0x1 | 0x2, 0, 0, 0)  # MOUNT_ATTR_RDONLY | NOSUID
    try:
        call("mount_setattr", AT_FDCWD, target.encode(), AT_RECURSIVE, attributes, len(attributes))
    except OSError as error:
        if error.errno != errno.ENOSYS:  # Linux before 5.12, or a filter that does not know it
            raise
        for path, flags in mounts_below(target):
            mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | flags)


def mounts_below(target: str) -> list[tuple[str, int]]:
    """Each mount at or below `target` with the flags that a remount must not lose."""
    flags = {"nodev": MS_NODEV, "noexec": MS_NOEXEC, "noatime": 1024, "nodiratime": 2048,
             "relatime": 1 << 21}
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            _, _, _, _, path, options, *_ = line.split(" ")
            path = path.encode().decode("unicode_escape")  # a space is written as \\040
            if path == target or path.startswith(target + "/"):
                found.append((path, sum(flags.get(o, 0) for o in options.split(","))))
    return found


def pivot(root: str) -> None:
    """Make `root` the whole world; what was there before is gone."""
    os.chdir(root)
    call("pivot_root", b".", b".")  # the old root lies on top of the new one (pivot_root(2))
    checked(_libc.umount2(b".", MNT_DETACH), "umount old root")
    os.chdir("/")


def empty_bounding_set() -> None:
    """No program run later can get a capability (needs one itself: before a change of user)."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:
            break


def drop_capabilities() -> None:
    """No capability left, none to be had again."""
    empty_bounding_set()
    try:
        prctl(PR_CAP_AMBIENT, 4)  # clear all
    except OSError:
        pass
    header = struct.pack("<Ii", 0x20080522, 0)
    call("capset", header, struct.pack("<6I", 0, 0, 0, 0, 0, 0))


def capable(number: int) -> bool:
    """Whether this process has a capability (21: CAP_SYS_ADMIN) in its own user namespace."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) >> number & 1)
    return False


def become(user: int) -> None:
    """Give up root for a user and group id that own nothing."""
    empty_bounding_set()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    prctl(PR_SET_DUMPABLE, 1)  # a change of user takes /proc/self away; nothing here is secret


def close_all_but(*kept: int) -> None:
    """Close every file descriptor above 2 but these."""
    last = 2
    for number in (*sorted(kept), 1 << 20):
        os.closerange(last + 1, number)
        last = number


def null_standard() -> None:
    """Standard input, output and error go nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)


def no_new_privileges() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def apply(limits: Limits) -> None:
    """Resource limits of this process and its children. DATA, not AS: torch maps far more than it uses."""
    for kind, value in (
            (resource.RLIMIT_RTPRIO, 0), (resource.RLIMIT_NICE, 0), (resource.RLIMIT_SIGPENDING, 256),
            (resource.RLIMIT_DATA, limits.memory_mb << 20), (resource.RLIMIT_CPU, limits.cpu_seconds),
            (resource.RLIMIT_NPROC, limits.processes), (resource.RLIMIT_FSIZE, limits.file_mb << 20),
            (resource.RLIMIT_NOFILE, limits.open_files), (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0)):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)  # the stack is not part of DATA
    most = 64 << 20
    resource.setrlimit(resource.RLIMIT_STACK, tuple(
        most if v == resource.RLIM_INFINITY else min(v, most) for v in (soft, hard)))
