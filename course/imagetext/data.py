"""The emoji as data: `emoji()`, `pictures("openmoji")`, `captions()`.

1,900 emoji in Unicode's order, so row i is the same emoji everywhere. Pictures are 32 x 32 and
come in three drawing styles, each with its own licence; CREDITS is what a caption must say.
scripts/emoji_data and scripts/emoji_captions write the files, data/manifest.toml has their sha256.
"""

import hashlib
import io
import json
import tomllib
import zlib
from dataclasses import dataclass
from functools import cache as once

import numpy as np

from course import paths
from course.paths import CourseError
from course.vectors import unpack

CREDITS = {
    "openmoji": "Pictures: OpenMoji, CC BY-SA 4.0 (scaled to 32 x 32).",
    "twemoji": "Pictures: Twemoji, copyright Twitter, Inc and other contributors, CC BY 4.0 "
               "(scaled to 32 x 32).",
    "noto": "Pictures: Noto Emoji, copyright 2013 Google LLC, SIL OFL 1.1 (drawn at 32 x 32).",
}
STYLES = tuple(CREDITS)
GROUPS = ("smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols",
          "flags")
RESTORE = "restore it with `git checkout data`"


@dataclass(frozen=True)
class Emoji:
    """One emoji. held_out: it belongs to a family that no training of the course sees."""

    code: str
    emoji: str
    label: str
    keywords: tuple[str, ...]
    group: str
    family: str
    held_out: bool

    @property
    def public(self) -> tuple[str, ...]:
        """The keywords that training may use."""
        return tuple(word for word in self.keywords if not hidden(word))


def hidden(word: str) -> bool:
    """Whether a keyword is kept from training: half of all words, by their checksum."""
    return zlib.crc32(word.encode("utf-8")) % 2 == 1


@once
def emoji() -> tuple[Emoji, ...]:
    """All 1,900 emoji, read once."""
    rows = json.loads(whole("emoji.json").decode("utf-8"))
    return tuple(Emoji(**{**row, "keywords": tuple(row["keywords"])}) for row in rows)


def pictures(style: str = "openmoji") -> np.ndarray:
    """uint8 (1900, 32, 32, 3), row i for `emoji()[i]`; a fresh array each call.

    style: "openmoji" (colour, black outlines), "twemoji" (colour, flat) or "noto" (black on
    white). Raises CourseError for another style or an altered file.
    """
    if style not in STYLES:
        raise CourseError(f"there is no drawing style {style!r}: choose among {', '.join(STYLES)}.")
    return _unpacked(style).copy()


@once
def _unpacked(style: str) -> np.ndarray:
    with np.load(io.BytesIO(whole(f"emoji/{style}.npz")), allow_pickle=False) as archive:
        made = archive["pictures"]
    return made if made.ndim == 4 else np.repeat(made[..., None], 3, axis=3)


def caption_texts() -> list[str]:
    """Every label and keyword once, sorted: the texts of `captions()`."""
    return sorted({text for one in emoji() for text in (one.label, *one.keywords)})


@once
def captions() -> dict[str, np.ndarray]:
    """Text -> its vector by the course's text model (float32, 384, length 1), as shipped.

    They are those of `embedder()`, rounded to steps of 1/80 for the repository.
    """
    vectors, texts = unpack(whole("emoji/captions.npz")), caption_texts()
    if len(vectors) != len(texts):
        raise CourseError(f"data/emoji/captions.npz has {len(vectors)} rows instead of "
                          f"{len(texts)}: {RESTORE}.")
    return dict(zip(texts, vectors))


def whole(name: str) -> bytes:
    """The bytes of a shipped file whose sha256 is the manifest's."""
    path = paths.DATA / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): {RESTORE}.") from None
    if hashlib.sha256(data).hexdigest() != expected().get(name):
        raise CourseError(f"{path} is not the file of the manifest: {RESTORE}.")
    return data


@once
def expected() -> dict[str, str]:
    """File below data/ -> sha256, for the emoji and the checkpoint, from the manifest."""
    with open(paths.DATA / "manifest.toml", "rb") as file:
        tables = tomllib.load(file).get("shipped", [])
    return {name: digest for table in tables if table.get("lesson") == "08_clip"
            for name, digest in table.get("sha256", {}).items()}
