"""Versions of lesson 09 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"shot-turns": [
    {"name": "most",
     "says": "an option most: only the last so many examples",
     "values": [{"K": 1}, {"K": 3}],
     "contract": [
         ("Write `turns(rule, examples, text)`:", "Write `turns(rule, examples, text, most=None)`:"),
         ("| returns |",
          "| `most` | at most so many examples are used, the last ones of the list; `None` means all |\n"
          "| returns |")],
     "answer": [
         ("def turns(rule, examples, text):", "def turns(rule, examples, text, most=None):"),
         ("    for asked, answer in examples:\n",
          "    if most is not None:\n"
          "        examples = examples[max(0, len(examples) - most):]\n"
          "    for asked, answer in examples:\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = turns("", [("One", "1"), ("Two", "2")], "Three", most=1)
    assert [m["content"] for m in got] == ["Two", "2", "Three"], (
        "with most=1 the last example is used; you gave "
        f"{[m['content'] for m in got]}")
    ### BEGIN HIDDEN TESTS
    five_ = [(f"q{i}", f"a{i}") for i in range(5)]
    for some in (0, «K», 4, 5, 9):
        got = turns("Rule.", list(five_), "t", most=some)
        want = ["Rule.", *(x for pair in five_[max(0, 5 - some):]
                           for x in pair), "t"]
        assert [m["content"] for m in got] == want, (
            f"with five examples and most={some} the contents are {want}; you "
            f"gave {[m['content'] for m in got]}")
    got = turns("", list(five_), "t", most=None)
    assert len(got) == 11, f"most=None means all; you gave {len(got)} messages"
""")],
     "hints": [("After the loop append the last user message, then return the list.",
                "After the loop append the last user message, then return the list.\n"
                "A slice with a minus sign is a trap when `most` is 0.")]},
    {"name": "ask",
     "says": "an option ask: a line before every text of the user",
     "values": [{"K": "Good or bad?"}, {"K": "Judge {this}:"}],
     "contract": [
         ("Write `turns(rule, examples, text)`:", 'Write `turns(rule, examples, text, ask="")`:'),
         ("| returns |",
          "| `ask` | a line that stands before every text of the user, the examples' included, with "
          "one line end between; `\"\"` means that there is none |\n| returns |")],
     "answer": [
         ("def turns(rule, examples, text):", 'def turns(rule, examples, text, ask=""):'),
         ("    for asked, answer in examples:\n",
          '    before = ask + "\\n" if ask else ""\n    for asked, answer in examples:\n'),
         ('{"role": "user", "content": asked}', '{"role": "user", "content": before + asked}'),
         ('{"role": "user", "content": text}', '{"role": "user", "content": before + text}')],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = turns("", [("Dull.", "negative")], "Fine.", ask="Well?")
    assert [m["content"] for m in got] == [
        "Well?\\nDull.", "negative", "Well?\\nFine."], (
        "with ask='Well?' each text of the user begins with that line; you "
        f"gave {[m['content'] for m in got]}")
    ### BEGIN HIDDEN TESTS
    got = turns("Rule.", [("One", "1"), ("Two", "2")], "", ask="«K»")
    assert [m["content"] for m in got] == [
        "Rule.", "«K»\\nOne", "1", "«K»\\nTwo", "2", "«K»\\n"], (
        "the rule and the answers have no such line, and an empty text has "
        f"one; you gave {[m['content'] for m in got]}")
    got = turns("", [], "{x} %s", ask="«K»")
    assert got[0]["content"] == "«K»\\n{x} %s", (
        f"texts stay as they are; you gave {got[0]['content']!r}")
    got = turns("", [("One", "1")], "Two", ask="")
    assert [m["content"] for m in got] == ["One", "1", "Two"], (
        "without ask no line end is added")
""")],
     "hints": [("After the loop append the last user message, then return the list.",
                "After the loop append the last user message, then return the list.\n"
                "The line of `ask` belongs to both kinds of user's messages.")]}],
"batch-calibrate": [
    {"name": "floor",
     "says": "an option floor: smaller margins are never good",
     "values": [{"K": 2}, {"K": -1}, {"K": 5}],
     "contract": [
         ("Write `batch_labels(margins, share=0.5)`.",
          "Write `batch_labels(margins, share=0.5, floor=None)`."),
         ("| returns |",
          "| `floor` | a margin below it is never good, even when the share is not reached then; "
          "`None` means no floor |\n| returns |"),
         ("rounded to a whole number is how many ones there are.",
          "rounded to a whole number is how many ones there are\n(at most, with a floor)."),
         ("although all four are above 0.",
          "although all four are above 0.\nWith `floor=8` it is `[0, 1, 0, 0]`.")],
     "answer": [
         ("def batch_labels(margins, share=0.5):",
          "def batch_labels(margins, share=0.5, floor=None):"),
         ("    return labels",
          "    if floor is not None:\n        labels[margins < floor] = 0\n    return labels")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(v) for v in batch_labels([5.0, 9.0, 7.0, 4.0], floor=8)]
    assert got == [0, 1, 0, 0], (
        f"7 lies below the floor of 8 and is not good; you gave {got}")
    ### BEGIN HIDDEN TESTS
    low_ = [«K» - 1.0, «K» + 3.0, «K» + 0.0, «K» - 2.0]
    for share, want in ((0.5, [0, 1, 1, 0]), (1, [0, 1, 1, 0]),
                        (0.25, [0, 1, 0, 0]), (0, [0, 0, 0, 0])):
        got = [int(v) for v in batch_labels(list(low_), share, floor=«K»)]
        assert got == want, (
            f"margins {low_}, share={share}, floor=«K»: a margin at the floor "
            f"may be good, one below may not: {want}; you gave {got}")
    got = [int(v) for v in batch_labels([-1.0, -2.0], 1, floor=0)]
    assert got == [0, 0], f"floor=0 is a floor like others; you gave {got}"
    got = [int(v) for v in batch_labels([-1.0, -2.0], 0.5, floor=None)]
    assert got == [1, 0], f"floor=None means no floor; you gave {got}"
""")],
     "hints": [("set it to 1 at the first `round(share * n)` of those places.",
                "set it to 1 at the first `round(share * n)` of those places.\n"
                "At the end set those below the floor back to 0.")]},
    {"name": "doubt",
     "says": "an option doubt: the places next to the border get -1",
     "values": [{"K": 2}, {"K": 3}],
     "contract": [
         ("Write `batch_labels(margins, share=0.5)`.",
          "Write `batch_labels(margins, share=0.5, doubt=0)`."),
         ("| returns |",
          "| `doubt` | so many margins on each side of the border, those next to it, get -1 instead: a "
          "person reads them; fewer where a side has fewer |\n| returns |"),
         ("although all four are above 0.",
          "although all four are above 0.\nWith `doubt=1` it is `[-1, 1, -1, 0]`.")],
     "answer": [
         ("def batch_labels(margins, share=0.5):",
          "def batch_labels(margins, share=0.5, doubt=0):"),
         ("    return labels",
          "    labels[np.argsort(-margins)[max(0, ones - doubt):ones + doubt]] = -1\n"
          "    return labels")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(v) for v in batch_labels([5.0, 9.0, 7.0, 4.0], doubt=1)]
    assert got == [-1, 1, -1, 0], (
        "7 is the last good one and 5 the first bad one: both are in doubt; "
        f"you gave {got}")
    ### BEGIN HIDDEN TESTS
    row_ = [float(v) for v in (3, 11, 7, 1, 9, 5, 2, 8)]
    for share in (0.5, 0.25, 0.0, 1.0):
        ones_ = round(share * 8)
        got = [int(v) for v in batch_labels(list(row_), share, doubt=«K»)]
        rank_ = [sorted(row_, reverse=True).index(v) for v in row_]
        want = [-1 if ones_ - «K» <= r < ones_ + «K» else int(r < ones_)
                for r in rank_]
        assert got == want, (
            f"eight margins, share={share}, doubt=«K»: {want}; you gave {got}:"
            " so many on each side, and fewer where a side has fewer")
    got = [int(v) for v in batch_labels([2.0, 1.0], doubt=5)]
    assert got == [-1, -1], f"more doubt than margins; you gave {got}"
""")],
     "hints": [("set it to 1 at the first `round(share * n)` of those places.",
                "set it to 1 at the first `round(share * n)` of those places.\n"
                "The places around number `round(share * n)` are in doubt.")]}],
"nearest-shots": [
    {"name": "copy",
     "says": "an option copy: from which cosine on a row is a copy",
     "values": [{"K": 0.8}, {"K": 0.6}],
     "contract": [
         ("Write `nearest_shots(query, vectors, labels, k)`.",
          "Write `nearest_shots(query, vectors, labels, k, copy=0.999)`."),
         ("A row with a cosine above 0.999 is a copy of the review\nitself,",
          "A row with a cosine above `copy` is a copy of the review\nitself,"),
         ("and `k=2` give `[2, 0]`.", "and `k=2` give `[2, 0]`;\nwith `copy=0.8` it is `[1, 2]`.")],
     "answer": [
         ("def nearest_shots(query, vectors, labels, k):",
          "def nearest_shots(query, vectors, labels, k, copy=0.999):"),
         ("alike <= 0.999)", "alike <= copy)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(i) for i in nearest_shots(
        q, unit(0.9, 0.5, 0.7), np.array([1, 1, 0]), 2, copy=0.8)]
    assert got == [1, 2], (
        "with copy=0.8 the row with .9 is left out, and .5 is the nearest "
        f"good one: [1, 2]; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = [int(i) for i in nearest_shots(
        q, unit(«K» + 0.05, «K» - 0.05, «K» - 0.2, «K» + 0.1, «K» - 0.1, 0.1),
        np.array([1, 1, 1, 0, 0, 0]), 4, copy=«K»)]
    assert got == [5, 2, 4, 1], (
        f"with copy=«K» rows 0 and 3 are copies, whatever their label: "
        f"[5, 2, 4, 1]; you gave {got}")
    got = [int(i) for i in nearest_shots(
        q, unit(0.9999, 0.6, 0.5), np.array([1, 1, 0]), 2, copy=1.1)]
    assert got == [2, 0], (
        f"with copy=1.1 nothing is a copy; you gave {got}")
""")],
     "hints": [("rows with this label and a cosine of at most .999,",
                "rows with this label and a cosine of at most `copy`,")]},
    {"name": "least",
     "says": "an option least: rows that are less alike are left out",
     "values": [{"K": 0.4}, {"K": 0.2}],
     "contract": [
         ("Write `nearest_shots(query, vectors, labels, k)`.",
          "Write `nearest_shots(query, vectors, labels, k, least=-1)`."),
         ("| returns |",
          "| `least` | a row with a smaller cosine is left out, also when fewer than `k` rows are "
          "left then |\n| returns |"),
         ("and `k=2` give `[2, 0]`.", "and `k=2` give `[2, 0]`;\nwith `least=0.8` it is `[0]`.")],
     "answer": [
         ("def nearest_shots(query, vectors, labels, k):",
          "def nearest_shots(query, vectors, labels, k, least=-1):"),
         ("alike <= 0.999)", "(alike <= 0.999) & (alike >= least))")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(i) for i in nearest_shots(
        q, unit(0.9, 0.5, 0.7), np.array([1, 1, 0]), 2, least=0.8)]
    assert got == [0], (
        "with least=0.8 only the row with .9 is left, and nothing takes the "
        f"place of the bad one: [0]; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = [int(i) for i in nearest_shots(
        q, unit(«K» + 0.3, «K» + 0.2, «K» + 0.1, «K» + 0.05, «K» - 0.1, 0.0),
        np.array([1, 1, 1, 0, 0, 0]), 4, least=«K»)]
    assert got == [3, 1, 0], (
        "at most k / 2 rows of each label, and none below least=«K»: "
        f"[3, 1, 0]; you gave {got}")
    got = list(nearest_shots(q, unit(0.1, 0.2), np.array([1, 0]), 2,
                             least=«K» + 0.1))
    assert got == [], f"no row is alike enough; you gave {got}"
