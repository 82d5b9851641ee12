"""The parts of lesson 10's studies that need no model, and what ships of them."""

from importlib.util import find_spec

import pytest

from course.studies import rag, shipped, studies_of
from course.ternair import handbook, questions, says


def test_chunks_cover_every_word_and_waste_none():
    words = [f"w{i}" for i in range(101)]
    for size, overlap in ((10, 0), (10, 3), (7, 6), (100, 50), (200, 50)):
        cuts = rag._chunks(words, size, overlap)
        assert {i for a, b in cuts for i in range(a, b)} == set(range(101))
        assert all(b - a == size for a, b in cuts[:-1])
        assert len(cuts) == 1 or cuts[-1][1] - cuts[-1][0] > overlap


def test_an_answer_counts_only_where_the_chunk_meets_its_page():
    question = questions("dev")[0]
    page = next(page for page in handbook() if page.id == question.passages[0])
    words = "no page at all".split() + page.headed.split()
    spans = {page.id: (4, len(words))}
    assert rag._holds(question, [(4, len(words))], words, spans)
    assert not rag._holds(question, [(0, 4)], words, spans)


def test_scores_are_rates_of_right_answers():
    asked = questions("dev")[:3]
    row = rag._scored(asked, [asked[0].answers[0], "no", ""])
    assert row["right"] == [1, 0, 0] and row["rate"] == pytest.approx(1 / 3)


def test_faiss_is_an_option():
    if find_spec("faiss") is None:
        assert rag._faiss(rag._vectors(3)) is None


@pytest.mark.parametrize("name", ["apart", "by_sentence", "copying"])
def test_what_ships_is_what_the_rules_give(name):
    """Shipped answers, scored again: no rate without its answers, no answer without its question."""
    for split, rows in shipped(f"10_rag/{name}").items():
        asked = questions(split)[:rows.pop("n")]
        for row in rows.values():
            assert [int(says(text, q.answers)) for q, text in zip(asked, row["said"])] == row["right"]
            assert row["rate"] == pytest.approx(sum(row["right"]) / len(asked), abs=1e-5)


def test_every_study_ships_its_result():
    for name in studies_of("10_rag"):
        assert shipped(f"10_rag/{name}")
