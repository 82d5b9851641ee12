"""What the lesson on retrieval needs and does not teach: vectors, sentences, a keyword index.

    embed(["How long is a bag kept?"])          # (1, 384), unit rows; shipped where we have them
    index = KeywordIndex(texts); index.search("lost bag", 3)      # [(row, score), ...]

The vectors of the course's passages and questions lie in data/rag/vectors.npz, found by the
checksum of the text, rounded as those of the reviews are (course/vectors.py). A text that is
not among them is embedded now. scripts/embed_passages writes the file.
"""

import hashlib
import io
import re
import sqlite3
from collections.abc import Sequence
from functools import cache as once

import numpy as np

from course.engines.choice import embedder_choice
from course.minilm import embedder
from course.paths import DATA, CourseError
from course.vectors import STEP

VECTORS = DATA / "rag" / "vectors.npz"


# ------------------------------------------------------------------------------------- vectors

def key(text: str) -> int:
    """The first 8 bytes of the text's sha256, as a whole number."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "little")


def rounded(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors as whole numbers of STEPs, int8."""
    return np.rint(vectors / STEP).clip(-127, 127).astype(np.int8)


def restored(steps: np.ndarray) -> np.ndarray:
    """Unit rows, float32 (n, numbers), out of `rounded`."""
    rows = steps.astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pack(keys: Sequence[int], steps: np.ndarray) -> bytes:
    """An .npz archive of `keys`, uint64 (n,), and `levels`, int8 (numbers, n)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, keys=np.array(keys, np.uint64), levels=steps.T)
    return buffer.getvalue()


def levels(data: bytes) -> dict[int, np.ndarray]:
    """key -> int8 (numbers,), out of what `pack` made."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return dict(zip(archive["keys"].tolist(), archive["levels"].T))


def unpack(data: bytes) -> dict[int, np.ndarray]:
    """key -> unit vector, float32 (numbers,)."""
    found = levels(data)
    return dict(zip(found, restored(np.stack(list(found.values())))))


@once
def _shipped() -> dict[int, np.ndarray]:
    return unpack(VECTORS.read_bytes()) if VECTORS.is_file() else {}


def embed(texts: Sequence[str], live: bool = False) -> np.ndarray:
    """One unit vector a text, float32 (n, 384): shipped ones, to a cosine of .99, else computed.

    live=True computes all of them now (about 20 passages or 100 sentences a second), and so does
    another embedder (COURSE_EMBEDDER), whose vectors have another width.
    """
    if isinstance(texts, str):
        raise CourseError("embed reads a list of texts, and this is one str: embed([text]).")
    texts = list(texts)
    known = {} if live or embedder_choice().kind != "default" else _shipped()
    missing = list(dict.fromkeys(text for text in texts if key(text) not in known))
    if missing:
        known = known | dict(zip(map(key, missing), embedder().encode(missing)))
    if not texts:
        return np.zeros((0, 384), np.float32)
    return np.stack([known[key(text)] for text in texts])


# ----------------------------------------------------------------------------------- sentences

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d\"'(])")


def sentences(text: str) -> list[str]:
    """The sentences of a text: cut after . ! ? before a capital or a digit."""
    return [one for one in _END.split(" ".join(text.split())) if one]


# -------------------------------------------------------------------------------- keyword index

def fts_query(question: str) -> str:
    """Any of the question's words, each quoted: FTS5 reads AND, - and * as its own language."""
    return " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question.lower()))


class KeywordIndex:
    """SQLite's full-text index FTS5 over some texts, in memory.

    tokenize: "unicode61" takes words as they are; "porter unicode61" cuts English endings off.
    """

    def __init__(self, texts: Sequence[str], tokenize: str = "unicode61"):
        self.base = sqlite3.connect(":memory:")
        try:
            self.base.execute(f"CREATE VIRTUAL TABLE part USING fts5(text, tokenize='{tokenize}')")
        except sqlite3.OperationalError as error:
            raise CourseError(f"this Python's SQLite has no full-text index ({error}): "
                              "use a Python built with FTS5.") from None
        self.base.executemany("INSERT INTO part(rowid, text) VALUES (?, ?)",
                              enumerate(texts, 1))

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """The k best (row, BM25 score), best first; rows without a word of it are left out.

        FTS5 gives the better row the smaller number: the sign is turned here.
        """
        query = fts_query(question)
        if not query:
            return []
        found = self.base.execute(
            "SELECT rowid - 1, -bm25(part) FROM part WHERE part MATCH ? "
            "ORDER BY bm25(part), rowid LIMIT ?", (query, k)).fetchall()
        return [(row, score) for row, score in found]


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate, `right` out of `of` (E. B. Wilson, 1927).

    >>> [round(v, 3) for v in wilson(40, 50)]
    [0.67, 0.888]
    """
    if not of:
        return 0.0, 1.0
    z, p = 1.959964, right / of
    middle, half = p + z * z / (2 * of), z * (p * (1 - p) / of + z * z / (4 * of * of)) ** .5
    return ((middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of))
