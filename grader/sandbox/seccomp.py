"""A system-call filter: what no lesson needs and an escape might."""

import ctypes
import os
import struct

from grader.sandbox.linux import _libc, checked

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
X32 = 0x40000000
# name: (x86_64, aarch64)
DENIED = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "ptrace": (101, 117), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "pidfd_getfd": (438, 438), "quotactl": (179, 60), "acct": (163, 89), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "personality": (135, 92),
    "vhangup": (153, 58), "memfd_secret": (447, 447),
}
# Landlock does not know these, and a runner of ours owns what we own. They do nothing and say so
# to nobody: shutil.copy calls them. name: (x86_64, aarch64); None: not on that processor
NO_EFFECT = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}
TRUNCATE = (76, 45)  # by path; Landlock before version 3 does not know it either
CONNECT, SOCKETPAIR, PRCTL = (42, 203), (53, 199), (157, 167)
SIGNALS = ((62, 129), (200, 130), (234, 131), (129, 138), (297, 240))  # kill and its kin
PIDFD_SEND_SIGNAL, FCNTL, SETOWN, SETSIG, SETOWN_EX = (424, 424), (72, 25), 8, 10, 15
DATAGRAM, PR_SET_PDEATHSIG = 2, 1
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag
AF_UNIX, AF_INET, AF_NETLINK = 1, 2, 16


def _step(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)


def program(alone: bool = True, signals: bool = True, loopback: bool = False) -> bytes:
    """The filter for this processor: nothing of the list above, no new namespaces, only AF_UNIX.

    alone: in a file system and network of its own. Otherwise sockets of the host's services could
    be reached by their paths (and a service starts programs outside), so only stream pairs then;
    and rights, owners and times of files stay as they are.
    signals: may signal others; False where the kernel cannot keep signals in (only its own
    process and group then, which abort, raise and interrupts need). loopback: IP sockets too, for
    what talks to itself in a network of its own (the ZeroMQ of a Jupyter kernel).
    """
    machine = os.uname().machine
    if machine not in ARCH:
        raise OSError(ENOSYS, f"no system-call filter is written for {machine}")
    column = 0 if machine == "x86_64" else 1
    load, equal, bits, give = 0x20, 0x15, 0x45, 0x06
    number, architecture, argument = 0, 4, 16
    steps = [_step(load, 0, 0, architecture), _step(equal, 1, 0, ARCH[machine]),
             _step(give, 0, 0, KILL), _step(load, 0, 0, number)]
    if column == 0:  # the x32 calls would go round the list
        steps += [_step(0x35, 0, 1, X32), _step(give, 0, 0, ERRNO | ENOSYS)]
    for numbers in DENIED.values():
        steps += [_step(equal, 0, 1, numbers[column]), _step(give, 0, 0, ERRNO | EPERM)]
    steps += [_step(equal, 0, 1, CLONE3[column]), _step(give, 0, 0, ERRNO | ENOSYS)]
    steps += _when(CLONE[column], argument, [_step(bits, 0, 1, NEW_NAMESPACES)], EPERM)
    # a runner that forgot its parent's death would outlive the grader
    steps += _when(PRCTL[column], argument, [_step(equal, 0, 1, PR_SET_PDEATHSIG)], EPERM)
    if not alone:
        for numbers in NO_EFFECT.values():
            if numbers[column] is not None:
                steps += [_step(equal, 0, 1, numbers[column]), _step(give, 0, 0, ERRNO)]
        steps += [_step(equal, 0, 1, TRUNCATE[column]), _step(give, 0, 0, ERRNO | EPERM)]
    steps += _sockets(column, argument, alone, loopback)
    if not signals:
        for numbers in SIGNALS:
            steps += _when(numbers[column], argument,
                           [_step(equal, 2, 0, os.getpid()), _step(equal, 1, 0, 0)], EPERM)
        steps += [_step(equal, 0, 1, PIDFD_SEND_SIGNAL[column]), _step(give, 0, 0, ERRNO | EPERM)]
        steps += _when(FCNTL[column], argument + 8, [_step(equal, 2, 0, SETOWN),
                       _step(equal, 1, 0, SETSIG), _step(equal, 0, 1, SETOWN_EX)], EPERM)
    steps += [_step(give, 0, 0, ALLOW)]
    return b"".join(steps)


def _sockets(column: int, argument: int, alone: bool, loopback: bool) -> list[bytes]:
    equal, refuse = 0x15, _step(0x06, 0, 0, ERRNO | EAFNOSUPPORT)
    families = (AF_UNIX, AF_INET, AF_NETLINK) if loopback else (AF_UNIX,)
    local = [_step(equal, len(families) - n, 0, family) for n, family in enumerate(families)]
    if alone:
        return [step for numbers in (SOCKET, SOCKETPAIR)
                for step in _when(numbers[column], argument, local, EAFNOSUPPORT)]
    steps = [step for numbers in (SOCKET, CONNECT)
             for step in (_step(equal, 0, 1, numbers[column]), refuse)]
    kind = [_step(equal, 0, 3, AF_UNIX), _step(0x20, 0, 0, argument + 8), _step(0x54, 0, 0, 0xF),
            _step(equal, 0, 1, DATAGRAM)]  # a datagram socket may name another address
    return steps + _when(SOCKETPAIR[column], argument, kind, EAFNOSUPPORT)


def _when(number: int, offset: int, test: list[bytes], error: int) -> list[bytes]:
    """For one call: `test` its argument; falling through means refuse, one step further allow."""
    body = [_step(0x20, 0, 0, offset), *test, _step(0x06, 0, 0, ERRNO | error),
            _step(0x06, 0, 0, ALLOW)]
    return [_step(0x15, 0, len(body), number), *body]


def install(alone: bool = True, signals: bool = True, loopback: bool = False) -> None:
    """Filter this process and all its children for good (needs no_new_privileges)."""
    code = program(alone, signals, loopback)
    buffer = ctypes.create_string_buffer(code)
    head = struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    checked(_libc.prctl(22, 2, ctypes.c_char_p(head), 0, 0), "seccomp")
