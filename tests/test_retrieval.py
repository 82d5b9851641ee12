"""Vectors by the checksum of a text, sentences, and the keyword index."""

import hashlib
import sqlite3
import tomllib

import numpy as np
import pytest

from course import retrieval
from course.paths import DATA, CourseError
from course.retrieval import KeywordIndex, embed, fts_query, sentences, wilson
from course.sklearndocs import sklearn_docs
from course.ternair import handbook, questions

PAGES = ["Cats weigh 7 kg.", "A bag weighs 21 kg, a second bag costs 24 euros.", "The crew bus."]


@pytest.fixture
def shipped(monkeypatch):
    """Vectors of two made-up texts instead of the file; a counter of live calls."""
    rng, calls = np.random.default_rng(0), []
    rows = rng.standard_normal((2, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    known = retrieval.unpack(retrieval.pack([retrieval.key("a"), retrieval.key("b")],
                                           retrieval.rounded(rows)))

    class Model:
        def encode(self, texts):
            calls.append(list(texts))
            return np.tile(rows[:1], (len(texts), 1))

    monkeypatch.setattr(retrieval, "_shipped", lambda: known)
    monkeypatch.setattr(retrieval, "embedder", Model)
    return rows, calls


def test_shipped_vectors_come_back_in_order_without_the_model(shipped):
    rows, calls = shipped
    got = embed(["b", "a", "b"])
    assert got.shape == (3, 384) and got.dtype == np.float32 and not calls
    assert np.all(np.sum(got * rows[[1, 0, 1]], axis=1) > .99)
    assert np.allclose(np.linalg.norm(got, axis=1), 1, atol=1e-6)


def test_other_texts_are_embedded_once_each(shipped):
    _, calls = shipped
    assert embed(["new", "a", "new"]).shape == (3, 384) and calls == [["new"]]
    embed(["a"], live=True)
    assert calls[-1] == ["a"]
    assert embed([]).shape == (0, 384)


def test_one_text_instead_of_a_list_is_refused():
    with pytest.raises(CourseError, match="list of texts"):
        embed("a")


def test_sentences_keep_every_word_and_cut_at_ends():
    text = "It costs 2.5 euros. Form DB-7 is due!  12 days later? (Not before.) e.g. this."
    found = sentences(text)
    assert " ".join(found) == " ".join(text.split())
    assert found[:3] == ["It costs 2.5 euros.", "Form DB-7 is due!", "12 days later?"]
    assert sentences("  ") == []


def test_keyword_index_finds_ranks_and_survives_its_own_language():
    index = KeywordIndex(PAGES)
    assert [row for row, _ in index.search("kg of a bag", 3)] == [1, 0]
    scores = [score for _, score in index.search("bag kg", 3)]
    assert scores == sorted(scores, reverse=True) and scores[0] > 0
    for odd in ('AND "OR NOT', "*", "", "bag) OR (cat", "7-kg: text:bag"):
        index.search(odd, 3)
    assert fts_query("A bag?") == '"a" OR "bag"'
    assert [row for row, _ in KeywordIndex(PAGES, "porter unicode61").search("cat", 3)] == [0]


def test_an_sqlite_without_full_text_says_so(monkeypatch):
    class Base:
        def execute(self, *_):
            raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(retrieval.sqlite3, "connect", lambda *_: Base())
    with pytest.raises(CourseError, match="no such module"):
        KeywordIndex(PAGES)


def test_wilson_interval():
    low, high = wilson(40, 50)
    assert round(low, 3) == .670 and round(high, 3) == .888
    assert wilson(0, 20)[0] == pytest.approx(0, abs=1e-12) and wilson(20, 20)[1] == pytest.approx(1)
    assert wilson(0, 0) == (0, 1)


def test_the_shipped_vectors_are_those_of_the_manifest_and_of_the_texts():
    with open(DATA / "manifest.toml", "rb") as file:
        tables = tomllib.load(file)["shipped"]
    wanted = next(t["sha256"] for t in tables if t["files"] == ["data/rag/vectors.npz"])
    assert hashlib.sha256(retrieval.VECTORS.read_bytes()).hexdigest() == wanted["vectors.npz"]
    shipped_ = retrieval.unpack(retrieval.VECTORS.read_bytes())
    texts = [page.headed for page in handbook()] + [p.headed for p in sklearn_docs()]
    texts += [q.question for split in ("dev", "test") for q in questions(split)]
    missing = [text for text in texts if retrieval.key(text) not in shipped_]
    assert not missing, f"run scripts/embed_passages --new: {missing[0][:60]!r} has no vector"
