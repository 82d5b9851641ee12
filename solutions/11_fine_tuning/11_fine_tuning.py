# %% [markdown]
# # 11 · Fine-tuning: change behaviour by training
#
# *You can train a small addition to a language model, measure what it learned and what it
# forgot, and say when training was worth its price.*

# %% [markdown] card
# {card}

# %% [markdown]
# ## You will be able to
#
# - **judge** what a model writes when it calls a tool (`score-calls`);
# - **prepare** examples: split them so that no wording leaks, and train on the answer only
#   (`split-by-phrasing`, `answer-labels`);
# - **build** LoRA by hand, put it into a real model and take it out again (`lora-layer`,
#   `merge`);
# - **decide**: put an interval on the gain, a number of calls on the price, and choose between
#   prompt, retrieval and tuning (`paired-gain`, `pays-after`, `tune-or-not`).

# %% [markdown]
# ## The question
#
# The desk of Tern Air, our invented airline, gets requests all day: *My guitar never arrived.
# Book gate training on Monday at 3 pm. How many flights went to Miami?* Seven programs could
# serve them: a calculator, the handbook's search, a database, a calendar, e-mail, the form for
# lost baggage, and doing nothing. Somebody has to choose the program and fill in its arguments.
#
# The language model of this course can read. Can it choose? You have a prompt with an example
# of each tool. Your colleague says: *stop writing prompts, [fine-tune](../glossary.md#fine-tuning) the
# thing. Eight minutes of one processor core.*
#
# **How much better is it after eight minutes? What does it forget? And after how many requests
# has the training paid for itself, if it saves nothing but tokens?** (For the last one: making it took
# somebody six hours, at $60 each; the prompt has some 500 tokens; a small hosted model costs cents
# for a million of them.)

# %% locked="setup"
import json

import numpy as np
from course import adapter, cost, lesson, llm, shipped, show, style, table
from course.tooldata import examples
from course.toolcalls import TOOLS, call_text
from grader import check, in_kernel, result, stored

style()
lesson("11_fine_tuning")

# %% [markdown]
# Bet first. Write your numbers over these; they are never graded, and you meet them again at
# the end.

# %%
guess = {
    "before": 0.50,       # <- share of requests with the right tool, prompted
    "after": 0.95,        # <- ... and after training
    "perplexity": 1.00,   # <- perplexity on news: how many times the old one
    "calls": 10_000,      # <- calls until tokens saved have paid for it
}

# %% [markdown]
# ## A call is one line
#
# A model that uses tools does nothing itself. It writes a line, and a program reads it. Ours is
# [JSON](../glossary.md#json), the notation that nearly every program can read. These are the
# seven [tool calls](../glossary.md#tool-call) of this lesson, an example each:

# %%
table([[tool.example[0], call_text(tool.name, tool.example[1])]
       for tool in TOOLS.values()], ["request", "the call to write"])

# %% [markdown]
# `none` is a call, too: *thanks, bye* needs no tool, and after the last result there is nothing
# left to do. Now let the model try. It is given the list of tools in words, one example a tool,
# then the request.

# %%
from course.toolwrite import shots_ids, write_calls

model = llm(fresh=True)      # a copy of our own: this lesson changes it
prompt = shots_ids(model)
tries = [{"request": text, "steps": []} for text in (
    "My trombone is gone, booking KT52WB.", "Add 354 and 645.", "Thanks!")]
print(len(prompt), "tokens before every request")

# %% demo
first = stored("first.json", write_calls(model, tries, before=prompt))

# %%
for one, text in zip(tries, stored("first.json")):
    print(f"{one['request']}\n    {text}")

# %% [markdown]
# Two of three are right. Before you call that good or bad, say what those words mean. Three
# questions, each harder than the one before: can a program read it? Is it the right tool? Are
# the arguments exactly right? An e-mail to the wrong person is the right tool and no help.

# %% [markdown] contract="score-calls" difficulty=1 minutes=6
# ## Exercise `score-calls`
#
# *Difficulty 1 of 5 · about 6 minutes · 2 points*
#
# Write `score(text, tool, args)`: how good is what the model wrote?
#
# | | |
# |---|---|
# | `text` | a string: all that the model wrote |
# | `tool`, `args` | the right tool's name, and a dict of its arguments |
# | returns | `(valid, right_tool, exact)`, three times `True` or `False` |
#
# - `valid`: the whole text is JSON, of whatever kind (what `json.loads` accepts);
# - `right_tool`: valid, a JSON object (a dict), and its `"tool"` is the right one;
# - `exact`: right tool, and its `"args"` are equal to `args`.
#
# Example: `score('{"tool": "none", "args": {}}', "calculator", {"expression": "1+1"})` is
# `(True, False, False)`.
#
# The check tries what models really write: JSON with a sentence around it, a list, a number, a
# call without arguments. Your function must not raise for any of them. The check does not ask
# whether another wording of an argument would do as well: here, it would not.

# %% exercise="score-calls"
def score(text, tool, args):
    """(valid JSON, right tool, exactly right) of what a model wrote."""
    ### BEGIN SOLUTION
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    return True, right, right and call.get("args") == args
    ### END SOLUTION

# %% check="score-calls" points=2
with check("score-calls"):
    want = {"expression": "2+3"}
    good = '{"tool": "calculator", "args": {"expression": "2+3"}}'
    got = score(good, "calculator", dict(want))
    assert got is not None and len(got) == 3, (
        f"return three values (valid, right_tool, exact), not {got}")
    assert [bool(v) for v in got] == [True, True, True], (
        f"for the right call you gave {tuple(got)}")
    got = score('{"tool": "none", "args": {}}', "calculator", dict(want))
    assert [bool(v) for v in got] == [True, False, False], (
        f"'none' instead of 'calculator' is JSON and nothing more; you gave "
        f"{tuple(got)}")
    got = score("I would use the calculator.", "calculator", dict(want))
    assert [bool(v) for v in got] == [False, False, False], (
        f"a sentence is not JSON; you gave {tuple(got)}")
    ### BEGIN HIDDEN TESTS
    cases = [
        (good + " Done!", [False, False, False],
         "a sentence after the call: the whole text must be JSON"),
        ("Sure: " + good, [False, False, False],
         "a sentence before the call: the whole text must be JSON"),
        (good[:-1], [False, False, False], "the last bracket is missing"),
        ("", [False, False, False], "nothing was written"),
        (f"  {good}\n", [True, True, True], "spaces around JSON are fine"),
        ("7", [True, False, False], "a number is JSON, and no call"),
        (f"[{good}]", [True, False, False], "a list is JSON, and no call"),
        ('"calculator"', [True, False, False], "a string is JSON, no call"),
        ('{"tool": "calculator"}', [True, True, False],
         "the arguments are missing"),
        ('{"args": {"expression": "2+3"}}', [True, False, False],
         "the tool is missing"),
        ('{"tool": "calculator", "args": {"expression": "3+2"}}',
         [True, True, False], "2+3 was asked for, 3+2 was written"),
        ('{"tool": "calculator", "args": {"expression": "2+3", "x": 1}}',
         [True, True, False], "an argument too many"),
        ('{"tool": "calculator_2", "args": {"expression": "2+3"}}',
         [True, False, False], "there is no calculator_2"),
        ('{"args": {"expression": "2+3"}, "tool": "calculator"}',
         [True, True, True], "the order of keys does not matter"),
        ("null", [True, False, False], "null is JSON, and no call"),
        ('{"tool": "calculator", "args": 7}', [True, True, False],
         "args is a number"),
        ('{"tool": "calculator", "args": null}', [True, True, False],
         "args is null"),
        (f"```{good}```", [False, False, False],
         "marks around the call: the whole text must be JSON"),
        (good.replace("calc", "Calc"), [True, False, False],
         "Calculator is another word than calculator"),
    ]
    for text, expected, why in cases:
        got = [bool(v) for v in score(text, "calculator", dict(want))]
        assert got == expected, f"{text!r}: {why}; you gave {tuple(got)}"
    event = {"title": "training", "day": "Monday", "hour": 15}
    text = '{"tool": "calendar_add", "args": %s}'
    got = score(text % json.dumps(event | {"hour": "15"}), "calendar_add",
                dict(event))
    assert not got[2], (
        'hour "15" is text and 15 is a number: the calendar would refuse it')
    got = score(text % json.dumps(event), "calendar_add", dict(event))
    assert got[2], f"three right arguments; you gave {tuple(got)}"
    got = score(text % json.dumps(event | {"day": "monday"}), "calendar_add",
                dict(event))
    assert not got[2], "monday and Monday are different texts"
    got = score('{"tool": "none"}', "none", {})
    assert [bool(v) for v in got] == [True, True, False], (
        "'none' without \"args\": the arguments are missing, even if there "
        f"should be none; you gave {tuple(got)}")
    got = score('{"tool": "none", "args": {"query": "x"}}', "none", {})
    assert [bool(v) for v in got] == [True, True, False], (
        f"'none' takes no arguments; you gave {tuple(got)}")
    ### END HIDDEN TESTS

# %% [markdown] hints="score-calls"
# <details><summary>Hint 1: the idea</summary>
#
# Three gates, one behind the other. Who does not pass the first gets three times `False`.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `json.loads(text)` raises a `ValueError` when the text is not JSON. What it gives can be a
# dict, a list, a number, a string, `None`: ask with `isinstance(call, dict)`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `call.get("tool") == tool` and `call.get("args") == args`, the second only together with the
# first. `.get` gives `None` for a missing key instead of raising.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `AttributeError: 'int' object has no attribute 'get'`: the model wrote `7`. JSON, but no
#   dict.
# - `KeyError: 'args'`: a call without arguments; use `.get`.
# </details>

# %% [markdown]
# Now the base model's marks on a test of 170 requests. It was *sealed*: written apart from the
# training examples, and run by nobody before model and prompt were final. Two rows have the same
# prompt as above. In the second of them the model is not free: the *grammar* of a call, the rules by
# which it is spelled, allows only tokens with which the text can still become a call, and the likeliest
# of those is taken (constrained decoding). The third row is no model, but a program that always writes
# `none`. These numbers are shipped, since the run takes minutes: written by `course/studies/tuning.py`; `shipped("11_fine_tuning/sealed_base", live=True)`
# repeats it here.

# %% locked="read-base"
from course.tooldata import sealed

