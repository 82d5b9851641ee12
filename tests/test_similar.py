"""Leads for a person: a renamed copy is found, what half a class writes is not."""

import os
import sys

import pytest

from grader import similar
from tests.queue_support import made  # noqa: F401
from tests.madeup import LESSON

COMMON = "def count_words(text):\n    return len(text.split())\n"
COPIED = """\
def count_words(text):
    found, inside = 0, False
    for letter in text + " ":
        if letter.isspace():
            found += inside
            inside = False
        else:
            inside = True
    return found
"""
OTHERS = ["def count_words(text):\n    import re\n    return len(re.findall(r'[^ ]+', text))\n",
          "def count_words(text):\n    words = [w for w in text.split(' ') if w != '']\n"
          "    return sum(1 for _ in words)\n"]


@pytest.fixture(autouse=True)
def extra():
    try:
        import copydetect  # noqa: F401
    except ImportError:
        sentence = "copydetect is not installed: pip install --no-deps -r requirements/similarity.txt"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


def a_class():
    renamed = COPIED.replace("found", "n").replace("inside", "word").replace("letter", "c")
    people = {f"same{i}": COMMON for i in range(8)} | {f"own{i}": s for i, s in enumerate(OTHERS)}
    people |= {"first": COPIED, "second": "# mine\n" + renamed.replace("    ", "  ")}
    return {who: {"count-words": source} for who, source in people.items()}


def test_a_renamed_copy_leads_and_the_common_answer_does_not():
    (lead,) = similar.leads(a_class(), {"count-words": "def count_words(text):\n    ...\n"}, 0.6)
    assert lead[:2] == ("first", "second") and lead[2] > 0.8 and lead[4] == "count-words"


def test_the_stub_is_nobodys_work():
    stub = COPIED  # everybody was given it
    assert similar.leads(a_class(), {"count-words": stub}, 0.6) == []


def test_the_same_text_in_three_exercises_leads_however_common_it_is():
    alike = {"a": COMMON, "b": "x = 1", "c": "y = 2"}
    answers = {f"same{i}": dict(alike) for i in range(3)} | {
        "other": alike | {"c": "y = 3"}, "empty": {"a": "...", "b": "...", "c": "..."},
        "empty too": {"a": "...", "b": "...", "c": "..."}}
    leads = similar.leads(answers, {name: "..." for name in "abc"}, 0.6)
    assert [lead[:2] for lead in leads] == [("same0", "same1"), ("same0", "same2"), ("same1", "same2")]
    assert {lead[4] for lead in leads} == {"all 3 word for word"}


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_from_a_grading_folder(made, tmp_path, monkeypatch, capsys):  # noqa: F811
    people = a_class()
    paths = [made.hand_in(tmp_path, who, answers, f"\n# {who}") for who, answers in people.items()]
    made.grade(tmp_path / "record", *paths)
    from grader.engine import plan
    monkeypatch.setattr(plan, "plan", lambda _: plan.plan_of(
        LESSON, made.solution, made.course.solution.parent / "reference"))
    assert similar.main([LESSON, "--store", str(tmp_path / "record")]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].startswith("first,second,") and len(out.splitlines()) == 2
    assert "1 pairs of 12 learners" in err and "Read both before you think anything" in err
