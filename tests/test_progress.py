"""Progress: noted, read back, and never in a learner's way."""

import json

import pytest

from course.paths import progress_file
from grader import progress

TODAY = {"04_tokens": {"solved": {"pair-counts": "2026-01-31"}}}


def test_nothing_yet(user_dir):
    assert progress.read() == {}
    assert not user_dir.exists(), "reading makes no folder"


def test_the_first_day_stays(user_dir):
    progress.note("pair-counts", "04_tokens")
    lessons = json.loads(progress_file().read_text(encoding="utf-8"))["lessons"]
    day = lessons["04_tokens"]["solved"]["pair-counts"]
    assert len(day) == 10 and day[4] == "-"
    progress_file().write_text(json.dumps({"lessons": TODAY}), encoding="utf-8")
    progress.note("pair-counts", "04_tokens")
    assert progress.read() == TODAY


def test_lessons_and_scores_stand_side_by_side(user_dir):
    progress.note("pair-counts", "04_tokens")
    progress.note("majority-baseline", "00_start")
    progress.note_score("04_tokens", 3.5, 12, still_open=2)
    known = progress.read()
    assert set(known) == {"00_start", "04_tokens"}
    score = known["04_tokens"]["score"]
    assert (score["points"], score["out_of"], score["by_hand"]) == (3.5, 12, 2)
    assert set(known["04_tokens"]["solved"]) == {"pair-counts"}


def test_the_lesson_is_the_name_of_the_working_folder(user_dir, tmp_path, monkeypatch):
    for name, expected in [("04_tokens", "04_tokens"), ("my work", None), ("4_tokens", None)]:
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        assert progress.here() == expected
    progress.note("pair-counts")
    assert progress.read() == {}, "outside a lesson's folder nothing is noted"


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"3", b'{"lessons": []}', b'{"lessons": null}', b"\xff\xfe\x00",
    b'{"lessons": {"04_tokens": 3}}', b'{"lessons": {"04_tokens": {"solved": [1]}}}'])
def test_a_damaged_file_is_no_error_and_is_replaced(user_dir, content):
    user_dir.mkdir()
    progress_file().write_bytes(content)
    assert isinstance(progress.read(), dict)
    progress.note("pair-counts", "04_tokens")
    assert "pair-counts" in progress.read()["04_tokens"]["solved"]


def test_a_file_in_the_folders_place_is_no_error(user_dir):
    user_dir.write_text("not a folder", encoding="utf-8")
    progress.note("pair-counts", "04_tokens")
    progress.note_score("04_tokens", 1, 2)
    assert progress.read() == {}
    assert user_dir.read_text(encoding="utf-8") == "not a folder"


def test_a_full_disk_keeps_the_old_file_and_leaves_no_rubbish(user_dir, monkeypatch):
    progress.note("pair-counts", "04_tokens")
    before = progress_file().read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", full)
    progress.note("other", "04_tokens")
    progress.note_score("04_tokens", 1, 2)
    assert progress_file().read_bytes() == before
    assert [p.name for p in user_dir.iterdir()] == [progress_file().name]
