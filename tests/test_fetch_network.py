"""Fetching over a network that breaks, refuses or is not there; kills; a pip that is missing."""

import os
import random
import subprocess
import sys
import time
import venv

import pytest

from course import fetch, paths
from tests.fetch_support import (  # noqa: F401  (course is a fixture)
    Index, course, fails, one, read, wheel)


@pytest.fixture
def index(course, tmp_path, monkeypatch):  # noqa: F811
    """A function that starts an index with one wheel of 3 MB, for the rest of the test."""
    big = os.urandom(3_000_000)
    wheel(tmp_path / "served", "pkg", "1.0", {"pkg/data.txt": big})
    one(course, data=big)
    running = []

    def start(**options):
        served = Index(tmp_path / "served", **options).__enter__()
        running.append(served)
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", served.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        return served

    yield start
    for served in running:
        served.__exit__()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on(index, course, ranges):
    served = index(breaks=2, ranges=ranges)
    fetch.fetch()
    assert len(read(course)) == 3_000_000 and course.crumbs() == []
    spans = [span for _, span in served.asked]
    assert spans[0] is None and spans[1].startswith("bytes=1500") and len(spans) == 3


def test_a_download_goes_on_after_a_kill(index, course, tmp_path):
    served = index()
    whole = next((tmp_path / "served").iterdir())
    downloads = course.cache / ".downloads"
    downloads.mkdir(parents=True)
    (downloads / f"{whole.name}.part").write_bytes(whole.read_bytes()[:2_000_000])
    fetch.fetch()
    assert served.asked == [(whole.name, "bytes=2000000-")]
    assert len(read(course)) == 3_000_000 and course.crumbs() == []


def test_a_part_of_another_file_is_thrown_away(index, course, tmp_path):
    served = index()
    whole = next((tmp_path / "served").iterdir())
    downloads = course.cache / ".downloads"
    downloads.mkdir(parents=True)
    (downloads / f"{whole.name}.part").write_bytes(b"?" * 2_000_000)
    fetch.fetch()
    assert [span for _, span in served.asked] == ["bytes=2000000-", None]
    assert len(read(course)) == 3_000_000


def test_an_index_that_refuses(index, course):
    index(status=403)
    said = fails()
    assert "answered 403" in said and "it goes on where it stopped" in said


def test_no_network(index, course, monkeypatch):
    served = index()
    served.server.server_close()
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    said = fails()
    assert "cannot be downloaded: pip could not reach a package index" in said
    assert not (course.cache / "things" / "data.txt").exists()


def test_the_worker_ends_with_its_parent(index, course):
    """A worker whose parent was killed must not go on writing beside the next run."""
    worker = subprocess.Popen([sys.executable, "-I", str(paths.ROOT / "course" / "pipget.py"),
                               '{"package": "pkg", "version": "1.0", "kind": "wheel",'
                               ' "folder": "."}'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    worker.stdin.close()
    assert worker.wait(20) == 1 and worker.stdout.read() == b""


def test_a_python_without_pip(course, tmp_path, monkeypatch):  # noqa: F811
    venv.create(tmp_path / "bare", with_pip=False)
    place = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / place))
    one(course)
    said = fails()
    assert "this pip cannot be used" in said and "python -m course.setup" in said


RUNNER = """
import pathlib, sys
from course import fetch, paths
paths.DATA = pathlib.Path(sys.argv[1])
sys.exit(fetch.main([]))
"""


@pytest.mark.slow
def test_killed_at_any_point(index, course, tmp_path):  # noqa: F811
    """However often it is killed, a file in the cache is whole, and the next run goes on."""
    data = os.urandom(60_000_000)
    wheel(tmp_path / "served", "pkg", "1.0", {"pkg/data.txt": data})
    one(course, data=data)
    index(pause=.02)
    chance = random.Random(7)
    command = [sys.executable, "-c", RUNNER, str(course.data)]
    for _ in range(15):
        run = subprocess.Popen(command, cwd=paths.ROOT, stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(.1, 1.5))
        run.kill()
        run.wait()
        target = course.cache / "things" / "data.txt"
        assert not target.exists() or target.read_bytes() == data
    assert subprocess.run(command, cwd=paths.ROOT, capture_output=True).returncode == 0
    assert read(course) == data and course.crumbs() == []
