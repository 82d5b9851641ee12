"""From examples of tool calls to batches of token ids, and the recipe of the shipped adapter."""

import random
from collections.abc import Sequence

from course.toolcalls import call_text, prompt_ids

# scripts/train_adapter trains with this; the card repeats it.
RECIPE = {"examples": 640, "epochs": 2, "batch": 4, "lr": 2e-3, "rank": 8, "alpha": 16,
          "first_layer": 0, "seed": 0}


def pair(model, example: dict) -> tuple[list[int], list[int]]:
    """(prompt ids, answer ids) of an example; the answer ends with the end token."""
    answer = model.cut(call_text(example["tool"], example["args"])) + model.cut("<|im_end|>")
    return prompt_ids(model, example["request"], example["steps"]), answer


def batches(pairs: Sequence, size: int, epochs: int, seed: int = 0) -> list[list]:
    """Batches in random order, each of rows of nearly the same length (little padding)."""
    rng, made = random.Random(seed), []
    for _ in range(epochs):
        rows = sorted(pairs, key=lambda one: len(one[0]) + len(one[1]) + rng.uniform(-3, 3))
        part = [rows[i:i + size] for i in range(0, len(rows), size)]
        rng.shuffle(part)
        made += part
    return made
