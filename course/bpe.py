"""Byte-pair merges as the library `tokenizers` learns them, in the form that lesson 04 uses."""

import json
from collections import Counter
from collections.abc import Mapping


def library_merges(words: Mapping, merges: int) -> list[tuple[int, int]]:
    """The first `merges` merges that the library `tokenizers` learns from the same pieces.

    words: {piece as a tuple of byte numbers: how often it occurs}. Returns pairs of token
    numbers in the order learned; number i makes token 256 + i; fewer when no pair is left.
    """
    from tokenizers import Tokenizer, models, trainers

    # The library works on characters. Latin-1 has exactly one for each of the 256 byte values,
    # in the same order, so bytes can go in disguised as text and keep their numbers.
    disguised = (bytes(piece).decode("latin-1") for piece in Counter(words).elements())
    tokenizer = Tokenizer(models.BPE())
    tokenizer.train_from_iterator(disguised, trainers.BpeTrainer(
        vocab_size=256 + merges, initial_alphabet=[chr(i) for i in range(256)],
        show_progress=False))
    model = json.loads(tokenizer.to_str())["model"]
    return [(model["vocab"][left], model["vocab"][right]) for left, right in model["merges"]]