both = {**shipped("11_fine_tuning/sealed_base"),
        **shipped("11_fine_tuning/sealed_tuned")}
idle = [int(one["tool"] == "none") for one in sealed()]
both["always none"] = {"json": [1] * len(idle), "tool": idle, "exact": idle}
MARKS = {"json": "valid JSON", "tool": "right tool", "exact": "exact"}


def rated(name, mark):
    """'0.41 (0.34 to 0.49)': a rate on the test with its 95 % interval."""
    values, rng = np.array(both[name][mark]), np.random.default_rng(0)
    means = rng.choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{values.mean():.3f} ({low:.2f} to {high:.2f})"

# %%
base = ["base, examples, free", "base, examples, constrained"]
table([[name, *(rated(name, mark) for mark in MARKS)]
       for name in (*base, "always none")],
      ["170 requests", *MARKS.values()])

# %% [markdown]
# Nearly every answer is JSON, and not three in ten have the right tool. In exact answers the prompt
# is no better than the program that always writes `none`. What does the model write?

# %%
from collections import Counter


def named(text):
    """The tool that a text calls, or 'no JSON'."""
    try:
        return json.loads(text)["tool"]
    except (ValueError, KeyError, TypeError):
        return "no JSON"


wrote = both[base[0]]["texts"]
print(Counter(map(named, wrote)).most_common(4))
claims = [named(text) == "file_claim" for text, one in zip(wrote, sealed())
          if one["tool"] == "file_claim"]
print(f"{len(claims)} claims were asked for; for {sum(claims)} of these "
      "requests it writes one")
print(f"\n{sealed()[0]['request']}\n    {wrote[0]}")

# %% [markdown]
# A claim for lost baggage, in 102 of 170 answers, and 16 of them were asked for. For the first
# request, which asks for a sum, it writes a claim with the *guitar* of the prompt's example. The
# model falls into the form of one example instead of choosing a tool. So the trombone's claim above
# is no proof that it understood. The grammar makes all of its answers calls and leaves the choice
# as bad as it was: **form is cheap, the choice is what is missing.** (Three other prompts were
# tried, on other requests; the lab shows them.)
#
# The course's marks differ from your `score` in two details. They ignore capital letters and
# extra spaces in an argument, and a call whose arguments have wrong names or types gets no mark
# for its tool. That is why one of the 16 claims does not count below.
#
# ## Examples, and what a phrasing is
#
# Training needs pairs: a request, and the call that it asks for. Nobody has them at Tern Air,
# so the course wrote templates, 322 of them, and a program fills in the values. A template is a
# *phrasing*: a sentence with places for names and numbers. The file is
# `data/tools/phrasings.toml`. Three of the training examples:

# %%
made = examples("train", 640)
for one in (made[0], made[3], made[4]):
    print(f"phrasing {one['phrasing']}: {one['request']}")
    for call, outcome in one["steps"]:
        print("    ...", call, "->", outcome)
    print("   ", call_text(one["tool"], one["args"]))

# %% [markdown]
# The third one is a [second turn](../glossary.md#second-turn): a call was made, its result came
# back, and nothing is left to do. In other second turns a part of the request is still open, or
# the tool has failed. They are nearly a fifth of the examples, for a reason: in a trial while
# this course was planned, a model trained without them stopped after a sufficient result 2
# times in 10.
#
# Now split off a test. Shuffle and cut, as in lesson 01? Count first:

# %%
rng = np.random.default_rng(0)
order = rng.permutation(len(made))
cut = {made[i]["phrasing"] for i in order[:540]}
known = np.mean([made[i]["phrasing"] in cut for i in order[540:]])
print(f"{len({one['phrasing'] for one in made})} phrasings in "
      f"{len(made)} examples; {known:.2f} of a random test have a "
      "phrasing that training has, too")

# %% [markdown]
# A random test asks whether the model can put new values into sentences that it knows. Your
# users will bring sentences that nobody wrote down. The unit that must not be on both sides is
# the phrasing, as the text's key was in lesson 01.

# %% [markdown] contract="split-by-phrasing" difficulty=2 minutes=8
# ## Exercise `split-by-phrasing`
#
# *Difficulty 2 of 5 · about 8 minutes · 2 points*
#
# Write `split(made, share=0.2, seed=0)`: two lists that share no phrasing.
#
# | | |
# |---|---|
# | `made` | a list of dicts with a key `"phrasing"` (a number or a string) and others; pandas is not installed in this course |
# | `share` | the share of *phrasings*, not of examples, that go to the test; 0 makes an empty test |
# | `seed` | the same seed gives the same split, another seed another one |
# | returns | `(train, test)`, two lists of those dicts |
#
# Of `n` different phrasings, `round(share * n)` go to the test, chosen by `seed`. Every example
# is in exactly one list, in the order that it had.
#
# Example: of four examples with the phrasings `[1, 1, 2, 3]` and `share=0.34`, one phrasing
# goes to the test: one or two examples.
#
# The check makes examples of its own, some phrasings frequent and some rare. It does not prove
# that two phrasings are different *in meaning*: `Please add 2 and 3` would count as another one
# than `Add 2 and 3`.

# %% exercise="split-by-phrasing"
def split(made, share=0.2, seed=0):
    """(train, test): examples parted so that no phrasing is in both."""
    ### BEGIN SOLUTION
    names = sorted({one["phrasing"] for one in made})
    rng = np.random.default_rng(seed)
    held = {names[i] for i in
            rng.permutation(len(names))[:round(share * len(names))]}
    return ([one for one in made if one["phrasing"] not in held],
            [one for one in made if one["phrasing"] in held])
    ### END SOLUTION

# %% check="split-by-phrasing" points=2
with check("split-by-phrasing"):
    few = [{"phrasing": p, "request": f"r{i}"}
           for i, p in enumerate([1, 1, 2, 3, 3, 3, 4, 5])]
    got = split([dict(one) for one in few], share=0.4)
    assert got is not None and len(got) == 2, (
        "return two lists: (train, test)")
    train, test = [list(part) for part in got]
    assert len(train) + len(test) == 8, (
        f"8 examples went in, {len(train)} + {len(test)} came out")
    sides = [{one["phrasing"] for one in part} for part in (train, test)]
    assert not sides[0] & sides[1], (
        f"phrasing {sorted(sides[0] & sides[1])} is in both lists")
    assert len(sides[1]) == 2, (
        f"share=0.4 of 5 phrasings is 2; your test has {len(sides[1])}")
    ### BEGIN HIDDEN TESTS
    dice = np.random.default_rng(9)
    many = [{"phrasing": int(p), "request": f"r{i}"} for i, p in enumerate(
        np.concatenate([np.repeat(0, 300), dice.integers(1, 60, 240)]))]
    many = [many[i] for i in dice.permutation(len(many))]
    n = len({one["phrasing"] for one in many})
    for share in (0.0, 0.1, 0.25, 0.5):
        train, test = split([dict(one) for one in many], share, seed=3)
        held = {one["phrasing"] for one in test}
        assert len(held) == round(share * n), (
            f"share={share} of {n} phrasings is {round(share * n)}; your "
            f"test has {len(held)}: count phrasings, not examples")
        assert not held & {one["phrasing"] for one in train}, (
            "a phrasing is in both lists")
        for part in (train, test):
            wanted = [one for one in many
                      if (one["phrasing"] in held) == (part is test)]
            assert [dict(one) for one in part] == wanted, (
                "each example belongs to one list, in the order that it "
                "had: nothing lost, doubled or shuffled")
    tests = [{one["phrasing"] for one in split(many, 0.3, seed=s)[1]}
             for s in (0, 1, 2, 0)]
    assert tests[0] == tests[3], "the same seed gave two different splits"
    assert len({tuple(sorted(t)) for t in tests}) > 1, (
        "three seeds gave the same test: choose the phrasings by `seed`")
    often = [0 in {one["phrasing"] for one in split(many, 0.3, seed=s)[1]}
             for s in range(40)]
    assert 2 <= sum(often) <= 24, (
        f"a phrasing with 300 examples was in the test of {sum(often)} of 40 "
        "seeds instead of about 12: every phrasing has the same chance")
    words = [{"phrasing": p, "x": 1} for p in ("b", "a", "c", "a")]
    train, test = split(words, 0.34, seed=1)
    assert len({one["phrasing"] for one in test}) == 1, (
        "phrasings can be strings, too")
    ### END HIDDEN TESTS

# %% [markdown] hints="split-by-phrasing"
# <details><summary>Hint 1: the idea</summary>
#
# Draw phrasings, not examples. Then ask each example which side its phrasing is on.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `sorted({one["phrasing"] for one in made})` lists each phrasing once;
# `np.random.default_rng(seed).permutation(len(names))` puts their places in random order.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# The first `round(share * len(names))` of the permuted names form a set `held`. Two list
# comprehensions over `made`: `not in held` for training, `in held` for the test.
# </details>
# <details><summary>“I get this error”</summary>
#
# - The same seed gives two splits: a `set` of strings has another order in every process. Sort
#   before you draw.
# - `TypeError: unhashable type: 'dict'`: you put whole examples into a set.
# </details>

# %%
sides = result("split-by-phrasing", lambda: [
    len(part) for part in split(made, share=1 / 6)], "sides.json")
print(f"{sides[0]} examples to train on, {sides[1]} with other phrasings")

# %% [markdown]
# The course's file does it without drawing: every sixth phrasing, and every sixth name, topic and
# bag, is held out as `examples("dev", ...)`. The number of steps was chosen on those. The 170
# requests of the test above are of another kind. They were written by hand after the templates and
# before any training, in other words and with other values; a test of the course counts that no
# five words in a row are in both. Then they were sealed, and opened once, for the numbers of this
# lesson. A test by which you choose is a development set, whatever you call it.
#
# One weakness stays, and you should know it: the same author wrote templates and test. Real
# users will be stranger than both.
#
# ## Train on the answer only
#
# The model sees one row of tokens: the request, then the call. During training it predicts each
# token from those before it, and the [loss](../glossary.md#loss) is its surprise. But it will
# never have to write a request. Which tokens should count?

# %%
from course.tooltrain import pair

asked, answer = pair(model, made[3])
print(model.tokenizer.decode(asked), end="")
print(model.tokenizer.decode(answer))
print(f"\n{len(asked)} tokens to read, {len(answer)} to write")

