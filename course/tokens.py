"""Tokenizers without a network: tiktoken's vocabularies, the language model's own, and yours.

    encoding("cl100k_base").encode("cooking")      # tiktoken.Encoding, offline
    adapt(my_bpe, "mine").decode_bytes([17])       # one surface for any tokenizer

After `use_offline_ranks()` (encoding calls it) plain `tiktoken.get_encoding(...)` is offline too.
"""

import hashlib
import os
import shutil
import tempfile
from functools import cache as once
from importlib import metadata
from pathlib import Path
from unittest import mock

from course import llm_files, manifest
from course.fetch import need
from course.paths import CourseError, cache

NAMES = ("gpt2", "cl100k_base", "o200k_base")


# --------------------------------------------------------------------- tiktoken without a network

def addresses() -> dict[str, str]:
    """Address -> sha256 of every rank file the installed tiktoken wants for NAMES.

    Read from tiktoken itself, by letting its constructors run against a loader that only notes
    what it is asked for: no address is written here, and a new tiktoken is noticed.
    """
    from tiktoken_ext import openai_public

    wanted = {}

    def note_bpe(address, expected_hash=None):
        wanted[address] = expected_hash
        return {}

    def note_gym(vocab_bpe_file, encoder_json_file, vocab_bpe_hash=None, encoder_json_hash=None):
        wanted[vocab_bpe_file] = vocab_bpe_hash
        wanted[encoder_json_file] = encoder_json_hash
        return {}

    with mock.patch.multiple(openai_public, load_tiktoken_bpe=note_bpe,
                             data_gym_to_mergeable_bpe_ranks=note_gym):
        for name in NAMES:
            openai_public.ENCODING_CONSTRUCTORS[name]()
    return wanted


def _rank_files() -> dict[str, Path]:
    """Name in tiktoken's cache (sha1 of the address) -> our checked copy of that file."""
    folder = need("token-ranks")
    ours = {file.sha256: folder / file.name for file in manifest.load()["token-ranks"].files}
    files = {}
    for address, sha256 in addresses().items():
        if sha256 not in ours:
            raise CourseError("the installed tiktoken wants other vocabulary files than the "
                              "course carries: run `python -m course.setup`, which brings back "
                              "the tiktoken of requirements/course.lock.")
        files[hashlib.sha1(address.encode()).hexdigest()] = ours[sha256]
    return files


def _fill(folder: Path) -> None:
    """Lay the rank files into `folder` under tiktoken's names, each at once or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in _rank_files().items():
        part = folder / f"{name}.{os.getpid()}.tmp"
        try:
            os.link(source, part)          # no second copy where the file system can do that
        except OSError:
            shutil.copyfile(source, part)
        os.replace(part, folder / name)
        part.unlink(missing_ok=True)       # two links to one file: replace leaves both names


@once
def _rank_folder() -> Path:
    wanted = manifest.load()["token-ranks"].files
    need("token-ranks")
    # the version is in the name: another tiktoken may want other files; asking the metadata
    # spares the set-up cell the import of tiktoken
    folder = cache() / f"token-ranks-tiktoken-{metadata.version('tiktoken')}"
    if len([path for path in folder.glob("*") if path.suffix != ".tmp"]) < len(wanted):
        try:
            _fill(folder)
        except OSError:                    # a read-only course folder: a private copy
            folder = Path(tempfile.mkdtemp(prefix="course-ranks-"))
            _fill(folder)
    return folder


def use_offline_ranks() -> None:
    """Let tiktoken find its vocabularies on this machine (it reads TIKTOKEN_CACHE_DIR)."""
    os.environ["TIKTOKEN_CACHE_DIR"] = str(_rank_folder())


def encoding(name: str):
    """tiktoken.Encoding of "gpt2", "cl100k_base" or "o200k_base", without a network."""
    if name not in NAMES:
        raise CourseError(f"there is no encoding {name!r} in the course: "
                          f"choose among {', '.join(NAMES)}.")
    import tiktoken

    use_offline_ranks()
    return tiktoken.get_encoding(name)


@once
def llm_tokenizer():
    """The language model's own tokenizer, as transformers loads it."""
    from transformers import PreTrainedTokenizerFast  # AutoTokenizer would import torch: 3 s

    return PreTrainedTokenizerFast.from_pretrained(llm_files.ready(), local_files_only=True)


