"""Which sandbox levels this machine gives, found by trying each; why not more, and the remedy."""

import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from course.paths import CourseError
from grader.sandbox.contract import GAPS, LEVELS, Place

PROFILE = "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict"
NO_LINUX = ("{} has no sandbox that the grader can use: grade in the course's container, or on "
            "Windows in WSL 2 (docs/grading.md)")
APPARMOR = ("Ubuntu's AppArmor forbids ordinary programs to make user namespaces. An administrator "
            "allows it for bubblewrap with: sudo apt-get install bubblewrap apparmor-profiles && "
            f"sudo cp {PROFILE} /etc/apparmor.d/ && "
            "sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict")
CONTAINER = ("this container's own filter refuses namespaces: start it with --security-opt "
             "seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
             "systempaths=unconfined, as docs/grading.md shows (its processes then stay bounded by "
             "this sandbox instead)")
SYSCTL = ("this system is set to refuse user namespaces to ordinary users; an administrator allows "
          "them with: sudo sysctl -w {}")
LANDLOCK = ("this kernel has no Landlock: it came with Linux 5.13 and must stand in the list of "
            "security modules (lsm=landlock,... among the boot parameters)")
INSTALL = "bubblewrap is not installed: scripts/system-packages installs it"


def levels() -> list[tuple[str, bool, str]]:
    """(level, whether it works here, a sentence: what it leaves open, or why it does not work and
    what helps), best first. Each is really tried once a process (about half a second each)."""
    return [(level, *_tried(level)) for level in LEVELS]


def best() -> str:
    """The best level that works here; CourseError with every reason and remedy when none does."""
    for level in LEVELS[:-1]:
        if _tried(level)[0]:
            return level
    raise CourseError("this machine gives no sandbox for learners' code, so nothing was run.\n"
                      + "\n".join(f"  {level}: {_tried(level)[1]}" for level in LEVELS[:-1])
                      + "\nTo grade all the same pass --unsafe. " + risk())


def choose(wanted: str = "best", unsafe: bool = False) -> str:
    """The level to grade at. wanted: "best" or a level's name, which must then work here. "none"
    only when unsafe is said."""
    if wanted == "best":
        try:
            return best()
        except CourseError:
            if unsafe:
                return "none"
            raise
    if wanted not in LEVELS:
        raise CourseError(f"{wanted!r} is no sandbox level: choose one of {', '.join(LEVELS)}.")
    if wanted == "none":
        if not unsafe:
            raise CourseError("level none needs --unsafe. " + risk())
        return wanted
    works, sentence = _tried(wanted)
    if not works:
        raise CourseError(f"sandbox level {wanted}: {sentence}")
    return wanted


def risk() -> str:
    """What is at stake when a stranger's code runs without a sandbox."""
    return "Without a sandbox a submission runs as you: " + "; ".join(GAPS["none"]) + "."


@cache
def _tried(level: str) -> tuple[bool, str]:
    if level == "none":
        return True, risk()
    if sys.platform != "linux":
        name = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, platform.system())
        return False, NO_LINUX.format(name)
    from grader.engine.seats import open_seat
    try:
        seat = open_seat(level, Place("probe"))
    except (CourseError, OSError) as error:
        return False, remedy(level, str(error))
    seat.close()
    gaps = (*GAPS[level], *seat.gaps)
    return True, "left open: " + "; ".join(gaps) if gaps else "keeps the whole contract"


def remedy(level: str, error: str) -> str:
    """Why a level does not work here and what helps; `error`: what trying it said."""
    if level == "landlock":
        missing = "not implemented" in error or "not supported" in error
        return LANDLOCK if missing else error
    if level == "bubblewrap" and not shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin"):
        return INSTALL
    if os.geteuid() != 0 and _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return APPARMOR if level == "bubblewrap" else f"{error}; {APPARMOR}"
    for name, bad, good in (("user/max_user_namespaces", "0", "15000"),
                            ("kernel/unprivileged_userns_clone", "0", "1")):
        if os.geteuid() != 0 and _setting(name) == bad:
            return SYSCTL.format(f"{name.replace('/', '.')}={good}")
    words = _bwrap_says() if level == "bubblewrap" else ""
    if in_container():
        return f"{words or error}; {CONTAINER}"
    return words or error


def in_container() -> bool:
    """Whether this is a container of Docker, Podman or the like."""
    return any(Path(p).exists() for p in ("/.dockerenv", "/run/.containerenv")) \
        or bool(os.environ.get("container"))


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _bwrap_says() -> str:
    """bwrap's own words when it fails at the least it must do here."""
    user = [] if os.geteuid() == 0 else ["--unshare-user"]
    done = subprocess.run(["bwrap", *user, "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/",
                           "--proc", "/proc", "true"], capture_output=True, text=True, timeout=30,
                          check=False, env={"PATH": "/usr/bin:/bin"})
    return done.stderr.strip()[:300] if done.returncode else ""


def main() -> None:
    """`python -m grader.sandbox.detect`: print what this machine gives."""
    for level, works, sentence in levels():
        print(f"{level:<11} {'works' if works else 'no   '}  {sentence}")


if __name__ == "__main__":
    main()
