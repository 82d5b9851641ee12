"""The shipped embeddings: aligned, checked, as good as the embedder's own; and the embedder."""

import os
import subprocess
import sys

import numpy as np
import pytest

from course import minilm, vectors
from course.paths import ROOT, CourseError
from course.ratings import reviews
from tests.fetch_support import fetched

COUNTS = {"film": 10_605, "product": 3_708, "tweet": 4_200, "news": 5_190}


@pytest.fixture(scope="module")
def model():
    return minilm.Embedder(fetched("embedder"))


def clear(source):
    """Vectors and labels of the sentences whose mean rating is above .5 or below -.5."""
    mean = reviews(source).mean
    keep = np.abs(mean) > .5
    return vectors.embeddings(source)[keep], mean[keep] > .5


# ------------------------------------------------------------------------------- what is shipped

@pytest.mark.parametrize("source", COUNTS)
def test_unit_rows_one_a_sentence(source):
    found = vectors.embeddings(source)
    assert found.shape == (COUNTS[source], 384) and found.dtype == np.float32
    assert found.flags.c_contiguous and np.isfinite(found).all()
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_small_files_that_the_manifest_names():
    assert set(vectors.expected()) == {f"{source}.npz" for source in COUNTS}
    sizes = [vectors.path_of(source).stat().st_size for source in COUNTS]
    assert max(sizes) < 4_000_000 and sum(sizes) < 5_500_000


@pytest.mark.parametrize("source", COUNTS)
def test_a_sample_computed_again_is_the_same(source, model):
    """Twenty sentences in all, from everywhere in the files."""
    fetched("reviews-texts")
    places = np.linspace(0, COUNTS[source] - 1, 5).astype(int)
    texts = reviews(source).texts
    again = model.encode([texts[place] for place in places])
    assert ((again * vectors.embeddings(source)[places]).sum(1) > .995).all()


@pytest.mark.slow
@pytest.mark.parametrize("source", COUNTS)
def test_every_tenth_computed_again_is_the_same(source, model):
    fetched("reviews-texts")
    again = model.encode(reviews(source).texts[::10])
    assert ((again * vectors.embeddings(source)[::10]).sum(1) > .995).all()


def test_accuracy_with_a_fixed_seed():
    """One draw of what docs/embeddings.md averages; the last model also away from films."""
    from sklearn.linear_model import LogisticRegression

    fetched("ratings")
    points, labels = clear("film")
    assert len(labels) == 10_043
    order = np.random.default_rng(0).permutation(len(labels))
    test, drawn = order[:2000], np.random.default_rng(0).permutation(order[2000:])
    for count, accuracy in {100: .704, 1000: .740, 5000: .778}.items():
        model = LogisticRegression(C=3, max_iter=1000)
        model.fit(points[drawn[:count]], labels[drawn[:count]])
        assert model.score(points[test], labels[test]) == pytest.approx(accuracy, abs=.005)
    for source, accuracy in {"product": .760, "tweet": .771, "news": .748}.items():
        assert model.score(*clear(source)) == pytest.approx(accuracy, abs=.005)


def test_a_callers_changes_stay_with_the_caller():
    vectors.embeddings("product")[:] = 0
    assert vectors.embeddings("product").any()


def test_an_unknown_source():
    with pytest.raises(CourseError, match="no embeddings from 'movie'.*film, product"):
        vectors.embeddings("movie")


def test_altered_or_missing_files(tmp_path, monkeypatch):
    def elsewhere(source):
        return tmp_path / f"{source}.npz"

    monkeypatch.setattr(vectors, "path_of", elsewhere)
    vectors._unpacked.cache_clear()
    with pytest.raises(CourseError, match="cannot be read.*git checkout"):
        vectors.embeddings("film")
    elsewhere("film").write_bytes(vectors.pack(np.eye(3, 384)))
    with pytest.raises(CourseError, match="not the file of the manifest.*git checkout"):
        vectors.embeddings("film")
    vectors._unpacked.cache_clear()


def test_packing_keeps_what_it_says():
    made = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    data = vectors.pack(made)
    assert data == vectors.pack(made)                          # no time stamp inside
    back = vectors.unpack(data)
    assert back.dtype == np.float32 and ((back * made).sum(1) > .995).all()
    assert np.abs(back - made).max() < vectors.STEP


def test_loads_in_a_second_without_the_model():
    code = ("import time; t = time.process_time(); from course import embeddings; "
            "[embeddings(s) for s in ('film', 'product', 'tweet', 'news')]; import sys; "
            "print(time.process_time() - t, 'torch' in sys.modules)")
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True,
                          encoding="utf-8", check=True)
    seconds, torch = said.stdout.split()
    assert float(seconds) < 1.5 and torch == "False" and not said.stderr


# ---------------------------------------------------------------------------------- the embedder

def test_unit_rows_in_order(model):
    texts = ["A fine film.", "", "Bread, " * 400, "a fine film", "Quarterly tax returns are due."]
    found = model.encode(texts)
    assert found.shape == (5, 384) and found.dtype == np.float32 and model.size == 384
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[0] @ found[3] > .9 > .3 > found[0] @ found[4]
    assert model.encode([]).shape == (0, 384)


def test_padding_and_batches_change_nothing(model):
    texts = [f"sentence {'very ' * (place % 17)}long" for place in range(40)]
    together = model.encode(texts, batch_size=40)
    alone = np.vstack([model.encode([text]) for text in texts[::7]])
    assert np.allclose(together[::7], alone, atol=1e-5)
    assert np.allclose(together, model.encode(tuple(texts), batch_size=7), atol=1e-5)


def test_the_end_of_a_long_text_is_cut_off(model):
    long = "word " * 300
    assert np.allclose(*model.encode([long, long + "and then a horse"]), atol=1e-6)


def test_meaning_is_near(model):
    question, *answers = model.encode([
        "How do I reset my password?", "Steps to change a forgotten passphrase",
        "The harbour was full of boats"])
    assert question @ answers[0] > .4 > .2 > question @ answers[1]


@pytest.mark.parametrize("texts, sentence", [
    ("one text", "one str"), (["a", None], "number 1 .* NoneType"), ([b"a"], "bytes"),
    ([3], "int")])
def test_what_is_no_list_of_texts(model, texts, sentence):
    with pytest.raises(CourseError, match=sentence):
        model.encode(texts)


@pytest.mark.parametrize("size", [0, -1, 1.5, "64"])
def test_batch_sizes(model, size):
    with pytest.raises(CourseError, match="batch_size"):
        model.encode(["a"], batch_size=size)


def test_quiet_and_offline_in_a_fresh_process():
    fetched("embedder")
    code = ("import time; from course import embedder; print(embedder()); "
            "print(embedder() is embedder(), embedder().encode(['a']).shape)")
    variables = {name: value for name, value in os.environ.items() if name != "COURSE_EMBEDDER"}
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True,
                          encoding="utf-8", check=True, env=variables)
    assert said.stdout == ("Embedder(22,713,216 parameters, 384 numbers a text)\n"
                           "True (1, 384)\n")
    assert not said.stderr