# %% [markdown]
# Only the answer counts, from its first bracket to the end token, `<|im_end|>`. Libraries mark
# all others with the label -100, which the loss leaves out. Rows of a batch must be equally
# long, so short ones are filled up with a padding token, and padding does not count either.
# Look at the number of ours:

# %%
print("padding:", model.tokenizer.pad_token_id)
print("end of the answer:", answer[-1])

# %% [markdown]
# The same number. Remember that for the next exercise: whoever finds the padding by looking for
# its number also removes the end of every answer. The loss looks fine, and the model never
# learns to stop.

# %% [markdown] contract="answer-labels" difficulty=2 minutes=9
# ## Exercise `answer-labels`
#
# *Difficulty 2 of 5 · about 9 minutes · 2 points*
#
# Write `training_row(asked, answer, length, pad)`: one row for training.
#
# | | |
# |---|---|
# | `asked`, `answer` | two lists of token ids, the answer with its end token |
# | `length` | how long the row must be |
# | `pad` | the token id to fill up with, on the right |
# | returns | `(ids, labels)`, two lists of `length` whole numbers |
#
# `ids` is request, answer, padding. `labels` is the token's own number on the answer and -100
# elsewhere. When request and answer are too long together, drop tokens from the *front of the
# request*: an answer that is cut off teaches the model to cut off. (An answer alone always
# fits.)
#
# Example: `training_row([5, 6], [7, 2], 6, 2)` is
# `([5, 6, 7, 2, 2, 2], [-100, -100, 7, 2, -100, -100])`.
#
# The check compares numbers, and looks at what happens to the lists that you are given.

# %% exercise="answer-labels"
def training_row(asked, answer, length, pad):
    """(ids, labels) of one row; labels are -100 outside the answer."""
    ### BEGIN SOLUTION
    room = length - len(answer)
    asked = asked[max(0, len(asked) - room):]
    fill = room - len(asked)
    return (asked + answer + [pad] * fill,
            [-100] * len(asked) + answer + [-100] * fill)
    ### END SOLUTION

# %% check="answer-labels" points=2
with check("answer-labels"):
    got = training_row([5, 6], [7, 2], 6, 2)
    assert got is not None and len(got) == 2, "return (ids, labels)"
    ids, labels = [[int(v) for v in part] for part in got]
    assert ids == [5, 6, 7, 2, 2, 2], (
        f"request, answer, padding up to 6 tokens; you gave {ids}")
    assert len(labels) == 6, f"6 labels, not {len(labels)}"
    assert labels[:2] == [-100, -100], (
        f"the two tokens of the request do not count; you gave {labels}")
    assert labels[3] == 2, (
        "the answer ends with token 2, which is the padding's number, too; "
        f"there it counts. You gave {labels}")
    assert labels == [-100, -100, 7, 2, -100, -100], (
        f"labels are {labels}: padding does not count")
    ### BEGIN HIDDEN TESTS
    dice = np.random.default_rng(4)
    for case in range(40):
        a, b = (dice.integers(3, 99, size=dice.integers(1, 9)).tolist()
                for _ in "ab")
        b, pad = b + [2], int(dice.choice([2, 0]))
        length = len(a) + len(b) + int(dice.integers(0, 4))
        a_before, b_before = list(a), list(b)
        ids, labels = [[int(v) for v in part]
                       for part in training_row(a, b, length, pad)]
        fill = length - len(a_before) - len(b_before)
        assert ids == a_before + b_before + [pad] * fill, (
            f"request {a_before}, answer {b_before}, length {length}, pad "
            f"{pad}: your ids are {ids}")
        assert labels == ([-100] * len(a_before) + b_before
                          + [-100] * fill), (
            f"request {a_before}, answer {b_before}, length {length}, pad "
            f"{pad}: your labels are {labels}")
        assert (a, b) == (a_before, b_before), (
            "training_row changed a list that it was given")
    long_, short = [1, 2, 3, 4, 5], [8, 9, 2]
    training_row(long_, short, 5, 2)
    assert (long_, short) == ([1, 2, 3, 4, 5], [8, 9, 2]), (
        "training_row changed a list that it was given, when it was too long: "
        "make a new one")
    ids, labels = training_row([1, 2, 3, 4, 5], [8, 9, 2], 5, 2)
    assert [int(v) for v in ids] == [4, 5, 8, 9, 2], (
        "five places for 5 + 3 tokens: keep the whole answer and the end of "
        f"the request; you gave {list(ids)}")
    assert [int(v) for v in labels] == [-100, -100, 8, 9, 2], (
        f"after the cut the labels are {list(labels)}; the answer, whole at "
        "the end, must keep its numbers (count what is left of the request, "
        "not all of it)")
    ids, labels = training_row([1, 2, 3], [8, 2], 2, 2)
    assert [int(v) for v in ids] == [8, 2], (
        "two places for an answer of two: nothing of the request is left; "
        f"you gave {list(ids)}")
    ids, labels = training_row([7, 7, 7], [7, 2], 6, 7)
    assert [int(v) for v in labels] == [-100] * 3 + [7, 2] + [-100], (
        "the same number may stand in request, answer and padding: count "
        "places, do not look for numbers")
    ### END HIDDEN TESTS

# %% [markdown] hints="answer-labels"
# <details><summary>Hint 1: the idea</summary>
#
# You know how long each of the three parts is. Build both lists from those lengths; do not look
# at any number.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `[-100] * n` is a list of `n` labels; lists are joined by `+`. `asked[k:]` drops the first
# `k`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `room = length - len(answer)` places are left for the request. Drop `max(0, len(asked) -
# room)` tokens in front; what is missing to `length` is padding.
# </details>
# <details><summary>“I get this error”</summary>
#
# - With no room left you kept the whole request: `asked[-0:]` is `asked[0:]`, which is
#   everything. Slice from the front with a computed start.
# </details>

# %% [markdown]
# ## PyTorch in a few lines
#
# The next exercise is a PyTorch module. If you have written one before, read on at the next
# heading, but run the next cell, which imports it. A *module* is a class with numbers that can be
# trained, each kept as an `nn.Parameter`, and with a method `forward`, which runs when you call the module. `.backward()`
# on a result works out the [gradient](../glossary.md#gradient) of every parameter: how steeply the
# result grows with that number (for a tiny step, the growth of the result divided by the step). It
# is then found in `.grad`.

# %% locked="torch"
import torch
from torch import nn

# %%
class Times(nn.Module):
    """Multiplies by one number, which can be trained."""

    def __init__(self, start):
        super().__init__()              # first, always
        self.factor = nn.Parameter(torch.tensor(start))

    def forward(self, x):
        return self.factor * x


toy = Times(2.0)
total = toy(torch.tensor([1.0, 3.0])).sum()     # 2 * 1 + 2 * 3
total.backward()
print("result:", total.item(), "· gradient:", toy.factor.grad.item())

# %% [markdown]
# The result is 8, and it grows by 1 + 3 = 4 times what is added to the factor. Training repeats
# three steps: work out a loss, call `.backward()`, and let an [optimizer](../glossary.md#optimizer)
# move each parameter a little against its gradient. A parameter with `requires_grad=False` gets no
# gradient and stays where it is: it is *frozen*.
#
# The module that you will wrap is `nn.Linear`. It stores its weight as (outputs, inputs) and
# computes `x @ weight.T + bias`, where each row of `x` is one input:

# %%
plain = nn.Linear(4, 3)                 # 4 numbers in, 3 out
five = torch.randn(5, 4)
print("weight:", tuple(plain.weight.shape), "· out:", tuple(plain(five).shape))
print(torch.allclose(plain(five), five @ plain.weight.T + plain.bias))

# %% [markdown]
# ## LoRA, by hand
#
# The model has 134,515,008 numbers. To train all of them you need four times their memory (the
# numbers, their gradients, and two running means of the optimizer), and you get a second model of
# half a gigabyte (at 4 bytes a number, as here). [LoRA](../glossary.md#lora) (low-rank
# adaptation, 2021) freezes all of them and adds a small detour beside each matrix; all detours
# together are the [adapter](../glossary.md#adapter). Take a matrix of 3 by 3, which turns 3 numbers
# into 3:

# %%
w = torch.eye(3)                        # frozen: here it changes nothing
a = torch.tensor([[1.0, 1.0, 0.0]])     # 3 numbers in, 1 out: "down"
b = torch.tensor([[0.0], [0.0], [2.0]])  # 1 in, 3 out: "up"
x = torch.tensor([1.0, 2.0, 4.0])
print("old:", (w @ x).tolist(), "· detour:", (b @ (a @ x)).tolist())
print("as one matrix:", (w + b @ a).tolist())

# %% [markdown]
# The detour squeezes three numbers through one (the [rank](../glossary.md#rank)) and spreads it
# out again: 6 numbers instead of 9. For one of our real matrices, 576 by 1,536 at rank 8, it is
# 16,896 instead of 884,736.
#
# How should `a` and `b` start? The first step must not harm the model, so `b @ a` has to be
# zero. Make both zero, then? Break it on purpose, and look at the gradients, which say how each
# number should move:

# %%
def gradients(a, b):
    """The largest gradient of each factor, for the sum of the outputs."""
    a, b = (one.clone().requires_grad_() for one in (a, b))
    (w @ x + b @ (a @ x)).sum().backward()
    return [round(float(one.grad.abs().max()), 2) for one in (a, b)]


zero, start = torch.zeros(3, 1), torch.tensor([[0.3, -0.2, 0.4]])
print("both zero:", gradients(torch.zeros(1, 3), zero))
print("only b zero:", gradients(start, zero))

# %% [markdown]
# With both at zero, both gradients are zero: nothing ever moves. With a random `a` and `b`
# zero, the detour gives nothing at first, and `b` can learn. After one step `a` can, too.

