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
# of each tool. Your colleague says: *stop writing prompts, train the thing. Ten minutes of one
# processor core.*
#
# **How much better is it after ten minutes? What does it forget? And after how many requests
# has the training paid for itself?**

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
    "calls": 10_000,      # <- calls until the training has paid for itself
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

# %% locked="first-try"
from course.toolwrite import shots_ids, write_calls

model = llm(fresh=True)      # a copy of our own: this lesson changes it
tries = ["My cello is gone, booking QT83LM.", "Add 318 and 467.", "Thanks!"]
prompt = shots_ids(model)
print(len(prompt), "tokens before every request")
for request, text in zip(tries, write_calls(
        model, [{"request": one, "steps": []} for one in tries],
        before=prompt)):
    print(f"{request}\n    {text}")

# %% [markdown]
# @@first-try-reading@@ Before you say *good* or *bad*, say what those words mean. Three
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
# - `valid`: the whole text is JSON, of whatever kind;
# - `right_tool`: valid, a JSON object (a dict), and its `"tool"` is the right one;
# - `exact`: right tool, and its `"args"` are equal to `args`.
#
# Example: `score('{"tool": "none", "args": {}}', "calculator", {"expression": "1+1"})` is
# `(True, False, False)`.
#
# The check tries what models really write: JSON with a sentence around it, a list, a number, a
# call without arguments. Your function must not raise for any text. The check does not ask
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
# Now the base model's marks on a test of 170 requests. Both rows have the same
# prompt as above. In the second, the model is not free: of all
# tokens it must take the likeliest one that keeps the text the beginning of a call
# (constrained decoding). These numbers are shipped, since the run takes minutes: written by `course/studies/tuning.py`;
# `shipped("11_fine_tuning/before_after", live=True)` repeats it here.

# %% locked="read-base"
both = shipped("11_fine_tuning/before_after")
MARKS = {"json": "valid JSON", "tool": "right tool", "exact": "exact"}


def share(name, mark):
    """'0.41 (0.34 to 0.49)': a rate on the test with its 95 % interval."""
    values, rng = np.array(both[name][mark]), np.random.default_rng(0)
    means = rng.choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{values.mean():.3f} ({low:.2f} to {high:.2f})"

# %%
base = ["base, examples, free", "base, examples, constrained"]
table([[name, *(share(name, mark) for mark in MARKS)] for name in base],
      ["170 requests", *MARKS.values()])

# %% [markdown]
# @@base-reading@@
#
# ## Examples, and what a phrasing is
#
# Training needs pairs: a request, and the call that it asks for. Nobody has them at Tern Air,
# so the course wrote templates, @@n_phrasings@@ of them, and a program fills in the values. The file
# is `data/tools/phrasings.toml`. Three of the training examples:

# %%
made = examples("train", 640)
for one in (made[0], made[3], made[4]):
    print(f"phrasing {one['phrasing']}: {one['request']}")
    for call, outcome in one["steps"]:
        print("    ...", call, "->", outcome)
    print("   ", call_text(one["tool"], one["args"]))

# %% [markdown]
# @@examples-reading@@ Some examples are [second turns](../glossary.md#second-turn): a call was made, its result
# came back, and the right answer is now `none`, or the next call. Without those the model
# would learn that every text ends in an action, and go on for ever.
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
# A random test asks whether the model can put new values into sentences that it knows. Your users
# will bring sentences that nobody wrote down. The unit that must not be on both sides is the
# phrasing, as the text's key was in lesson 01.

# %% [markdown] contract="split-by-phrasing" difficulty=2 minutes=8
# ## Exercise `split-by-phrasing`
#
# *Difficulty 2 of 5 · about 8 minutes · 2 points*
#
# Write `split(made, share=0.2, seed=0)`: two lists that share no phrasing.
#
# | | |
# |---|---|
# | `made` | a list of dicts with a key `"phrasing"` (a number or a string) and others |
# | `share` | the share of *phrasings*, not of examples, that go to the test |
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
# than `Add 2 and 3`. The failure lab looks at that.

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
# The course's file does the same: every sixth phrasing, and every sixth name, topic and bag, is
# held out as `examples("dev", ...)`. Recipes were chosen on those. The 170 requests of the test above
# are of another kind. They were written by hand before any training, in other words than
# the templates, with other values, then sealed: they were used once, for the numbers of this lesson. A test
# by which you choose is a development set, whatever you call it.
#
# One weakness stays, and you should know it: the same author wrote templates and test. Real
# users will be stranger than both.
#
# ## Train on the answer only
#
# The model sees one row of tokens: the request, then the call. During training it predicts each
# token from those before it, and the [loss](../glossary.md#loss) is its surprise. But it will
# never have to write a request. Which tokens should count?

# %% locked="tokens"
from course.tooltrain import pair

asked, answer = pair(model, made[3])
print(model.tokenizer.decode(asked), end="")
print(model.tokenizer.decode(answer))
print(f"\n{len(asked)} tokens to read, {len(answer)} to write")

# %% [markdown]
# Only the answer counts, from its first bracket to the end token, `<|im_end|>`. Libraries mark
# all others with the label -100, which the loss leaves out. Rows of a batch must be equally long, so
# short ones are filled up with a padding token, and padding does not count either. Look at the
# number of ours:

# %%
print("padding:", model.tokenizer.pad_token_id, "· end of the answer:", answer[-1])

