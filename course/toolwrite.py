"""A model writes calls of tools: one, or many at once, freely or held to the grammar of a call.

    write_call(model, "How much is 12 times 7?")
    write_calls(model, examples("dev", 100))        # many at once: several times as fast
"""

from collections.abc import Sequence
from copy import deepcopy

import regex  # as re, and it can say whether a text is the beginning of a match

from course.toolcalls import MOST_TOKENS, TOOLS, instructions, judge, prompt_ids, shots

TEXT = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
VALUE = {str: TEXT, int: r"(?:0|[1-9][0-9]{0,3})"}


def _grammar(value=VALUE.get) -> dict[str, str]:
    """A regular expression for the calls of each tool, exactly as `call_text` writes them."""
    return {tool.name: r'\{"tool": "%s", "args": \{%s\}\}' % (tool.name, ", ".join(
        f'"{name}": {value(kind)}' for name, kind in tool.args.items()))
        for tool in TOOLS.values()}


CALL = regex.compile("|".join(_grammar().values()))
EMPTY = [text.replace("\\", "") for text in _grammar({str: '""', int: "0"}.get).values()]


def begins_call(text: str) -> bool:
    """Whether the text can be continued to a call (or is one)."""
    return CALL.fullmatch(text, partial=True) is not None


def closed(text: str) -> str:
    """The beginning of a call, completed with as little as possible."""
    ends = sorted((empty[place:] for empty in EMPTY for place in range(len(empty) + 1)), key=len)
    return next((text + end for end in ends if CALL.fullmatch(text + end)), text)


def write_call(model, request: str, steps: Sequence = (), constrained: bool = False) -> str:
    """What the model writes as its next call. model: a `course.llm()`, tuned or not.

    constrained: of all tokens, take the likeliest that keeps the text the beginning of a call.
    """
    return write_calls(model, [{"request": request, "steps": steps}], constrained)[0]


def write_calls(model, examples: Sequence[dict], constrained: bool = False,
                rows: int = 16, before: Sequence[int] = ()) -> list[str]:
    """The call that the model writes for each example (request, steps), in their order.

    Greedy. `rows` prompts of similar length are read together: many times as fast as one by one,
    and equal up to rounding. before: token ids that stand before every prompt, for example those
    of `shots_ids`; they are read once.
    """
    past = _read(model, before)
    prompts = [prompt_ids(model, one["request"], one["steps"]) for one in examples]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    written = [""] * len(prompts)
    for start in range(0, len(order), rows):
        group = order[start:start + rows]
        texts = _write(model, [prompts[i] for i in group], constrained, deepcopy(past),
                       len(before))
        for i, text in zip(group, texts):
            written[i] = text
    return written


def _read(model, before: Sequence[int]):
    """The model's memory (key-value cache) of one row of tokens, None for none."""
    import torch

    if not len(before):
        return None
    with torch.no_grad():
        return model.model(torch.tensor([list(before)]), use_cache=True,
                           logits_to_keep=1).past_key_values


def instructions_ids(model, *more: dict) -> list[int]:
    """Token ids of a system message with the tools, to put before a request."""
    ids = []
    for message in ({"role": "system", "content": instructions()}, *more):
        ids += model.cut(f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n")
    return ids


def shots_ids(model, backwards: bool = False) -> list[int]:
    """The same, followed by one example a tool, in the tools' order or backwards."""
    return instructions_ids(model, *shots(backwards))


def _write(model, prompts: list[list[int]], constrained: bool, past, before: int) -> list[str]:
    """Greedy continuations of some prompts, up to the end token or MOST_TOKENS.

    Shorter prompts are filled up on the left; the mask hides that, and positions leave it out.
    past: the cache of `before` tokens that come first, or None.
    """
    import torch

    longest, pad = max(map(len, prompts)), model.tokenizer.pad_token_id
    step = torch.tensor([[pad] * (longest - len(ids)) + ids for ids in prompts])
    mask = torch.tensor([[1] * before + [0] * (longest - len(ids)) + [1] * len(ids)
                         for ids in prompts])
    if past is not None:
        past.batch_repeat_interleave(len(prompts))
    new, alive = [[] for _ in prompts], set(range(len(prompts)))
    with torch.no_grad():
        while alive:
            places = (mask.cumsum(1) - 1).clamp(min=0)[:, -step.shape[1]:]
            out = model.model(step, attention_mask=mask, position_ids=places,
                              past_key_values=past, use_cache=True, logits_to_keep=1)
            past, logits = out.past_key_values, out.logits[:, -1]
            tokens = logits.argmax(-1).tolist()
            for i in list(alive):
                if constrained:
                    tokens[i] = _allowed(model, new[i], logits[i])
                if tokens[i] in model.end_ids or len(new[i]) == MOST_TOKENS:
                    alive.discard(i)
                else:
                    new[i].append(tokens[i])
            step = torch.tensor(tokens)[:, None]
            mask = torch.cat([mask, torch.ones_like(step)], 1)
    texts = [model.tokenizer.decode(ids, skip_special_tokens=True) for ids in new]
    return [closed(text) for text in texts] if constrained else texts


def _allowed(model, before: list[int], logits) -> int:
    """The likeliest token that keeps the text the beginning of a call; an end token when it is
    whole. Tokens that are part of a character are passed over: a call in ASCII exists always."""
    decode = model.tokenizer.decode
    if CALL.fullmatch(decode(before)):
        return next(iter(model.end_ids))
    for size in (64, len(logits)):
        for token in logits.topk(size).indices.tolist():
            text = decode([*before, token])
            if token not in model.end_ids and "\ufffd" not in text and begins_call(text):
                return token
    raise AssertionError("no token continues the call")  # a quote or a letter always does


def rates(examples: Sequence[dict], texts: Sequence[str]) -> dict[str, list[bool]]:
    """json, call, tool and exact, one bool an example; see `toolcalls.judge`."""
    verdicts = [judge(text, one["tool"], one["args"]) for one, text in zip(examples, texts)]
    return {name: [one[name] for one in verdicts] for name in ("json", "call", "tool", "exact")}
