"""Pages, tables and exports: nothing of a submission gets out of its place."""

import base64
import csv
import io
import json
import re
import struct
import zlib
from html.parser import HTMLParser

import pytest

from course.paths import CourseError
from grader.queue import result
from grader.queue.ledger import Ledger
from grader.reports import charts, hints, lms, markup, pages, pictures, statistics, tables

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>=cmd()\x1b[31m\u202e"
SHAPE = {"lesson": "00_start", "key": "k", "checks": [
    ["check-a", "majority-baseline", "", 2.0], ["check-b", "b", "part", 1.0]],
    "essays": [["essay", "why", 1.0]]}


def filled(folder, evil=EVIL, passed=True):
    """A ledger in which every field that a submission can reach is hostile."""
    ledger = Ledger(folder / "store", write=True)
    ledger.keep_shape("stamp", SHAPE)
    verdicts = {"check-a": {"passed": passed, "state": "solved" if passed else "not yet",
                            "message": "" if passed else evil, "seconds": 0.5},
                "check-b": {"passed": False, "state": "not yet", "message": evil, "seconds": 0.1}}
    told = result.complete(SHAPE, verdicts, [{"kind": "edited", "sentence": evil},
                                             {"kind": evil, "sentence": evil + "2"}])
    ledger.receive(1, "4711", "00_start", "a" * 64, evil + ".ipynb", 10)
    ledger.finish(1, "a" * 64, "k", "e", told | {"level": "namespaces", "seconds": 1.25}, None)
    ledger.receive(1, "bob", "00_start", "", evil, 0, refused=evil)
    ledger.receive(1, "cem", "00_start", "c" * 64, "c.ipynb", 10)
    return ledger, tables.Rows(ledger)


@pytest.fixture
def rows(tmp_path):
    ledger, rows = filled(tmp_path)
    with ledger:
        yield rows


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def test_every_page_escapes_everything(rows, tmp_path):
    assert pages.write_all(rows.ledger, rows, tmp_path / "html") == 4
    for path in (tmp_path / "html").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        found = Tags(text)
        assert not found.tags & {"script", "img", "iframe", "object", "form", "link", "base"}
        assert not any(name.startswith("on") or str(value).strip().startswith("javascript")
                       for name, value in found.attributes)
        assert "\x1b" not in text and "\u202e" not in text
        assert "&lt;script&gt;" in text or path.name == "cem.html"
        assert path.stat().st_mode & 0o077 == 0


def test_pages_have_a_policy_that_allows_no_script_and_no_network(rows, tmp_path):
    pages.write_all(rows.ledger, rows, tmp_path / "html")
    text = (tmp_path / "html" / "4711.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none';") and "script" not in policy
    assert "unsafe" not in policy and "http" not in policy
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    import hashlib
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert " style=" not in text and "http://" not in text.replace("http://www.w3.org/", "")


def test_pages_can_be_read_by_everyone(rows, tmp_path):
    pages.write_all(rows.ledger, rows, tmp_path / "html")
    for name in ("4711.html", "index.html"):
        text = (tmp_path / "html" / name).read_text(encoding="utf-8")
        assert '<html lang="en">' in text and text.count("<h1>") == 1 and "<main>" in text
        assert text.count("<table>") == text.count("<caption>") and 'scope="col"' in text
        assert text.count("<svg") == text.count('role="img"') == text.count("<title>") - 1


def test_a_learners_page_has_message_hints_and_points_but_no_test(tmp_path):
    from grader.source import read_lesson, source_path
    ledger, rows = filled(tmp_path, "your answer gave 3", passed=False)
    with ledger:
        pages.write_all(ledger, rows, tmp_path / "html")
    text = (tmp_path / "html" / "4711.html").read_text(encoding="utf-8")
    assert "your answer gave 3" in text and "0 of 3 points" in text and "1 more" in text
    assert text.count("<summary>Hint") == 3
    solution = read_lesson(source_path("00_start"))
    check = next(c for c in solution.cells if c.id == "check-majority-baseline")
    hidden = re.search(r"BEGIN HIDDEN TESTS\n(.*?)### END", check.source, re.S)[1]
    for line in filter(None, map(str.strip, hidden.splitlines())):
        assert markup.text(line) not in text


def test_without_nbgrader_only_the_time_of_receipt_is_known(rows, tmp_path):
    pages.write_all(rows.ledger, rows, tmp_path / "html")
    text = (tmp_path / "html" / "4711.html").read_text(encoding="utf-8")
    assert re.search(r"The grader first received it on \d{4}-\d\d-\d\d \d\d:\d\d UTC; it does not know "
                     "when you handed it in", text)
    assert "Handed in" not in text and "In all" not in text


def test_hints_of_an_unknown_lesson_are_none():
    assert hints.of("77_nothing") == {} and "majority-baseline" in hints.of("00_start")


def test_the_class_page_counts(rows):
    found = statistics.of(rows)["00_start"]
    assert (found.submissions, found.refused, found.waiting) == (3, 1, 1)
    assert found.checks["majority-baseline", ""].passed == 1 and found.mean == 2
    assert found.checks["b", "part"].messages.most_common(1)[0][1] == 1
    page = pages.class_page(rows)
    assert "1 of 1 (100 %)" in page and page.count("<svg") == 2
    assert "<svg" in charts.histogram("none", found.scores, 0)


def test_csv_holds_no_formula_and_no_control_characters(rows):
    read = list(csv.DictReader(io.StringIO("".join(tables.as_csv(rows)))))
    assert [r["learner"] for r in read] == ["4711", "bob", "cem"] and tuple(read[0]) == tables.COLUMNS
    assert [(r["points"], r["out_of"], r["state"]) for r in read] == [
        ("2", "3", "graded"), ("0", "3", "refused"), ("0", "3", "not graded yet")]
    assert not any(value.startswith(("=", "+", "-", "@")) or "\x1b" in value
                   for r in read for value in r.values())
    assert tables.plain("=1+1") == "'=1+1" and tables.plain(-1.5) == "-1.5" and tables.plain("") == ""


def test_csv_says_why_a_check_gave_no_verdict():
    told = result.complete(SHAPE, {"check-a": {"passed": False, "state": "not yet", "message": "you gave 3"}},
                           [], "time was up")
    assert tables.ended_early(told) == ["b: time was up"]


def test_json_is_whole_and_names_every_check(rows):
    (one, two, three) = json.loads("".join(tables.as_json(rows)))["submissions"]
    assert one["points"] == 2 and [i["check"] for i in one["items"]] == ["check-a", "check-b", "essay"]
    assert two["state"] == "refused" and three["state"] == "not graded yet"
    assert len("".join(tables.as_json_lines(rows)).splitlines()) == 3


def test_canvas(rows, tmp_path):
    read = list(csv.reader(io.StringIO("".join(lms.canvas(rows)))))
    assert read[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "00_start"]
    assert read[1] == ["    Points Possible", "", "", "", "", "3"]
    assert read[2] == ["", "4711", "", "", "", "2"] and read[3] == ["", "", "", "bob", "", "0"]
    roster = tmp_path / "canvas.csv"
    roster.write_text("Student,ID,SIS User ID,SIS Login ID,Section,00_start (88)\n"
                      "\"Zhang, Wei\",4711,s1,wei,A,\n", encoding="utf-8")
    read = list(csv.reader(io.StringIO("".join(lms.canvas(rows, roster)))))
    assert read[0][5] == "00_start (88)"
    assert read[2] == ["Zhang, Wei", "4711", "s1", "wei", "A", "2"]


def test_moodle(rows, tmp_path):
    read = list(csv.DictReader(io.StringIO("".join(lms.moodle(rows)))))
    assert tuple(read[0]) == lms.MOODLE
    assert read[0]["Identifier"] == "Participant 4711" and read[0]["Grade"] == "2"
    assert read[0]["Maximum Grade"] == "3" and "b: not yet" in read[0]["Feedback comments"]
    assert "<" not in read[1]["Feedback comments"]
    roster = tmp_path / "moodle.csv"
    roster.write_text("\ufeffIdentifier,Full name,Email address,Status,Grade\n"
                      "Participant 4711,Wei Zhang,wei@x.org,Submitted,\n", encoding="utf-8")
    read = list(csv.DictReader(io.StringIO("".join(lms.moodle(rows, roster)))))
    assert read[0]["Full name"] == "Wei Zhang" and read[0]["Status"] == "Submitted"
    roster.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(CourseError, match="no column"):
        list(lms.moodle(rows, roster))


CANVAS_OUT = """\
Student,ID,SIS User ID,SIS Login ID,Section,00_start (88),Essay (91),Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,{worth},10.00,(read only)
"Zhang, Wei",4711,s1,wei@uni.edu,A,,,97.5
"Roe, Zoe",4712,s2,zoe,B,,,
"""
MOODLE_OUT = """\
Identifier,"Full name","ID number","Email address",Status,Group,Grade,"Maximum Grade",\
"Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 4711","Wei Zhang",77,wei@x.org,"Submitted for grading - ",,,{worth},Yes,-,-,
"Participant 4712","Zoe Roe",78,zoe@x.org,"No submission - ",,,{worth},Yes,-,-,
"""


def test_the_form_that_canvas_gives_out_comes_back(rows, tmp_path):
    roster = tmp_path / "canvas.csv"
    for text in (CANVAS_OUT, CANVAS_OUT.replace("\"Zhang, Wei\"", "Wei").replace(
            "\"Roe, Zoe\"", "Zoe").replace(",", ";")):
        roster.write_text(text.format(worth="3.00"), encoding="utf-8-sig")
        read = list(csv.reader(io.StringIO("".join(lms.canvas(rows, roster)))))
        assert read[0] == [*lms.CANVAS, "00_start (88)"] and read[1][0] == "    Points Possible"
        assert next(r for r in read if r[1] == "4711")[2:] == ["s1", "wei@uni.edu", "A", "2"]
    roster.write_text(CANVAS_OUT.format(worth="100.00"), encoding="utf-8")
    with pytest.raises(CourseError, match="Canvas has 00_start at 100 points, and its checks give 3"):
        list(lms.canvas(rows, roster))


def test_the_form_that_moodle_gives_out_comes_back(rows, tmp_path):
    roster = tmp_path / "moodle.csv"
    roster.write_text(MOODLE_OUT.format(worth="3.00"), encoding="utf-8-sig")
    text = "".join(lms.moodle(rows, roster))
    heads = next(csv.reader(io.StringIO(MOODLE_OUT)))
    read = list(csv.DictReader(io.StringIO(text)))
    assert list(read[0]) == heads, "the columns of this Moodle, in their order"
    wei = next(r for r in read if r["Identifier"] == "Participant 4711")
    assert wei["Grade"] == "2" and wei["ID number"] == "77" and "b: not yet" in wei["Feedback comments"]
    roster.write_text(MOODLE_OUT.format(worth="100.00"), encoding="utf-8")
    with pytest.raises(CourseError, match="Moodle has 00_start at 100 points, and its checks give 3"):
        list(lms.moodle(rows, roster))


def test_files_are_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("before", encoding="utf-8")

    def breaks():
        yield "half"
        raise OSError("the disk is full")
    with pytest.raises(OSError):
        tables.write(path, breaks())
    assert path.read_text(encoding="utf-8") == "before" and list(tmp_path.iterdir()) == [path]


# ---- pictures ----

def png(width=2, height=2, pixels=None, extra=(), depth=8, colour=2):
    rows = pixels if pixels is not None else (b"\0" + b"\1\2\3" * width) * height
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return pictures.MARK + b"".join(pictures._chunk(*c) for c in chunks)


def clean(data: bytes):
    made = pictures.clean(base64.b64encode(data).decode())
    return base64.b64decode(made) if made else None


def test_a_picture_is_packed_anew_without_its_text():
    made = clean(png(extra=[(b"tEXt", b"Comment\0<script>")]) + b"<script>")
    assert made.startswith(pictures.MARK) and b"script" not in made
    assert clean(made) == made


@pytest.mark.parametrize("data", [
    b"<svg onload=alert(1)>", b"", png()[:-20], png(width=100_000, height=100_000, pixels=b""),
    png(pixels=b"\0" * 1_000_000), png(pixels=b"\x09" + b"\0" * 13), png(colour=5),
    png().replace(b"IDAT", b"IDAX"), b"GIF89a"])
def test_odd_pictures_are_dropped(data):
    assert clean(data) is None


def test_a_figure_of_matplotlib_stays_itself():
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(2, 1))
    axes.plot([1, 2])
    out = io.BytesIO()
    figure.savefig(out, format="png")
    pyplot.close(figure)
    assert (pyplot.imread(io.BytesIO(clean(out.getvalue()))) == pyplot.imread(
        io.BytesIO(out.getvalue()))).all()
