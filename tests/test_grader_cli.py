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
    (["grade", ".", "--dask", "nonsense"], "no address of a dask scheduler"),
    (["export", "canvas", "--roster", "none.csv"], "none.csv cannot be read as CSV (No such file or directory)"),
    (["export", "moodle", "--lesson", "00_strat"], "there is no lesson '00_strat'; there are: 00_start"),
    (["export", "canvas", "--lesson", "04_tokens"], "nothing to export of 04_tokens: `grader status`"),
    (["status", "00_strat"], "there is no lesson '00_strat'"), (["report", "--lesson", "1"], "there is no lesson '1'"),
    (["status", "00_start", "--lesson", "04_tokens"], "name one lesson"),
    (["grade", ".", "--cohort", "docs"], "docs is no cohort's folder (No such file or directory)"),
    (["autograde", "00_start"], "you are not in your class's folder. cd there, or name it with --course"),
    (["feedback", "00_start"], "you are not in your class's folder. cd there, or name it with --course"),
    (["export", "canvas", "-o", "none/x.csv"], "no folder for none/x.csv: make it first"),
    (["forget", "--older-than", "365"], "nothing is that old"),
])
def test_wrong_input_is_one_sentence(store, capsys, arguments, words):
    code, out, err = said(capsys, *arguments)
    assert code == 2 and words in err and err.count("\n") == 1 and err.startswith("error: ")


@pytest.mark.parametrize("arguments, words", [
    (["grade"], "required: PATH"), (["grade", "x", "--jobs", "0"], "a whole number, 1 or more"),
    (["grade", "x", "--jobs", "two"], "a whole number, 1 or more"), (["bake"], "invalid choice"),
    (["grade", "x", "--min", "high"], "points such as 7.5, or percent such as 80%"),
    (["grade", "x", "--min", "nan"], "points such as 7.5"), (["grade", "x", "--min", "-5"], "points such as"),
    (["grade", "x", "--min", "101%"], "101% is more than all: at most 100%"), (["export", "pdf"], "invalid choice"),
    (["forget", "--older-than", "soon"], "a number above 0"),
    (["grade", "x", "--notebook-seconds", "-1"], "a number above 0")])
def test_usage_errors_end_with_2_and_a_sentence(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and words in said and "invalid _" not in said
    assert said.startswith("error: ") and said.count("\n") == 1


def test_status_report_and_export(store, tmp_path, capsys):
    code, out, _ = said(capsys, "status")
    assert code == 0 and "1 graded, 1 not graded yet, 1 refused" in out
    assert said(capsys, "status", "00_start")[1] == out == said(capsys, "status", "--lesson", "00_start")[1]
    code, out, _ = said(capsys, "report", "4711")
    assert code == 0 and "2 of 3" in out and "look again" in out
    code, out, _ = said(capsys, "export", "csv", "-o", tmp_path / "out.csv")
    assert code == 0 and len(list(csv.reader(open(tmp_path / "out.csv", encoding="utf-8")))) == 4
    code, out, _ = said(capsys, "export", "jsonl")
    assert [json.loads(line)["learner"] for line in out.splitlines()] == ["4711", "bob", "cem"]
    code, out, err = said(capsys, "export", "canvas")
    assert code == 0 and "Points Possible" in out and err == "3 learners written\n"


def test_forget_deletes_written_pages_too(store, tmp_path, capsys):
    assert said(capsys, "report", "--html", tmp_path / "html")[0] == 0
    assert (tmp_path / "html" / "bob.html").is_file()
    code, out, _ = said(capsys, "forget", "bob")
    assert code == 0 and "1 submission, 0 originals" in out and "2 pages" in out
    assert not (tmp_path / "html" / "bob.html").exists()
    assert not (tmp_path / "html" / "index.html").exists(), "the class page named him too"
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
    for odd in (put(tmp_path / "essay.docx", "x"), tmp_path / "link.ipynb"):
        if not odd.exists():
            odd.symlink_to(path)
        code, out, err = said(capsys, "grade", odd, "--store", store, "--min", "1%", "--quiet")
        assert code == 1 and "below 1%" in err, "a file without a result is below any share"


def test_a_run_in_which_nothing_has_a_result_ends_with_2(tmp_path, capsys):
    code, out, err = said(capsys, "grade", put(tmp_path / "essay.docx", "x"), "--store", tmp_path / "store", "--quiet")
    assert code == 2 and err.count("error: ") == 1 and "nothing could be graded" in err
    assert "no score" in out and "0 of 0" not in out and "is no notebook" in out and "1 submission\n" in out
    path = put(tmp_path / "ann_00_start.ipynb", "no notebook")
    code, out, err = said(capsys, "grade", path, put(tmp_path / "bob_00_start.pdf", "x"), put(
        tmp_path / "ann_00_start.pdf", "x"), "--store", tmp_path / "store", "--min", "80", "--quiet")
    assert code == 1 and "2 of 2 scores are below 80 of 2 points" in err
    assert "1 other file beside notebooks was left out: ann_00_start.pdf" in err
    assert out.count("0 of 2") == 2 and "2 submissions\n" in out


def test_what_a_machine_could_not_grade_ends_with_2_and_the_rest_is_told(tmp_path, capsys, monkeypatch):
    from grader.queue import pool
    monkeypatch.setattr(pool, "grade_lesson", lambda ledger, run, lesson, options, *_:
                        options.left.append("1 submission to 00_start could not be graded"))
    path = put(tmp_path / "ann_00_start.ipynb", "{}")
    code, out, err = said(capsys, "grade", path, "--store", tmp_path / "store", "--csv",
                          tmp_path / "scores.csv", "--quiet")
    assert code == 2 and err == "error: 1 submission to 00_start could not be graded\n"
    assert "not graded yet" in out and "not graded yet" in (tmp_path / "scores.csv").read_text()
