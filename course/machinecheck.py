"""The machine check of START_HERE: what this machine has, and what to do where that is too little.

    from course import machine
    machine()                         # a table in a notebook, aligned text elsewhere

`machine_check()` gives the same as a list of (name, ok, sentence). Nothing is changed, sent or
downloaded; it takes about half a second, most of it for the speed.
"""

import os
import shutil
import sys
import tempfile
import time
from html import escape
from importlib import metadata
from pathlib import Path

from course import llm_files, manifest, stamps
from course.environment import LOCK, TORCH, read_state
from course.paths import DATA, NOTEBOOKS, ROOT, CourseError, user_dir

GB = 1e9
MEMORY = 3.0       # GB that a lesson may use at most
DISK = 1.0         # GB that should stay free
REFERENCE = 155.0  # GFLOP/s of one core of the machine that measured the cards' times
REPAIR = "run `make lab`, or `python -m course.setup`"


def python_version():
    here = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < (3, 11):
        return False, f"{here}, and 3.11 or newer is needed: {REPAIR} with a newer one"
    prepared = read_state().get("python")
    if prepared and Path(prepared) != Path(sys.executable):
        return True, f"{here}, another than the one that set-up prepared ({prepared})"
    return True, here


def cores():
    count = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
             else os.cpu_count() or 1)
    if count < 2:
        return False, "1: the lessons run, in about twice the time on their cards"
    return True, f"{count}"


def container_limit():
    """Memory in GB that a container allows, or infinity (Linux control groups)."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return int(Path(path).read_text(encoding="ascii")) / GB
        except (OSError, ValueError):
            continue
    return float("inf")


def memory():
    import psutil
    found = psutil.virtual_memory()
    total = min(found.total / GB, container_limit())
    free = min(found.available / GB, total)
    text = f"{total:.1f} GB, {free:.1f} free; a lesson uses {MEMORY:.0f} at most"
    if free < MEMORY:
        return False, f"{text}: close other programs and other notebooks' kernels"
    return True, text


def disk():
    free = shutil.disk_usage(ROOT).free / GB
    if free < DISK:
        return False, f"{free:.1f} GB free: free some, or notebooks may not be saved"
    return True, f"{free:.0f} GB free"


def locked_versions():
    """{name: version} that the lock and torch.txt ask for on this platform."""
    from packaging.requirements import Requirement
    wanted = {}
    for path in (LOCK, TORCH):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate():
                wanted[need.name] = next(iter(need.specifier)).version
    return wanted


def installed(name):
    """The installed version without its local part (2.13.0+cpu is 2.13.0), or None."""
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def packages():
    wanted = locked_versions()
    other = [f"{name} {installed(name) or 'missing'} for {version}"
             for name, version in wanted.items() if installed(name) != version]
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        return False, f"not as locked ({', '.join(other[:3])}{more}): {REPAIR}"
    return True, f"{len(wanted)}, all as locked"


def data():
    entries = [entry for entry in manifest.load().values() if entry.default]
    gone = [entry.name for entry in entries
            if stamps.missing(entry, DATA / "cache" / entry.name)]
    if gone:
        return False, f"{', '.join(gone)} missing or altered since checked: {REPAIR}"
    llm_files.ready()  # raises a CourseError that says what to run
    size = sum(entry.bytes for entry in entries) / 1e6
    return True, f"{len(entries)} parts, {size:.0f} MB, here and unchanged since checked"


def writing():
    for folder in (NOTEBOOKS, nearest(user_dir())):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return False, (f"{folder} cannot be written ({error.strerror}): your work or your "
                           "progress would not be saved; copy the course to a folder of yours")
    return True, "notebooks and progress can be saved"


def nearest(folder):
    """The folder, or the first one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def offline():
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    if all(os.environ.get(name) == "1" for name in names):
        return True, "libraries look nothing up on a network"
    return True, "not set for this kernel; the first cell of every lesson sets it"


def gigaflops(seconds=0.25, size=768):
    """Best speed of multiplying two float32 matrices within about `seconds`, in GFLOP/s.

    On one core: with all of them, one other busy program makes the figure six times lower.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits
    a = np.ones((size, size), dtype=np.float32)
    best, end = float("inf"), time.perf_counter() + seconds
    with threadpool_limits(1):
        while time.perf_counter() < end:
            start = time.perf_counter()
            a @ a
            best = min(best, time.perf_counter() - start)
    return 2 * size ** 3 / best / 1e9


def speed(measured=None):
    rate = gigaflops() if measured is None else measured
    times = REFERENCE / rate
    text = f"{rate:.0f} GFLOP/s a core in matrix products"
    if times > 1.25:
        text += (f": expect up to {times:.1f} times the run times on the cards, "
                 f"a 30 s lesson in about {30 * times:.0f} s")
    else:
        text += ": expect the run times on the cards, or less"
    return times < 4, text


CHECKS = (("Python", python_version), ("cores", cores), ("memory", memory), ("disk", disk),
          ("packages", packages), ("data", data), ("writing", writing), ("offline", offline),
          ("speed", speed))


def machine_check():
    """The list of (name, ok, sentence), one per check; a check that fails itself is not ok."""
    found = []
    for name, check in CHECKS:
        try:
            ok, sentence = check()
        except (CourseError, OSError, ImportError, ValueError, AttributeError) as error:
            ok, sentence = False, f"could not be looked at ({error}): {REPAIR}"
        found.append((name, ok, sentence))
    return found


class Machine:
    """The result of a machine check: HTML in a notebook, aligned text elsewhere."""

    def __init__(self, found):
        self.found = found

    @property
    def ok(self):
        return all(ok for _, ok, _ in self.found)

    def verdict(self):
        count = sum(not ok for _, ok, _ in self.found)
        return "This machine is ready." if not count else f"{count} of {len(self.found)} to look at."

    def __str__(self):
        lines = [f"{'fine' if ok else 'LOOK':4}  {name:8}  {sentence}"
                 for name, ok, sentence in self.found]
        return "\n".join([*lines, self.verdict()])

    __repr__ = __str__

    def _repr_html_(self):
        left = "style='text-align:left'"
        rows = "".join(
            f"<tr><td {left}>{'fine' if ok else '<strong>look</strong>'}</td>"
            f"<th scope='row' {left}>{escape(name)}</th><td {left}>{escape(sentence)}</td></tr>"
            for name, ok, sentence in self.found)
        return f"<table><tbody>{rows}</tbody></table><p>{escape(self.verdict())}</p>"


def machine():
    """Look at this machine: Python, cores, memory, disk, packages, data, speed."""
    return Machine(machine_check())


if __name__ == "__main__":
    result = machine()
    print(result)
    sys.exit(0 if result.ok else 1)
