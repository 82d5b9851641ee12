"""The parts of the sandbox that this machine would not use by itself: other kernels, other systems."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.paths import CourseError

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0,
                               reason="needs root for its mounts")
ROOT = Path(__file__).resolve().parent.parent


def script(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux_only
@root_only
def test_readonly_without_mount_setattr(tmp_path):
    """Before Linux 5.12 every mount below is made read-only by itself, a space in its name too."""
    (tmp_path / "a b" / "deep").mkdir(parents=True)
    assert script(f"""
import errno, os
from grader.sandbox import linux
linux.unshare(linux.NEWNS)
linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
base = {str(tmp_path)!r}
linux.mount("tmpfs", base + "/a b", "tmpfs")
os.mkdir(base + "/a b/deep")
linux.mount("tmpfs", base + "/a b/deep", "tmpfs", linux.MS_NODEV)
def old(*a): raise OSError(errno.ENOSYS, "mount_setattr")
linux.call = old
linux.make_readonly(base + "/a b")
for folder in ("a b", "a b/deep"):
    try:
        open(f"{{base}}/{{folder}}/x", "w")
        print("wrote", folder)
    except OSError:
        pass
print([f & linux.MS_NODEV for _, f in linux.mounts_below(base + "/a b")])
""") == "[0, 4]"


@linux_only
@root_only
def test_namespaces_without_proc():
    """A container that refuses /proc costs /proc, not the sandbox, and says so."""
    assert script("""
import os
from grader.sandbox import linux, namespaces
from grader.sandbox.contract import Place
real = linux.mount
def refuse(source, target, kind=None, *rest):
    if kind == "proc": raise PermissionError(1, "mount")
    real(source, target, kind, *rest)
linux.mount = refuse
def keep(child):
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
gaps = namespaces.enter(Place("00_start"), 3999, keep)
print(len(gaps), os.getpid(), os.listdir("/proc"), flush=True)
""") == "1 1 []"


@linux_only
def test_signals_stay_in_on_old_kernels():
    """Landlock before version 6 does not hold signals back, so the filter does."""
    assert script("""
import os, signal, fcntl, subprocess
from grader.sandbox import linux, seccomp
signal.signal(signal.SIGUSR1, lambda *_: print("own", flush=True))
child = subprocess.Popen(["sleep", "5"])
linux.no_new_privileges()
seccomp.install(alone=False, signals=False)
os.kill(os.getpid(), signal.SIGUSR1)
for target in (child.pid, os.getppid(), -1, 1):
    try:
        os.kill(target, 0)
        print("signalled", target)
    except PermissionError:
        pass
read, write = os.pipe()
try:
    fcntl.fcntl(read, fcntl.F_SETOWN, os.getppid())
    print("owner")
except PermissionError:
    pass
""") == "own"


@linux_only
def test_left_overs_are_swept(monkeypatch, tmp_path):
    """What a killed process left is removed by the next; what is held or somebody's is not."""
    from grader.sandbox import scratch
    monkeypatch.setattr(scratch, "WHERE", str(tmp_path))
    dead, held, fresh = (scratch.make("seat-") for _ in range(3))
    other = scratch.make("other-")
    lock = scratch.lock(held)
    os.mkdir(os.path.join(dead, "shut"), 0)
    os.symlink(tmp_path / "kept", tmp_path / "seat-link")
    (tmp_path / "kept").mkdir()
    for path in (dead, held, other):
        os.utime(path, (1, 1))
    scratch.sweep("seat-")
    os.close(lock)
    assert not os.path.exists(dead)
    assert all(map(os.path.exists, (held, fresh, other, tmp_path / "kept")))


@linux_only
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_fits_both_processors(monkeypatch, machine):
    from grader.sandbox import seccomp
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=machine))
    for words in ({}, {"alone": False, "signals": False}, {"loopback": True}):
        code = seccomp.program(**words)
        assert len(code) % 8 == 0 and len(code) // 8 < 4096


@linux_only
def test_filter_refuses_unknown_processors(monkeypatch):
    from grader.sandbox import seccomp
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="riscv64"))
    with pytest.raises(OSError, match="riscv64"):
        seccomp.program()


def test_remedies_are_said(monkeypatch):
    from grader.sandbox import detect
    settings = {"kernel/apparmor_restrict_unprivileged_userns": "1"}
    monkeypatch.setattr(detect, "_setting", lambda name: settings.get(name, ""))
    monkeypatch.setattr(detect.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(detect.shutil, "which", lambda *_, **__: "/usr/bin/bwrap")
    monkeypatch.setattr(detect, "_bwrap_says", lambda: "")
    assert "bwrap-userns-restrict" in detect.remedy("bubblewrap", "no")
    settings.clear()
    settings["user/max_user_namespaces"] = "0"
    assert "sysctl -w user.max_user_namespaces=" in detect.remedy("namespaces", "no")
    settings.clear()
    monkeypatch.setattr(detect, "in_container", lambda: True)
    assert "--security-opt seccomp=unconfined" in detect.remedy("namespaces", "no")
    assert "5.13" in detect.remedy("landlock", "Function not implemented")
    monkeypatch.setattr(detect.shutil, "which", lambda *_, **__: None)
    assert "scripts/system-packages" in detect.remedy("bubblewrap", "no")


def test_nothing_to_be_had_is_refused(monkeypatch):
    from grader.sandbox import detect
    for system, word in (("darwin", "macOS"), ("win32", "WSL 2")):
        detect._tried.cache_clear()
        monkeypatch.setattr(detect.sys, "platform", system)
        with pytest.raises(CourseError, match=word) as refusal:
            detect.choose()
        assert "gradebook" in str(refusal.value)
        with pytest.raises(CourseError, match="--unsafe"):
            detect.choose("none")
        assert detect.choose(unsafe=True) == "none"
    monkeypatch.undo()
    detect._tried.cache_clear()
    with pytest.raises(CourseError, match="no sandbox level"):
        detect.choose("vault")
