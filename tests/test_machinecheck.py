"""The machine check: each row fine, each row to look at, and both ways to show it."""

import sys
from types import SimpleNamespace

import psutil
import pytest

from course import machine, machinecheck as mc
from course.paths import CourseError


def test_rows_and_both_renderings():
    result = machine()
    assert [name for name, _, _ in result.found] == [
        "Python", "cores", "memory", "disk", "packages", "data", "writing", "offline", "speed"]
    assert all(isinstance(ok, bool) and sentence for _, ok, sentence in result.found)
    text, html = str(result), result._repr_html_()
    for name, _, _ in result.found:
        assert name in text and f">{name}</th>" in html
    assert result.verdict() in text and result.verdict() in html


def test_the_name_works_twice():
    """A module named like its function would take the function's place on the second import."""
    from course import machine as again
    assert callable(again) and again is machine


def test_a_row_to_look_at_is_said_in_words_and_escaped():
    result = mc.Machine([("disk", True, "fine"), ("data", False, "<x> missing")])
    assert not result.ok and result.verdict() == "1 of 2 to look at."
    assert "LOOK  data" in str(result)
    assert "&lt;x&gt;" in result._repr_html_() and "<strong>look</strong>" in result._repr_html_()
    assert mc.Machine([("disk", True, "")]).verdict() == "This machine is ready."


def test_python(monkeypatch):
    monkeypatch.setattr(mc, "read_state", dict)
    assert mc.python_version()[0]
    monkeypatch.setattr(mc, "read_state", lambda: {"python": "/another/python"})
    assert "another than the one that set-up prepared" in mc.python_version()[1]
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert mc.python_version()[0] is False


def test_one_core(monkeypatch):
    monkeypatch.setattr(mc.os, "sched_getaffinity", lambda _: {0}, raising=False)
    ok, sentence = mc.cores()
    assert not ok and "twice the time" in sentence


def test_memory(monkeypatch):
    found = SimpleNamespace(total=16e9, available=8e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)
    monkeypatch.setattr(mc, "container_limit", lambda: float("inf"))
    assert mc.memory() == (True, "16.0 GB, 8.0 free; a lesson uses 3 at most")
    monkeypatch.setattr(mc, "container_limit", lambda: 2.0)
    ok, sentence = mc.memory()
    assert not ok and sentence.startswith("2.0 GB") and "close other programs" in sentence


def test_disk(monkeypatch):
    monkeypatch.setattr(mc.shutil, "disk_usage", lambda _: SimpleNamespace(free=2e8))
    assert mc.disk() == (False, "0.2 GB free: free some, or notebooks may not be saved")


def test_packages(monkeypatch):
    wanted = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
    monkeypatch.setattr(mc, "locked_versions", lambda: wanted)
    monkeypatch.setattr(mc, "installed", wanted.get)
    assert mc.packages() == (True, "5, all as locked")
    monkeypatch.setattr(mc, "installed", {"a": "1", "b": "9"}.get)
    ok, sentence = mc.packages()
    assert not ok and "b 9 for 2, c missing for 3" in sentence and "and 1 more" in sentence
    assert "course.setup" in sentence


def test_torchs_local_version_counts_as_its_version(monkeypatch):
    monkeypatch.setattr(mc.metadata, "version", lambda name: "2.13.0+cpu")
    assert mc.installed("torch") == "2.13.0"


def test_data(monkeypatch):
    monkeypatch.setattr(mc.stamps, "missing", lambda entry, folder: ["a file"])
    ok, sentence = mc.data()
    assert not ok and "llm" in sentence and "course.setup" in sentence


def test_a_model_that_is_not_converted_is_said(monkeypatch):
    def absent():
        raise CourseError("The language model is not ready on this machine")
    monkeypatch.setattr(mc.stamps, "missing", lambda entry, folder: [])
    monkeypatch.setattr(mc.llm_files, "ready", absent)
    row = {name: (ok, sentence) for name, ok, sentence in mc.machine_check()}["data"]
    assert row[0] is False and "language model is not ready" in row[1]


def test_writing(monkeypatch, tmp_path):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")
    assert mc.writing()[0]
    assert mc.nearest(tmp_path / "not" / "yet") == tmp_path
    monkeypatch.setattr(mc.tempfile, "TemporaryFile", refuse)
    ok, sentence = mc.writing()
    assert not ok and "cannot be written (Permission denied)" in sentence


@pytest.mark.parametrize("value, words", [("1", "nothing up"), ("0", "not set for this kernel")])
def test_offline(monkeypatch, value, words):
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", value)
    assert words in mc.offline()[1]


def test_speed_says_what_it_means_for_a_lesson():
    ok, sentence = mc.speed(mc.REFERENCE)
    assert ok and "the run times on the cards, or less" in sentence
    ok, sentence = mc.speed(mc.REFERENCE / 2)
    assert ok and "up to 2.0 times" in sentence and "about 60 s" in sentence
    assert mc.speed(mc.REFERENCE / 10)[0] is False


def test_a_check_that_fails_itself_is_a_row(monkeypatch):
    def broken():
        raise OSError("no such device")
    monkeypatch.setattr(mc, "CHECKS", (("disk", broken),))
    assert mc.machine_check() == [
        ("disk", False, f"could not be looked at (no such device): {mc.REPAIR}")]
