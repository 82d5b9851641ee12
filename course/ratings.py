"""Sentences with every single rating that people gave them: `reviews("film")`.

Two files by the same authors are joined on their ids, since their rows are not in the same
order everywhere (the product reviews). The texts come from one file only, so no text has to
win. The mean rating is in both, and in 196 tweets the two differ by more than .01 (by up to
1.13; 199 at all): there the mean of the single ratings counts, as everywhere, because it can be
recomputed. No mismatch changes on which side of .5 or -.5 a tweet lies.
"""

import json
from dataclasses import dataclass
from functools import cache as once

import numpy as np

from course.datasets import FILES, SOURCES, parse_rows
from course.fetch import need
from course.paths import CourseError

DIFFERENT = .01     # two means of the same ratings that are further apart are a mismatch


@dataclass(frozen=True, eq=False)
class Reviews:
    """n sentences and what people said about them, in the order of the file of texts.

    texts, ids: n strings each. ratings: n arrays of int8, -4 (worst) to 4 (best), as many as
    people rated that sentence; they have no names, so rating 3 of two sentences need not be one
    person's. mean: float64 (n,), the mean of each array.
    mismatches: in how many sentences the authors' own mean is another one.
    """

    source: str
    ids: list[str]
    texts: list[str]
    ratings: list[np.ndarray]
    mean: np.ndarray
    mismatches: int

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        total = sum(map(len, self.ratings))
        return f"Reviews({self.source!r}, {len(self):,} sentences, {total:,} ratings)"


def join(texts: list[list[str]], rated: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    """All ratings in the order of `texts`, end to end (int8), and how many each text has.

    texts: rows [id, mean, text]; rated: rows [id, mean, deviation, JSON list of ratings].
    """
    by_id = {row[0]: row[3] for row in rated}
    if len(by_id) != len(rated) or {row[0] for row in texts} != set(by_id):
        raise CourseError("the texts and the ratings of the reviews do not have the same ids: "
                          "run `python -m course.fetch --check`.")
    # one parse of one long list is much faster than one for each sentence
    lists = json.loads("[" + ",".join(by_id[row[0]] for row in texts) + "]")
    counts = np.array([len(values) for values in lists])
    flat = np.array([value for values in lists for value in values])
    if not counts.all() or flat.min() < -4 or flat.max() > 4:
        raise CourseError("a review has no rating, or one outside -4 to 4: "
                          "run `python -m course.fetch --check`.")
    return flat.astype(np.int8), counts


@once
def _parsed(source: str):
    stem, count = FILES[source]
    texts = parse_rows(need("reviews-texts") / f"{stem}_GroundTruth.txt", count)
    rated = parse_rows(need("ratings") / f"{stem}_anonDataRatings.txt", count, columns=4)
    flat, counts = join(texts, rated)
    starts = np.cumsum(counts) - counts
    mean = np.add.reduceat(flat, starts, dtype=np.int64) / counts
    theirs = np.array([float(row[1]) for row in texts])
    mismatches = int((np.abs(mean - theirs) > DIFFERENT).sum())
    return [row[0] for row in texts], [row[2] for row in texts], flat, starts, mean, mismatches


def reviews(source: str = "film") -> Reviews:
    """The rated sentences of "film" (10,605), "product" (3,708), "tweet" (4,200) or "news"
    (5,190). Each call gives lists and arrays of its own, so that changing them changes nothing
    elsewhere. Raises CourseError when the source is unknown or not on this machine."""
    if source not in FILES:
        raise CourseError(f"there are no reviews from {source!r}: "
                          f"choose among {', '.join(SOURCES)}.")
    ids, texts, flat, starts, mean, mismatches = _parsed(source)
    return Reviews(source, list(ids), list(texts), np.split(flat.copy(), starts[1:]),
                   mean.copy(), mismatches)
