"""Lesson 11: what the shipped adapter learned, what it forgot, what a call costs.

All of them use the adapter data/adapters/tool-calls as it lies there: after scripts/train_adapter
has made another one, run them again. `sealed_tuned` and `sealed_base` open the sealed test; nothing
else does.
"""

import math
import time

import numpy as np

from course.models import llm
from course.ratings import reviews
from course.studies import study
from course.studies.tuning_texts import CHATS, FACTS
from course.tooldata import examples, sealed
from course.toolwrite import instructions_ids, rates, shots_ids, write_calls

DIALS = (0, 0.25, 0.5, 0.75, 1, 1.25)
DEV = 80


def tuned():
    from course.adapters import tuned_llm

    return tuned_llm()


def measured(model, items, **options) -> dict:
    """Verdicts (0 and 1, one an example), the texts, and seconds for all."""
    started = time.perf_counter()
    texts = write_calls(model, items, **options)
    verdicts = {name: [int(one) for one in values] for name, values in rates(items, texts).items()}
    shares = {name: float(np.mean(values)) for name, values in verdicts.items()}
    return {**verdicts, "rates": shares, "texts": texts,
            "seconds": round(time.perf_counter() - started, 1)}


@study(seconds=150)
def base_prompts():
    """Which prompt serves the base model best? On dev examples: rates of each prompt."""
    model, items = llm(), examples("dev", 48)
    prompts = {"the request alone": (), "instructions": instructions_ids(model),
               "instructions, one example a tool": shots_ids(model),
               "the same examples, in reverse order": shots_ids(model, backwards=True)}
    found = {}
    for name, before in prompts.items():
        got = measured(model, items, before=before)
        found[name] = {"tokens before the request": len(before),
                       **got["rates"]}
    return {"n": len(items), "prompts": found}


@study(seconds=150)
def sealed_tuned():
    """The sealed test with the adapter: writing freely, and held to the grammar of a call."""
    items, model = sealed(), tuned()
    return {"groups": [one["group"] for one in items], "tuned, free": measured(model, items),
            "tuned, constrained": measured(model, items, constrained=True)}


@study(seconds=250)
def sealed_base():
    """The sealed test with the base model and one example a tool in its prompt, both ways."""
    items, model = sealed(), llm()
    before = shots_ids(model)
    return {"base, examples, free": measured(model, items, before=before),
            "base, examples, constrained": measured(model, items, before=before,
                                                    constrained=True)}


@study(seconds=120)
def leak():
    """The same adapter on phrasings that it was trained on (with new values), and on others."""
    model, n = tuned(), 128
    # another seed: the phrasings of the training data, other values and other mixtures of them
    seen = {one["request"] for one in examples("train", model.adapter.card["recipe"]["examples"])}
    same = [one for one in examples("train", 2 * n, seed=7) if one["request"] not in seen][:n]
    parts = {"phrasings of the training data, other values": same,
             "other phrasings by the same writer": examples("dev", n)}
    return {name: {key: value for key, value in measured(model, items).items()
                   if key not in ("texts", "seconds")} for name, items in parts.items()}


def perplexity(model, texts) -> float:
    """exp of the mean negative log-probability a token, over all tokens of the texts."""
    total = sum(model.score("", text) for text in texts)
    return math.exp(-total / sum(len(model.cut(text)) for text in texts))


def news(n=100):
    """n newspaper sentences of 60 to 240 letters: ordinary prose, in no way about tools."""
    texts = [text for text in reviews("news").texts if 60 <= len(text) <= 240]
    return [texts[i] for i in np.random.default_rng(0).permutation(len(texts))[:n]]


def sentiment(model, n=200) -> float:
    """Accuracy on n film sentences, half good: which half has the larger score difference?"""
    film, rng = reviews("film"), np.random.default_rng(1)
    rows = np.concatenate([rng.choice(np.flatnonzero(side), n // 2, replace=False)
                           for side in (film.mean > 0.5, film.mean < -0.5)])
    gap = []
    for row in rows:
        prompt = f"Review: {film.texts[row]}\nSentiment:"
        gap.append(model.score(prompt, " positive") - model.score(prompt, " negative"))
    good = np.array(gap) > np.median(gap)
    return float(np.mean(good == (np.arange(n) < n // 2)))


def facts(model) -> float:
    """Share of general questions whose right ending scores above three wrong ones."""
    right = [max(ends, key=lambda end: model.score(start, " " + end)) == ends[0]
             for start, *ends in FACTS]
    return float(np.mean(right))


def prose(model) -> tuple[float, list[str]]:
    """Share of small questions whose answer does not begin like a call, and the answers."""
    said = [model.chat(question, max_new_tokens=20) for question in CHATS]
    return float(np.mean([not text.lstrip().startswith("{") for text in said])), said


@study(seconds=200)
def forgotten():
    """Perplexity and three unrelated tasks, with the adapter on and off."""
    model, texts, found = tuned(), news(), {}
    for name, on in (("base", False), ("tuned", True)):
        model.adapter.switch(on)
        share, said = prose(model)
        found[name] = {"perplexity": perplexity(model, texts), "sentiment": sentiment(model),
                       "facts": facts(model), "prose": share, "answers": said}
    return {"n": {"perplexity": len(texts), "sentiment": 200, "facts": len(FACTS),
                  "prose": len(CHATS)}, **found}


@study(seconds=350)
def dial():
    """The adapter's strength from 0 to 1.25 times what was trained: what it does and forgets."""
    model, texts, items, rows = tuned(), news(60), examples("dev", DEV), []
    scale = next(iter(model.adapter.layers.values())).scale
    for strength in DIALS:
        for layer in model.adapter.layers.values():
            layer.scale = scale * strength
        got = measured(model, items)
        rows.append({"strength": strength, **got["rates"],
                     "perplexity": perplexity(model, texts), "prose": prose(model)[0]})
    return {"n": DEV, "rows": rows}


@study(seconds=60)
def costs():
    """Tokens and seconds of a call: the adapter, and the prompt with one example a tool."""
    model, items = tuned(), examples("dev", 10)
    before = shots_ids(model)
    found = {}
    for name, options, on in (("adapter", {}, True), ("prompt", {"before": before}, False)):
        model.adapter.switch(on)
        started = time.perf_counter()
        for one in items:
            write_calls(model, [one], **options)
        found[name] = {"tokens_read": len(options.get("before", ())),
                       "seconds_a_call": (time.perf_counter() - started) / len(items)}
    from course.tooltrain import pair

    pairs = [pair(model, one) for one in items]
    found["request_tokens"] = float(np.mean([len(prompt) for prompt, _ in pairs]))
    found["answer_tokens"] = float(np.mean([len(answer) for _, answer in pairs]))
    return found
