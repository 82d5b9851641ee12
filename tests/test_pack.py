"""The instructor's pages: fresh, whole, and honest about what nobody has written."""

import re

import pytest

from course.paths import CourseError
from grader import pack, source
from tests.madeup import LESSON, TEXT, made_up, put

WRITTEN = [name for name in source.lessons()
           if (source.SOLUTIONS / name / "instructor.md").is_file()]
NOTES = """\
# Notes

## Plan

- 40 min, *Opening*: talk.
- 45 min, *Exercise `double-it`*: `double-it` in pairs,
  then together.
- 5 min, *Close*: homework.

## Show

- A thing.

## Discuss

### Why?

Because.
"""


@pytest.mark.parametrize("lesson", source.lessons())
def test_the_page_in_docs_is_fresh(lesson):
    text, _ = pack.page(lesson)
    assert (pack.OUT / f"{lesson}.md").read_text(encoding="utf-8") == text, "run make instructor"


@pytest.mark.parametrize("lesson", WRITTEN)
def test_a_hand_written_part_is_whole(lesson):
    text, missing = pack.page(lesson)
    assert missing == [] and "Missing:" not in text
    minutes = [int(row) for row in re.findall(r"^\| \d:\d\d \| (\d+) \|", text, re.M)]
    assert sum(minutes) == pack.CLASS
    assert text.count("\n### ") >= 3


@pytest.fixture
def made(tmp_path, monkeypatch):
    course = made_up(tmp_path, monkeypatch)
    monkeypatch.setattr(pack, "SOLUTIONS", tmp_path / "solutions")
    monkeypatch.setattr(pack, "TABLE", tmp_path / "docs" / "checks.md")
    put(pack.TABLE, "# x\n\n## 90_small: double-it\n\n- `half` (Divides (by two).) gets: “look (at "
        "it)”\n\n## 90_small: count-words\n\n- `letters` (Counts.) gets: “spaces”\n")
    return course


def test_without_hand_written_parts_the_page_says_what_is_missing(made):
    text, missing = pack.page(LESSON)
    assert missing == [f"{LESSON}: solutions/{LESSON}/instructor.md is missing: write its parts "
                       "Plan, Show, Discuss"]
    assert "Nobody has written a plan yet" in text and text.count("*Missing: write the part") == 2
    assert "| 0:00 | " in text


def test_the_page_joins_what_people_and_programs_know(made):
    put(made.source.with_name("instructor.md"), NOTES)
    text, missing = pack.page(LESSON)
    assert missing == []
    assert "| 0:40 | 45 | Exercise `double-it` | `double-it` in pairs, then together. |" in text
    assert "At home: `count-words` (2 min), essay `why-small`." in text
    assert "- Divides (by two). (`half`)<br>“look (at it)”" in text
    assert "**Model answer.** Because it is quick." in text
    assert "**Rubric.** One point for any reason." in text
    assert "| `double-it` | 1 of 5 | 2 | 3 |" in text


@pytest.mark.parametrize("old, new, says", [
    ("45 min", "40 min", "the steps of the plan take 85 minutes, a class has 90"),
    ("*Opening*", "*Nowhere*", "names *Nowhere*, which is no section"),
    ("`double-it` in", "`double-that` in", "names `double-that`, which is no exercise"),
    ("## Discuss", "## Talk", "has no part '## Discuss'")])
def test_a_slip_in_the_hand_written_part_is_a_sentence(made, old, new, says):
    put(made.source.with_name("instructor.md"), NOTES.replace(old, new))
    assert any(says in fault for fault in pack.page(LESSON)[1])


def test_an_essay_without_rubric_is_refused(made):
    made.write(re.sub(r"# ### BEGIN MARK.*?END MARK SCHEME\n", "", TEXT, flags=re.S))
    with pytest.raises(CourseError, match="why-small needs a model answer and a mark scheme"):
        pack.page(LESSON)


def test_a_classs_rates_stay_out_of_docs(made, tmp_path, capsys):
    assert pack.main(["--store", str(tmp_path)]) == 1
    assert "name another --out" in capsys.readouterr().err


def test_solve_rates_come_from_the_record(made):
    from grader.reports.statistics import Check, Lesson
    check = Check(2, tried=8, passed=6, untouched=1)
    check.messages["look | here"] = 1
    rates = Lesson(LESSON, out_of=4.5, submissions=8, checks={("double-it", "text"): check})
    text, _ = pack.page(LESSON, rates)
    assert "| `double-it` (text) | 8 | 75% | 1 | 1× “look \\| here” |" in text


def test_nbgrader_never_releases_the_notes():
    from fnmatch import fnmatch
    config = (source.SOLUTIONS.parent / "nbgrader_config.py").read_text(encoding="utf-8")
    patterns = re.findall(r'"([^"]+)"', re.search(r"CourseDirectory.ignore = (.*)", config)[1])
    for name in ("instructor.md", "cohort.py"):
        assert any(fnmatch(name, pattern) for pattern in patterns), name
