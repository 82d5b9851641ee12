"""The course's Python environment: find it, tell whether it is whole, make it, mend it.

Standard library only (`course.setup` and `course.lab` start under a bare Python). Nothing here
prints; errors are `CourseError` or `OSError`, which `course.setup` turns into one sentence.
"""

import contextlib
import csv
import errno
import hashlib
import importlib.util
import json
import locale
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from course.paths import ROOT, CourseError, cache

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "course.lock"
TORCH = ROOT / "requirements" / "torch.txt"
FULL = 50e6  # bytes: a venv with pip has 20 MB


# --- one set-up at a time -----------------------------------------------------------------

def _take(handle, wait):
    """Lock an open file for this process; False when another holds it and `wait` is false."""
    if os.name == "nt":
        import msvcrt
        while True:
            try:
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(0.5)
    import fcntl
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: going on beats refusing to start
    return True


@contextlib.contextmanager
def only_one(say):
    """Hold the set-up lock of this folder; a second set-up says so by `say` and waits.

    The lock's file descriptor is inherited by the programs that set-up starts. When set-up is
    killed and its pip goes on alone, the next set-up therefore waits for that pip.
    """
    with open(cache() / "setup.lock", "a+", encoding="utf-8") as handle:
        if not _take(handle, wait=False):
            say("another set-up is at work in this folder: waiting for it to end")
            _take(handle, wait=True)
        if os.name != "nt":
            os.set_inheritable(handle.fileno(), True)
        yield


def child_env():
    """The environment for programs of the venv: the user's, less what would misdirect them."""
    env = dict(os.environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "VIRTUAL_ENV"):
        env.pop(name, None)
    env.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1",
               PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8")
    return env


# --- what set-up remembers ----------------------------------------------------------------

def state_file():
    return cache() / "setup.json"


