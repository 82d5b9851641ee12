"""The offline guard: nothing leaves the machine, each attempt is noted, loopback works."""

import http.server
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import nbformat
import pytest

from course.paths import ROOT, CourseError
from grader import lint, run
from grader.kernel import run_notebook
from tests.madeup import LESSON, made_up

AWAY = "192.0.2.1"  # reserved for documentation: it answers nobody
NAME = "course.invalid"  # reserved too


@pytest.fixture
def log(tmp_path, monkeypatch):
    """This test's own log, so that its attempts do not fail the whole session."""
    path = tmp_path / "log"
    monkeypatch.setenv("COURSE_GUARD_LOG", str(path))
    return path


def noted(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").split() if log.is_file() else []


ATTEMPTS = {
    "connect": (lambda: socket.socket().connect((AWAY, 80)), AWAY),
    "connect_ex": (lambda: socket.socket().connect_ex((AWAY, 80)), AWAY),
    "datagram": (lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", (AWAY, 9)), AWAY),
    "message": (lambda: socket.socket(type=socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, (AWAY, 9)),
                AWAY),
    "create_connection": (lambda: socket.create_connection((AWAY, 80), timeout=1), AWAY),
    "lookup": (lambda: socket.getaddrinfo(NAME, 80), NAME),
    "old lookup": (lambda: socket.gethostbyname(NAME), NAME),
    "old lookup, long": (lambda: socket.gethostbyname_ex(NAME), NAME),
    "six": (lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)), "2001:db8::1"),
    "url": (lambda: urllib.request.urlopen(f"http://{NAME}/", timeout=1), NAME),
}


@pytest.mark.parametrize("way", ATTEMPTS)
def test_this_process_is_refused_and_noted(way, log):
    attempt, host = ATTEMPTS[way]
    with pytest.raises(OSError, match=f"works offline: a connection to {host} was refused"):
        attempt()
    assert set(noted(log)) == {host}


def test_a_child_process_is_refused_and_noted_even_when_it_hides_it(log):
    code = ("import urllib.request\ntry:\n    urllib.request.urlopen('http://" + NAME + "')\n"
            "except OSError as error:\n    print(error)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and "works offline" in done.stdout
    assert noted(log) == [NAME]


def test_a_kernel_is_refused_and_its_run_knows(tmp_path, log):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        f"import socket\ntry:\n    socket.create_connection(('{AWAY}', 80), 1)\n"
        "except OSError as error:\n    print(error)")])
    done = run_notebook(notebook, tmp_path)
    assert done.connections == [AWAY] and not done.error
    assert "works offline" in done.notebook.cells[0].outputs[0].text
    assert noted(log) == [], "a run has a log of its own"


def test_make_run_refuses_a_lesson_that_opens_a_connection(tmp_path, monkeypatch, log, capsys):
    course = made_up(tmp_path, monkeypatch)
    course.change("print(numbers)", "import socket\ntry:\n    "
                  f"socket.create_connection(('{AWAY}', 80), 1)\nexcept OSError:\n    pass")
    course.build()
    before = course.solution.read_bytes()
    with pytest.raises(CourseError, match=f"opened a connection to {AWAY}; lessons work offline"):
        run.execute(LESSON)
    assert run.main([LESSON]) == 1
    assert capsys.readouterr().err.startswith(f"error: {LESSON}: a cell opened a connection")
    assert course.solution.read_bytes() == before and not run.RUNS.exists()
    assert f"make run LESSON={LESSON}" in "".join(lint.stale_notebooks([LESSON])), (
        "what was refused stays stale, so make check fails too")


def test_loopback_and_unix_sockets_work(log, tmp_path):
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for host in ("127.0.0.1", "localhost"):
            address = f"http://{host}:{server.server_port}/pyproject.toml"
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.status == 200
    finally:
        server.shutdown()
        server.server_close()
    if hasattr(socket, "AF_UNIX"):
        listener, client = socket.socketpair()
        client.send(b"x")
        assert listener.recv(1) == b"x"
        listener.close(), client.close()
    assert noted(log) == []


def test_a_test_session_that_tries_to_leave_fails_although_its_tests_pass(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    text = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    (folder / "conftest.py").write_text(
        text.replace("Path(__file__).resolve().parent.parent", f"Path({str(ROOT)!r})"),
        encoding="utf-8")
    test = folder / "test_it.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:nbval",
               "--rootdir", str(tmp_path), str(test)]
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_GUARD_LOG"}

    def session(body, *more):
        test.write_text(f"def test_it():\n    import socket\n    {body}\n", encoding="utf-8")
        return subprocess.run([*command, *more], capture_output=True, text=True, env=environment)

    quiet = session("socket.getaddrinfo('127.0.0.1', 80)")
    assert quiet.returncode == 0, quiet.stdout
    for processes in ([], ["-n", "2", "--dist", "loadfile"]):
        hidden = session(f"\n    try: socket.getaddrinfo('{NAME}', 80)\n    except OSError: pass",
                         *processes)
        assert hidden.returncode == 1, hidden.stdout
        assert "1 passed" in hidden.stdout
        assert f"connections that leave the machine were tried: {NAME}" in hidden.stdout
