"""One view of every vocabulary: from a text to its tokens, each with id and bytes.

A vocabulary is a name ("gpt2", "cl100k_base", "o200k_base", "llm"), or any tokenizer that
`course.tokens.adapt` takes: an object with `.encode(str) -> list[int]` and
`.decode_bytes(list[int]) -> bytes`, such as your own BPE.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module

from course import tokens
from course.paths import CourseError

NAMES = ("gpt2", "cl100k_base", "o200k_base", "llm")
_loaded: dict = {}


@dataclass(frozen=True)
class Piece:
    """One token: its id, its bytes, and `text`, None where the bytes are no whole characters."""

    id: int
    bytes: bytes

    @property
    def text(self) -> str | None:
        try:
            return self.bytes.decode("utf-8")
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True)
class Split:
    """A text cut by one vocabulary. `exact`: the tokens' bytes give the text back."""

    label: str
    text: str
    pieces: tuple[Piece, ...]

    @property
    def exact(self) -> bool:
        return b"".join(piece.bytes for piece in self.pieces) == _utf8(self.text)

    @property
    def words_per_token(self) -> float | None:
        """Words (what spaces and newlines separate) per token, None without tokens."""
        return len(self.text.split()) / len(self.pieces) if self.pieces else None


class ByteLevel:
    """A tokenizer.json of the byte-level kind (`tokenizers.Tokenizer`), with decode_bytes."""

    def __init__(self, tokenizer, name: str):
        self.tokenizer, self.name = tokenizer, name
        self._byte = {char: byte for byte, char in byte_alphabet().items()}
        self._special = {number: token.content for number, token
                         in tokenizer.get_added_tokens_decoder().items()}

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Ids of the text; special=False takes "<|im_start|>" as ordinary characters."""
        self.tokenizer.encode_special_tokens = not special
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The exact bytes of the ids."""
        found = bytearray()
        for number in ids:
            if number in self._special:
                found += self._special[number].encode("utf-8")
            else:
                found += bytes(self._byte[char] for char in self.tokenizer.id_to_token(number))
        return bytes(found)


def byte_alphabet() -> dict[int, str]:
    """byte -> the printable character that stands for it in byte-level vocabularies.

    Printable bytes stand for themselves; the other 68, in order, for U+0100 onwards.
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {
        byte: chr(0x100 + place) for place, byte in enumerate(others)}


def vocabularies(encodings) -> list[tuple[str, object]]:
    """(label, object) of each vocabulary asked for.

    encodings: one, or a list, of names, objects and (label, object) pairs; or a dict
    label -> name or object. Raises CourseError for what is none of these.
    """
    if isinstance(encodings, str) or hasattr(encodings, "encode"):
        encodings = [encodings]
    if isinstance(encodings, Mapping):
        encodings = list(encodings.items())
    found: dict[str, object] = {}
    for item in encodings:
        label, asked = item if isinstance(item, tuple) and len(item) == 2 else (None, item)
        encoding = _load(asked)
        base = label = str(label or (asked if isinstance(asked, str) else encoding.name))
        number = 2
        while label in found:  # two of a learner's own vocabularies, say
            label, number = f"{base} #{number}", number + 1
        found[label] = encoding
    if not found:
        raise CourseError("No vocabulary was named: pass at least one, such as \"gpt2\".")
    return list(found.items())


def _load(asked):
    if not isinstance(asked, str):
        return asked if isinstance(asked, ByteLevel) else tokens.adapt(asked)
    if asked not in NAMES:
        raise CourseError(f"There is no vocabulary {asked!r}: the names are {', '.join(NAMES)}.")
    if asked not in _loaded:
        _loaded[asked] = llm_vocabulary() if asked == "llm" else tokens.adapt(asked)
    return _loaded[asked]


def llm_vocabulary() -> ByteLevel:
    """The language model's vocabulary without transformers: 0.1 s instead of three."""
    from tokenizers import Tokenizer

    folder = import_module("course.models").llm_folder()
    return ByteLevel(Tokenizer.from_file(str(folder / "tokenizer.json")), "llm")


def split(label: str, encoding, text: str, special: bool = False) -> Split:
    """`text` cut by one vocabulary. special=True lets special tokens in the text be special,
    where the vocabulary is one of ours (an object of your own is asked as it is).

    Raises CourseError when the vocabulary fails on this text.
    """
    if not isinstance(text, str):
        raise CourseError(f"Tokens are cut from a str, not from {type(text).__name__}.")
    text = _utf8(text).decode("utf-8")
    try:
        ids = [int(number) for number in _encode(encoding, text, special)]
        pieces = tuple(Piece(number, bytes(encoding.decode_bytes([number]))) for number in ids)
    except Exception as error:
        raise CourseError(f"The vocabulary '{label}' failed on {text[:30]!r}: "
                          f"{type(error).__name__}: {error}") from error
    return Split(label, text, pieces)


def _encode(encoding, text: str, special: bool):
    if not special:
        return encoding.encode(text)
    if isinstance(encoding, ByteLevel):
        return encoding.encode(text, special=True)
    inner = encoding.tokenizer
    if type(inner).__module__.startswith("tiktoken"):
        return inner.encode(text, allowed_special="all")
    if hasattr(inner, "added_tokens_decoder"):
        return inner.encode(text, add_special_tokens=False)
    return encoding.encode(text)


def _utf8(text: str) -> bytes:
    """UTF-8, with a question mark for a lone surrogate (half a character pasted by accident)."""
    return text.encode("utf-8", "replace")