# %% [markdown]
# The same number. Remember that for the next exercise: whoever finds the padding by looking for
# its number also removes the end of every answer. The loss looks fine, and the model never
# learns to stop.

# %% [markdown] contract="answer-labels" difficulty=2 minutes=7
# ## Exercise `answer-labels`
#
# *Difficulty 2 of 5 · about 7 minutes · 2 points*
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
# elsewhere. When request and answer are too long together, drop tokens from the *front of the request*:
# an answer that is cut off teaches the model to cut off. (An answer alone always fits.)
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
    ids, labels = training_row([1, 2, 3, 4, 5], [8, 9, 2], 5, 2)
    assert [int(v) for v in ids] == [4, 5, 8, 9, 2], (
        "five places for 5 + 3 tokens: keep the whole answer and the end of "
        f"the request; you gave {list(ids)}")
    assert [int(v) for v in labels] == [-100, -100, 8, 9, 2], (
        f"after the cut the labels are {list(labels)}")
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
# `[-100] * n` is a list of `n` labels; lists are joined by `+`. `asked[k:]` drops the first `k`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `room = length - len(answer)` places are left for the request. Drop
# `max(0, len(asked) - room)` tokens in front; what is missing to `length` is padding.
# </details>
# <details><summary>“I get this error”</summary>
#
# - With no room left you kept the whole request: `asked[-0:]` is `asked[0:]`, which is
#   everything. Slice from the front with a computed start.
# </details>

# %% [markdown]
# ## LoRA, by hand
#
# The model has 134,515,008 numbers. Training all of them needs four times their memory and gives you a second
# model of half a gigabyte. [LoRA](../glossary.md#lora) (low-rank adaptation, 2021) freezes all of them and
# adds a small detour beside each matrix. Take a matrix of 3 by 3, which turns 3 numbers into 3:

# %% locked="torch"
import torch
from torch import nn

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
    """The largest gradient of each factor, for one error of size 1."""
    a, b = (one.clone().requires_grad_() for one in (a, b))
    ((w @ x + b @ (a @ x))[0] - 0.0).backward()
    return [round(float(one.grad.abs().max()), 2) for one in (a, b)]


zero, start = torch.zeros(3, 1), torch.tensor([[0.3, -0.2, 0.4]])
print("both zero:", gradients(torch.zeros(1, 3), zero))
print("only b zero:", gradients(start, zero))

# %% [markdown]
# With both at zero, both gradients are zero: nothing ever moves. With a random `a` and `b` zero,
# the detour gives nothing at first, and `b` can learn. After one step `a` can, too.

# %% [markdown] contract="lora-layer" difficulty=3 minutes=12
# ## Exercise `lora-layer`
#
# *Difficulty 3 of 5 · about 12 minutes · 3 points*
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
# Everything of `base` is frozen: `requires_grad` is False, and no training step changes it. An
# `nn.Linear` knows its sizes: `base.in_features` and `base.out_features`.
#
# Example: `LoRA(nn.Linear(4, 3), rank=2, alpha=4)(torch.zeros(5, 4))` has the shape `(5, 3)`.
#
# The check builds tiny layers in your kernel, trains them for three steps and looks at what
# moved. It does not ask how you draw `a`, only that it is not zero and not large (below 2), and that
# two layers differ.

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
    """What a layer of class `kind` does; the check compares it."""
    torch.manual_seed(outputs * 100 + inputs)
    base, x = nn.Linear(inputs, outputs, bias=bias), torch.randn(5, inputs)
    plain, before = base(x).detach(), base.weight.detach().clone()
    layer, twin = kind(base, rank, alpha), kind(base, rank, alpha)
    seen = {"x": x, "plain": plain, "start": layer(x), "a": layer.a,
            "b": layer.b, "twin": twin.a, "batch": layer(x[None, None])}
    seen["learns"] = sorted(name for name, one in layer.named_parameters()
                            if one.requires_grad)
    if b is not None:
        layer.b.data = b.clone()
        seen["after"] = layer(x)
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
        "freeze base, and make a and b nn.Parameter")
    ### BEGIN HIDDEN TESTS
    assert 0 < float(got["a"].abs().max()) < 2, (
        "a starts random and small: with a and b both zero nothing can learn")
    assert not torch.equal(got["a"], got["twin"]), (
        "two layers have the same a: draw random numbers")
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
        assert tuple(got["batch"].shape) == (1, 1, 5, o), (
            "x may have more axes: (1, 1, 5, inputs) gives (1, 1, 5, outputs)"
            f", you gave {tuple(got['batch'].shape)}")
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
# - `RuntimeError: mat1 and mat2 shapes cannot be multiplied`: a transpose is missing; both
#   factors are stored as (outputs, inputs) of their own step.
# </details>

# %% [markdown]
# ### Merge
#
# The detour costs time at every token: two more multiplications for each of 210 matrices. When
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
# | returns | a new tensor (outputs, inputs); `weight` stays as it was |
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
            if isinstance(module, nn.Linear) and name.startswith("model.layers")]
rows = []
for rank in (1, 4, 8, 16, 64):
    numbers = sum(rank * (m.out_features + m.in_features) for m in matrices)
    rows.append([rank, f"{numbers:,}", f"{numbers / 134_515_008:.2%}",
                 f"{2 * numbers / 1e6:.1f}"])
table(rows, ["rank", "numbers to train", "of the model", "MB on disk"])

# %% [markdown]
# Rank 8 trains 1.8 % of the model and fits into an e-mail (2 bytes a number).
#
