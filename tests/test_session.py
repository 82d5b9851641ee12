"""The set-up cell: one line when all is there, one sentence when it is not."""

import os
import re
import subprocess
import sys

import pytest

from course import quiet, session
from course.paths import ROOT, CourseError

CATALOGUE = """
[[lesson]]
id = "00_start"
uses = []
[[lesson]]
id = "04_tokens"
uses = ["token-ranks", "llm"]
[[lesson]]
id = "05_planned"
"""


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(session, "CATALOGUE", path)
    return path


def test_one_line_when_ready(catalogue, monkeypatch, capsys):
    monkeypatch.setattr("course.fetch.need", lambda name: name)
    monkeypatch.setattr("course.models.llm_folder", lambda: "there")
    session.lesson("04_tokens")
    session.lesson("05_planned")
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2 and not err
    assert re.fullmatch(r"ready in \d+\.\d s · offline · CPU", out.splitlines()[1])


def test_a_missing_thing_is_a_sentence_that_says_what_to_run(catalogue, monkeypatch, capsys):
    def need(name):
        raise CourseError(f"{name} is not on this machine: run `make lab`.")

    monkeypatch.setattr("course.fetch.need", need)
    with pytest.raises(CourseError, match="token-ranks is not .*make lab") as error:
        session.lesson("04_tokens")
    assert error.value._render_traceback_() == [str(error.value)]
    assert capsys.readouterr().out == ""


def test_an_unconverted_model_is_missing(catalogue, monkeypatch, tmp_path):
    monkeypatch.setattr("course.fetch.need", lambda name: name)
    monkeypatch.setattr("course.llm_files.DATA", tmp_path)
    with pytest.raises(CourseError, match="language model is not ready.*make lab"):
        session.lesson("04_tokens")


@pytest.mark.parametrize("name, part", [("04_token", "did you mean '04_tokens'"),
                                        ("zzz", "START_HERE"), (None, "no lesson None")])
def test_an_unknown_lesson(catalogue, name, part):
    with pytest.raises(CourseError, match=part):
        session.lesson(name)


def test_a_broken_catalogue(catalogue):
    catalogue.write_text("[[lesson", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read"):
        session.lesson("00_start")


def test_set_up_imports_nothing_heavy_and_writes_no_stderr():
    code = ("import sys; from course import lesson; lesson('00_start')\n"
            "import warnings; warnings.warn('old', FutureWarning)\n"
            "heavy = {'torch', 'transformers', 'matplotlib', 'numpy', 'tiktoken'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.startswith("ready in ")


def test_a_notebook_shows_the_sentence_alone():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    lines = []
    shell._showtraceback = lambda kind, value, text: lines.extend(text)
    shell.run_cell("from course.session import NotReady\nraise NotReady('Run `make lab`.')")
    assert lines == ["Run `make lab`."]


def test_threads_follow_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert quiet.threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= quiet.threads() <= 4
