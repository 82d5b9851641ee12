"""What a sandboxed runner may do, whatever level keeps it there.

No network; the system, the environment and the course's code and data read-only; a private
/tmp and its own folder writable, both bounded; an unprivileged user; limits on memory,
processes, file size and CPU time; nothing of it lives on when it ends.
"""

import os
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from course.paths import ROOT

WORK = Path("/box")  # the runner's own folder, inside; no real folder of a course is called so
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
DEVICES = ("null", "zero", "full", "random", "urandom")
FIRST_USER = 61_000  # user ids for runners when grading as root; one a seat
SEATS = 4000
LEVELS = ("namespaces", "bubblewrap", "landlock", "none")  # best first

GAPS = {
    "namespaces": (),
    "bubblewrap": (),
    "landlock": ("processes it starts are found and ended by a watch, not by a namespace",
                 "the disk it may fill is bounded per file, and in all by a watch once a second",
                 "the names of this machine's network interfaces and its kernel can be seen"),
    "none": ("it can read and change everything you can, also the gradebook and other submissions",
             "it can reach the network", "what it starts may live on"),
}


@dataclass(frozen=True)
class Limits:
    """Bounds on one runner. memory_mb: each process, and all together by a watch (keeper.py).
    disk_mb: its folder and /tmp together (two file systems). files: in each of them."""

    memory_mb: int = 4096
    cpu_seconds: int = 600
    processes: int = 64
    file_mb: int = 64
    disk_mb: int = 128
    open_files: int = 256
    files: int = 4096


@dataclass
class Budget:
    """Seconds a cell, a check and the whole notebook may take; restarts of the runner."""

    cell: float = 60
    check: float = 20
    notebook: float = 300
    restarts: int = 3


@dataclass(frozen=True)
class Place:
    """Where a runner runs: the lesson (its folder's name), stored values, read-only folders."""

    lesson: str
    reference: str = ""
    readonly: tuple[str, ...] = field(default_factory=lambda: code_folders())
    limits: Limits = Limits()


def code_folders() -> tuple[str, ...]:
    """The folders a runner must read: this Python, its packages, the course. Never solutions/."""
    paths = {sys.base_prefix, sys.prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"),
             *packages(), *(str(ROOT / name) for name in ("course", "grader", "data"))}
    real = {os.path.realpath(p) for p in paths} | paths
    cache = ROOT / "data" / "cache"
    real |= {str(cache.resolve())} if cache.exists() else set()
    kept = [p for p in sorted(real) if os.path.isdir(p) and f"{p}/" != "/usr/"
            and not p.startswith("/usr/")]
    return tuple(p for p in kept if not any(p != q and p.startswith(q + "/") for q in kept))


def packages() -> tuple[str, ...]:
    """The folders of installed packages on this Python's path, and no other folder of that path:
    started as `python -m ...` it names the current folder, where solutions may lie."""
    return tuple(dict.fromkeys(p for p in sys.path if os.path.isdir(p)
                               and os.path.basename(p) in ("site-packages", "dist-packages")))


def environment(home: str = "/tmp") -> dict[str, str]:
    """The whole environment of a runner: nothing of ours leaks into it. home: its private folder."""
    return {"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8",
            "USER": "learner", "LOGNAME": "learner", "IPYTHONDIR": f"{home}/ipython",
            "MPLCONFIGDIR": f"{home}/matplotlib", "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0", "NBGRADER_EXECUTION": "judge", "COURSE_PROGRESS": "off",
            "PYTHONPATH": os.pathsep.join((str(ROOT), *packages())),
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}
