"""What is handed in: whose it is, which lesson, and every odd file refused in a sentence."""

import io
import os
import stat
import sys
import zipfile

import pytest

from course.paths import CourseError
from grader import receive, whose
from grader.others import Others
from grader.queue import flow, slim
from grader.queue.ledger import Ledger

KNOWN = ["00_start", "04_tokens"]
GOOD = b'{"cells": [], "metadata": {"course": {"lesson": "04_tokens"}}, "nbformat": 4, ' \
    b'"nbformat_minor": 5}'


def taken(folder, *paths, lesson=""):
    """{learner: (lesson, refused)} after taking in."""
    with Ledger(folder / "store", write=True) as ledger:
        flow.take_in(ledger, 1, list(paths), KNOWN, lesson)
        return {r["learner"]: (r["lesson"], r["refused"]) for r in ledger.rows(run=1)}


def zipped(path, members: dict, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data, **options)
    return path


def refusal(folder, path) -> str:
    """The sentence for the only thing found in `path`."""
    (found,) = taken(folder, path).values()
    assert found[1] and "\n" not in found[1] and "Traceback" not in found[1]
    return found[1]


# ---- whose, and which lesson ----

@pytest.mark.parametrize("name, who", [
    ("anna_04_tokens.ipynb", "anna"), ("04_tokens-anna.ipynb", "anna"),
    ("04_tokens_anna_2.ipynb", "anna_2"), ("anna_04_tokens (1).ipynb", "anna"),
    ("zhangwei_LATE_4711_99001_04_tokens-2.ipynb", "4711"),
    ("zhangwei_4711_99001_04_tokens.ipynb", "4711"),
    ("Wei Zhang_20817_assignsubmission_file_04_tokens.ipynb", "20817"),
    ("Wei Zhang_20817_assignsubmission_file_/04_tokens.ipynb", "20817"),
    ("wei/04_tokens/04_tokens.ipynb", "wei"), ("wei/04_tokens.ipynb", "wei"),
    ("submitted/wei/04_tokens/04_tokens.ipynb", "wei"),
])
def test_the_learner_is_read_from_the_name(tmp_path, name, who):
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(GOOD)
    assert taken(tmp_path, tmp_path / "in") == {who: ("04_tokens", "")}
    archive = zipped(tmp_path / "lms.zip", {name: GOOD})
    (tmp_path / "b").mkdir()
    assert taken(tmp_path / "b", archive) == {who: ("04_tokens", "")}


def test_odd_learner_names_become_safe_ones():
    assert whose.learner_of("Zhang, Wei/../x") .startswith("Zhang-Wei")
    assert "/" not in whose.learner_of("../../etc") and whose.learner_of("..") != ".."
    assert whose.learner_of("anna@uni.edu") == "anna@uni.edu"
    assert whose.learner_of("a b") != whose.learner_of("a-b"), "two people stay two"
    assert len(whose.learner_of("x" * 500)) <= 64


def test_what_the_notebook_says_counts_before_its_name(tmp_path):
    path = tmp_path / "ann_00_start.ipynb"
    path.write_bytes(GOOD)
    assert taken(tmp_path, path) == {"ann": ("04_tokens", "")}
    path.write_bytes(b'{"cells": [{"source": "\\"course\\": {\\"lesson\\": \\"04_tokens\\"}"}]}')
    assert receive.LESSON.findall(path.read_bytes()) == [], "a cell's text is not the metadata"


def test_a_file_without_lesson_says_so_and_lesson_helps(tmp_path):
    path = tmp_path / "homework.ipynb"
    path.write_bytes(b"{}")
    assert "--lesson" in refusal(tmp_path, path)
    (tmp_path / "b").mkdir()
    assert taken(tmp_path / "b", path, lesson="00_start") == {"homework": ("00_start", "")}


# ---- odd files ----

def test_a_link_is_not_followed(tmp_path):
    folder, secret = tmp_path / "in", tmp_path / "neighbour.ipynb"
    folder.mkdir()
    secret.write_bytes(GOOD)
    (folder / "eve_04_tokens.ipynb").symlink_to(secret)
    assert "links are not followed" in refusal(tmp_path, folder)
    (tmp_path / "b").mkdir()
    assert "links are not followed" in refusal(tmp_path / "b", folder / "eve_04_tokens.ipynb")


def test_a_folder_that_is_a_link_is_not_followed(tmp_path):
    folder, other = tmp_path / "in", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    (other / "bob_04_tokens.ipynb").write_bytes(GOOD)
    (folder / "eve").symlink_to(other)
    (found,) = taken(tmp_path, folder).values()
    assert "links are not followed" in found[1]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
