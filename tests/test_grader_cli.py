"""The commands as a stranger uses them: one sentence for wrong input, exit codes, nothing half."""

import csv
import json
import sys

import pytest

from grader import cli
from grader.queue.ledger import Ledger
from tests.madeup import put
from tests.test_reports import filled

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading others' work needs Linux")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A grading folder with one graded, one refused and one waiting submission."""
    ledger, _ = filled(tmp_path, "look again")
    ledger.close()
    monkeypatch.setenv("COURSE_GRADING", str(tmp_path / "store"))
    return tmp_path / "store"


def said(capsys, *arguments) -> tuple[int, str, str]:
    code = cli.main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("grade", "autograde", "status", "report", "export",
                                         "forget"))


@pytest.mark.parametrize("arguments, words", [
    (["grade", "nowhere.ipynb"], "there is nothing at"),
    (["grade", ".", "--lesson", "99_none"], "there is no lesson"),
    (["grade", ".", "--csv", "none/there/x.csv"], "make it first"),
    (["grade", ".", "--json", "--csv"], "cannot both"),
    (["report", "stranger"], "nothing to report about stranger"),
    (["forget"], "name one learner"), (["forget", "stranger"], "nothing is kept about stranger"),
    (["export", "moodle"], "add --lesson"),
    (["status", "--store", "none"], "nothing was graded yet"),
    (["autograde", "00_start", "--course", "docs"], "no nbgrader course"),
])
def test_wrong_input_is_one_sentence(store, capsys, arguments, words):
    code, out, err = said(capsys, *arguments)
    assert code == 2 and words in err and err.count("\n") == 1 and err.startswith("error: ")


@pytest.mark.parametrize("arguments", [["grade"], ["grade", "x", "--jobs", "0"], ["bake"],
                                       ["grade", "x", "--min", "high"], ["export", "pdf"]])
def test_usage_errors_end_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2


def test_status_report_and_export(store, tmp_path, capsys):
    code, out, _ = said(capsys, "status")
    assert code == 0 and "1 graded, 1 not graded yet, 1 refused" in out
    code, out, _ = said(capsys, "report", "4711")
    assert code == 0 and "2 of 3" in out and "look again" in out
    code, out, _ = said(capsys, "export", "csv", "-o", tmp_path / "out.csv")
    assert code == 0 and len(list(csv.reader(open(tmp_path / "out.csv", encoding="utf-8")))) == 4
    code, out, _ = said(capsys, "export", "jsonl")
    assert [json.loads(line)["learner"] for line in out.splitlines()] == ["4711", "bob", "cem"]
    code, out, _ = said(capsys, "export", "canvas")
    assert code == 0 and "Points Possible" in out


def test_forget_deletes_written_pages_too(store, tmp_path, capsys):
    assert said(capsys, "report", "--html", tmp_path / "html")[0] == 0
    assert (tmp_path / "html" / "bob.html").is_file()
    code, out, _ = said(capsys, "forget", "bob")
    assert code == 0 and "1 submissions" in out and "1 pages" in out
    assert not (tmp_path / "html" / "bob.html").exists()
    assert (tmp_path / "html" / "4711.html").is_file()


def test_min_score_decides_the_exit_code(tmp_path, capsys):
    """One notebook that is none: graded, refused, below any score."""
    path = put(tmp_path / "ann_00_start.ipynb", "no notebook")
    store = tmp_path / "store"
    code, out, err = said(capsys, "grade", path, "--store", store, "--min", "50%", "--quiet")
    assert code == 1 and "0 of 2" in out and "not a notebook" in out and "below 50%" in err
    code, out, err = said(capsys, "grade", path, "--store", store, "--min", "0", "--json")
    assert code == 0 and json.loads(out)["submissions"][0]["state"] == "refused"
    with Ledger(store) as ledger:
        assert ledger.last_run() == 2
