"""How well pictures and texts find each other: ranks, recall, hits of hidden keywords."""

from collections.abc import Sequence

import numpy as np

from course.imagetext.data import captions, emoji, hidden


def ranks(scores: np.ndarray) -> np.ndarray:
    """Rank of the own item of every query, 1 = best; (n, n), own items on the diagonal.

    Ties count against the model: an item that scores as much as the own one stands before it,
    and where a score is not a number, everything does.
    """
    return (~(scores < np.diag(scores)[:, None])).sum(1)


def recall_at(scores: np.ndarray, k: int) -> float:
    """Share of queries whose own item is among the first k."""
    return float(np.mean(ranks(scores) <= k))


def hidden_queries(rows: Sequence[int]) -> tuple[list[str], list[set[int]]]:
    """Keywords that no training saw, with the places in `rows` they should find.

    A keyword finds an emoji that carries it and whose own label does not contain it; words that
    then find nothing are left out.
    """
    wanted: dict[str, set[int]] = {}
    for place, row in enumerate(rows):
        one = emoji()[row]
        for word in one.keywords:
            if hidden(word) and word not in one.label:
                wanted.setdefault(word, set()).add(place)
    words = sorted(wanted)
    return words, [wanted[word] for word in words]


def hits_at(scores: np.ndarray, wanted: Sequence[set[int]], k: int) -> np.ndarray:
    """For each query (row of scores) whether one wanted place is among its k best: bool (n,)."""
    best = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
    return np.array([bool(set(row.tolist()) & places) for row, places in zip(best, wanted)])


def report(images: np.ndarray, text_vectors, rows: Sequence[int],
           known: dict[str, np.ndarray] | None = None) -> dict[str, float]:
    """Recall of labels and hits of hidden keywords among the pictures of `rows`.

    images: unit rows (1900, size). text_vectors(vectors of the text model) gives unit rows.
    known: text -> vector, where it is not `captions()`.
    """
    rows = np.asarray(rows)
    known = captions() if known is None else known
    words, wanted = hidden_queries(rows)
    labels = text_vectors(np.stack([known[emoji()[row].label] for row in rows]))
    queries = text_vectors(np.stack([known[word] for word in words]))
    scores, found = labels @ images[rows].T, queries @ images[rows].T
    return {"R@1": recall_at(scores, 1), "R@5": recall_at(scores, 5),
            "R@10": recall_at(scores, 10), "picture to label R@10": recall_at(scores.T, 10),
            "hidden hit@5": float(hits_at(found, wanted, 5).mean()), "hidden words": len(words)}
