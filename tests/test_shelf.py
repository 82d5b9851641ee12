"""The search that lesson 10 ends with, on Tern Air's shipped vectors: no model is loaded."""

import numpy as np
import pytest

from course.shelf import PLACES, Shelf, fused
from course.ternair import handbook, questions, says


@pytest.fixture(scope="module")
def shelf():
    return Shelf(handbook())


def test_fusion_adds_points_of_the_first_places():
    assert fused([[7, 3, 5], [3, 9]]) == [3, 7, 9, 5]
    assert fused([list(range(100)), []]) == list(range(PLACES))
    assert fused([]) == []


def test_rankings_hold_every_page_once(shelf):
    words, meaning, lines = shelf.rankings("May I bring my cat?")
    assert sorted(meaning) == sorted(lines) == list(range(len(shelf.pages)))
    assert len(set(words)) == len(words) <= len(shelf.pages)


def test_lines_belong_to_their_pages(shelf):
    by_id = {page.id: page.text for page in shelf.pages}
    lines = shelf.best_lines(questions("dev")[0].question, 5)
    assert len(lines) == len({line.headed for line in lines}) == 5
    assert all(line.text in " ".join(by_id[line.page].split()) for line in lines)


def test_development_questions_find_their_page(shelf):
    asked = questions("dev")
    found = np.mean([q.passages[0] in [page.id for page in shelf.best_pages(q.question, 3)]
                     for q in asked])
    assert found >= .9
    assert np.mean([any(says(line.text, q.answers) for line in shelf.best_lines(q.question, 2))
                    for q in asked]) >= .75