def read_state():
    """What the last set-up wrote, or {} when there is none or it cannot be read."""
    try:
        state = json.loads(state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(state):
    """Replace the state in one step, so that a kill leaves the old one or the new one."""
    part = state_file().with_suffix(".part")
    part.write_text(json.dumps(state, indent=1), encoding="utf-8")
    os.replace(part, state_file())


def drop_state():
    state_file().unlink(missing_ok=True)


def fingerprint(here=False):
    """A hash of all that decides what must be installed and where (not of what is)."""
    digest = hashlib.sha256(repr((str(ROOT), here, sys.version_info[:2] if here else "")).encode())
    for path in (LOCK, TORCH, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


# --- the venv -----------------------------------------------------------------------------

def venv_python(folder=None):
    folder = folder or VENV
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def probe(python):
    """{'site', 'scripts', 'version'} of a Python that runs and has pip, else None."""
    code = ("import json, sys, sysconfig, importlib.util as u; "
            "assert u.find_spec('pip'); p = sysconfig.get_paths(); "
            "print(json.dumps({'site': p['purelib'], 'scripts': p['scripts'], "
            "'version': list(sys.version_info[:3])}))")
    try:
        done = subprocess.run([str(python), "-c", code], env=child_env(), capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def venv_is_ours():
    """True for a venv that runs, whose pip is whole, and that was made at this very path
    (the scripts of a moved one name its old place)."""
    try:
        cfg = (VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    made_here = any(line.endswith(f" {VENV}") for line in cfg.splitlines())  # "command = ..."
    found = probe(venv_python()) if made_here else None
    return (bool(found) and tuple(found["version"]) >= (3, 11)
            and any(is_whole(info) for info in Path(found["site"]).glob("pip-*.dist-info")))


def make_venv():
    """Make VENV afresh with the interpreter that runs this (its base, when that is a venv)."""
    if VENV.is_symlink() or VENV.is_file():
        raise CourseError(f"{VENV} is a link or a file, and set-up would put a folder there: "
                          "move it away and run this again.")
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise CourseError(missing_venv())
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", None) or sys.executable
    done = subprocess.run([base, "-m", "venv", str(VENV)], env=child_env(), close_fds=False,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode or not probe(venv_python()):
        said = (done.stdout + done.stderr).strip()
        if "ensurepip" in said and "not available" in said:
            raise CourseError(missing_venv())
        if shutil.disk_usage(ROOT).free < FULL:  # venv swallows what its pip said
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(VENV))
        last = said.splitlines()[-1] if said else f"it ended with code {done.returncode}"
        raise CourseError(f"Python could not make the environment {VENV} ({last}).")


def missing_venv():
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return (f"this Python ({sys.executable}) has no venv module with pip: on Debian or Ubuntu run "
            f"`sudo apt-get install python{version}-venv`, elsewhere use a Python that has it.")


# --- packages on disk ---------------------------------------------------------------------

def snapshot(site):
    """{distribution folder name} of a site-packages folder: names with versions, no reading."""
    return sorted(entry.name for entry in os.scandir(site) if entry.name.endswith(".dist-info"))


def is_whole(info):
    """True when every file that a *.dist-info folder records is there with the recorded size."""
    if not (info / "INSTALLER").exists():
        return False  # pip writes it last but one: without it the unpacking was cut short
    try:
        with open(info / "RECORD", encoding="utf-8", newline="") as record:
            rows = list(csv.reader(record))
        return all(not row[2:] or not row[2]
                   or os.stat(info.parent / row[0]).st_size == int(row[2]) for row in rows if row)
    except (OSError, ValueError):
        return False


def mend(site):
    """Forget packages that an interrupted pip left half unpacked; returns their names.

    pip takes any *.dist-info folder as proof that a package is installed. With that folder gone
    it installs the package again over the rest. `~name` folders are pip's own set-aside copies.
    """
    gone = []
    for entry in sorted(site.iterdir()):
        if entry.name.startswith("~"):
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name.endswith(".dist-info") and not is_whole(entry):
            shutil.rmtree(entry)
            gone.append(entry.name[:-len(".dist-info")])
    return gone


def link_project(site):
    """Put the repository on the environment's path, and its entry points where Jupyter looks.

    A .pth file and a small dist-info folder are what an editable install comes to. Written here
    they need no build step: nothing runs, nothing is left in the source tree, a read-only
    checkout and a path with spaces work.
    """
    import tomllib
    project = {}
    if (ROOT / "pyproject.toml").exists():
        with open(ROOT / "pyproject.toml", "rb") as handle:
            project = tomllib.load(handle).get("project", {})
    name, version = project.get("name", "labels-to-agents"), project.get("version", "0")
    for old in site.glob("labels_to_agents-*.dist-info"):
        shutil.rmtree(old)
    info = site / f"labels_to_agents-{version}.dist-info"
    info.mkdir()
    entries = dict(project.get("entry-points", {}))
    if project.get("scripts"):
        entries["console_scripts"] = project["scripts"]
    lines = [line for group, names in sorted(entries.items())
             for line in [f"[{group}]", *(f"{k} = {v}" for k, v in sorted(names.items())), ""]]
    pth = site / "labels_to_agents.pth"
    # before Python 3.13 a .pth file is read in the system's encoding
    pth.write_text(f"{ROOT}\n", encoding="utf-8" if ascii_only(ROOT) else locale_encoding())
    files = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             "INSTALLER": "course.setup\n", "entry_points.txt": "\n".join(lines)}
    for filename, text in files.items():
        (info / filename).write_text(text, encoding="utf-8")
    record = [pth.name, *(f"{info.name}/{f}" for f in files), f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{r},,\n" for r in record), encoding="utf-8")


def ascii_only(path):
    return str(path).isascii()


def locale_encoding():
    return "utf-8" if sys.version_info >= (3, 13) else locale.getpreferredencoding(False)


# --- which Python runs the course -----------------------------------------------------------

def is_ready(state):
    """True when the environment that `state` describes is still there as set-up left it."""
    python = state.get("python")
    if not python or state.get("fingerprint") != fingerprint(state.get("here", False)):
        return False
    site = state.get("site", "")
    return (os.path.isdir(site) and set(state.get("packages", ["?"])) <= set(snapshot(site))
            and probe(python) is not None)


def interpreter():
    """Path of the Python that set-up prepared, or CourseError with what to run."""
    python = read_state().get("python")
    if not python or not os.path.exists(python):
        raise CourseError("the course is not set up on this machine: "
                          "run `make lab`, or `python3 -m course.setup`.")
    return python


def main(arguments=None):
    """`python -m course.environment --python` prints the prepared Python's path (Makefile)."""
    if (sys.argv[1:] if arguments is None else arguments) != ["--python"]:
        print("usage: python -m course.environment --python", file=sys.stderr)
        return 2
    try:
        print(interpreter())
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
