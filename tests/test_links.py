"""Links of lessons and docs: dead ones are named, good ones are not."""

import pytest

from grader import links
from tests.madeup import LESSON, made_up, put


@pytest.fixture
def course(tmp_path, monkeypatch):
    made = made_up(tmp_path, monkeypatch)
    made.build()
    return made


def faults(course, text):
    course.change("# Add it to itself.", f"# {text}")
    return list(links.broken_links([LESSON]))


@pytest.mark.parametrize("text", [
    "[token](../glossary.md#token)", "[glossary](../glossary.md)", "[here](#90--small)", "[here](#exercise-double-it)",
    "[start](../START_HERE.ipynb)", "[a cell](../START_HERE.ipynb#anything)",
    "[web](https://example.org/x)", "[mail](mailto:a@b.c)", "`[code](nowhere.md)`",
    "![a picture](nowhere.png)"])
def test_good_links(course, text):
    assert faults(course, text) == []


@pytest.mark.parametrize("text, says", [
    ("[token](../glossary.md#tokens)", "../glossary.md#tokens: there is no such heading"),
    ("[here](#no-such)", "#no-such: there is no such heading"),
    ("[next](../05_next/05_next.ipynb)", "the link to ../05_next/05_next.ipynb goes nowhere"),
    ("[source](../../docs/glosary.md)", "goes nowhere")])
def test_dead_links(course, text, says):
    found = faults(course, text)
    assert len(found) == 1 and found[0].startswith(f"solutions/{LESSON}: ") and says in found[0]


def test_readme_docs_and_start_page_are_read_too(course):
    put(course.root / "README.md", "[lost](docs/none.md)\n\n```\n[code](none.md)\n```\n")
    put(course.root / "docs" / "guide.md", "# Guide\n\n[up](../README.md) [bad](#gone)\n")
    put(course.root / "solutions" / "START_HERE.py",
        "# %% [markdown]\n# [lesson](91_none/91_none.ipynb)\n")
    found = list(links.broken_links([]))
    assert [f.split(": ")[0] for f in found] == [
        "solutions/START_HERE.py", "README.md", "docs/guide.md"]


@pytest.mark.parametrize("heading, anchor", [
    ("## token", "token"), ("# 90 · Small", "90--small"), ("### Byte-pair encoding", "byte-pair-encoding"),
    ("## `check` cell", "check-cell"), ("## What's a *token*?", "whats-a-token"),
    ("## hidden_test", "hidden_test"), ("## Größe", "größe")])
def test_anchors_are_those_of_github(heading, anchor):
    assert links.anchors(f"text\n{heading}\n") == {anchor}


def test_headings_in_code_are_none():
    assert links.anchors("# A\n\n```python\n# comment\n```\n") == {"a"}
