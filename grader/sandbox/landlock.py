"""Level "landlock": where namespaces are refused, the kernel still limits files and sockets.

Its gaps stand in contract.GAPS and beside each score.
"""

import os
import signal
import struct

from grader.sandbox import linux, seccomp
from grader.sandbox.contract import DEVICES, ETC, SYSTEM, Place

READ = 1 | 4 | 8            # execute, read file, read folder
FILE_ONLY = 1 | 2 | 4       # what applies to a file that is not a folder
TRUNCATE, IOCTL = 1 << 14, 1 << 15


def version() -> int:
    """Landlock's version on this kernel; OSError when it has none."""
    return linux.call("landlock_create_ruleset", None, 0, 1)


def enter(place: Place, folder: str) -> None:
    """Limit this process for good: `folder` writable, `place.readonly` and the system readable.

    The caller made `folder` for one runner (its /tmp too). OSError when refused.
    """
    abi = version()
    files = (1 << (13 if abi < 2 else 14 if abi < 3 else 15 if abi < 5 else 16)) - 1
    network, scope = (3 if abi >= 4 else 0), (3 if abi >= 6 else 0)
    rules = struct.pack("<QQQ", files, network, scope)[:8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = linux.call("landlock_create_ruleset", rules, len(rules), 0)
    for path in (*SYSTEM, *ETC, *place.readonly, place.reference, "/proc/self"):
        if path and os.path.exists(path):
            _allow(ruleset, path, READ, files)
    _allow(ruleset, folder, files, files)
    for name in DEVICES:
        _allow(ruleset, f"/dev/{name}", 2 | 4 | IOCTL, files)
    os.setsid()
    os.chdir(folder)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.apply(place.limits)
    linux.no_new_privileges()
    linux.call("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)
    seccomp.install()


def _allow(ruleset: int, path: str, access: int, handled: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            access &= FILE_ONLY | TRUNCATE | IOCTL
        linux.call("landlock_add_rule", ruleset, 1, struct.pack("<Qi", access & handled, descriptor), 0)
    finally:
        os.close(descriptor)
