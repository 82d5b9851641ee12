"""The second corpus: passages out of docstrings, and questions that they answer."""

import pytest

from course.paths import CourseError
from course.sklearndocs import (PARTS, WORDS, grouped, pieces, plain, relevant, sections,
                                sklearn_docs, sklearn_questions)


def test_sections_of_a_docstring():
    text = "Do it.\n\nMore.\n\nParameters\n----------\nx : int\n    The x.\n\nNotes\n-----\nOdd."
    assert sections(text) == [("", ["Do it.", "", "More.", ""]),
                              ("Parameters", ["x : int", "    The x.", ""]), ("Notes", ["Odd."])]


def test_pieces_are_parameters_or_paragraphs():
    lines = ["x : int", "    The x.", "y : str", "    The y."]
    assert pieces(lines, entries=True) == ["x : int The x.", "y : str The y."]
    assert pieces(["One", "two.", "", "Three."], entries=False) == ["One two.", "Three."]


def test_markup_goes_and_words_stay():
    assert plain("See :class:`~sklearn.svm.SVC` and ``C``.\n.. note:: x") == (
        "See sklearn.svm.SVC and C. note: x")
    assert plain(":ref:`User Guide <forest>`") == "User Guide"


def test_grouping_loses_no_word():
    units = [f"p{i} : " + "word " * (i * 13 % 250) + "end. Next one." for i in range(40)]
    units = [" ".join(unit.split()) for unit in units]
    assert " ".join(grouped(units)).split() == " ".join(units).split()
    assert all(len(text.split()) >= WORDS for text in grouped(units)[:-1])


def test_the_corpus_has_the_promised_size_and_unique_ids():
    docs = sklearn_docs()
    assert 300 <= len(docs) <= 600
    assert len({passage.id for passage in docs}) == len(docs)
    assert {passage.id.split("/")[0] for passage in docs} == {n for v in PARTS.values() for n in v}
    assert all(passage.text.strip() for passage in docs)


def test_every_question_has_its_passage():
    dev, test = sklearn_questions("dev"), sklearn_questions("test")
    assert len(dev) == len(test) == 20
    for question in dev + test:
        assert 1 <= len(relevant(question)) <= 2, question.text
    with pytest.raises(CourseError, match="dev"):
        sklearn_questions("all")
