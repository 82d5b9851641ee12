"""Sentences to vectors: `embedder()`, the model all-MiniLM-L6-v2 on the CPU, offline.

    vectors = embedder().encode(["A fine film.", "I liked it."])      # (2, 384), unit rows
    vectors[0] @ vectors[1]                                           # their cosine

Loaded with transformers alone: the mean of the last layer over the tokens that are no padding,
then scaled to length 1, which is what the model was trained with.
"""

from collections.abc import Sequence
from functools import cache as once
from importlib import import_module
from pathlib import Path

import numpy as np

from course.engines.choice import Choice, embedder_choice
from course.fetch import need
from course.paths import CourseError
from course.quiet import quiet, set_threads

LENGTH = 256        # tokens; the model was trained on shorter texts and cuts longer ones


def embedder() -> "Embedder":
    """The embedder, loaded once per process (about a second after the imports).

    COURSE_EMBEDDER chooses another one (docs/engines.md): then vectors have another width.
    Raises CourseError when the model is not on this machine.
    """
    return _shared(embedder_choice())


@once
def _shared(choice: Choice):
    if choice.kind == "default":
        return Embedder(need("embedder"))
    home = "remote" if choice.kind == "remote" else "encoder"
    return import_module(f"course.engines.{home}").embedder(choice)


class Embedder:
    """A text encoder with mean pooling, float32, CPU. size: numbers in a vector (384).

    folder: config.json, model.safetensors and tokenizer files as transformers saves them.
    length: tokens of a text that are read; the rest is cut off.
    """

    def __init__(self, folder: Path, length: int = LENGTH):
        quiet()
        import torch
        from transformers import AutoModel, AutoTokenizer

        quiet()  # again: now that the libraries are there, their own switches too
        set_threads()
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self.model = AutoModel.from_pretrained(
            str(folder), dtype=torch.float32, local_files_only=True).eval()
        self.length = length
        self.size = self.model.config.hidden_size

    def __repr__(self) -> str:
        return f"Embedder({self.model.num_parameters():,} parameters, {self.size} numbers a text)"

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """One unit vector per text, in order: float32 (n, size); an empty text has one too.

        Vectors of the same text agree to about 1e-6, not to the last bit, between batches and
        machines.
        """
        texts = checked(texts, batch_size)
        vectors = np.zeros((len(texts), self.size), np.float32)
        # texts of like length go together, so that little padding is computed
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
        for start in range(0, len(texts), batch_size):
            places = order[start:start + batch_size]
            vectors[places] = self._batch([texts[place] for place in places])
        return vectors

    def _batch(self, texts: list[str]) -> np.ndarray:
        import torch

        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=self.length,
                                return_tensors="pt")
        with torch.inference_mode():
            states = self.model(**tokens).last_hidden_state          # (n, tokens, size)
            mask = tokens["attention_mask"][:, :, None].to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1)
            return torch.nn.functional.normalize(mean, dim=1).numpy()


def checked(texts: Sequence[str], batch_size: int) -> list[str]:
    """The texts as a list; CourseError for what no encoder can read."""
    if isinstance(texts, str):
        raise CourseError("encode reads a list of texts, and this is one str: "
                          "put it in brackets, encode([text]).")
    texts = list(texts)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise CourseError(f"encode reads texts, and number {place} of the list is of type "
                              f"{type(text).__name__}: give a list of str.")
    if not isinstance(batch_size, int) or batch_size < 1:
        raise CourseError(f"batch_size is a whole number of 1 or more, not {batch_size!r}.")
    return texts