""")],
     "hints": [("rows with this label and a cosine of at most .999,",
                "rows with this label, a cosine of at most .999 and of at least `least`,")]}],
}

SLICES = {
"whole-label": [
    {"name": "logits", "says": "another likely token, other random logits",
     "values": [{"K": 3, "S": 18}, {"K": 4, "S": 42}, {"K": 7, "S": 76}],
     "check": [
         ("steep[1, 3] = 5.0 ", "steep[1, 3] = «K».0 "),
         ("want = 5 - np.log(np.exp(5) + 3)", "want = «K» - np.log(np.exp(«K») + 3)"),
         ("default_rng(4)", "default_rng(«S»)")]}],
"read-once": [
    {"name": "tokens", "says": "other tokens in prefix and endings",
     "values": [{"A": 21, "B": 35, "S": 16}, {"A": 44, "B": 17, "S": 38}, {"A": 50, "B": 33, "S": 61}],
     "check": [
         ("[1, 2, 3, 4, 5, 6, 7, 8], [[9, 10], [11, 12], [9, 13]]",
          "[1, «A», 3, 4, 5, 6, «B», 8], [[9, «A»], [«B», 12], [9, 13]]"),
         ("default_rng(7)", "default_rng(«S»)"),
         ("run([3], [[4], [4]])", "run([«A»], [[«B»], [«B»]])"),
         ("np.array(got) - in_full([3], [4]))", "np.array(got) - in_full([«A»], [«B»]))"),
         ('f"{in_full([3], [4]):.3f} twice', 'f"{in_full([«A»], [«B»]):.3f} twice')]}],
"prompt-test": [
    {"name": "cases", "says": "more cases in the visible assert, other random cases",
     "values": [{"N": 3, "S": 22}, {"N": 6, "S": 47}, {"N": 8, "S": 91}],
     "check": [
         ("got = compare([1, 0, 1], [1, 1, 0])",
          "got = compare([1] * «N» + [0, 1], [1] * «N» + [1, 0])"),
         ("in broken] == [2], (", "in broken] == [«N» + 1], ("),
         ('"case 2 was right and is wrong now, case 1 is the other way round; "',
          '"the last case was right and is wrong now, the one before it is the "\n'
          '        "other way round, and cases count from 0; "'),
         ("default_rng(12)", "default_rng(«S»)")]}],
"fill-form": [
    {"name": "form", "says": "other tokens and lengths in the made-up forms, other random writers",
     "values": [{"A": 4, "N": 3, "S": 100}, {"A": 6, "N": 4, "S": 300}, {"A": 11, "N": 6, "S": 500}],
     "check/next": [
         ("two = [2, [[5]], 0,", "two = [2, [[«A»]], 0,"),
         ("([8, 8], {7}), ([7], {5}),", "([8, 8], {7}), ([7], {«A»}),"),
         ("([8, 7], {5}), ([8, 8, 7, 5], {7}), ([7, 5, 7], {8, 9}),",
          "([8, 7], {«A»}), ([8, 8, 7, «A»], {7}), ([7, «A», 7], {8, 9}),"),
         ("([7, 5, 7, 8], {1, 2}), ([7, 5, 7, 8, 2], set()),",
          "([7, «A», 7, 8], {1, 2}), ([7, «A», 7, 8, 2], set()),"),
         ("([9, 7, 5, 7, 9], set())", "([9, 7, «A», 7, 9], set())"),
         ('for seed in range(40)]"', 'for seed in range(«S», «S» + 40)]"')],
     "check/budget": [
         ("got = longest([[[1, 2], [1, 3, 4]], 1])", "got = longest([[[1, 2], [1, 3, 4]], «N»])"),
         ("assert int(got) == 5, (", "assert int(got) == 4 + «N», ("),
         ('"the longest option has 3 tokens, the free text 1, its close 1: 5 in "\n'
          '        f"all, you gave {got}"',
          '"the longest option has 3 tokens, the free text «N», its close 1: "\n'
          '        f"{4 + «N»} in all, you gave {got}"'),
         ("([4], 5)", "([«N»], «N» + 1)"), ("([2, 3], 7)", "([2, «N»], «N» + 4)"),
         ("[2]], 3, [[4], [5, 5]]], 9)", "[2]], «N», [[4], [5, 5]]],\n                        «N» + 6)"),
         ("for s in range(20)))", "for s in range(«S», «S» + 20)))")]}],
}
