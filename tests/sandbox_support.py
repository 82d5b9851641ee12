"""Drivers that open seats as us and as an ordinary user, and a world of secrets to aim at."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
USER = 4321  # an ordinary user id that needs no account
DRIVER = Path(__file__).with_name("sandbox_driver.py")
PACKAGES = ("numpy", "torch", "sklearn", "matplotlib", "IPython")


class Driver:
    """A process that opens seats: ask("open", level=...) and so on (sandbox_driver.py)."""

    def __init__(self, command: list[str], marker: str, heavy: bool):
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "SECRET": marker,
                       "PYTHONPATH": os.pathsep.join([str(ROOT), *map(str, package_folders())]),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen([*command, str(DRIVER), *["light"] * (not heavy)], env=environment, text=True,
                                        cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.about = self.ask("about")

    def ask(self, do: str, **named) -> dict:
        self.process.stdin.write(json.dumps({"do": do, **named}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the driver ended at {do} {named}"
        return json.loads(line)

    @contextlib.contextmanager
    def seat(self, level: str, **named):
        """A seat's number; skips when the level is refused here."""
        opened = self.ask("open", level=level, **named)
        if "refused" in opened:
            pytest.skip(opened["refused"])
        try:
            yield opened["seat"]
        finally:
            self.ask("close", seat=opened["seat"])

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)


@cache
def package_folders() -> list[Path]:
    from grader.sandbox.contract import packages
    return [Path(p) for p in packages()]


SHOW = """
set -e
mount --make-rprivate /
kept=$(mktemp -d)
mount --bind "$1" "$kept"
mount -t tmpfs -o mode=755 tmpfs "$0"
mkdir -p "$1"
mount --bind "$kept" "$1"
umount "$kept"
rmdir "$kept"
shift
exec "$@"
"""


@cache
def hidden_above() -> str:
    """The folder above root's Python that other users may not enter; "" when they may."""
    if os.geteuid() != 0:
        return ""
    above = [p for p in Path(os.path.realpath(sys.base_prefix)).parents if p.name]
    return str(next((p for p in reversed(above) if not p.stat().st_mode & 0o001), ""))


def shown() -> list[str]:
    """What to put before root's command so that the users whom a runner becomes at level landlock
    can reach root's Python: in a view of the files of its own, that folder holds Python alone."""
    folder = hidden_above()
    if not folder:
        return []
    return ["unshare", "-m", "bash", "-c", SHOW, folder, os.path.realpath(sys.base_prefix)]


@cache
def command_of(who: str) -> tuple[list[str], str]:
    """(command of a Python run by that user, "") or ([], why there is none). who: "us", "user", or
    "root": us where others can reach our Python."""
    if who == "us":
        return [sys.executable], ""
    if who == "root":
        return [*shown(), sys.executable], ""
    if os.geteuid() != 0:
        return [], "the tests run as an ordinary user already"
    if not shutil.which("setpriv"):
        return [], "there is no setpriv to become an ordinary user with"
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    why = []
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3", "/usr/local/bin/python3")):
        code = f"import subprocess, sys, {', '.join(PACKAGES)}, grader.engine.runner\n" \
               "subprocess.run([sys.executable, '-c', ''], check=True)"  # setpriv keeps rights for one
        done = subprocess.run([*become, python, "-c", code], capture_output=True, text=True, cwd="/",
                              env={"PYTHONPATH": os.pathsep.join(
                                  [str(ROOT), *map(str, package_folders())])}, check=False)
        if done.returncode == 0:
            return [*become, python], ""
        why.append(f"{python}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return [], "no Python that an ordinary user can run: " + "; ".join(why)


class World:
    """Things of the host that no runner may touch. facts: what probes are told of it."""

    def __init__(self, folder: Path):
        self.marker = "marker" + secrets.token_hex(6)
        self.folder = folder
        folder.chmod(0o755)
        self.stored = folder / "stored"
        self.stored.mkdir()
        (self.stored / "stored.txt").write_text("stored", encoding="utf-8")
        self.secret = folder / "course"
        for name in ("gradebook.db", "submitted/neighbour/04/04.ipynb", "config.py"):
            path = self.secret / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.marker, encoding="utf-8")
            path.chmod(0o666)  # the sandbox must hold, not the rights of the files
        for path in (self.secret, *self.secret.rglob("*")):
            if path.is_dir():
                path.chmod(0o777)
        self.shared = Path("/dev/shm", self.marker)
        self.shared.write_text(self.marker, encoding="utf-8")
        self.shared.chmod(0o666)
        self.heard, self.sockets = [], []
        self._listen()

    def _listen(self) -> None:
        path = str(self.folder / "s")
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        here = [socket.socket(socket.AF_UNIX, kind) for kind in
                (socket.SOCK_STREAM, socket.SOCK_DGRAM) * 2]
        for sock, name in zip(here, ("\0" + self.marker, "\0" + self.marker + "d", path, path + "d"),
                              strict=True):
            sock.bind(name)
        for name in (path, path + "d"):
            os.chmod(name, 0o777)
        self.sockets = [tcp, udp, *here]
        for sock in self.sockets:
            if sock.type == socket.SOCK_STREAM:
                sock.listen()
            threading.Thread(target=self._hear, args=(sock,), daemon=True).start()

    def _hear(self, sock) -> None:
        with contextlib.suppress(OSError):
            while True:
                if sock.type == socket.SOCK_STREAM:
                    sock.accept()[0].close()
                else:
                    sock.recv(10)
                self.heard.append(sock.family)

    def facts(self, driver: Driver, level: str) -> dict:
        from grader.sandbox.contract import code_folders, environment
        home = Path.home()
        zygote = driver.ask("zygote")["pid"]
        files = [p for p in self.secret.rglob("*") if p.is_file()]
        return {"marker": self.marker, "port": self.port, "abstract": self.marker, "level": level,
                "socket": str(self.folder / "s"), "driver": driver.about["pid"],
                "uid": driver.about["uid"], "pids": [driver.about["pid"], zygote, os.getpid()],
                "secrets": [*map(str, files), str(ROOT / "solutions/00_start/00_start.py"),
                            "/etc/shadow", "/etc/hostname", str(ROOT / "tests/conftest.py"),
                            str(home / ".bashrc"), str(ROOT / "pyproject.toml")],
                "code": [str(ROOT / "grader/values.py"), str(ROOT / "course/__init__.py")],
                "folders": [str(self.secret), str(ROOT / "solutions"), "/home", "/var", "/boot",
                            "/sys", "/run", str(ROOT / "tests"), str(home / ".ssh")],
                "readonly": [str(ROOT / n) for n in ("course", "grader", "data", "")]
                + [p for p in code_folders() if p != "/usr"],
                "environment": environment()}

    def state(self) -> dict:
        """What would change if a runner reached it."""
        paths = [self.secret, *self.secret.rglob("*"), ROOT / "grader/values.py",
                 ROOT / "course/__init__.py"]
        about = {str(p): (p.stat().st_mode, p.stat().st_uid, p.stat().st_mtime_ns, p.stat().st_size)
                 for p in paths}
        return about | {"heard": list(self.heard),
                        "shared": sorted(n for n in os.listdir("/dev/shm") if self.marker in n)}

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()
        self.shared.unlink()


def living(marker: str) -> list[int]:
    """Processes with the marker in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            text = Path("/proc", pid, "cmdline").read_bytes()
            if marker.encode() in text:
                found.append(int(pid))
    return found
