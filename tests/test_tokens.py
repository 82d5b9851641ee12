"""Tokenizers offline: the files tiktoken itself wants, exact ids, one surface for any tokenizer."""

import os
import subprocess
import sys

import pytest

from course import manifest, tokens
from course.paths import ROOT, CourseError
from tests.fetch_support import fetched

TEXTS = ["", "cooking", " cooking", "1234567", "🙂", "naïve café", "日本語", "a\n\n\tb  ",
         "<|endoftext|>", "\x00\x7f", "हिन्दी"]


@pytest.fixture
def ranks():
    return fetched("token-ranks")


def llm():
    """The llm's tokenizer, where the model is here."""
    try:
        return tokens.adapt("llm")
    except CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


def test_the_manifest_has_the_hashes_that_tiktoken_carries():
    ours = {file.sha256 for file in manifest.load()["token-ranks"].files}
    assert set(tokens.addresses().values()) == ours and len(ours) == 4


def test_reading_the_addresses_leaves_tiktoken_as_it_was():
    from tiktoken_ext import openai_public
    before = openai_public.load_tiktoken_bpe, openai_public.data_gym_to_mergeable_bpe_ranks
    tokens.addresses()
    assert before == (openai_public.load_tiktoken_bpe,
                      openai_public.data_gym_to_mergeable_bpe_ranks)


@pytest.mark.parametrize("name, size, cooking, upper, digits, smile", [
    ("gpt2", 50257, "cook ing", "Cook ing", "123 45 67", 2),
    ("cl100k_base", 100277, "co oking", "Cook ing", "123 456 7", 2),
    ("o200k_base", 200019, "c ooking", "Cooking", "123 456 7", 1)])
def test_exact_pieces(ranks, name, size, cooking, upper, digits, smile):
    encoding = tokens.encoding(name)

    def pieces(text):
        return b" ".join(encoding.decode_single_token_bytes(i)
                         for i in encoding.encode(text)).decode()

    assert encoding.n_vocab == size and len(encoding.encode("🙂")) == smile
    assert [pieces(t) for t in ("cooking", "Cooking", "1234567")] == [cooking, upper, digits]
    assert len(encoding.encode(" cooking")) == 1


def test_plain_tiktoken_is_offline_afterwards(ranks):
    """In a fresh process, where a connection that leaves the machine would fail the run."""
    code = ("from course import tokens; tokens.use_offline_ranks(); import tiktoken\n"
            "print([tiktoken.get_encoding(n).n_vocab for n in tokens.NAMES])")
    env = {k: v for k, v in os.environ.items() if k != "TIKTOKEN_CACHE_DIR"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True,
                          encoding="utf-8")
    assert done.stdout.strip() == "[50257, 100277, 200019]", done.stderr


def test_a_read_only_course_folder(ranks, tmp_path, monkeypatch):
    """Where the cache cannot be written, the rank files go to a private folder."""
    filled, real = [], tokens._fill

    def fill(folder):
        filled.append(folder)
        if len(filled) == 1:
            raise PermissionError(13, "read-only")
        real(folder)

    tokens._rank_folder.cache_clear()
    monkeypatch.setattr(tokens, "cache", lambda: tmp_path)
    monkeypatch.setattr(tokens, "_fill", fill)
    folder = tokens._rank_folder()
    tokens._rank_folder.cache_clear()
    assert folder == filled[1] and len(list(folder.iterdir())) == 4 and not any(tmp_path.iterdir())


def test_another_tiktoken_is_noticed(ranks, monkeypatch, tmp_path):
    monkeypatch.setattr(tokens, "addresses", lambda: {"address": "0" * 64})
    with pytest.raises(CourseError, match="wants other vocabulary files"):
        tokens._fill(tmp_path / "ranks")


def test_an_unknown_encoding():
    with pytest.raises(CourseError, match="there is no encoding 'gpt5'.*gpt2"):
        tokens.encoding("gpt5")


# ----------------------------------------------------------------- one surface for any tokenizer

class Letters:
    """A learner's tokenizer: one id per byte."""
    vocab = {bytes([i]): i for i in range(256)}

    def encode(self, text):
        return list(text.encode("utf-8"))

    def decode(self, ids):
        return bytes(ids).decode("utf-8")


@pytest.mark.parametrize("name", tokens.NAMES)
@pytest.mark.parametrize("text", TEXTS)
def test_tiktoken_adapted(ranks, name, text):
    view = tokens.adapt(name)
    ids = view.encode(text)
    assert view.decode(ids) == text and view.decode_bytes(ids) == text.encode("utf-8")
    assert all(isinstance(i, int) and 0 <= i < view.n_vocab for i in ids) and view.name == name


@pytest.mark.parametrize("text", TEXTS)
def test_the_llm_adapted(text):
    view = llm()
    ids = view.encode(text)
    assert view.decode_bytes(ids) == text.encode("utf-8") and view.n_vocab == 49152
    assert b"".join(view.decode_bytes([i]) for i in ids) == text.encode("utf-8")


def test_the_llm_takes_special_tokens_in_a_text_as_text():
    view = llm()
    special = view.tokenizer.eos_token_id
    assert special not in view.encode("<|im_end|>") and view.decode([special]) == "<|im_end|>"


def test_a_learners_own_adapted():
    view = tokens.adapt(Letters())
    assert (view.name, view.n_vocab) == ("Letters", 256)
    assert view.decode_bytes(view.encode("né")) == "né".encode() and view.decode([104, 105]) == "hi"
    assert tokens.adapt(view) is view and tokens.adapt(Letters(), "mine").name == "mine"


def test_what_is_no_tokenizer():
    with pytest.raises(CourseError, match="int is no tokenizer"):
        tokens.adapt(3)
