"""Start the course's JupyterLab for a test and read its address."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from course.paths import ROOT

# The environment that runs the tests serves, whether or not set-up made it. The connection
# guard of tests/conftest.py comes along on PYTHONPATH, which course.lab itself drops.
START = """
import os, sys, sysconfig
from course import lab
lab.interpreter = lambda: sys.executable
lab.read_state = lambda: {"scripts": sysconfig.get_path("scripts")}
real = lab.run
lab.run = lambda line, env: real(line, env | {"PYTHONPATH": os.environ["PYTHONPATH"]})
sys.exit(lab.main(sys.argv[1:]))
"""


def wait_for(what, seconds=60):
    """What `what()` returns once it is true; AssertionError when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing after {seconds} s")


def address(log):
    """The address with its token in what a server has written to the file `log`, or None."""
    found = re.search(r"http://127\.0\.0\.1:\S+", log.read_text(encoding="utf-8"))
    return found and found[0]


def answers(url):
    """The status of a page, or None while nobody listens there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as page:
            return page.status
    except OSError:
        return None


def start(log, *arguments, cwd, **env):
    """Start it from the folder `cwd`, output into the file `log`; returns the Popen."""
    with open(log, "w", encoding="utf-8") as out:
        return subprocess.Popen(
            [sys.executable, "-c", START, *arguments], cwd=cwd, stdout=out,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ['PYTHONPATH']}",
                 **env})


def stop(server):
    """Ctrl-C; returns the exit status. A server that does not end in 20 s is killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGINT)
    try:
        return server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        return None


@contextlib.contextmanager
def serving(tmp_path, *arguments, cwd=ROOT, name="lab.log", **env):
    """A running JupyterLab; yields its address."""
    log = tmp_path / name
    server = start(log, "--no-browser", *arguments, cwd=cwd, **env)
    try:
        yield wait_for(lambda: server.poll() is None and address(log))
    finally:
        stop(server)
