"""The search that lesson 10 ends with, as one object: `Shelf(handbook())`.

    shelf = Shelf(handbook())
    shelf.best_pages("May I bring my cat?", 3)      # three pages, best first
    shelf.best_lines("May I bring my cat?", 2)      # two sentences with their pages
    shelf.sureness("May I bring my cat?")           # cosine of the nearest sentence

Pages: reciprocal-rank fusion of stemmed words, of meaning, and of the nearest sentence. Lines:
fusion of the nearest sentences with the sentences of the pages found. Chosen on Tern Air's
development questions; lesson 10 builds each part by hand and shows that this is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.retrieval import KeywordIndex, embed, sentences

PLACES = 20     # of each ranking this many take part in a fusion


@dataclass(frozen=True)
class Line:
    """page: the id of its page. text: the sentence. headed: with the page's title before it."""

    page: str
    text: str
    headed: str


def fused(rankings: Sequence[Sequence[int]], k: int = 60) -> list[int]:
    """Reciprocal-rank fusion (Cormack, Clarke and Büttcher, 2009), best first."""
    points: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking[:PLACES], 1):
            points[item] = points.get(item, 0) + 1 / (k + rank)
    return sorted(points, key=points.get, reverse=True)


class Shelf:
    """Pages (each with id, title, text, headed) and their three indexes.

    vectors (pages, 384); line_vectors (sentences, 384); lines: every sentence, in order.
    """

    def __init__(self, pages: Sequence):
        self.pages = list(pages)
        self.lines = [Line(page.id, text, f"{page.title}. {text}")
                      for page in self.pages for text in sentences(page.text)]
        rows = {page.id: row for row, page in enumerate(self.pages)}
        self.owner = np.array([rows[line.page] for line in self.lines])
        self.vectors = embed([page.headed for page in self.pages])
        self.line_vectors = embed([line.headed for line in self.lines])
        self.words = KeywordIndex([page.headed for page in self.pages], "porter unicode61")

    def rankings(self, question: str) -> list[list[int]]:
        """Rows of pages, best first: by stemmed words, by meaning, by their nearest sentence."""
        vector = embed([question])[0]
        near = np.full(len(self.pages), -np.inf)
        np.maximum.at(near, self.owner, self.line_vectors @ vector)
        return [[row for row, _ in self.words.search(question, len(self.pages))],
                np.argsort(-(self.vectors @ vector)).tolist(), np.argsort(-near).tolist()]

    def best_pages(self, question: str, k: int) -> list:
        """The k best pages, best first."""
        return [self.pages[row] for row in fused(self.rankings(question))[:k]]

    def best_lines(self, question: str, k: int) -> list[Line]:
        """The k best sentences, best first."""
        scores = self.line_vectors @ embed([question])[0]
        near, of_pages = np.argsort(-scores).tolist(), []
        for row in fused(self.rankings(question)):
            mine = np.flatnonzero(self.owner == row)
            of_pages += mine[np.argsort(-scores[mine])].tolist()
        return [self.lines[i] for i in fused([near, of_pages])[:k]]

    def sureness(self, question: str) -> float:
        """The cosine of question and nearest sentence: low where no page may have the answer."""
        return float((self.line_vectors @ embed([question])[0]).max())