# ----------------------------------------------------------------- one surface for any tokenizer

class Tokens:
    """Any tokenizer as: encode(str) -> ids, decode(ids) -> str, decode_bytes(ids) -> bytes.

    encode takes every text as plain text: "<|endoftext|>" is characters, never a special token.
    n_vocab: how many ids there are, None when the tokenizer does not say.
    """

    def __init__(self, tokenizer, name: str):
        self.tokenizer, self.name = tokenizer, name

    def encode(self, text: str) -> list[int]:
        return [int(number) for number in self.tokenizer.encode(text)]

    def decode_bytes(self, ids) -> bytes:
        if hasattr(self.tokenizer, "decode_bytes"):
            return bytes(self.tokenizer.decode_bytes(list(ids)))
        return self.tokenizer.decode(list(ids)).encode("utf-8")

    def decode(self, ids) -> str:
        return self.decode_bytes(ids).decode("utf-8", errors="replace")

    @property
    def n_vocab(self) -> int | None:
        for attribute in ("n_vocab", "vocab_size"):
            if isinstance(value := getattr(self.tokenizer, attribute, None), int):
                return value
        vocab = getattr(self.tokenizer, "vocab", None)
        return len(vocab) if hasattr(vocab, "__len__") else None

    def __repr__(self):
        return f"Tokens({self.name!r}, n_vocab={self.n_vocab})"


class _Tiktoken(Tokens):
    def encode(self, text):
        return self.tokenizer.encode(text, disallowed_special=())


class _Transformers(Tokens):
    """A fast tokenizer of transformers with a byte-level vocabulary, such as the llm's."""

    def __init__(self, tokenizer, name):
        from transformers.convert_slow_tokenizer import bytes_to_unicode
        super().__init__(tokenizer, name)
        self._byte = {char: byte for byte, char in bytes_to_unicode().items()}
        self._added = {number: token.content
                       for number, token in tokenizer.added_tokens_decoder.items()}

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    def decode_bytes(self, ids):
        found = bytearray()
        for number in map(int, ids):
            if number in self._added:
                found += self._added[number].encode("utf-8")
            else:
                token = self.tokenizer.convert_ids_to_tokens(number)
                found += bytes(self._byte[char] for char in token)
        return bytes(found)

    @property
    def n_vocab(self):
        return len(self.tokenizer)


def adapt(tokenizer, name: str | None = None) -> Tokens:
    """One surface for: a name of NAMES or "llm", a tiktoken or transformers tokenizer, or any
    object with encode(str) -> ids and decode_bytes(ids) or decode(ids)."""
    if isinstance(tokenizer, Tokens):
        return tokenizer
    if isinstance(tokenizer, str):
        name = name or tokenizer
        tokenizer = llm_tokenizer() if tokenizer == "llm" else encoding(tokenizer)
    if not callable(getattr(tokenizer, "encode", None)) or not (
            hasattr(tokenizer, "decode_bytes") or hasattr(tokenizer, "decode")):
        raise CourseError(f"{type(tokenizer).__name__} is no tokenizer: it needs encode(text) "
                          "and decode_bytes(ids).")
    if not name:
        own = getattr(tokenizer, "name", None)
        name = own if isinstance(own, str) and own else type(tokenizer).__name__
    home = type(tokenizer).__module__.split(".")[0]
    if home == "tiktoken":
        return _Tiktoken(tokenizer, name)
    if hasattr(tokenizer, "added_tokens_decoder"):
        return _Transformers(tokenizer, name)
    return Tokens(tokenizer, name)
