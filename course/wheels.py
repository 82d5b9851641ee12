"""Choose how torch is installed by reading what the chosen wheel says about itself.

One name, `torch`, stands for different wheels: a CPU build that needs a handful of small
packages (all in the lock), and a build for NVIDIA cards that needs several GB more. Which one
pip picks depends on the platform and on the user's own indexes. So pip is asked first
(`--dry-run --report`: metadata only, where the index offers it), and the wheel is installed
accordingly. `python -m course.wheels` does it, inside the environment that set-up made.
"""

import json
import os
import re
import shutil
import sys
import urllib.parse
import urllib.request
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

try:
    from packaging.requirements import Requirement
except ImportError:  # an environment in the making: pip has a copy of its own
    from pip._vendor.packaging.requirements import Requirement

from course.environment import LOCK, TORCH
from course.paths import ROOT, CourseError
from course.piprun import pip

GPU_NAMES = re.compile(r"^(nvidia|cuda|triton|pytorch-triton|rocm|intel-)", re.I)
WHEN_UNTOLD = 3.0  # GB; a CUDA 13 build of 2026 with its libraries, where no size is told


class Plan(NamedTuple):
    """How to install one wheel: `build` is "cpu", "gpu" or "other"; `missing` the names that
    it requires on this platform and that are not installed."""
    build: str
    missing: list


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def applicable(requires_dist, environment=None):
    """Canonical names that a wheel's Requires-Dist lines ask for on this platform, no extras.

    environment: marker variables to use instead of this interpreter's (tests).
    """
    names = []
    for line in requires_dist or []:
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate({**(environment or {}), "extra": ""}):
            names.append(canonical(need.name))
    return names


def decide(requires_dist, installed, environment=None):
    """The Plan for a wheel with these Requires-Dist lines, given the installed names."""
    names = applicable(requires_dist, environment)
    missing = sorted(set(names) - {canonical(name) for name in installed})
    if any(GPU_NAMES.match(name) for name in names):
        return Plan("gpu", missing)
    return Plan("other" if missing else "cpu", missing)


def report(arguments, say=print):
    """What pip would install for these arguments: the list of its --report."""
    with TemporaryDirectory(prefix="course-") as folder:
        path = Path(folder) / "report.json"
        pip(sys.executable, ["install", "--quiet", "--dry-run", "--report", str(path),
                             *arguments], say=say)
        return json.loads(path.read_text(encoding="utf-8"))["install"]


def size_of(url):
    """Bytes of a wheel at a file or web address; 0 when it is not told within 5 seconds."""
    parts = urllib.parse.urlsplit(url)
    try:
        if parts.scheme == "file":
            return os.stat(urllib.request.url2pathname(parts.path)).st_size
        head = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(head, timeout=5) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except (OSError, ValueError):
        return 0


def gigabytes(items):
    """Size of the wheels in a report; the usual size where an address does not tell it."""
    sizes = [size_of(item["download_info"]["url"]) for item in items]
    return sum(sizes) / 1e9 if all(sizes) else max(WHEN_UNTOLD, sum(sizes) / 1e9)


def check_room(size, free):
    """Refuse a download of `size` GB (about twice that once unpacked) into `free` GB."""
    if 3 * size > free:
        raise CourseError(
            f"torch for NVIDIA cards needs about {3 * size:.0f} GB of disk and {free:.1f} GB are "
            "free: free some, or name an index that has a CPU build in PIP_EXTRA_INDEX_URL.")


def wanted():
    """The requirement of requirements/torch.txt, e.g. Requirement('torch==2.13.0')."""
    for line in TORCH.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            return Requirement(line.strip())
    raise CourseError(f"{TORCH} names no torch: take the file from the repository again.")


def installed_names():
    return {d.metadata["Name"] for d in metadata.distributions() if d.metadata["Name"]}


def is_complete(need):
    """True when the wanted torch and all that it requires here are installed."""
    try:
        dist = metadata.distribution(need.name)
    except metadata.PackageNotFoundError:
        return False
    return (need.specifier.contains(dist.version, prereleases=True)
            and not decide(dist.requires, installed_names()).missing)


def install_torch(say=print):
    """Install the torch that requirements/torch.txt wants, the way its wheel asks for."""
    need = wanted()
    if is_complete(need):
        say(f"  torch {metadata.version(need.name)} is here")
        return
    (wheel,) = report(["--ignore-installed", "--no-deps", str(need)], say)
    version = wheel["metadata"]["version"]
    plan = decide(wheel["metadata"].get("requires_dist"), installed_names())
    if plan.build == "cpu":
        size = size_of(wheel["download_info"]["url"])
        say(f"  torch {version}: a CPU build" + (f", {size / 1e6:.0f} MB" if size else ""))
        pip(sys.executable, ["install", "--no-deps", str(need)], say=say, bar=True)
        return
    constrained = ["-c", str(LOCK), str(need)]
    if plan.build == "gpu":
        items = report(constrained, say)
        size = gigabytes(items)
        say(f"  torch {version}: the build for NVIDIA cards, {len(items)} packages, about "
            f"{size:.1f} GB to download.\n  A CPU build (about 0.2 GB) is enough for every "
            "lesson: to get one, stop this\n  (Ctrl-C) and name an index that has it in "
            "PIP_EXTRA_INDEX_URL.")
        check_room(size, shutil.disk_usage(ROOT).free / 1e9)
    pip(sys.executable, ["install", *constrained], say=say, bar=True)


def main():
    try:
        install_torch(lambda text: print(text, flush=True))
    except CourseError as error:
        print(f"error: torch could not be installed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