def test_a_pipe_does_not_hang(tmp_path):
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "eve_04_tokens.ipynb")
    assert "not a regular file" in refusal(tmp_path, tmp_path / "in")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_a_device_is_not_read():
    with pytest.raises(CourseError, match="regular"):
        receive.regular(type(receive.Path())("/dev/zero"))


def test_a_file_that_is_too_large(tmp_path):
    path = tmp_path / "ann_04_tokens.ipynb"
    with open(path, "wb") as file:
        file.truncate(receive.LARGEST + 1)
    assert "more than 200" in refusal(tmp_path, path)


def test_nothing_there_and_empty_folders(tmp_path):
    (tmp_path / "empty").mkdir()
    for path, words in ((tmp_path / "none", "nothing at"), (tmp_path / "empty", "no notebook")):
        with pytest.raises(CourseError, match=words):
            taken(tmp_path, path)


def test_checkpoints_and_other_files_are_left_alone(tmp_path):
    folder = tmp_path / "in" / ".ipynb_checkpoints"
    folder.mkdir(parents=True)
    (folder / "ann_04_tokens-checkpoint.ipynb").write_bytes(GOOD)
    (tmp_path / "in" / "notes.txt").write_text("x")
    (tmp_path / "in" / "ann_04_tokens.ipynb").write_bytes(GOOD)
    assert list(taken(tmp_path, tmp_path / "in")) == ["ann"]


# ---- odd zip files ----

def test_not_a_zip(tmp_path):
    (tmp_path / "lms.zip").write_bytes(b"PK\x03\x04 no")
    assert "not a zip file" in refusal(tmp_path, tmp_path / "lms.zip")


def test_zip_bomb(tmp_path):
    path = zipped(tmp_path / "lms.zip", {"eve_04_tokens.ipynb": b"0" * 50_000_000})
    assert "times its size" in refusal(tmp_path, path)


