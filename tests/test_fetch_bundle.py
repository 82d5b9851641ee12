"""The bundle: a classroom without a network has the same data, and can have the packages."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from course import bundle, fetch
from course.paths import CourseError
from tests.fetch_support import (  # noqa: F401  (course is a fixture)
    carrier, course, entry, wheel)

TEXT = b"data" * 100


@pytest.fixture
def filled(course):  # noqa: F811
    wheel(course.links, "pkg", "1.0", {"a.txt": TEXT, "b.txt": TEXT * 2})
    course.write(entry("things", {"a.txt": ("a.txt", TEXT)}, [carrier("pkg")]),
                 entry("extra", {"b.txt": ("b.txt", TEXT * 2)}, [carrier("pkg")], default=False))
    return course


def test_written_then_read(filled, tmp_path, monkeypatch, capsys):
    out = tmp_path / "a classroom"
    assert bundle.main([str(out)]) == 0
    assert f"COURSE_DATA={out}" in capsys.readouterr().out
    assert (out / "things" / "a.txt").read_bytes() == TEXT and not (out / "extra").exists()
    for path in (filled.cache / "things").iterdir():
        path.unlink()
    monkeypatch.setenv("COURSE_DATA", str(out))
    monkeypatch.setattr(fetch, "_download", None)
    fetch.fetch()
    assert (filled.cache / "things" / "a.txt").read_bytes() == TEXT


def test_by_name_and_again(filled, tmp_path):
    assert bundle.main([str(tmp_path / "out"), "extra"]) == 0
    path = tmp_path / "out" / "extra" / "b.txt"
    before = path.stat().st_mtime_ns
    assert bundle.main([str(tmp_path / "out"), "extra"]) == 0
    assert path.stat().st_mtime_ns == before        # whole: not written again
    path.write_bytes(b"altered")
    assert bundle.main([str(tmp_path / "out"), "extra"]) == 0
    assert path.read_bytes() == TEXT * 2


def test_a_place_that_is_no_folder(filled, tmp_path, capsys):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert bundle.main([str(tmp_path / "file" / "out")]) == 1
    assert bundle.main([str(tmp_path / "file")]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 2 and all(line.startswith("error: ") for line in said)
    assert bundle.main([str(tmp_path / "out"), "nothing"]) == 1


def test_the_pip_calls(filled, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(bundle.subprocess, "run", None)
    bundle.write_wheels(tmp_path, run=lambda call: calls.append(call)
                        or SimpleNamespace(returncode=0))
    lock, torch = calls
    for call in calls:
        assert call[:4] == [sys.executable, "-m", "pip", "download"]
        assert call[call.index("--only-binary") + 1] == ":all:"     # no package runs code here
        assert call[call.index("--dest") + 1] == str(tmp_path / "wheels")
    assert "--no-deps" in lock and lock[-1].endswith("course.lock")
    assert torch[-1].endswith("torch.txt")


def test_the_line_to_set_up_with(filled, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bundle, "write_wheels", lambda out: None)
    assert bundle.main([str(tmp_path / "a room"), "--wheels"]) == 0
    said = capsys.readouterr().out
    assert "PIP_NO_INDEX=1 PIP_FIND_LINKS=file://" in said and "/a%20room/wheels" in said


def test_pip_that_fails(filled, tmp_path):
    with pytest.raises(CourseError, match="are not complete"):
        bundle.write_wheels(tmp_path, run=lambda call: SimpleNamespace(returncode=1))


def test_real_pip_takes_the_wheels_of_a_lock(filled, tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "course.lock").write_text(
        "pkg==1.0\nother==2.0 ; sys_platform == 'nowhere'\n", encoding="utf-8")
    for name in ("pkg",):
        wheel(filled.links, name, "1.0", {
            f"{name}/__init__.py": b"", f"{name}-1.0.dist-info/WHEEL":
                b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{name}-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n"
                                              b"Requires-Dist: absent\n"})
    monkeypatch.setattr(bundle, "REQUIREMENTS", tmp_path / "requirements")
    bundle.write_wheels(tmp_path, run=lambda call: subprocess.run(call, capture_output=True))
    assert [p.name for p in (tmp_path / "wheels").iterdir()] == ["pkg-1.0-py3-none-any.whl"]
