"""Batches of prompts, and answers that only copy, on a model of a few numbers."""

import random

import pytest

from course import reader
from course.reader import first_line, next_in_source, prompt


def test_prompt_has_the_text_before_the_question():
    alone, given = prompt("Why?"), prompt("Why?", "A page.")
    assert alone[-1]["content"].endswith("Why?") and "page" not in alone[-1]["content"]
    content = given[-1]["content"]
    assert content.index("A page.") < content.index("Why?")


def test_first_line():
    assert first_line("\n  9 kg. \n\nAnd more") == "9 kg." and first_line(" \n") == ""


def test_next_in_source_allows_only_pieces():
    assert next_in_source([5, 8, 2, 5, 9], [], 0) == {5, 8, 2, 9}
    assert next_in_source([5, 8, 2, 5, 9], [5], 0) == {8, 9, 0}
    assert next_in_source([5, 8], [5, 8], 0) == {0}
    dice = random.Random(3)
    for _ in range(50):
        source = [dice.randint(1, 5) for _ in range(dice.randint(1, 20))]
        written = []
        while (token := dice.choice(sorted(next_in_source(source, written, 0)))) != 0:
            written.append(token)
        assert any(source[i:i + len(written)] == written for i in range(len(source)))


def test_an_engine_that_only_writes_is_asked_one_by_one(monkeypatch):
    class Remote:
        can, name = {"generate"}, "a far engine"

        def chat(self, messages, max_new_tokens):
            return f"{messages[-1]['content'][-2:]}\nmore"

    monkeypatch.setattr(reader, "llm", Remote)
    assert reader.answers([prompt("A?"), prompt("B?")]) == ["A?", "B?"]
    with pytest.raises(reader.CourseError, match="cannot copy"):
        reader.answers([prompt("A?")], copy_from=["A"])