def test_zip_that_lies_about_its_size(tmp_path):
    path = zipped(tmp_path / "lms.zip", {"eve_04_tokens.ipynb": os.urandom(5000) + b"0" * 900_000})
    data = path.read_bytes()
    path.write_bytes(data.replace((905_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert "damaged" in refusal(tmp_path, path)


@pytest.mark.parametrize("name", ["../../eve_04_tokens.ipynb", "/tmp/eve_04_tokens.ipynb",
                                  "..\\eve_04_tokens.ipynb", "C:/eve_04_tokens.ipynb"])
def test_zip_whose_path_leads_out(tmp_path, name):
    path = zipped(tmp_path / "lms.zip", {name: GOOD})
    assert "leads out of its zip" in refusal(tmp_path, path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lms.zip", "store"]


def test_zip_with_a_link(tmp_path):
    entry = zipfile.ZipInfo("eve_04_tokens.ipynb")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "lms.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert "is a link" in refusal(tmp_path, tmp_path / "lms.zip")


def test_zip_with_a_password(tmp_path):
    path = zipped(tmp_path / "lms.zip", {"eve_04_tokens.ipynb": GOOD})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in refusal(tmp_path, path)


def test_zip_in_a_zip(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.ipynb", GOOD)
    path = zipped(tmp_path / "lms.zip", {"eve_04_tokens.zip": inner.getvalue()})
    assert "zip inside a zip" in refusal(tmp_path, path)


def test_zip_without_notebooks_and_with_too_many_files(tmp_path):
    assert "holds no notebook" in refusal(tmp_path, zipped(tmp_path / "a.zip", {"x.txt": b""}))
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(receive.MEMBERS + 1):
            archive.writestr(f"{number}.txt", b"")
    (tmp_path / "b").mkdir()
    assert "more than 20000" in refusal(tmp_path / "b", path)


def test_zip_whose_member_is_damaged(tmp_path):
    path = zipped(tmp_path / "lms.zip", {"eve_04_tokens.ipynb": os.urandom(2000)})
    data = bytearray(path.read_bytes())
    data[500] ^= 255
    path.write_bytes(data)
    assert "damaged" in refusal(tmp_path, path)


def test_one_bad_member_does_not_stop_the_others(tmp_path):
    path = zipped(tmp_path / "lms.zip", {"../eve_04_tokens.ipynb": GOOD,
                                         "ann_04_tokens.ipynb": GOOD})
    found = taken(tmp_path, path)
    assert found["ann"] == ("04_tokens", "") and found["eve"][1]


# ---- outputs are left out before the JSON is read ----

def test_large_outputs_are_left_out(tmp_path):
    path = tmp_path / "x.ipynb"
    text = '{"cells": [{"source": "a \\"outputs\\": [1] ]}", "outputs": [%s]}], "nbformat": 4}' % (
        '{"text": "' + "]}\\\"" * 600_000 + '"}')
    path.write_text(text, encoding="utf-8")
    slimmed, dropped = slim.without_outputs(path, "x")
    assert slimmed == '{"cells": [{"source": "a \\"outputs\\": [1] ]}", "outputs": []}], ' \
        '"nbformat": 4}' and dropped > 2_000_000
    path.write_text(text[:-100], encoding="utf-8")
    assert slim.without_outputs(path, "x")[0].endswith('"outputs": [')


# ---- files that are no notebooks ----

CANVAS_NAMES = ["weiz_1001_50001_04_tokens.ipynb", "weiz_1001_50002_notes.pdf",
                "hanaoh_1005_50005_homework.docx", "hanaoh_1005_50006_more.pdf",
                "zoe_LATE_1006_50007_04_tokens.docx"]
MOODLE_NAMES = ["Wei Zhang_1001_assignsubmission_file_/04_tokens.ipynb",
                "Wei Zhang_1001_assignsubmission_onlinetext_/onlinetext.html",
                "Hana Oh_1005_assignsubmission_file_/homework.docx",
                "Hana Oh_1005_assignsubmission_onlinetext_/onlinetext.html",
                "Zoe_1006_assignsubmission_file_/parts/homework.pdf"]
TREE_NAMES = ["submitted/1001/04_tokens/04_tokens.ipynb", "submitted/1001/04_tokens/sketch.png",
              "submitted/1005/04_tokens/homework.docx", "submitted/1005/04_tokens/more.pdf",
              "submitted/1006/04_tokens/homework.pdf"]
FOLDER_NAMES = ["class/1001/04_tokens.ipynb", "class/1001/img/sketch.png",
                "class/1005/homework.docx", "class/1005/img/more.pdf", "class/1006/homework.pdf"]
NOISE = [".DS_Store", "__MACOSX/._04_tokens.ipynb", "desktop.ini", "a/Thumbs.db",
         "a/reference/kept.json", "submitted/1009/04_tokens/timestamp.txt", "glossary.md",
         "1010/.git/config", "pages/1001.html", "feedback/1005/04_tokens/04_tokens.html", "1001/04_tokens/submission_secret.txt"]


def told(folder, *paths):
    """({learner: (lesson, refused)}, what is said of the files left out)."""
    (folder / "told").mkdir()
    with Ledger(folder / "told" / "store", write=True) as ledger:
        others = Others()
        flow.take_in(ledger, 1, list(paths), KNOWN, "", others)
        return {r["learner"]: (r["lesson"], r["refused"]) for r in ledger.rows(run=1)}, others.told()


def spread(top, names):
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GOOD)
    return top


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.parametrize("names", [CANVAS_NAMES, MOODLE_NAMES, TREE_NAMES, FOLDER_NAMES],
                         ids=["canvas", "moodle", "nbgrader", "folders"])
def test_who_handed_in_no_notebook_gets_a_row_and_what_lies_beside_one_is_counted(tmp_path, names, as_zip):
    names = [*names, *NOISE]
    path = zipped(tmp_path / "lms.zip", dict.fromkeys(names, GOOD)) if as_zip else \
        spread(tmp_path / "in", names)
    rows, said = told(tmp_path, path)
    assert set(rows) == {"1001", "1005", "1006"} and rows["1001"] == ("04_tokens", "")
    for who in ("1005", "1006"):
        lesson, sentence = rows[who]
        assert lesson == "04_tokens", "the one lesson of this zip: the zero stands in its column"
        assert "no notebook" in sentence and "nothing else was handed in" in sentence
    assert "1 other file" in rows["1005"][1]
    assert len(said) == 1 and said[0].startswith("1 other file beside notebooks was left out: ")
    assert not any(who in said[0] for who in ("1001", "weiz", "Wei"))


def test_a_file_whose_name_says_no_learner_is_named(tmp_path):
    rows, said = told(tmp_path, spread(tmp_path / "in", ["ann_04_tokens.ipynb", "readme.txt", "a.csv"]))
    assert set(rows) == {"ann"}
    assert said == ["2 files that are no notebooks got no row, since their names say no learner: "
                    "a.csv, readme.txt"]


def test_a_zip_of_an_lms_without_any_notebook_has_a_row_for_each_learner(tmp_path):
    path = zipped(tmp_path / "lms.zip", {name: b"x" for name in CANVAS_NAMES[1:4]})
    rows, said = told(tmp_path, path)
    assert set(rows) == {"1001", "1005"} and rows["1005"][0] == "" and not said


def test_a_notebook_elsewhere_counts_for_a_learner_with_other_files(tmp_path):
    one = zipped(tmp_path / "a.zip", {CANVAS_NAMES[2]: b"x"})
    two = zipped(tmp_path / "b.zip", {"hanaoh_1005_50009_04_tokens.ipynb": GOOD})
    rows, said = told(tmp_path, one, two)
    assert rows == {"1005": ("04_tokens", "")} and "1 other file" in said[0]


def test_no_zero_for_a_lesson_where_the_zip_has_two_or_the_learner_another_file(tmp_path):
    other = GOOD.replace(b"04_tokens", b"00_start")
    rows, _ = told(tmp_path, zipped(tmp_path / "a.zip", {
        "a_1_5_04_tokens.ipynb": GOOD, "b_2_5_00_start.ipynb": other, "c_3_5_x.docx": b"x"}))
    assert rows["3"][0] == ""
    (tmp_path / "b").mkdir()
    with Ledger(tmp_path / "b" / "store", write=True) as ledger:
        flow.take_in(ledger, 1, [zipped(tmp_path / "b.zip", {
            "a_1_5_04_tokens.ipynb": GOOD, "a_1_6_scratch.ipynb": b"{}"})], KNOWN)
        assert sorted((r["lesson"], bool(r["refused"])) for r in ledger.rows(run=1)) == [
            ("", True), ("04_tokens", False)]


def test_a_learners_own_zip_is_refused_in_a_sentence_and_what_is_beside_it_counted(tmp_path):
    rows, said = told(tmp_path, zipped(tmp_path / "lms.zip", {
        "a_1_5_04_tokens.ipynb": GOOD, "b_2_5_mine.zip": b"PK", "b_2_6_mine.pdf": b"x"}))
    assert "zip inside a zip" in rows["2"][1] and rows["2"][0] == "04_tokens"
    assert len(said) == 1 and said[0].endswith("left out: mine.pdf")


def test_a_file_named_by_itself_has_its_learner_and_a_row(tmp_path):
    folder = spread(tmp_path / "in", CANVAS_NAMES[:3])
    rows, said = told(tmp_path, *sorted(folder.iterdir()))
    assert set(rows) == {"1001", "1005"} and len(said) == 1


def test_a_notebook_that_cannot_be_opened_is_refused_without_numbers_of_the_system(tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(5, "Input/output error", "/somewhere")
    monkeypatch.setattr(receive, "keep", fails)
    (found,) = taken(tmp_path, spread(tmp_path / "in", ["ann_04_tokens.ipynb"])).values()
    assert found[1] == "ann_04_tokens.ipynb could not be kept (Input/output error): grade it again"


def test_a_learners_zip_in_a_folder_and_a_folder_in_moodles(tmp_path):
    top = tmp_path / "in"
    top.mkdir()
    zipped(top / "wei.zip", {"04_tokens/04_tokens.ipynb": GOOD, "04_tokens/report.pdf": b"x", "b.md": b"x"})
    zipped(top / "zoe.zip", {"work/essay.pdf": b"x"})
    rows, said = told(tmp_path, top)
    assert set(rows) == {"wei", "zoe"} and "holds no notebook" in rows["zoe"][1]
    assert said[0] == "2 other files beside notebooks were left out: b.md, report.pdf"
    (tmp_path / "b").mkdir()
    nested = zipped(tmp_path / "m.zip", {
        "Wei Zhang_1001_assignsubmission_file_/04_tokens/04_tokens.ipynb": GOOD})
    assert taken(tmp_path / "b", nested) == {"1001": ("04_tokens", "")}
    (tmp_path / "c").mkdir()
    sly = zipped(tmp_path / "s.zip", {f"Eve_1_assignsubmission_file_/Bob_2_assignsubmission_file_/{name}": GOOD
                                      for name in ("04_tokens.ipynb", "x.pdf")})
    rows, said = told(tmp_path / "c", sly)
    assert set(rows) == {"1"} and len(said) == 1, "a folder that Eve named is not Bob's"
