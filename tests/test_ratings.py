"""Reviews joined with every single rating: exact counts, the traps of the files, bad files."""

import subprocess
import sys

import numpy as np
import pytest

from course import ratings
from course.datasets import review_texts
from course.paths import ROOT, CourseError
from tests.fetch_support import fetched

# sentences, ratings, fewest and most for one sentence, clear ones, positive among these
EXACT = {"film": (10_605, 198_810, 15, 29, 10_043, 4_982),
         "product": (3_708, 74_160, 20, 20, 2_943, 1_725),
         "tweet": (4_200, 159_750, 20, 99, 3_362, 2_300),
         "news": (5_190, 103_800, 20, 20, 2_788, 1_100)}


@pytest.fixture(params=EXACT)
def source(request):
    fetched("reviews-texts")
    fetched("ratings")
    return request.param


def test_exact_counts(source):
    data = ratings.reviews(source)
    counts = np.array([len(row) for row in data.ratings])
    clear = np.abs(data.mean) > .5
    assert (len(data), counts.sum(), counts.min(), counts.max(), clear.sum(),
            (data.mean > .5).sum()) == EXACT[source]
    assert len(data.texts) == len(data.ids) == len(set(data.ids)) == len(data.mean) == len(data)
    assert repr(data) == f"Reviews({source!r}, {len(data):,} sentences, {counts.sum():,} ratings)"


def test_texts_are_in_file_order_and_means_are_those_of_the_ratings(source):
    data = ratings.reviews(source)
    assert data.texts == review_texts(source)
    assert data.mean.dtype == np.float64 and data.ratings[0].dtype == np.int8
    assert np.allclose(data.mean, [row.mean() for row in data.ratings])
    assert min(row.min() for row in data.ratings) == -4
    assert max(row.max() for row in data.ratings) == 4


def test_196_tweets_disagree_and_no_other_sentence():
    fetched("ratings")
    assert {name: ratings.reviews(name).mismatches for name in EXACT} == {
        "film": 0, "product": 0, "tweet": 196, "news": 0}


def test_a_thousand_tweets_were_rated_by_92_to_99():
    fetched("ratings")
    counts = [len(row) for row in ratings.reviews("tweet").ratings]
    many = [count for count in counts if count > 20]
    assert len(many) == 1000 and (min(many), max(many)) == (92, 99)


def test_the_join_is_by_id_where_the_files_have_another_order():
    fetched("ratings")
    folder = ratings.need("ratings")
    rated = ratings.parse_rows(folder / "amazonReviewSnippets_anonDataRatings.txt", 3708, 4)
    data = ratings.reviews("product")
    assert [row[0] for row in rated] != data.ids            # or the test shows nothing
    theirs = {row[0]: float(row[1]) for row in rated}
    assert np.allclose(data.mean, [theirs[key] for key in data.ids])


def test_a_callers_changes_stay_with_the_caller():
    fetched("ratings")
    data = ratings.reviews()
    data.texts.clear()
    data.ratings[0][:] = -4
    data.mean[:] = 0
    again = ratings.reviews("film")
    assert len(again.texts) == 10_605 and again.ratings[0].mean() == again.mean[0] > 2


def test_an_unknown_source():
    with pytest.raises(CourseError, match="no reviews from 'movie'.*film, product, tweet, news"):
        ratings.reviews("movie")


def test_loads_in_two_seconds_in_a_fresh_process():
    fetched("ratings")
    code = ("import numpy, time; from course import reviews; t = time.process_time(); "
            "[reviews(s) for s in ('film', 'product', 'tweet', 'news')]; "
            "print(time.process_time() - t)")
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True,
                          encoding="utf-8", check=True)
    assert float(said.stdout) < 2 and not said.stderr


TEXTS = [["b", "1", "second"], ["a", "-4", "first"]]


def test_join_takes_the_order_of_the_texts():
    flat, counts = ratings.join(TEXTS, [["a", "", "", "[-4]"], ["b", "", "", "[0, 2]"]])
    assert flat.tolist() == [0, 2, -4] and counts.tolist() == [2, 1]


@pytest.mark.parametrize("rated, sentence", [
    ([["a", "", "", "[1]"]], "same ids"),
    ([["a", "", "", "[1]"], ["c", "", "", "[1]"]], "same ids"),
    ([["a", "", "", "[1]"], ["b", "", "", "[1]"], ["b", "", "", "[2]"]], "same ids"),
    ([["a", "", "", "[1]"], ["b", "", "", "[]"]], "no rating"),
    ([["a", "", "", "[1]"], ["b", "", "", "[5]"]], "outside -4 to 4"),
])
def test_files_that_do_not_fit(rated, sentence):
    with pytest.raises(CourseError, match=sentence):
        ratings.join(TEXTS, rated)