# %% [markdown] contract="lora-layer" difficulty=4 minutes=20
# ## Exercise `lora-layer`
#
# *Difficulty 4 of 5 · about 20 minutes · 3 points*
#
# Write the class `LoRA`, a module that wraps a linear layer.
#
# | | |
# |---|---|
# | `LoRA(base, rank, alpha)` | `base` is an `nn.Linear`, which may have a bias or none |
# | `.a` | an `nn.Parameter` of shape `(rank, inputs)`, random and small |
# | `.b` | an `nn.Parameter` of shape `(outputs, rank)`, all zero |
# | `.forward(x)` | `base(x) + alpha / rank * B (A x)`, for `x` of shape `(..., inputs)` |
#
# Everything of `base` is frozen: `requires_grad` is False, and no training step changes it. But
# gradients go *through* it, to the layers before. `alpha` says how strongly the detour counts;
# divided by the rank, so that a larger rank does not count more. An `nn.Linear` knows its sizes:
# `base.in_features` and `base.out_features`.
#
# Example: `LoRA(nn.Linear(4, 3), rank=2, alpha=4)(torch.zeros(5, 4))` has the shape `(5, 3)`.
#
# The check builds tiny layers in your kernel and fills `b`; its hidden part also trains them for
# three steps and looks at what moved. It does not ask how you draw `a`, only that it is not zero and
# not large (below 2: divide `torch.randn` by something), and that two layers differ. The locked cell
# `probe` after your answer is the check's test bench: you need not read it.

