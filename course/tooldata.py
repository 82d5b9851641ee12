"""Requests and the calls they ask for: from templates for training, by hand for the test.

    examples("train", 600)      # from data/tools/phrasings.toml
    examples("dev", 120)        # other phrasings and other values of the same file
    sealed()                    # data/tools/sealed.json: written apart, opened once

An example is a dict: request; steps, a list of [call as text, result] of the turns so far; tool
and args, the call that should come next; phrasing, which template it comes from; kind: "first"
(one request), "stop" (all is done: none), "go on" (two things were asked) or "error".
"""

import json
import random
import tomllib
from functools import cache

from course.paths import DATA, CourseError
from course.toolcalls import AGAIN, DENIED, ERROR, call_text

FOLDER = DATA / "tools"
HELD_OUT = 6                # every sixth phrasing is for development, and every sixth value
CLOSED = ("day", "origin", "carrier")       # value lists that both sides share
MONTHS = ("January February March April May June July August September October November "
          "December").split()
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
# Shares of the kinds of examples, in percent.
MIX = {"calculator": 13, "search_handbook": 11, "run_sql": 17, "calendar_add": 8, "send_email": 9,
       "file_claim": 8, "none": 11, "two": 5, "stop": 9, "go on": 7, "error": 2}


@cache
def _file() -> dict:
    try:
        with open(FOLDER / "phrasings.toml", "rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{FOLDER / 'phrasings.toml'} cannot be read ({error}): "
                          "restore it from the repository.") from None


def phrasings(split: str) -> list[dict]:
    """The templates of "train", "dev" or "all": dicts with say, tool, args, number, and for
    requests of two things result, then, then_args."""
    if split not in ("train", "dev", "all"):
        raise CourseError(f'A split is "train", "dev" or "all", not {split!r}.')
    found, number = [], 0
    for group in _file()["group"]:
        for say in group["say"]:
            number += 1
            if split == "all" or (number % HELD_OUT == 0) == (split == "dev"):
                found.append({**group, "say": say, "number": number})
    return found


def examples(split: str, n: int, seed: int = 0) -> list[dict]:
    """n examples of a split in random order, the kinds mixed as in MIX, phrasings in turn."""
    rng = random.Random(f"{split} {seed}")
    makers = {kind: _turns(kind, split, rng) for kind in MIX}
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    made = []
    while len(made) < n:
        rng.shuffle(kinds)
        made += [next(makers[kind]) for kind in kinds]
    return made[:n]


def _turns(kind: str, split: str, rng: random.Random):
    """Endless examples of a kind; each phrasing once before any comes a second time."""
    pool = [one for one in phrasings(split) if _fits(one, kind)]
    while True:
        rng.shuffle(pool)
        for phrasing in pool:
            values = _values(split, rng)
            yield _example(kind, phrasing, values, rng)


def _fits(phrasing: dict, kind: str) -> bool:
    two = "then" in phrasing
    if kind in ("two", "go on"):
        return two
    if kind in ("stop", "error"):
        return phrasing["tool"] != "none"
    return not two and phrasing["tool"] == kind


def _example(kind: str, phrasing: dict, values: dict, rng: random.Random) -> dict:
    first = (phrasing["tool"], _filled(phrasing["args"], values))
    second = "then" in phrasing and (phrasing["then"], _filled(phrasing["then_args"], values))
    steps, wanted = [], first
    if kind in ("stop", "go on"):
        steps = [[call_text(*first), _outcome(phrasing, values, rng)]]
        wanted = ("none", {})
        if second and kind == "go on":
            wanted = second
        elif second:
            steps.append([call_text(*second), "Done."])
    if kind == "error":
        text = rng.choice((*AGAIN, DENIED))
        steps = [[call_text(*first), ERROR + text]]
        wanted = ("none", {}) if text == DENIED else first
    return {"phrasing": phrasing["number"], "kind": kind if steps else "first",
            "request": _spoken(phrasing["say"].format(**values), rng), "steps": steps,
            "tool": wanted[0], "args": wanted[1]}


