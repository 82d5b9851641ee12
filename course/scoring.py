"""Scores of given answers, and many texts at once: what a prompt is measured with.

    scored = score_labels(llm(), prompts, [" negative", " positive"])
    scored.scores                 # log P(label | prompt) in nats, one row a prompt
    scored.tokens                 # how many tokens the model read for them

The beginning that all prompts share is read once, and its keys and values serve every row;
the rest goes through the model in batches of similar length. `generate_many` writes.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course.paths import CourseError


@dataclass(frozen=True, eq=False)
class Scored:
    """scores: float64 (prompts, labels), log-probabilities in nats. tokens: tokens read."""

    scores: np.ndarray
    tokens: int


def prompt_ids(model, prompt) -> list[int]:
    """Token ids of a prompt: a str (special tokens in it count), a list of messages (those
    inside a content do not, as in `model.chat`), or ids as they are."""
    if isinstance(prompt, str):
        return model.prompt_ids(prompt)
    prompt = list(prompt)
    return model.chat_ids(prompt) if prompt and isinstance(prompt[0], dict) else prompt


def shared_length(rows: Sequence[Sequence[int]]) -> int:
    """How many ids all rows have in common at their beginning."""
    first, last = min(rows), max(rows)      # in the order of lists: the two that differ soonest
    return next((i for i, (a, b) in enumerate(zip(first, last)) if a != b),
                min(len(first), len(last)))


def score_labels(model, prompts, labels: Sequence[str], batch: int = 8,
                 share: bool = True) -> Scored:
    """log P(label | prompt) of whole labels, for every prompt and label.

    prompts: str, messages or ids (see `prompt_ids`), at least one. labels: continuations that
    bring their own space (" good"). share=False reads every prompt in full, once for each label:
    the same numbers, slower. Equal to `model.score` where the prompt is a str.
    """
    rows = [prompt_ids(model, prompt) for prompt in prompts]
    ends = [model.cut(label, inside=True) for label in labels]
    if not rows or not all(rows) or not ends or not all(ends):
        raise CourseError("score_labels needs at least one prompt and one label, none of them "
                          "empty.")
    if not share:
        jobs = [(row + end[:-1], i, [(j, end)]) for i, row in enumerate(rows)
                for j, end in enumerate(ends)]
        return _run(model, jobs, (len(rows), len(ends)), 0, batch)
    # labels that differ in their last token only come out of one and the same row
    stems: dict[tuple, list] = {}
    for j, end in enumerate(ends):
        stems.setdefault(tuple(end[:-1]), []).append((j, end))
    jobs = [(row + list(stem), i, group) for i, row in enumerate(rows)
            for stem, group in stems.items()]
    # at least one token of each row is left, since its logits are wanted
    start = min(shared_length(rows), min(map(len, rows)) - 1)
    return _run(model, jobs, (len(rows), len(ends)), start, batch)


def _run(model, jobs, shape, start: int, batch: int) -> Scored:
    """jobs: (ids, row, [(column, label ids)]); start: ids that all jobs share."""
    import torch

    scores, tokens = np.zeros(shape), start
    with torch.no_grad():
        past = read(model, jobs[0][0][:start]) if start else None
        for part in _alike(jobs, batch):
            ids, size = padded([job[0][start:] for job in part])
            tokens += sum(size)
            longest = max(len(end) for _, _, group in part for _, end in group)
            first = max(0, min(size) - longest)     # logits before it are not wanted: 49,152 each
            out = model.model(ids, past_key_values=repeated(past, len(part)),
                              use_cache=past is not None,
                              logits_to_keep=ids.shape[1] - first).logits
            for place, (_, row, group) in enumerate(part):
                last = size[place] - first
                for column, end in group:
                    # the label's tokens are predicted by the last len(end) positions of the row
                    rows = out[place, last - len(end):last].log_softmax(-1)
                    scores[row, column] = float(rows[range(len(end)), end].double().sum())
    return Scored(scores, tokens)


def _alike(jobs, batch: int):
    """Batches of jobs of similar length, the longest first."""
    jobs = sorted(jobs, key=lambda job: -len(job[0]))
    return [jobs[i:i + batch] for i in range(0, len(jobs), batch)]


def padded(rows: Sequence[Sequence[int]]):
    """(ids, lengths): rows filled on the right with 0. What follows a row's last token cannot
    change it in a causal model, so no mask is needed."""
    import torch

    size = [len(row) for row in rows]
    ids = torch.zeros(len(rows), max(size), dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, :len(row)] = torch.tensor(row)
    return ids, size


def read(model, ids: Sequence[int]):
    """The keys and values (a transformers cache) after reading ids once."""
    import torch

    with torch.no_grad():
        return model.model(torch.tensor([list(ids)]), use_cache=True,
                           logits_to_keep=1).past_key_values


def repeated(past, times: int):
    """A copy of a cache of one row for `times` rows; None stays None."""
    if past is None:
        return None
    past = copy.deepcopy(past)      # the model appends to what it is given
    past.batch_repeat_interleave(times)
    return past


def generate_many(model, prompts, max_new_tokens: int = 32, batch: int = 10,
                  allowed: Callable[[list[int]], set[int]] | None = None) -> list[str]:
    """The likeliest continuation of each prompt, as `model.generate` without a stop, many at once.

    allowed: takes the ids written so far (of one text) and gives the set of ids that may come
    next; an empty set ends that text. Without it a text ends at the model's end token.
    """
    rows = [prompt_ids(model, prompt) for prompt in prompts]
    if not rows:
        return []
    start, texts = min(shared_length(rows), min(map(len, rows)) - 1), [""] * len(rows)
    past = read(model, rows[0][:start]) if start else None
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for first in range(0, len(rows), batch):
        places = order[first:first + batch]
        written = _write(model, [rows[i][start:] for i in places], start,
                         repeated(past, len(places)), max_new_tokens, allowed)
        for place, new in zip(places, written):
            texts[place] = model.tokenizer.decode(new, skip_special_tokens=True)
    return texts


def _write(model, rows, start: int, past, limit: int, allowed) -> list[list[int]]:
    """Greedy ids for rows of ids that follow the `start` ones in `past`, filled on the left so
    that all end together."""
    import torch

    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.ones(len(rows), start + width, dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, width - len(row):] = torch.tensor(row)
        mask[place, start:start + width - len(row)] = 0
    new, live = [[] for _ in rows], [True] * len(rows)
    with torch.no_grad():
        for _ in range(limit):
            where = (mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1]:]
            out = model.model(ids, attention_mask=mask, position_ids=where, use_cache=True,
                              past_key_values=past, logits_to_keep=1)
            past, step = out.past_key_values, []
            for place, logits in enumerate(out.logits[:, -1]):
                token = _next(logits, new[place], allowed, model.end_ids) if live[place] else None
                live[place] = token is not None
                step.append([token or 0])
                if live[place]:
                    new[place].append(token)
            if not any(live):
                break
            ids = torch.tensor(step)
            mask = torch.cat([mask, torch.ones(len(rows), 1, dtype=torch.long)], 1)
    return new


def _next(logits, written: list[int], allowed, end_ids) -> int | None:
    """The likeliest id, among the allowed ones; None where the text ends."""
    if allowed is None:
        token = int(logits.argmax())
        return None if token in end_ids else token
    open_ids = sorted(allowed(list(written)))
    return open_ids[int(logits[open_ids].argmax())] if open_ids else None