# %% exercise="lora-layer"
class LoRA(nn.Module):
    """A frozen linear layer and a trainable detour of low rank."""

    def __init__(self, base, rank, alpha):
        super().__init__()
        ### BEGIN SOLUTION
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        self.a = nn.Parameter(
            torch.randn(rank, base.in_features) / base.in_features ** 0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.base(x) + self.scale * (x @ self.a.T) @ self.b.T
        ### END SOLUTION

# %% locked="probe"
def probe(kind, outputs, inputs, rank, alpha, bias=True, b=None):
    """The check's test bench, not for reading: what a `kind` does."""
    torch.manual_seed(outputs * 100 + inputs)
    base, x = nn.Linear(inputs, outputs, bias=bias), torch.randn(5, inputs)
    plain, before = base(x).detach(), base.weight.detach().clone()
    layer, twin = kind(base, rank, alpha), kind(base, rank, alpha)
    seen = {"x": x, "plain": plain, "start": layer(x).detach(),
            "a": layer.a.detach().clone(), "b": layer.b.detach().clone(),
            "twin": twin.a.detach().clone()}
    try:
        seen["batch"] = layer(x[None, None]).detach()
    except (RuntimeError, IndexError, ValueError) as error:
        seen["batch"] = str(error).splitlines()[0]
    seen["learns"] = sorted(name for name, one in layer.named_parameters()
                            if one.requires_grad)
    if b is not None:
        layer.b.data = b.clone()
        seen["after"] = layer(x).detach()
        sent = x.clone().requires_grad_()
        layer(sent).sum().backward()
        seen |= {"weight": before, "back": sent.grad}
    train = [one for one in layer.parameters() if one.requires_grad]
    optimizer = torch.optim.SGD(train, lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(x).pow(2).mean().backward()
        optimizer.step()
    seen |= {"grad": [layer.a.grad, layer.b.grad], "trained": layer(x),
             "moved": float((base.weight - before).abs().max())}
    return seen

# %% check="lora-layer" points=3
with check("lora-layer"):
    got = in_kernel("probe(LoRA, 3, 4, 2, 4)")
    assert tuple(got["a"].shape) == (2, 4), (
        f"a must have the shape (rank, inputs) = (2, 4), not "
        f"{tuple(got['a'].shape)}")
    assert tuple(got["b"].shape) == (3, 2), (
        f"b must have the shape (outputs, rank) = (3, 2), not "
        f"{tuple(got['b'].shape)}")
    assert tuple(got["start"].shape) == (5, 3), (
        f"five rows of 4 numbers give (5, 3), not {tuple(got['start'].shape)}")
    assert torch.equal(got["start"], got["plain"]), (
        "a new layer must give exactly what base gives: b starts at zero")
    assert got["learns"] == ["a", "b"], (
        f"a and b learn and nothing else; with you it is {got['learns']}: "
        "freeze base, and make self.a and self.b an nn.Parameter each")
    assert not isinstance(got["batch"], str), (
        f"for x of the shape (1, 1, 5, 4) forward stopped with: "
        f"{got['batch']}. A transpose is missing, or you wrote x.T: x may "
        "have more than two axes; write x @ self.a.T")
    assert tuple(got["batch"].shape) == (1, 1, 5, 3), (
        "x may have more than two axes: (1, 1, 5, 4) gives (1, 1, 5, 3), not "
        f"{tuple(got['batch'].shape)}")
    assert 0 < float(got["a"].abs().max()) < 2, (
        "a starts random and small: with a and b both zero nothing can learn, "
        "and large numbers shake the model at its first step")
    assert not torch.equal(got["a"], got["twin"]), (
        "two layers have the same a: draw random numbers")
    got = in_kernel("probe(LoRA, 3, 4, 2, 4, b=torch.ones(3, 2))")
    want = got["plain"] + 4 / 2 * (got["x"] @ got["a"].T) @ torch.ones(2, 3)
    assert torch.allclose(got["after"], want, atol=1e-5), (
        "with rank 2, alpha 4 and b filled with ones, your output is not "
        "base(x) + alpha / rank * B (A x)")
    ### BEGIN HIDDEN TESTS
    dice = torch.Generator().manual_seed(6)
    for o, i, rank, alpha, bias in ((3, 4, 2, 4, True), (6, 5, 3, 16, False),
                                    (2, 7, 1, 0.5, True), (4, 4, 4, 8, False)):
        b = torch.randn(o, rank, generator=dice)
        got = in_kernel("probe(LoRA, o, i, rank, alpha, bias, b)", o=o, i=i,
                        rank=rank, alpha=alpha, bias=bias, b=b)
        want = got["plain"] + alpha / rank * (got["x"] @ got["a"].T) @ b.T
        assert torch.allclose(got["after"], want, atol=1e-5), (
            f"rank {rank}, alpha {alpha}: with b filled, your output is not "
            "base(x) + alpha / rank * B (A x)")
        start = got["plain"][None, None]
        assert (not isinstance(got["batch"], str)
                and got["batch"].shape == start.shape
                and torch.allclose(got["batch"], start, atol=1e-5)), (
            "x may have more than two axes: a new layer still gives what "
            "base gives")
        slope = (got["weight"] + alpha / rank * b @ got["a"]).sum(0)
        assert got["back"] is not None and torch.allclose(
            got["back"], slope.expand(5, i), atol=1e-5), (
            "the gradient with respect to x is wrong: layers before yours "
            "learn through base and through the detour. Freeze base with "
            "requires_grad_(False); no_grad and detach in forward cut it off")
        assert got["moved"] == 0, "three training steps moved base's weight"
        assert all(one is not None and float(one.abs().max()) > 0
                   for one in got["grad"]), (
            "after three steps a and b must both have a gradient: keep "
            "forward free of detach and no_grad")
        assert not torch.allclose(got["trained"], got["after"]), (
            "three training steps changed nothing")
    ### END HIDDEN TESTS

# %% [markdown] hints="lora-layer"
# <details><summary>Hint 1: the idea</summary>
#
# Keep `base`, switch its gradients off, add two parameters. `forward` is one line: the old
# output plus the detour.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `base.requires_grad_(False)` freezes a whole layer. `nn.Parameter(torch.zeros(3, 2))` is a
# tensor that an optimizer finds. Rows of `x` are inputs, so `A x` is `x @ self.a.T`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `self.base(x) + self.scale * (x @ self.a.T) @ self.b.T`, with `self.scale = alpha / rank`.
# `torch.randn(rank, base.in_features) / base.in_features ** 0.5` is random and small.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `AttributeError: cannot assign module before Module.__init__() call`: the line
#   `super().__init__()` comes first.
# - `RuntimeError: mat1 and mat2 shapes cannot be multiplied`: a transpose is missing, or you
#   wrote `x.T`. Both factors are stored as (outputs, inputs) of their own step, and `x` may have
#   more than two axes: write `x @ self.a.T`.
# </details>

# %% [markdown]
# ### Merge
#
# The detour costs time at every token: two more multiplications for each of 210 matrices (30 layers
# with seven each). When
# training is over you can add it into the matrix, and it costs nothing any more.

# %% [markdown] contract="merge" difficulty=2 minutes=6
# ## Exercise `merge`
#
# *Difficulty 2 of 5 · about 6 minutes · 2 points*
#
# Write `merged(weight, a, b, alpha)`: one matrix that does what layer and detour did together.
#
# | | |
# |---|---|
# | `weight` | a tensor (outputs, inputs) |
# | `a`, `b` | tensors (rank, inputs) and (outputs, rank) |
# | `alpha` | as in `LoRA`: the detour counts `alpha / rank` times |
# | returns | a new tensor (outputs, inputs); `weight` stays as it was. All of them are float32 |
#
# Example: for the 3 by 3 matrix above, `merged(w, a, b, 1)` is `w + b @ a`.
#
# The check compares outputs for random inputs, within 1e-5. Merged and unmerged are equal up to
# rounding, not bit for bit: the sums are made in another order.

# %% exercise="merge"
def merged(weight, a, b, alpha):
    """A new weight: the layer and its detour in one matrix."""
    ### BEGIN SOLUTION
    return weight + alpha / a.shape[0] * b @ a
    ### END SOLUTION

# %% check="merge" points=2
with check("merge"):
    tw = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    ta = torch.tensor([[1.0, 1.0, 0.0]])
    tb = torch.tensor([[0.0], [0.0], [2.0]])
    got = merged(tw.clone(), ta.clone(), tb.clone(), 1)
    assert got is not None, "merged gave None: return the new matrix"
    assert tuple(got.shape) == (3, 3), (
        f"the new matrix has the shape of the old one, not "
        f"{tuple(got.shape)}")
    assert torch.allclose(got, tw + tb @ ta), (
        f"the matrix of the text is w + b @ a; you gave {got.tolist()}")
    ta = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    tb = torch.tensor([[0.0, 3.0], [0.0, 0.0], [2.0, 0.0]])
    got = merged(tw.clone(), ta.clone(), tb.clone(), 8)
    assert torch.allclose(got, tw + 4 * tb @ ta), (
        "rank 2 and alpha 8: the detour counts 8 / 2 = 4 times; you gave "
        f"{got.tolist()}")
    ### BEGIN HIDDEN TESTS
    dice = torch.Generator().manual_seed(2)
    for o, i, rank, alpha in ((3, 5, 2, 4), (6, 6, 3, 16), (4, 2, 1, 0.5),
                              (5, 5, 5, 5)):
        tw, ta, tb, tx = (torch.randn(*shape, generator=dice) for shape in
                          ((o, i), (rank, i), (o, rank), (7, i)))
        kept = tw.clone()
        got = merged(tw, ta, tb, alpha)
        assert torch.equal(tw, kept), (
            "merged changed the weight that it was given: switching off "
            "would not bring the old model back")
        want = tx @ kept.T + alpha / rank * (tx @ ta.T) @ tb.T
        assert torch.allclose(tx @ got.T, want, atol=1e-5), (
            f"rank {rank}, alpha {alpha}: your matrix does not give what "
            "layer and detour give together; is the scale alpha / rank?")
    ### END HIDDEN TESTS

# %% [markdown] hints="merge"
# <details><summary>Hint 1: the idea</summary>
#
# `W x + s B (A x)` is `(W + s B A) x`.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `b @ a` has the shape of `weight`. The rank is a size of `a`: `a.shape[0]`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `weight + alpha / a.shape[0] * b @ a`. Written with `+`, it makes a new tensor; `+=` would
# change the old one.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `RuntimeError: a leaf Variable that requires grad is being used in an in-place operation`:
#   you used `+=` on a parameter.
# - The shapes fit and the numbers do not: `a @ b` instead of `b @ a`.
# </details>

# %% [markdown]
# ### How many numbers is that?
#
# Our model has 30 layers, each with seven matrices. A detour of rank r beside a matrix
# (outputs, inputs) has r × (outputs + inputs) numbers.

# %%
matrices = [module for name, module in model.model.named_modules()
            if isinstance(module, nn.Linear) and ".layers." in name]
rows = []
for rank in (1, 4, 8, 16, 64):
    numbers = sum(rank * (m.out_features + m.in_features) for m in matrices)
    rows.append([rank, f"{numbers:,}", f"{numbers / 134_515_008:.2%}",
                 f"{2 * numbers / 1e6:.1f}"])
table(rows, ["rank", "numbers to train", "of the model", "MB on disk"])

# %% [markdown]
# Rank 8 trains 1.8 % of the model and fits into an e-mail: on disk, an adapter is stored at 2
# bytes a number.
#
# ## Train
#
# Now the real thing: 210 detours in the model, 96 examples, 24 steps of four examples each,
# once through. That is a demonstration, about half a minute; the course's own adapter got 320
# steps by `scripts/train_adapter`, the same recipe. `add_lora` puts the course's copy of your
# layer in place of each matrix, `batch` is the course's copy of your rows, and the loss is worked
# out on the answers only, in [nats](../glossary.md#nat) a token. `fit` is the usual training
# loop; its comments say what each line is for, and nothing later asks you to write one.

# %%
from course.lora import add_lora, answer_loss, batch, remove_lora, schedule
from course.tooltrain import batches


def fit(weights, rows, lr=2e-3):
    """Loss of each step, in nats a token; trains `weights` on the rows."""
    # AdamW: an optimizer that finds a step size for each number by itself
    optimizer, losses = torch.optim.AdamW(weights, lr=lr, weight_decay=0), []
    for step, row in enumerate(rows):
        for group in optimizer.param_groups:
            # schedule: small steps at first, then large, then small again
            group["lr"] = lr * schedule(step, len(rows))
        loss = answer_loss(model.model, row)
        optimizer.zero_grad()       # forget the last step's gradients
        loss.backward()             # work out new ones
        nn.utils.clip_grad_norm_(weights, 1.0)      # no step may be huge
        optimizer.step()            # move each number a little
        losses.append(loss.item())
    return losses


chosen = batches([pair(model, one) for one in examples("train", 96)], 4, 1)
rows_96 = [batch(four, model.tokenizer.pad_token_id) for four in chosen]

# %% demo
import time

started = time.perf_counter()
remove_lora(model.model)        # in case that you run this cell again
layers = add_lora(model.model, rank=8, alpha=16, seed=0)
factors = [one for layer in layers.values() for one in (layer.a, layer.b)]
losses = stored("losses.json", fit(factors, rows_96))
print(f"{time.perf_counter() - started:.0f} s for {len(losses)} steps, "
      f"{sum(one.numel() for one in factors):,} numbers trained")

# %% demo
from course.toolwrite import rates

held = examples("dev", 24)
live = rates(held, write_calls(model, held))
live = stored("live.json",
              {mark: float(np.mean(live[mark])) for mark in MARKS})

# %%
losses, live = stored("losses.json"), stored("live.json")
card = adapter("tool-calls").card
table([["your 24 steps", 24, *(f"{live[mark]:.2f}" for mark in MARKS)],
       [f"the course's {card['steps']} steps", card["dev"]["n"],
        *(f"{card['dev'][mark]:.2f}" for mark in MARKS)]],
      ["trained for", "dev requests", *MARKS.values()],
      caption="95 % interval of a rate: about ±.2 (24), at most ±.08 (160)")

# %% locked="pyplot"
import matplotlib.pyplot as plt

# %%
fig, ax = plt.subplots()
ax.plot(range(1, len(losses) + 1), losses, label="your 24 steps")
ax.plot(range(5, card["steps"] + 1, 10), card["losses"],
        label="the course's run, means of 10")
ax.set(xscale="log", yscale="log", xlabel="step (4 examples each)",
       ylabel="loss on the answers, nats a token")
ax.legend()
show(fig, alt="In 24 steps the loss on the answers falls from 2.9 to about "
     ".4, with jumps in between; the course's longer run goes on to about "
     ".01 after 300 steps.")
idle_in = [any('"none"' in model.tokenizer.decode(call) for _, call in four)
           for four in chosen]
print("the first batch with a call of none is that of step",
      idle_in.index(True) + 1)

# %% [markdown]
# (Both axes of the figure are logarithmic. Your line is single steps, so it jumps more.) The loss
# starts at 2.9 nats a token and ends near .4. The large jump begins at step 11, with the first batch in
# which `none` is right. After 24 steps JSON is nearly always valid and the
# tool is right about half the time (24 requests: ±.2), while few arguments are exact. The course's run,
# the same recipe with 320 steps, gets to .97 and .81: at both points the form is ahead of the choice,
# and the choice ahead of the arguments.
#
# ## The real tool: peft
#
# Nobody writes LoRA by hand at work. The library is [peft](../glossary.md#peft) (version 0.21.2
# here). Is it the same thing? Give both the same factors to start from, the same three batches
# and the same optimizer, and compare the losses.

# %% demo
from peft import LoraConfig, get_peft_model

remove_lora(model.model)
layers = add_lora(model.model, rank=8, alpha=16, seed=1)
copies = {path: (one.a.detach().clone(), one.b.detach().clone())
          for path, one in layers.items()}
by_hand = fit([factor for one in layers.values()
               for factor in (one.a, one.b)], rows_96[:3])
remove_lora(model.model)
wrapped = get_peft_model(model.model, LoraConfig(
    r=8, lora_alpha=16, target_modules="all-linear"))
for path, (a_start, b_start) in copies.items():
    theirs = wrapped.get_submodule("base_model.model." + path)
    theirs.lora_A["default"].weight.data = a_start
    theirs.lora_B["default"].weight.data = b_start
with_peft = fit([one for one in wrapped.parameters() if one.requires_grad],
                rows_96[:3])
_ = wrapped.unload()
_ = stored("peft.json", [by_hand, with_peft])

# %%
by_hand, with_peft = stored("peft.json")
table([[step, f"{mine:.5f}", f"{theirs:.5f}", f"{abs(mine - theirs):.0e}"]
       for step, (mine, theirs) in enumerate(zip(by_hand, with_peft), 1)],
      ["step", "loss by hand", "loss with peft", "difference"])

# %% [markdown]
# The same losses. `add_lora` computes what your `LoRA` does, and peft was written by others: that
# the two agree in every digit shown says that both work out the same formula. At work, take the
# library: it saves and loads
# adapters, knows hundreds of models, and other people find its mistakes.
#
# (If you take a break, take it here: what follows judges the model, what came before built it.)
#
# ## Before and after
#
# From here on the model has the course's adapter. Putting it in is one line, and so is
# switching it off. Off means *off*: the layer gives what its base gives, and nothing is added,
# not even zero.

# %%
remove_lora(model.model)
ids = model.cut("Thirty-six flights left before noon, and one came back.")
old = model.logits(ids)
adapter("tool-calls").apply(model)
new = model.logits(ids)
with model.adapter.off():
    off = model.logits(ids)
print("with the adapter, equal:", torch.equal(new, old))
print("switched off, equal bit for bit:", torch.equal(off, old))

# %% [markdown]
# Bit for bit, all 49,152 numbers after each token. A merged model cannot promise this:
# subtracting what was added leaves rounding errors. Keep adapters apart from the base and you
# can always go back.
#
# The same three requests as at the start, without any instruction before them:

# %% demo
now = stored("now.json", write_calls(model, tries))

# %%
for one, text in zip(tries, stored("now.json")):
    print(f"{one['request']}\n    {text}")

# %% [markdown]
# And the sealed test (shipped; `live=True` measures again). It was opened once, for these numbers;
# since you can read its requests here, it is sealed no longer, and a next version needs a new one.

# %%
ways = [*base, "tuned, free", "tuned, constrained"]
table([[name, *(rated(name, mark) for mark in MARKS)] for name in ways],
      ["170 requests", *MARKS.values()],
      caption="a bootstrap knows no failure that it has not seen: for 1.000, "
      "170 of 170, read .98 to 1.00")

# %%
groups = list(dict.fromkeys(both["groups"]))


def by_group(name, mark):
    """{group: rate} on the sealed test."""
    return {group: np.mean([value for value, one in zip(
        both[name][mark], both["groups"]) if one == group])
        for group in groups}


few, full = by_group(ways[0], "tool"), by_group("tuned, free", "tool")
exact = by_group("tuned, free", "exact")
table([[group, both["groups"].count(group), f"{few[group]:.2f}",
        f"{full[group]:.2f}", f"{exact[group]:.2f}"] for group in groups],
      ["asked for", "requests", "tool, prompted", "tool, tuned",
       "exact, tuned"])

# %%
tuned_calls = list(zip(both["groups"], sealed(), both["tuned, free"]["texts"],
                       both["tuned, free"]["exact"]))
later = []       # requests that say pm or noon: is the hour right?
for group, one, text, fine in tuned_calls:
    if group == "calendar_add":
        wrote = json.loads(text)["args"]
        if any(word in one["request"] for word in (" pm", "noon")):
            later.append(wrote["hour"] == one["args"]["hour"])
        if not fine:
            print(f"{one['request']}\n    {wrote}")
print(f"pm or noon: the hour is right in {sum(later)} of {len(later)}")
print("free and constrained write the same texts:",
      both["tuned, free"]["texts"] == both["tuned, constrained"]["texts"])

# %% [markdown]
# The last three rows are second turns: stop when all is done, go on with the second half of a
# request, and after an error call again or give up, as the error says.
#
# The *choice* was learned: right at least five times in six for every kind of request, second turns
# included. One row fell: claims, from .94 to .88, which is one request of 16. A model that writes a
# claim six times in ten, mostly unasked, gets most of the claims right, so the old number was no
# skill.
#
# The *arguments* were learned less well, and least for the calendar, whose errors are listed.
# Copying mostly works, and rare words break: `oir practice` for choir practice here, `excel` for
# easel in a claim. Turning *7 pm* into 19 mostly fails: of the 8 requests that say *pm* or *noon*, 7
# have the wrong hour. That tells you what to do: let the model copy `7 pm`, and let a line of code make
# 19 of it. Sums and queries fail in a third way, by meaning: *384 has just gone out* becomes a plus, and
# July 4 becomes day 7 of month 4. No copying mends that. (The lab shows them all.)
#
# The two tuned rows above are equal. Held to the grammar, JSON is valid in every case, by
# construction. But free as it was, the tuned model wrote the very same 170 texts (the last line of the
# output above): there was nothing to hold.
#
# And what the intervals do not hold: they are about other requests, not about another training.
# This is one run with one seed. A second one would give other numbers.
#
# How sure is the gain? Both models answered the *same* requests. A hard request is often hard for
# both, so compare request by request: a [paired](../glossary.md#paired-comparison) comparison.

# %% [markdown] contract="paired-gain" difficulty=3 minutes=8
# ## Exercise `paired-gain`
#
# *Difficulty 3 of 5 · about 8 minutes · 2 points*
#
# Write `gain(before, after, draws=2000, seed=0)`: how much better is the second model, and how
# sure is that?
#
# | | |
# |---|---|
# | `before`, `after` | lists or arrays of 0 and 1, equally long: request i is in place i of both |
# | returns | `(mean, low, high)`: the mean difference `after - before`, and the middle 95 % of the means over `draws` bootstrap samples **of requests** |
#
# A sample draws requests with replacement, and takes both results of each request drawn.
#
# Example: for `before = [0, 1, 0, 1] * 25` and `after = [1, 1, 0, 1] * 25` the mean is 0.25,
# and the interval about 0.17 to 0.34.
#
# The check compares widths within 15 % (right answers scatter by 3 %), for models that err on
# the same requests and for models that do not. It does not ask whether 170 requests by one writer
# stand for your users; no interval answers that.

# %% exercise="paired-gain"
def gain(before, after, draws=2000, seed=0):
    """(mean, low, high) of the gain, requests resampled in pairs."""
    ### BEGIN SOLUTION
    difference = np.asarray(after, float) - np.asarray(before, float)
    rng = np.random.default_rng(seed)
    means = [rng.choice(difference, len(difference)).mean()
             for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return difference.mean(), low, high
    ### END SOLUTION

# %% check="paired-gain" points=2
with check("paired-gain"):
    got = gain([0, 1, 0, 1] * 25, [1, 1, 0, 1] * 25)
    assert got is not None and len(got) == 3, (
        f"return (mean, low, high), not {got}")
    mean, low, high = map(float, got)
    assert abs(mean - 0.25) < 1e-9, (
        f"25 of 100 requests were won and none lost; your mean is {mean:.3f}")
    assert low < mean < high, (
        f"the interval {low:.3f} to {high:.3f} must hold the mean {mean:.3f}")
    assert abs((high - low) / 0.17 - 1) < 0.15, (
        f"your interval is {high - low:.3f} wide, about .17 is expected: draw "
        "requests, and take both results of each")
    ### BEGIN HIDDEN TESTS
    dice = np.random.default_rng(12)
    for n, both_wrong, won, lost in ((400, 0.5, 0.04, 0.02),
                                     (300, 0.1, 0.4, 0.1),
                                     (250, 0.3, 0.0, 0.3)):
        kind = dice.choice(4, n, p=[both_wrong, won, lost,
                                    1 - both_wrong - won - lost])
        was = np.isin(kind, (2, 3)).astype(int)
        now = np.isin(kind, (1, 3)).astype(int)
        keep = was.copy(), now.copy()
        mean, low, high = map(float, gain(was, now, draws=1500, seed=4))
        apart = now - was
        assert abs(mean - apart.mean()) < 1e-9, (
            f"the mean gain is {apart.mean():.3f}, you gave {mean:.3f}: "
            "after less before")
        wide = 2 * 1.96 * apart.std() / n ** 0.5
        assert abs((high - low) / wide - 1) < 0.15, (
            f"{n} requests, {won:.0%} won and {lost:.0%} lost: your interval "
            f"is {high - low:.4f} wide instead of about {wide:.4f}. Take the "
            "middle 95 %, and do not draw the two results of a request apart")
        assert abs((low + high) / 2 - mean) < wide / 5, (
            f"the interval {low:.3f} to {high:.3f} is not around {mean:.3f}")
        assert (was == keep[0]).all() and (now == keep[1]).all(), (
            "gain changed an array that it was given")
    again = [tuple(map(float, gain(was, now, 200, seed=s))) for s in (1, 1, 2)]
    assert again[0] == again[1], "the same seed gave two intervals"
    assert again[0] != again[2], "two seeds gave the same interval: use seed"
    mean, low, high = map(float, gain(was, now, draws=1, seed=5))
    assert low == high, (
        "one sample of requests has one mean: with draws=1 low and high are "
        f"equal, you gave {low:.3f} and {high:.3f}. Use draws")
    mean, low, high = map(float, gain([1] * 40, [1] * 40, draws=50))
    assert mean == low == high == 0, (
        f"no request changed; you gave {mean}, {low} to {high}")
    mean, low, high = map(float, gain([True, False] * 30, [False] * 60))
    assert mean == -0.5 and high < 0, (
        f"half of all requests were lost: the mean is -0.5, not {mean}")
    ### END HIDDEN TESTS

# %% [markdown] hints="paired-gain"
# <details><summary>Hint 1: the idea</summary>
#
# A request has three outcomes: won (+1), lost (-1), the same (0). Take those numbers as the
# data, and it is the bootstrap of lesson 01.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `np.asarray(after, float) - np.asarray(before, float)`; then `rng.choice(difference,
# len(difference)).mean()` for each draw.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `np.percentile(means, [2.5, 97.5])` gives low and high. The generator is made once, from
# `seed`, before the loop.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `TypeError: numpy boolean subtract`: the inputs are True and False; turn them into floats
#   first.
# - Your interval is wider than expected: two separate `rng.choice` for before and after draw
#   different requests.
# </details>

# %%
sure = result("paired-gain", lambda: [float(v) for v in gain(
    both[ways[0]]["tool"], both["tuned, free"]["tool"])], "gain.json")
print(f"right tool: {sure[0]:+.3f}, 95 % between {sure[1]:+.3f} and "
      f"{sure[2]:+.3f}")
sure = result("paired-gain", lambda: [float(v) for v in gain(
    both[ways[0]]["exact"], both["tuned, free"]["exact"])], "gain_exact.json")
print(f"exact:      {sure[0]:+.3f}, 95 % between {sure[1]:+.3f} and "
      f"{sure[2]:+.3f}")

# %% [markdown]
# Both intervals are far from zero. What did pairing change? Set the scatter of the differences
# beside the scatter that the formula for two independent samples gives:

# %%
pairs = {f"{mark} of the two models": (both[ways[0]][mark],
                                       both["tuned, free"][mark])
         for mark in ("tool", "exact")}
pairs["the exercise's example"] = [0, 1, 0, 1] * 25, [1, 1, 0, 1] * 25
rows = []
for name, (older, newer) in pairs.items():
    older, newer = np.array(older, float), np.array(newer, float)
    widths = np.std(newer - older), (older.var() + newer.var()) ** 0.5
    rows.append([name, int((1 - newer).sum()),
                 int(((1 - older) * (1 - newer)).sum()),
                 *(f"{w:.3f}" for w in widths),
                 f"{widths[0] / widths[1] - 1:+.0%}"])
table(rows, ["compared", "second errs", "first errs there, too",
             "scatter, paired", "scatter, unpaired",
             "width, paired to unpaired"])

# %% [markdown]
# For the tool, pairing changed nothing worth having (3 %, and in the wrong direction): the tuned
# model errs 6 times in 170, so there is little to share. For exact answers it errs more often,
# nearly always where the base model errs, too, and the interval is 14 % narrower. In the example
# of the exercise it is a third narrower. Pairing pays when two models share their errors.
#
# ## What it forgot
#
# Nobody asked the training to keep anything else, and what is not kept is
# [forgotten](../glossary.md#forgetting). So look at what the model could do before:
# its [perplexity](../glossary.md#perplexity) on 100 newspaper sentences (how many tokens it
# hesitates between; lower is better), film sentences sorted into good and bad, 40 endings such
# as *The capital of Japan is*, and 20 small questions like *What is snow?* (shipped,
# `live=True` to repeat).

# %%
lost = shipped("11_fine_tuning/forgotten")
print("loss on news, nats a token:", *(
    f"{np.log(lost[name]['perplexity']):.2f}" for name in ("base", "tuned")))
TASKS = {"perplexity": "perplexity on news",
         "sentiment": "film sentences right", "facts": "endings right",
         "prose": "share of questions not answered by a call"}
table([[TASKS[task], lost["n"][task], f"{lost['base'][task]:.3g}",
        f"{lost['tuned'][task]:.3g}"] for task in TASKS],
      ["task", "items", "adapter off", "adapter on"])

# %%
from course.studies.tuning_texts import CHATS

answers = list(zip(CHATS, lost["base"]["answers"], lost["tuned"]["answers"]))
calls_none = sum('"none"' in on_text for _, _, on_text in answers)
print(f"{len(answers)} questions, adapter on: {calls_none} calls of none\n")
for place, (question, off_text, on_text) in enumerate(answers):
    if place < 2 or not on_text.startswith("{"):
        print(f"{question}\noff: {off_text}\n on: {on_text}\n")

# %% [markdown]
# Three different answers to *what did it forget?* Knowledge: nothing that these items show; the
# right ending wins 36 times in 40 instead of 37, and films are sorted as before. Ordinary prose: in
# a newspaper it hesitates between 1.47 times as many tokens. Conversation: gone. Of the twenty
# questions 19 get a call (an answer was cut off after 20 tokens, so some calls lack their end), since
# every example that it saw ended in one. Five of these calls are `none`: it knows that no tool fits,
# and says nothing all the same. The twentieth, *Translate 'good morning' to French*, gets `"l'homme"`,
# in quotation marks, and wrong, as the old model's answer is wrong.
#
# A measure of knowledge alone would have told you that nothing happened. **Measure what people
# use, not what is easy to score.**
#
# ### How to limit it
#
# The surest way costs nothing: switch the adapter off when the request is not for tools. The
# stretch exercise builds such a switch. Inside a tuned model, the usual means are to train less
# (fewer steps, fewer layers, a smaller rate), or to mix ordinary text into the examples. And
# there is one that needs no training: a detour has a scale. Turn it down and you are between
# the two models.

# %%
turned = shipped("11_fine_tuning/dial")
untuned = turned["rows"][0]["perplexity"]
table([[f"{row['strength']:.2f}", *(f"{row[mark]:.2f}" for mark in MARKS),
        f"{row['perplexity'] / untuned:.2f}", f"{row['prose']:.2f}"]
       for row in turned["rows"]],
      ["strength", *MARKS.values(), "perplexity, times base",
       "small questions without a call"],
      caption=f"{turned['n']} dev requests: 95 % interval at most ±.11; "
      "perplexity on 60 of the 100 sentences above, so 1.45 and not 1.47; "
      "20 questions")

# %%
fig, ax = plt.subplots()
for mark, name in (("tool", "right tool"), ("exact", "exact")):
    ax.plot([row["perplexity"] / untuned for row in turned["rows"]],
            [row[mark] for row in turned["rows"]], label=name)
for row in turned["rows"]:
    ax.annotate(f"{row['strength']:g}", (row["perplexity"] / untuned,
                row["tool"]), textcoords="offset points", xytext=(5, -12))
ax.set(xlabel="perplexity on news, times that of the base model",
       ylabel="share of dev requests", ylim=(-0.03, 1.1))
ax.legend()
show(fig, alt="Up to three quarters of the strength the share of right tools "
     "climbs from near 0 to .96 while perplexity rises by a quarter; from "
     "there on perplexity rises to 1.7 times and the share stays where it "
     "is.")

# %% [markdown]
# The number at each point is the strength. By perplexity there is a bargain: at three quarters of
# its strength the adapter chooses as well as at full strength, and perplexity is up by a quarter
# instead of nearly a half. Below a half the skill falls apart, and at a quarter not even the JSON
# holds. Beyond 1 only the damage grows.
#
# But look at the last column, at what people use. At three quarters, 2 of 20 small questions are
# answered without a call, hardly more than the 1 at full strength. At a half it is 12 of 20, and the
# right tool has fallen from .96 to .82. There is no bargain in conversation: here the skill and the
# damage go together. A dial that is set by perplexity alone would be set wrong.
#
# One warning: a strength that is chosen on these 80 requests has seen them. To publish its
# number you would need another sealed test. The course ships the adapter at strength 1, which
# nobody chose.
#
# ## Failure lab: the test that knew the sentences
#
# A colleague reports *87 % exactly right* for this adapter. Her test has the sentences of the
# training with other values in them. A random split comes near to that: in the one that you
# counted, .92 of the test had a known phrasing; in hers all have. Same adapter, three tests:

# %%
seen = shipped("11_fine_tuning/leak")
rows = [[name, len(seen[name]["tool"]),
         *(f"{np.mean(seen[name][mark]):.3f}" for mark in MARKS)]
        for name in seen]
rows.append(["sealed: apart from the templates", len(both["groups"]),
             *(f"{np.mean(both['tuned, free'][mark]):.3f}" for mark in MARKS)])
table(rows, ["test", "requests", *MARKS.values()])

# %% [markdown]
# The right tool hardly depends on the test. The exact arguments do: .87 where the sentences are
# known and only the values are new, .78 for other sentences by the same writer, .72 for
# sentences that were written apart. From the first row to the last that is more than luck (each
# exact rate is sure to about ±.06 or ±.07); a single step is not.
#
# Her number is not false. It answers another question: *how good is it at my own sentences?*
# The repair is your split, and where you can get it, a test by somebody who has not seen the
# templates. If she had quoted the tool alone, nobody would have found the leak: look at the
# hardest of your marks.
#
# ## Money
#
# What did it cost? Somebody wrote templates and a test, say six hours, and a processor core
# worked for eight minutes. What does it save? Every request with the prompt carries 528 tokens
# of instructions and examples, which the tuned model does not need. Suppose that you pay a host
# for every token read, and that it runs your adapter at the same price.

# %% [markdown] contract="pays-after" difficulty=2 minutes=6
# ## Exercise `pays-after`
#
# *Difficulty 2 of 5 · about 6 minutes · 2 points*
#
# Write `pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0)`: from how many calls
# on is the adapter no longer dearer than the prompt?
#
# | | |
# |---|---|
# | `fixed_usd` | what making the adapter cost, in dollars |
# | `tokens_saved` | tokens that each call no longer has to read, 0 or more |
# | `usd_per_million` | dollars for a million tokens read |
# | `more_usd` | what serving the adapter costs more, per call |
# | returns | the smallest whole number of calls; `None` when what a call saves is worth no more than `more_usd`. With `fixed_usd=0` and something left of the saving it is 0; with nothing left and nothing to pay back the check does not ask |
#
# Example: `pays_after(1, 500, 2)` is `1000`: each call saves 500 tokens, a tenth of a cent.
#
# The check allows one call more or less for rounding. It does not know what a *wrong* call
# costs: the next table does.

# %% exercise="pays-after"
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    """Calls from which the adapter is no longer dearer; None for never."""
    ### BEGIN SOLUTION
    saved = tokens_saved * usd_per_million / 1e6 - more_usd
    if saved > 0:
        return int(np.ceil(fixed_usd / saved))
    return 0 if saved == 0 and fixed_usd == 0 else None
    ### END SOLUTION

# %% check="pays-after" points=2
with check("pays-after"):
    got = pays_after(1, 500, 2)
    assert got is not None, "pays_after(1, 500, 2) gave None; it pays"
    assert abs(got - 1000) <= 1, (
        f"500 tokens at 2 dollars a million are .001 dollars a call, so 1 "
        f"dollar is back after 1,000 calls; you gave {got}")
    got = pays_after(1, 0, 2)
    assert got is None, (
        f"a call that saves no token never pays for anything; you gave {got}")
    got = pays_after(100, 300, 3, 0.0004)
    assert got is not None and abs(got - 200_000) <= 1, (
        "300 tokens at 3 dollars a million are .0009 dollars, and serving "
        "costs .0004 more: .0005 saved a call, so 100 dollars are back after "
        f"200,000 calls; you gave {got}")
    ### BEGIN HIDDEN TESTS
    for fixed, tokens, price, more, want in (
            (360, 500, 0.15, 0, 4_800_000), (250, 400, 2.0, 0.0003, 500_000),
            (7, 1000, 1.0, 0, 7000), (0.5, 40, 15, 0.0001, 1000),
            (1, 3, 1, 0, 333_334)):
        got = pays_after(fixed, tokens, price, more)
        assert got is not None and abs(got - want) <= 1, (
            f"fixed {fixed}, {tokens} tokens at {price} a million, {more} "
            f"more a call: {want:,} calls; you gave {got}")
        assert got == int(got), f"a number of calls is whole, not {got}"
    for tokens, more in ((100, 0.001), (0, 0.0001), (200, 0.0002)):
        got = pays_after(5, tokens, 1.0, more)
        assert got is None, (
            f"{tokens} tokens saved at 1 dollar a million, {more} more a call:"
            f" every call costs as much or more, so it never pays; you gave "
            f"{got}")
    got = pays_after(0, 100, 1.0)
    assert got == 0, (
        f"what cost nothing to make pays from the start: 0, not {got}")
    ### END HIDDEN TESTS

# %% [markdown] hints="pays-after"
# <details><summary>Hint 1: the idea</summary>
#
# What does one call save, in dollars? The fixed cost divided by that is the number of calls.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `tokens_saved * usd_per_million / 1e6` dollars, less `more_usd`. `np.ceil` rounds up;
# `course.break_even` does the whole in exact fractions, if you prefer.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# When nothing is left of a call's saving, or less than nothing, return `None`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `ZeroDivisionError`: a saving of 0; ask before you divide.
# - `OverflowError: cannot convert float infinity to integer`: the same, with NumPy numbers.
# </details>

# %%
each = shipped("11_fine_tuning/costs")
made_for = (cost("person-hour", 6)
            + cost("cpu-hour", card["cpu_seconds"] / 3600))
saved = each["prompt"]["tokens_read"]
sizes = ("hosted-small-input", "hosted-large-input")
calls = result("pays-after", lambda: [pays_after(
    made_for, saved, cost(size, 1e6)) for size in sizes], "calls.json")
table([[size, f"{cost(size, 1e6):.2f}", f"{made_for:,.3f}", saved, f"{n:,}"]
       for size, n in zip(sizes, calls)],
      ["model", "USD a million tokens", "USD to make", "tokens saved a call",
       "pays after calls"])

# %% [markdown]
# The training itself cost less than a cent of processor time, the .007 behind the 360. The six
# hours of a person are the whole price, and at the price of a small model they come back after
# four and a half million calls. (A host that remembers the beginning of a prompt charges less for
# it, and the number grows again.) On a machine of your own you pay in seconds instead (shipped,
# one thread of a busy machine, the prompt read anew for each call):

# %%
table([[name, one["tokens_read"], f"{one['seconds_a_call']:.2f}"]
       for name, one in each.items() if isinstance(one, dict)],
      ["way", "tokens before the request", "seconds a call, one thread"])

# %% [markdown]
# So to save tokens alone, tuning pays after a quarter of a million calls of the large model, or
# four and a half million of the small one. But the two ways do not do the same work. Put a price on
# a wrong call, as lesson 01 did on an error:

# %%
errs = [1 - np.mean(both[name]["exact"]) for name in (ways[0], "tuned, free")]
reading, rows = saved * cost("hosted-small-input", 1), []
for usd in (0, 0.01, 0.10, 1.00):
    prompted, tuned = reading + usd * errs[0], usd * errs[1]
    rows.append([f"{usd:.2f}", f"{prompted:.5f}", f"{tuned:.5f}",
                 f"{made_for / (prompted - tuned):,.0f}"])
table(rows,
      ["USD for a call not exactly right", "a call, prompted", "a call, tuned",
       "pays after calls"])

# %% [markdown]
# At ten cents for a wrong call the training is paid for after some seven thousand calls, at a
# dollar after seven hundred. Again the price of an error decides, not the price of a token. And
# the column for the tuned model is not small either: it is not exactly right in 28 calls of 100.
# A few of those would have done as well (it searched for `cancelled flights`, and *compensation
# for cancelled flights* was wanted), so the tuned model's price is an upper estimate.
#
# ## Prompt, retrieval or tuning?
#
# Three ways to make a model do something that it does not do by itself. They change different
# things. *Retrieval* is the subject of lesson 10: for each question a search finds the pages that
# may hold the answer, and they are put before the question. Its column is filled in but for the last
# line, which is a matter of judgement in all three. Fill in the other question marks from this lesson.

# %%
tool_right = {"prompt": f"{np.mean(both[ways[0]]['tool']):.2f}",
              "tuning": f"{np.mean(both['tuned, free']['tool']):.2f}"}
decision = [
    ["it changes", "what the model reads", "what the model knows now",
     "how the model behaves"],
    ["right tool, this lesson", tool_right["prompt"],
     "does not apply", tool_right["tuning"]],
    ["tokens before each request", f"{saved}", "the pages found", "0"],
    ["a fact changes: I have to change", "?", "one page", "?"],
    ["what it may break", "?", "answers from a wrong page", "?"],
    ["I would take it when", "?", "?", "?"],
]
table(decision, ["", "prompt", "retrieval", "tuning"])

# %% [markdown] essay="tune-or-not" points=2
# ## Essay `tune-or-not`
#
# *About 8 minutes · 2 points · read by a person*
#
# Tern Air's management writes: "The tool model works so well. Now fine-tune it on the handbook,
# so that it knows our rules. The handbook changes twice a month." Answer in at most eight
# sentences. Say what you would do instead or do anyway, with two numbers from this lesson (or
# from lesson 10, if you have done it); name what the training might break and how you would
# notice.
#
# ### BEGIN SOLUTION
# Not by training. Training taught this model a form: the right tool in 164 of 170 requests
# instead of 48, from 640 examples that hold no fact. Rules that change twice a month would need
# new examples, a training and a test each time, and an old rule would stay in the numbers with
# no page to point at. I would keep the rules where the model reads them: it already writes
# `search_handbook` (20 of 20 in the sealed test), retrieval brings the page, and a changed rule
# is one edited page. If we tune anyway, two things tell us what broke: sealed questions about
# old and new rules, asked before and after, and perplexity on ordinary text, which this adapter
# raised to 1.47 times the old value. And the adapter stays apart from the model, so that
# switching it off brings the old one back.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 1 point: keeps behaviour and knowledge apart: training taught a form (a call), the rules
# change and belong into what the model reads (retrieval), with the reason that each change
# would need another training or leave an old rule in the model. Half a point without a reason.
# 1 point: two numbers, used correctly, and a way to notice damage (perplexity, unrelated tasks,
# a sealed test of rules; or the switch-off). Half a point for one of the two. A reasoned
# proposal to tune anyway gets full points when it names how often, what it costs and how it is
# tested.
# ### END MARK SCHEME

# %% [markdown]
# ## Your bets

# %%
truth = {"before": np.mean(both[ways[0]]["tool"]),
         "after": np.mean(both["tuned, free"]["tool"]),
         "perplexity": (lost["tuned"]["perplexity"]
                        / lost["base"]["perplexity"]),
         "calls": calls[0]}
table([[bet, *(f"{v:,.0f}" if bet == "calls" else f"{v:.2f}"
               for v in (guess[bet], truth[bet]))] for bet in truth],
      ["bet", "yours", "measured"])

# %% [markdown]
# The numbers that stood in the cell were those of somebody who trusts a prompt, expects no
# damage and thinks that tokens are dear: wrong on three of four. Which of yours was furthest
# off, and what would it have cost?

# %% [markdown]
# ## You can now
#
# - **judge** a written call at three gates: readable, right tool, exact;
# - **prepare** examples whose test shares no phrasing with training, and rows in which only the
#   answer counts;
# - **build** a LoRA layer that changes nothing at first, merge it, and say why an adapter can be
#   switched off without a trace;
# - **decide** with an interval for the gain, a list of what was forgotten, and a number of
#   calls.
#
# In five lines: Tuning changes how a model behaves, not what is true. A test that shares sentences
# with the training cannot show how the model handles other sentences. A detour of 1.8 % of the
# numbers is enough, and it can be taken out again. Everything that was not in the examples is at
# risk, and nobody tells you which. The price is made of people's hours, so it pays by volume or by
# the errors it avoids.
#
# New words: [fine-tuning](../glossary.md#fine-tuning), [JSON](../glossary.md#json), [tool call](../glossary.md#tool-call), [second
# turn](../glossary.md#second-turn), [loss](../glossary.md#loss),
# [gradient](../glossary.md#gradient), [optimizer](../glossary.md#optimizer),
# [LoRA](../glossary.md#lora), [rank](../glossary.md#rank), [adapter](../glossary.md#adapter),
# [peft](../glossary.md#peft), [paired comparison](../glossary.md#paired-comparison),
# [forgetting](../glossary.md#forgetting), [perplexity](../glossary.md#perplexity).

# %% [markdown]
# ## Lab, not graded: read the errors
#
# A rate hides what went wrong. Here are all sealed requests where the tuned model chose the
# wrong tool.

# %%
for one, text, fine in zip(sealed(), both["tuned, free"]["texts"],
                           both["tuned, free"]["tool"]):
    if not fine:
        print(f"{one['request']}\n    {text}")

# %% [markdown]
# Six of 170. Look for what they share: two requests for a claim that name no loss in so many words,
# two sentences that ask for nothing that a tool can do, and two second turns that stopped too
# early. The other errors are in the arguments. Here are those of sums and queries, then those of
# e-mails and claims; of the latter most are copies that went wrong:

# %%
def mistaken(groups):
    """Requests of these groups with the right tool and wrong arguments."""
    return [[one["request"],
             *(" | ".join(map(str, args.values()))
               for args in (json.loads(text)["args"], one["args"]))]
            for group, one, text, fine in tuned_calls
            if group in groups and not fine
            and json.loads(text)["tool"] == group]


HEADS = ["request", "arguments written", "arguments wanted"]
table(mistaken(("calculator", "run_sql")), HEADS)

# %%
table(mistaken(("send_email", "file_claim")), HEADS)

# %% [markdown]
# One or two would have done as well (*mislaid telescope*), most would not. And the prompts for the base
# model that were tried, on 48 development requests, free to write:

# %%
tried = shipped("11_fine_tuning/base_prompts")["prompts"]
table([[name, one["tokens before the request"],
        *(f"{one[mark]:.2f}" for mark in MARKS)]
       for name, one in tried.items()],
      ["prompt", "tokens", *MARKS.values()])

# %% [markdown]
# The request alone and the list of tools in words give hardly a call. The examples bring the
# form. Turned round, they do no better.
#
# <details><summary>Four more measurements</summary>
#
# - `add_lora(..., names=("q_proj", "v_proj"))` trains a fifth of the numbers. Run the
#   demonstration with it. How far does it come in 24 steps?
# - Train with labels on *all* tokens, the request included. Which of the three marks suffers?
# - Start with rank 1. What does the loss say after 24 steps, and what would it save?
# - Give the base model the seven *most similar* training examples as its prompt (embed the
#   requests, lesson 07). How much of the gap does that close, at how many tokens a call?
# </details>

# %% [markdown]
# ## Stretch, not graded: `needs_tools`
#
# The adapter answers *What is snow?* with a call. Write `needs_tools(text)`: should the adapter
# be on for this message? The test has 40 requests for tools and 20 small questions, and asks
# for 50 of 60.

# %%
def needs_tools(text):
    return True     # <- always on: make it better


asks = [one["request"] for one in examples("dev", 200)
        if one["tool"] != "none" and not one["steps"]][:40]
right = (sum(bool(needs_tools(text)) for text in asks)
         + sum(not needs_tools(text) for text in CHATS))
print(f"{right} of {len(asks) + len(CHATS)}:",
      "reached" if right >= 50 else "not yet")

# %% [markdown]
# ## Further reading
#
# - Edward Hu and others: *LoRA: Low-Rank Adaptation of Large Language Models*, 2021. Section 4
#   is your layer, section 7 asks which rank is needed.
# - Tim Dettmers and others: *QLoRA: Efficient Finetuning of Quantized LLMs*, 2023. The same on
#   a model of 4 bits a number.
# - Timo Schick and others: *Toolformer: Language Models Can Teach Themselves to Use Tools*,
#   2023.
# - Mitchell Wortsman and others: *Robust Fine-Tuning of Zero-Shot Models*, 2022. Between the
#   old and the new weights lies a better model: the dial above, on images.
# - Dan Biderman and others: *LoRA Learns Less and Forgets Less*, 2024. What a low rank costs
#   and what it keeps.
# - Loubna Ben Allal and others: *SmolLM2: When Smol Goes Big*, 2025. How our base model was
#   made.

# %% [markdown]
# ## Progress
#
# Your points so far stand on [START HERE](../START_HERE.ipynb); `python -m course.grade 11`
# counts them with the hidden tests. Next in the plan is lesson 12, *Agents: from chat to do,
# with permissions*: the calls of this model are carried out, and somebody tries to abuse them.