def _filled(args: dict, values: dict) -> dict:
    return {name: values["hour"] if text == "{hour}" else text.format(**values)
            for name, text in args.items()}


def _outcome(phrasing: dict, values: dict, rng: random.Random) -> str:
    """What the first tool of a phrasing gives back."""
    if "result" in phrasing:
        return phrasing["result"].format(**values)
    if phrasing["tool"] == "calculator":
        expression = _filled(phrasing["args"], values)["expression"]
        return f"{eval(expression, {'__builtins__': {}}):.10g}"       # our own template's digits
    if phrasing["tool"] == "run_sql":
        return values["count"] if "COUNT" in phrasing["args"]["query"] else values["mean"]
    if phrasing["tool"] == "search_handbook":
        facts = " ".join(one.format(topic=values["topic"])
                         for one in rng.sample(_file()["values"]["fact"], 3))
        return f"[{values['topic']}] {facts}"
    return "Done."


def _values(split: str, rng: random.Random) -> dict:
    """One value for each slot; open lists are parted between the splits."""
    values = {}
    for slot, pool in _file()["values"].items():
        if slot not in CLOSED and slot != "fact":
            pool = [one for place, one in enumerate(pool, 1)
                    if (place % HELD_OUT == 0) == (split == "dev")]
        values[slot] = rng.choice(pool)
        if slot == "title":     # people say "the dinner", a calendar says "dinner"
            values["entry"] = values["title"].removeprefix("the ").removeprefix("a ")
        if slot == "topic":
            values["topic2"] = rng.choice([one for one in pool if one != values["topic"]])
    values["fact"] = values["fact"].format(topic=values["topic"])
    values["booking"] = "".join(rng.choices(LETTERS, k=6))
    month = rng.randrange(12)
    values |= {"month": MONTHS[month], "m": month + 1, "d": rng.randint(1, 28)}
    return values | _numbers(rng) | _hour(rng)


def _numbers(rng: random.Random) -> dict:
    b, c, p = rng.randint(2, 10 ** rng.randint(1, 3)), rng.randint(2, 40), rng.randint(1, 60)
    a = b * rng.randint(2, 60) if rng.random() < .5 else b + rng.randint(1, 10 ** rng.randint(2, 4))
    return {"a": a, "b": b, "c": c, "p": rng.choice((p, p, p, p + .5)), "sum": a + b,
            "product": a * b, "difference": a - b, "count": str(rng.randint(90, 19_999)),
            "mean": f"{rng.uniform(1, 60):.1f}"}


def _hour(rng: random.Random) -> dict:
    """An hour and one of the ways to say it."""
    hour = rng.randint(6, 22)
    short = f"{(hour - 1) % 12 + 1} {'am' if hour < 12 else 'pm'}"
    said = rng.choice((short, short, f"{hour}:00"))
    return {"hour": hour, "time": "noon" if hour == 12 and rng.random() < .5 else said}


def _spoken(text: str, rng: random.Random) -> str:
    """Some people write without capitals or a full stop, some greet or thank."""
    way = rng.random()
    if way < .15:
        return text[0].lower() + text[1:]
    if way < .3:
        return text.rstrip(".?!")
    if way < .4:
        return rng.choice(("Hi, ", "Hello! ", "Please: ", "Hey, ", "One more thing. ")) + text
    return text + rng.choice((" Thanks.", " Thank you!", " Please.")) if way < .46 else text


def sealed() -> list[dict]:
    """The 170 requests of the test, as examples whose `group` says what is asked for.

    Written before any training, in words and values apart from the templates, and opened once.
    Do not train on them and do not choose a recipe by them: measure with them at the end.
    """
    try:
        return json.loads((FOLDER / "sealed.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{FOLDER / 'sealed.json'} cannot be read ({error}): "
                          "restore it from the repository.") from None
