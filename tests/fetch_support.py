"""Fake packages, a fake index and a fake course folder for the tests of fetching."""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import sys
import tarfile
import threading
import time
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from course import fetch, paths


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel(folder: Path, package: str, version: str, members: dict[str, bytes]) -> Path:
    """A wheel whose only truth is its name and its members."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def sdist(folder: Path, package: str, version: str, members: dict[str, bytes]) -> Path:
    """A source archive; `members` lie under package-version/."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package}-{version}.tar.gz"
    path.write_bytes(tarball({f"{package}-{version}/{n}": data for n, data in members.items()}))
    return path


def tarball(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            file.addfile(info)
    return buffer.getvalue()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def entry(name: str, files: dict[str, tuple[str, bytes]], carriers: list[str],
          default=True) -> str:
    """TOML of an entry. files: name -> (at, bytes); carriers: bodies of [[entry.carrier]]."""
    lines = ["[[entry]]", f'name = "{name}"', f'about = "the {name}"',
             f"default = {str(default).lower()}"]
    for carrier in carriers:
        lines += ["[[entry.carrier]]", carrier]
    for file, (at, data) in files.items():
        lines += ["[[entry.file]]", f'name = "{file}"', f'at = "{at}"', f"bytes = {len(data)}",
                  f'sha256 = "{sha256(data)}"']
    return "\n".join(lines) + "\n"


def carrier(package: str, kind: str = "wheel", version: str = "1.0", **more) -> str:
    lines = [f'package = "{package}"', f'version = "{version}"', f'kind = "{kind}"']
    return "\n".join(lines + [f"{key} = {value}" for key, value in more.items()])


class Course:
    """A course folder of one test: manifest, links for pip, cache."""

    def __init__(self, root: Path):
        self.data, self.links = root / "course folder" / "data", root / "links"
        self.cache = self.data / "cache"
        self.data.mkdir(parents=True)
        self.links.mkdir()

    def write(self, *entries: str) -> None:
        (self.data / "manifest.toml").write_text("\n".join(entries), encoding="utf-8")
        fetch.need.cache_clear()

    def crumbs(self) -> list[str]:
        """Everything in the cache that is not a whole file, its stamp or the lock."""
        return [p.relative_to(self.cache).as_posix() for p in self.cache.rglob("*")
                if p.suffix in (".tmp", ".part") or ".downloads" in p.parts]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A fake course; pip sees nothing but its links folder."""
    made = Course(tmp_path)
    monkeypatch.setattr(paths, "DATA", made.data)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    for name in [n for n in os.environ if n.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.links))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    fetch.need.cache_clear()
    yield made
    fetch.need.cache_clear()


def fetched(name: str) -> Path:
    """The real folder of a fetched entry; skip without it, fail under REQUIRE_ALL=1."""
    try:
        return fetch.need(name)
    except paths.CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


TEXT = "a line of data\n".encode() * 200


def one(course: Course, *carriers: str, data=TEXT, at="pkg/data.txt") -> None:
    """A manifest with one entry "things" of one file."""
    course.write(entry("things", {"data.txt": (at, data)}, carriers or [carrier("pkg")]))


def read(course: Course) -> bytes:
    return (course.cache / "things" / "data.txt").read_bytes()


def fails(*arguments) -> str:
    """Run the command in process; return its one error sentence."""
    out = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", namedtuple("E", "write flush")(out.append, lambda: None))
        assert fetch.main(list(arguments)) == 1
    said = "".join(out).strip()
    assert said.startswith("error: ") and "\n" not in said and "Traceback" not in said, said
    return said


class Index:
    """A package index on loopback. `breaks`: how many downloads break off half-way."""

    def __init__(self, folder: Path, breaks=0, ranges=True, status=200, pause=0.0):
        self.folder, self.breaks, self.ranges, self.status = folder, breaks, ranges, status
        self.pause = pause                    # seconds after each MB
        self.asked = []                       # (file name, Range header or None)
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with contextlib.suppress(ConnectionError):   # a client may hang up
                    index.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # pip hangs up on a refusal; stderr is looked at
        self.address = f"http://127.0.0.1:{self.server.server_port}/simple"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request) -> None:
        if request.path.startswith("/simple/"):
            body = "".join(f'<a href="/files/{p.name}#sha256={sha256(p.read_bytes())}">{p.name}</a>'
                           for p in sorted(self.folder.iterdir())).encode()
            self.send(request, 200, body, {"Content-Type": "text/html"})
            return
        data = (self.folder / request.path.rpartition("/")[2]).read_bytes()
        span = request.headers.get("Range")
        self.asked.append((request.path.rpartition("/")[2], span))
        start = int(span[6:].split("-")[0]) if span and self.ranges else 0
        status = 206 if start else self.status
        more = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self.send(request, status, data[start:], more, cut=self.breaks > 0)
        self.breaks -= 1

    def send(self, request, status, body, headers, cut=False) -> None:
        request.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(key, value)
        request.end_headers()
        body = body[:len(body) // 2] if cut else body
        for start in range(0, len(body), 1_000_000):
            request.wfile.write(body[start:start + 1_000_000])
            time.sleep(self.pause)
        if cut:
            request.close_connection = True
