"""The shipped embeddings of the reviews: `embeddings("film")`, one row a sentence.

The 23,703 vectors of `embedder()` lie in data/embeddings/, one file a source, as whole numbers
of steps of 1/80, which is half a byte a number once deflated. docs/embeddings.md has what that
costs in accuracy (nothing that can be measured) beside finer and coarser ways. The files are
written by scripts/embed_reviews and checked by sha256 against data/manifest.toml.
"""

import hashlib
import io
import tomllib
from functools import cache as once
from pathlib import Path

import numpy as np

from course import paths
from course.datasets import FILES, SOURCES
from course.paths import CourseError

STEP = 1 / 80       # numbers of a unit vector of 384 lie around ±1/20
RESTORE = "restore it with `git checkout data/embeddings data/manifest.toml`"


def pack(vectors: np.ndarray, step: float = STEP) -> bytes:
    """An .npz archive with `levels`, int8 (numbers, n), and `step`: vectors ≈ levels.T * step.

    The numbers of one dimension lie side by side, which deflates better.
    """
    levels = np.rint(vectors.T / step).clip(-127, 127).astype(np.int8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, levels=levels, step=np.float32(step))
    return buffer.getvalue()


def unpack(data: bytes) -> np.ndarray:
    """Unit rows, float32 (n, numbers), out of what `pack` made."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        vectors = np.ascontiguousarray(archive["levels"].T, np.float32) * archive["step"]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def path_of(source: str) -> Path:
    return paths.DATA / "embeddings" / f"{source}.npz"


def expected() -> dict[str, str]:
    """File name -> sha256 of the shipped embeddings, from the manifest."""
    with open(paths.DATA / "manifest.toml", "rb") as file:
        tables = tomllib.load(file).get("shipped", [])
    return next((table["sha256"] for table in tables
                 if "data/embeddings/*.npz" in table["files"] and "sha256" in table), {})


@once
def _unpacked(source: str) -> np.ndarray:
    path = path_of(source)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): {RESTORE}.") from None
    if hashlib.sha256(data).hexdigest() != expected().get(path.name):
        raise CourseError(f"{path} is not the file of the manifest: {RESTORE}.")
    vectors = unpack(data)
    if len(vectors) != FILES[source][1]:
        raise CourseError(f"{path} has {len(vectors)} rows instead of {FILES[source][1]}: "
                          f"{RESTORE}.")
    return vectors


def embeddings(source: str = "film") -> np.ndarray:
    """One unit vector a sentence, float32 (n, 384), row i for `reviews(source).texts[i]`.

    They are those of `embedder()` to a cosine of .997, rounded for the repository. Each call
    gives an array of its own. Raises CourseError when the source is unknown or a file altered.
    """
    if source not in FILES:
        raise CourseError(f"there are no embeddings from {source!r}: "
                          f"choose among {', '.join(SOURCES)}.")
    return _unpacked(source).copy()
