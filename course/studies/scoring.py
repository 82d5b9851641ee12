"""Label scores and greedy answers of the language model for many texts at once.

`llm().score` reads one prompt at a time. A study asks about hundreds of texts behind the same
examples, so here the shared beginning is read once and kept, and texts go through in batches.
"""

import copy

import numpy as np

BATCH = 20


def _padded(rows: list[list[int]], pad: int, left: bool = False):
    """(ids, mask) of rows of unequal length, as two (n, longest) tensors."""
    import torch

    longest = max(map(len, rows))
    fill = [[pad] * (longest - len(row)) for row in rows]
    ones = [[1] * len(row) for row in rows]
    zeros = [[0] * len(row) for row in fill]
    ids = [f + row if left else row + f for row, f in zip(rows, fill)]
    mask = [z + one if left else one + z for one, z in zip(ones, zeros)]
    return torch.tensor(ids), torch.tensor(mask)


def label_scores(model, prefix: str, rests: list[str], labels: list[str]) -> np.ndarray:
    """log P(label | prefix + rest) in nats: float (texts, labels).

    model: `llm()`. prefix: what all prompts begin with, "" for nothing; it is cut into tokens by
    itself, as `llm().score` cuts prompt and continuation. Each label is one token here.
    Raises ValueError for a label of several tokens.
    """
    import torch

    picked = []
    for label in labels:
        ids = model.cut(label, inside=True)
        if len(ids) != 1:
            raise ValueError(f"the label {label!r} is {len(ids)} tokens, and one is read here")
        picked.append(ids[0])
    shared = model.cut(prefix) if prefix else []
    scores = []
    with torch.no_grad():
        kept = model.model(torch.tensor([shared]), use_cache=True).past_key_values \
            if shared else None
        for start in range(0, len(rests), BATCH):
            rows = [model.cut(rest) for rest in rests[start:start + BATCH]]
            ids, mask = _padded(rows, 0)
            cache = copy.deepcopy(kept)
            if cache is not None:
                cache.batch_repeat_interleave(len(rows))
            seen = torch.cat([torch.ones(len(rows), len(shared), dtype=mask.dtype), mask], 1)
            states = model.model.model(ids, attention_mask=seen, past_key_values=cache)[0]
            last = states[torch.arange(len(rows)), mask.sum(1) - 1]
            logits = model.model.get_output_embeddings()(last)
            scores.append(logits.log_softmax(-1)[:, picked].double().numpy())
    return np.concatenate(scores)


def answers(model, prompts: list[str], new: int) -> list[str]:
    """The first line that the model writes after each prompt, greedily, at most `new` tokens."""
    import torch

    made = []
    for start in range(0, len(prompts), BATCH):
        rows = [model.cut(prompt) for prompt in prompts[start:start + BATCH]]
        ids, mask = _padded(rows, 0, left=True)
        with torch.no_grad():
            out = model.model.generate(ids, attention_mask=mask, max_new_tokens=new,
                                       do_sample=False, pad_token_id=0)
        texts = model.tokenizer.batch_decode(out[:, ids.shape[1]:], skip_special_tokens=True)
        made += [text.strip().split("\n")[0].strip() if text.strip() else "" for text in texts]
    return made
