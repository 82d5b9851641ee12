"""Set-up in one command: `python -m course.setup [--here]`.

Makes `.venv`, installs the locked packages and torch, fetches the data and prepares the models.
Every part can be interrupted at any point: run it again and it goes on. A second run takes a
second. With an active conda environment made from environment.yml, or with --here, the packages
of the running interpreter are used instead of a venv.

Standard library only, and readable by Python 3.6, so that an old Python gets a sentence.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "error: the course needs Python 3.11 or newer and this is Python {}.{} ({}): run the "
        "command with a newer one, for example `python3.12 -m course.setup`.\n".format(
            sys.version_info[0], sys.version_info[1], sys.executable))
    sys.exit(1)

import argparse
import errno
import os
import re
import shutil
import subprocess
import time
from importlib import metadata
from pathlib import Path

from course import environment as env
from course.paths import ROOT, CourseError
from course.piprun import pip

ROOM = 3.5  # GB that a first set-up needs at most (measured: see docs/setup-times.md)


class StepFailed(Exception):
    """A part ended with this exit code and has said why itself."""


def say(text=""):
    print(text, flush=True)


class Clock:
    """Announces each part with its seconds and prints the table at the end."""

    def __init__(self):
        self.rows = []

    def run(self, title, work):
        """Do `work()`; what it returns is the note shown beside the part's seconds."""
        say(title)
        start = time.monotonic()
        note = work() or ""
        self.rows.append((title, time.monotonic() - start, note))

    def table(self):
        rows = [*self.rows, ("together", sum(row[1] for row in self.rows), "")]
        width = max(len(row[0]) for row in rows)
        return "\n".join(f"  {title:<{width}}  {seconds:6.1f} s  {note}".rstrip()
                         for title, seconds, note in rows)


# --- the environment ----------------------------------------------------------------------

def locked():
    """{name: set of versions} of course.lock, whatever the platform."""
    pins = {}
    for line in env.LOCK.read_text(encoding="utf-8").splitlines():
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        if found:
            pins.setdefault(canonical(found[1]), set()).add(found[2])
    return pins


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def direct_names():
    """The names in course.in, and torch: what an environment must have to run the course."""
    text = env.LOCK.with_name("course.in").read_text(encoding="utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [canonical(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in lines if line] + ["torch"]


def missing_here():
    """Direct names that the running interpreter lacks, or has in another version."""
    pins, missing = locked(), []
    for name in direct_names():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if name in pins and version not in pins[name]:
            missing.append(f"{name} {'/'.join(sorted(pins[name]))} (here {version})")
    return missing


def in_conda():
    """True when the running interpreter is the active conda environment's own."""
    prefix = os.environ.get("CONDA_PREFIX")
    return bool(prefix) and Path(prefix).resolve() == Path(sys.prefix).resolve()


def use_here(here):
    """Whether set-up takes the running interpreter: --here, or a conda environment that fits."""
    return here or (in_conda() and not missing_here())


def check_room():
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < ROOM:
        raise CourseError(f"a first set-up needs {ROOM} GB of disk and {free:.1f} GB are free "
                          f"at {ROOT}: free some space and run this again.")


def prepare_venv():
    """Make .venv when there is none that works; says what it did."""
    if env.venv_is_ours():
        return "was there"
    again = env.VENV.exists()
    if again:
        say("  .venv is incomplete or was made elsewhere: making it again")
    env.make_venv()
    return "made again" if again else "made"


def pip_pin():
    """`pip==VERSION` of the lock: pip goes first, so that all else runs under a known one."""
    return "pip==" + sorted(locked()["pip"])[0]


def install_packages(python, found):
    """Install the lock into an environment after mending what an interrupted run left."""
    broken = env.mend(Path(found["site"]))
    if broken:
        say(f"  an interrupted run left {len(broken)} packages half unpacked: again")
    pip(python, ["install", "--no-deps", pip_pin()], say=say)
    total = len(locked())
    pip(python, ["install", "--no-deps", "--progress-bar", "off", "-r", str(env.LOCK)],
        total=total, say=say)
    return f"{len(env.snapshot(found['site']))} installed"


def start(python, module, *arguments):
    """Run one of the course's modules; what it prints is shown, its failure is ours."""
    done = subprocess.run([str(python), "-m", module, *arguments], cwd=str(ROOT),
                          env=env.child_env(), stdin=subprocess.DEVNULL, close_fds=False)
    if done.returncode:
        raise StepFailed(done.returncode)


def build_environment(clock, here):
    """Install everything and note it; the note is dropped first, so a kill leaves none."""
    env.drop_state()
    if here:
        python = sys.executable
    else:
        if not env.VENV.exists():
            check_room()
        clock.run("environment (.venv)", prepare_venv)
        python = str(env.venv_python())
    found = env.probe(python)
    if not found:
        raise CourseError(f"{python} has no pip: install it for this Python, or run set-up "
                          "without --here.")
    if not here or missing_here():
        clock.run("packages", lambda: install_packages(python, found))
        clock.run("torch", lambda: start(python, "course.wheels"))
    env.link_project(Path(found["site"]))
    if not env.probe(python):
        raise CourseError(f"the environment of {python} does not start: delete {env.VENV} and "
                          "run this again.")
    env.write_state({"fingerprint": env.fingerprint(here), "here": here, "python": python,
                     "site": found["site"], "scripts": found["scripts"],
                     "packages": env.snapshot(found["site"])})


# --- all of it ---------------------------------------------------------------------------------

def set_up(here=False):
    """All parts in order; returns the Clock. Raises CourseError, StepFailed or OSError."""
    clock = Clock()
    with env.only_one(say):
        state = env.read_state()
        here = use_here(here)
        if env.is_ready(state) and bool(state.get("here")) == here:
            clock.rows.append(("environment", 0.0, "was there"))
        else:
            build_environment(clock, here)
        python = env.read_state()["python"]
        clock.run("data", lambda: start(python, "course.fetch"))
        clock.run("models", lambda: start(python, "course.models", "--prepare"))
    return clock


# --- the command ----------------------------------------------------------------------------

def sentence(error):
    """What an OSError during set-up means for a person."""
    where = error.filename or ROOT
    if error.errno == errno.ENOSPC:
        return f"the disk is full ({where}): free some space and run this again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (f"{where} cannot be written: copy the course to a folder of yours, or run this "
                "as the user who owns it (on Windows, close programs that use .venv).")
    return f"{error.strerror or error} ({where}): run this again when that is mended."


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m course.setup", description=(
        "Prepare this machine for the course: environment, packages, data, models."))
    parser.add_argument("--here", action="store_true",
                        help="use the running Python and its packages instead of a .venv")
    options = parser.parse_args(arguments)
    try:
        clock = set_up(options.here)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {sentence(error)}", file=sys.stderr)
        return 1
    except StepFailed:
        return 1
    except KeyboardInterrupt:
        print("\nstopped: run this again to go on from here.", file=sys.stderr)
        return 130
    say("\nready. `make lab` or `python3 -m course.lab` opens the course.")
    say(clock.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
