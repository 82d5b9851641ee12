"""A zip of an LMS with 200 submissions, ten broken in ten ways: 200 rows, a score or a sentence each."""

import csv
import io
import json
import stat
import sys
import zipfile

import nbformat
import pytest

from grader import cli
from grader.release import release
from grader.source import read_lesson, source_path
from grader.variants import read_variants
from tests.cohort import filled

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")]
LESSON, EXERCISE, MANY = "00_start", "majority-baseline", 200


def broken(good: str, answering) -> dict[str, bytes | str]:
    """{why: content} of ten files that are no proper submission."""
    book = json.loads(good)
    no_check = {**book, "cells": [c for c in book["cells"] if not c.get("id", "").startswith("check-")]}
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr("mine.ipynb", good)
    return {"empty": "", "cut off": good[:len(good) // 2], "a list": "[1, 2, 3]",
            "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200), "utf-16": good.encode("utf-16"),
            "no check cell": json.dumps(no_check), "a zip in it": inner.getvalue(),
            "ends itself": answering("import os; os._exit(7)"), "never ends": answering("while True: pass"),
            "a link": "../../../etc/passwd"}


SAYS = {"ends itself": "majority-baseline: your code ended the process it ran in",
        "never ends": "majority-baseline: your code took more than", "no check cell": "check-majority-baseline` was deleted"}


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """(the zip, {learner: expected points}, {learner: why broken})."""
    solution = read_lesson(source_path(LESSON))
    released = release(solution, LESSON)
    answers = [(v.source, 2 if v.kind == "right" else 0) for v in read_variants(LESSON, EXERCISE)]
    expected, why = {}, {}
    path = tmp_path_factory.mktemp("lms") / "submissions.zip"
    good = nbformat.writes(filled(released, {EXERCISE: answers[0][0]}))

    def answering(line):
        return nbformat.writes(filled(released, {EXERCISE: f"def majority_baseline(labels):\n    {line}\n"}))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(MANY - 10):
            source, points = answers[number % len(answers)]
            who = str(4000 + number)
            text = nbformat.writes(filled(released, {EXERCISE: f"{source}\n# {number}"}))
            file.writestr(f"learner{number}_{who}_77_{LESSON}.ipynb", text)
            expected[who] = points
        for number, (reason, content) in enumerate(broken(good, answering).items()):
            who = str(9000 + number)
            name = zipfile.ZipInfo(f"odd{number}_LATE_{who}_77_{LESSON}.ipynb")
            if reason == "a link":
                name.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(name, content)
            why[who] = reason
    return path, expected, why


def test_two_hundred_rows(submissions, tmp_path, capsys):
    path, expected, why = submissions
    code = cli.main(["grade", str(path), "--lesson", LESSON, "--store", str(tmp_path / "record"),
                     "--csv", str(tmp_path / "scores.csv"), "--html", str(tmp_path / "pages"),
                     "--notebook-seconds", "60", "--quiet"])
    assert code == 0
    with open(tmp_path / "scores.csv", newline="", encoding="utf-8") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    assert len(rows) == MANY
    assert {who: float(rows[who]["points"]) for who in expected} == expected
    for who, reason in why.items():
        row = rows[who]
        assert float(row["out_of"]) == 2 and row["state"] in ("graded", "refused"), reason
        if reason != "no check cell":  # it is healed, and keeps its points
            assert float(row["points"]) == 0, reason
        assert SAYS.get(reason, "") in row["notes"] and len(row["notes"]) > 15, (reason, row["notes"])
        page = (tmp_path / "pages" / f"{who}.html").read_text(encoding="utf-8")
        assert f"of {2} points" in page, reason
    assert len(list((tmp_path / "pages").glob("*.html"))) == MANY + 1
    upload = tmp_path / "upload.csv"
    assert cli.main(["export", "canvas", "--store", str(tmp_path / "record"), "-o", str(upload)]) == 0
    assert len(upload.read_text(encoding="utf-8").splitlines()) >= MANY + 1
