"""Lessons in a network namespace that has nothing but loopback: what no Python guard can miss."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UP = """
import fcntl, socket, struct, sys, os
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def alone(*arguments, timeout=600):
    """Run Python with these arguments where only loopback exists."""
    if not shutil.which("unshare"):
        pytest.skip("no unshare here (not Linux)")
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-c", UP, *arguments]
    probe = subprocess.run(["unshare", "--map-root-user", "--net", "true"], capture_output=True)
    if probe.returncode:
        pytest.skip(f"this host refuses network namespaces: {probe.stderr.decode().strip()}")
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=timeout,
                          env={**os.environ, "COURSE_PROGRESS": "off"})


def test_the_namespace_has_loopback_and_nothing_else():
    done = alone("-c", "import socket\n"
                 "s = socket.create_server(('127.0.0.1', 0))\n"
                 "socket.create_connection(s.getsockname(), 2).close()\n"
                 "print([n for _, n in socket.if_nameindex()])")
    assert done.returncode == 0, done.stderr
    assert "'lo'" in done.stdout and "eth" not in done.stdout


@pytest.mark.slow
def test_every_lesson_runs_without_any_network():
    done = alone("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_notebooks.py")
    assert done.returncode == 0, done.stdout[-3000:]
