"""`make hub CREATE_ACCOUNTS=1`: a JupyterHub with a demo class on this machine.

Everything runs in namespaces of its own (mounts and processes): the demo accounts exist only
there, learners cannot see the course's answers or root's files, and when this program ends, even
by kill -9, the system ends all that it started. Only the class's folder stays.

Settings from the environment: HUB_DIR (default /var/tmp/labels-to-agents-hub), HUB_PORT (8000),
HUB_LESSONS (all, or names with spaces), HUB_COHORT (a folder of `grader release` to teach from).
"""

import importlib.util
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from course.paths import CourseError  # noqa: E402

FIRST = 61001  # number of the first demo account
HIDDEN = ("solutions", "tests", "docs/instructor", "docs/checks.md", ".git", "grading", "submitted",
          "autograded", "feedback", "gradebook.db")


def missing() -> str:
    """One sentence when this machine or this call cannot start the hub, else ''."""
    if sys.platform != "linux":
        return "make hub needs Linux: JupyterHub starts servers as other users"
    if os.environ.get("CREATE_ACCOUNTS") != "1":
        return ("make hub makes accounts named demo-... that last while it runs: say "
                "make hub CREATE_ACCOUNTS=1")
    if os.geteuid() != 0:
        return "make hub needs root (or a container where you are root): sudo make hub CREATE_ACCOUNTS=1"
    try:
        subprocess.run(["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"],
                       check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ("this system refuses new mount and process namespaces even to root: in Docker start "
                "the container with --cap-add SYS_ADMIN --security-opt apparmor=unconfined "
                "--security-opt seccomp=unconfined")
    return ""


def install() -> None:
    """JupyterHub and its proxy, once, at the versions that are pinned."""
    if not all(map(importlib.util.find_spec, ("jupyterhub", "configurable_http_proxy"))):
        print("installing JupyterHub and a proxy ...", flush=True)
        _must([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "-r",
               str(ROOT / "requirements" / "hub.txt")])


def _must(command: list[str], **more) -> None:
    done = subprocess.run(command, **more)
    if done.returncode:
        raise CourseError(f"{' '.join(command[:6])} ended with {done.returncode}: what it said stands "
                          "above")


def read_class(folder: Path) -> dict:
    """class.toml, with the folder, ports and the password of this start."""
    with open(HERE / "class.toml", "rb") as file:
        demo = tomllib.load(file)
    names = [*demo["instructors"], *demo["learners"]]
    wrong = [name for name in names if not name.startswith("demo-")]
    if wrong or len(set(names)) != len(names):
        raise CourseError(f"class.toml: names must differ and begin with demo-: {', '.join(wrong)}")
    port = os.environ.get("HUB_PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise CourseError(f"HUB_PORT must be a number from 1 to 65535, not {port!r}")
    port = int(port)
    _refuse_taken(port)
    _refuse_unknown(os.environ.get("HUB_LESSONS", "all").split(), os.environ.get("HUB_COHORT", ""))
    demo |= {"folder": str(folder), "ports": [port, _free(), _free()],
             "password": os.environ.get("HUB_PASSWORD") or secrets.token_urlsafe(9),
             "lessons": os.environ.get("HUB_LESSONS", "all").split(),
             "cohort": os.environ.get("HUB_COHORT", "")}
    return demo


def _refuse_unknown(lessons: list[str], cohort: str) -> None:
    from grader import cohort_release, source
    known = cohort_release.read(Path(cohort))["lessons"] if cohort else source.lessons()
    wrong = [name for name in lessons if name not in known and lessons != ["all"]]
    if wrong:
        raise CourseError(f"HUB_LESSONS: there is no lesson {', '.join(wrong)}; there are: "
                          f"{', '.join(known)}")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CourseError(f"port {port} is in use: HUB_PORT=8010 make hub ...") from None


def outside() -> int:
    """Look, install, then start this program again inside its namespaces and wait for it."""
    if problem := missing():
        raise CourseError(problem)
    install()
    folder = Path(os.environ.get("HUB_DIR", "/var/tmp/labels-to-agents-hub")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run").mkdir(exist_ok=True)
    (folder / "run").chmod(0o700)
    demo = read_class(folder)
    (folder / "run" / "class.json").write_text(json.dumps(demo), encoding="utf-8")
    inner = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL",  # when this program dies, however that happens
         "unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc",
         sys.executable, str(Path(__file__).resolve()), "--inside"],
        env={**os.environ, "HUB_CLASS": str(folder / "run" / "class.json"),
             "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])},
        start_new_session=True)

    def stop(*_):
        inner.kill()  # unshare, and with it the first process inside, and with that all others
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code = inner.wait()
    print(f"the hub has stopped; accounts are gone, the class's files stay in {folder}", flush=True)
    return 0 if code in (0, -signal.SIGKILL) else code


# ---- inside the namespaces ----

def inside() -> int:
    """The first process: accounts, views, the released course, then the hub until it ends."""
    import classroom  # beside this file; imports grader, which is not hidden yet
    demo = json.loads(Path(os.environ["HUB_CLASS"]).read_text(encoding="utf-8"))
    accounts = {name: FIRST + i for i, name in enumerate([*demo["instructors"], *demo["learners"]])}
    make_accounts(Path(demo["folder"]), accounts)
    classroom.prepare(demo, accounts, ROOT)
    open_ways([ROOT, Path(sys.base_prefix), Path(sys.prefix), Path(demo["folder"])])
    hide(ROOT, HIDDEN)
    classroom.release(demo, accounts)
    run = Path(demo["folder"]) / "run"
    with open(run / "hub.log", "w", encoding="utf-8") as log:
        hub = subprocess.Popen([sys.executable, "-m", "jupyterhub", "--config",
                                str(HERE / "jupyterhub_config.py")], cwd=run, stdout=log, stderr=log)
    _wait_until_up(demo["ports"][0], hub, run / "hub.log")
    print(f"\nJupyterHub: http://127.0.0.1:{demo['ports'][0]}   password of all: {demo['password']}\n"
          f"instructor: {', '.join(demo['instructors'])}   formgrader: "
          f"http://127.0.0.1:{demo['ports'][0]}{classroom.FORMGRADER}\n"
          f"learners:   {', '.join(demo['learners'])}\n"
          f"Ctrl-C stops it; its log is {run / 'hub.log'}", flush=True)
    while True:  # the first process of a namespace collects all that ends in it
        pid, status = os.wait()
        if pid == hub.pid:
            return os.waitstatus_to_exitcode(status)


def _wait_until_up(port: int, hub: subprocess.Popen, log: Path) -> None:
    """Until the hub answers through its proxy."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
    late = time.monotonic() + 180
    while time.monotonic() < late and hub.poll() is None:
        try:
            with direct.open(f"http://127.0.0.1:{port}/hub/health", timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise CourseError(f"JupyterHub did not come up: read {log}")


def make_accounts(folder: Path, accounts: dict[str, int]) -> None:
    """Accounts for this namespace only: copies of the system's files, put over them."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    lines = {"passwd": "{name}:x:{number}:{number}::{home}/{name}:/bin/bash\n",
             "group": "{name}:x:{number}:\n"}
    for name, form in lines.items():
        known = Path("/etc", name).read_text(encoding="utf-8")
        more = "".join(form.format(name=who, number=number, home=home)
                       for who, number in accounts.items())
        copy = folder / "run" / name
        copy.write_text(known.rstrip("\n") + "\n" + more, encoding="utf-8")
        copy.chmod(0o644)
        _must(["mount", "--bind", str(copy), f"/etc/{name}"])
    for who, number in accounts.items():
        (home / who).mkdir(exist_ok=True)
        profile = home / who / ".profile"  # a terminal is a login shell and forgets the PATH
        profile.unlink(missing_ok=True)  # a link that its owner left there is not written through
        with open(profile, "x", encoding="utf-8") as file:
            file.write(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH\n")
        (home / who).chmod(0o700)
        for path in (home / who, profile):
            os.chown(path, number, number, follow_symlinks=False)


def open_ways(wanted: list[Path]) -> None:
    """Let accounts reach these folders when one above is closed (/root, another's home): the
    closed folder shows nothing else here."""
    closed: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(wanted):
        for above in reversed(path.parents):
            if not above.stat().st_mode & 0o001:
                closed.setdefault(above, []).append(path)
                break
    for above, paths in closed.items():
        _must(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", "/mnt"])  # holds them meanwhile
        for number, path in enumerate(paths):
            place = Path("/mnt") / str(number)
            place.mkdir()
            _must(["mount", "--rbind", str(path), str(place)])
        _must(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(above)])
        for number, path in enumerate(paths):
            path.mkdir(parents=True, exist_ok=True)
            _must(["mount", "--rbind", f"/mnt/{number}", str(path)])


def hide(root: Path, names: tuple[str, ...]) -> None:
    """Nothing of these can be seen in this namespace."""
    for name in names:
        path = root / name
        if path.is_dir():
            _must(["mount", "-t", "tmpfs", "-o", "mode=755,ro", "tmpfs", str(path)])
        elif path.exists():
            _must(["mount", "--bind", "/dev/null", str(path)])


if __name__ == "__main__":
    try:
        sys.exit(inside() if "--inside" in sys.argv else outside())
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
