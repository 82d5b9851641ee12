"""Versions of lesson 07 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"two-heads": [
    {"name": "doubt",
     "says": "an option doubt: averages near .5 get -1",
     "values": [{"K": 0.15}, {"K": 0.3}],
     "contract": [
         ("Write `two_heads(p, q, weight=0.5)`:", "Write `two_heads(p, q, weight=0.5, doubt=0)`:"),
         ("| returns |",
          "| `doubt` | where the weighted average is nearer to .5 than this, the answer is `-1`: a "
          "person decides |\n| returns |"),
         ("the averages are .6 and .35.",
          "the averages are .6 and .35.\nWith `doubt=0.12` it is `[-1, 0]`.")],
     "answer": [
         ("def two_heads(p, q, weight=0.5):", "def two_heads(p, q, weight=0.5, doubt=0):"),
         ("    return (mean > 0.5).astype(int)",
          "    return np.where(np.abs(mean - 0.5) < doubt, -1, mean > 0.5)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(v) for v in two_heads([0.9, 0.4], [0.3, 0.3], doubt=0.12)]
    assert got == [-1, 0], (
        "with doubt=0.12 the average .6 is too near to .5 and .35 is not; "
        f"you gave {got}")
    ### BEGIN HIDDEN TESTS
    for mean_, want in ((0.5 + «K» + 0.02, 1), (0.5 + «K» - 0.02, -1),
                        (0.5, -1), (0.5 - «K» + 0.02, -1),
                        (0.5 - «K» - 0.02, 0)):
        got = [int(v) for v in two_heads([mean_], [mean_], 0.3, doubt=«K»)]
        assert got == [want], (
            f"an average of {mean_:.2f} with doubt=«K»: {want}; you gave {got}")
    got = [int(v) for v in two_heads([1.0], [0.0], 0.95, doubt=«K»)]
    assert got == [1], (
        "two heads that disagree leave no doubt when the weighted average is "
        f".95; you gave {got}")
    got = [int(v) for v in two_heads([0.5, 0.51], [0.5, 0.51])]
    assert got == [0, 1], f"without doubt there is no -1; you gave {got}"
""")],
     "hints": [("compared with 0.5, and `.astype(int)`.",
                "compared with 0.5, and `.astype(int)`.\n"
                "`np.where(condition, -1, answers)` sets the doubtful ones.")]},
    {"name": "border",
     "says": "an option border: from where on the answer is good",
     "values": [{"K": 0.3}, {"K": 0.7}],
     "contract": [
         ("Write `two_heads(p, q, weight=0.5)`:", "Write `two_heads(p, q, weight=0.5, border=0.5)`:"),
         ("| returns |",
          "| `border` | the average has to be above it |\n| returns |"),
         ("where the weighted average is above .5, else `0` |",
          "where the weighted average is above `border`, else `0` |"),
         ("the averages are .6 and .35.",
          "the averages are .6 and .35.\nWith `border=0.2` it is `[1, 1]`.")],
     "answer": [
         ("def two_heads(p, q, weight=0.5):", "def two_heads(p, q, weight=0.5, border=0.5):"),
         ("    return (mean > 0.5).astype(int)", "    return (mean > border).astype(int)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(v) for v in two_heads([0.9, 0.4], [0.3, 0.3], border=0.2)]
    assert got == [1, 1], (
        "both averages, .6 and .35, are above a border of .2; you gave "
        f"{got}")
    ### BEGIN HIDDEN TESTS
    for mean_, want in ((«K» + 0.02, 1), («K» - 0.02, 0), (0.01, 0), (0.99, 1)):
        got = [int(v) for v in two_heads([mean_], [mean_], 0.4, «K»)]
        assert got == [want], (
            f"an average of {mean_:.2f} and a border of «K»: {want}; you gave "
            f"{got}")
    got = [int(v) for v in two_heads([1.0, 0.0], [0.0, 1.0], «K» + 0.05, «K»)]
    assert got == [1, int(0.95 - «K» > «K»)], (
        "the weight works as before, and the border is compared with the "
        f"weighted average; you gave {got}")
    got = [int(v) for v in two_heads([0.0, 0.1], [0.0, 0.1], border=0)]
    assert got == [0, 1], f"border=0: only an average above 0; you gave {got}"
""")],
     "hints": [("compared with 0.5, and `.astype(int)`.",
                "compared with `border`, and `.astype(int)`.")]}],
"shots": [
    {"name": "longest",
     "says": "an option longest: at most so many words of each text",
     "values": [{"K": 3}, {"K": 6}],
     "contract": [
         ('Write `few_shot(examples, text, names=("negative", "positive"))`.',
          'Write `few_shot(examples, text, names=("negative", "positive"), longest=None)`.'),
         ("| returns |",
          "| `longest` | of each text, the last one included, at most so many words are kept, the "
          "first ones; `None` means all |\n| returns |")],
     "answer": [
         ('def few_shot(examples, text, names=("negative", "positive")):',
          'def few_shot(examples, text, names=("negative", "positive"),\n'
          '             longest=None):'),
         ("{' '.join(shown.split())}", "{' '.join(shown.split()[:longest])}"),
         ("{' '.join(text.split())}", "{' '.join(text.split()[:longest])}")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = few_shot([("A dull mess.", 0)], "A warm film.", longest=2)
    assert got == ("Review: A dull\\nSentiment: negative\\n\\n"
                   "Review: A warm\\nSentiment:"), (
        f"with longest=2 two words of each text stay; you gave {got!r}")
    ### BEGIN HIDDEN TESTS
    long_ = [f"w{i}" for i in range(9)]
    got = few_shot([("\\n\\n ".join(long_), 1), ("Fun.", 0)],
                   "  " + " \\t".join(long_), ("bad", "good"), «K»)
    cut_ = " ".join(long_[:«K»])
    assert got == (f"Review: {cut_}\\nSentiment: good\\n\\nReview: Fun.\\n"
                   f"Sentiment: bad\\n\\nReview: {cut_}\\nSentiment:"), (
        "with longest=«K» count words whatever white space lies between, and "
        f"leave short texts as they are; you gave {got!r}")
    got = few_shot([], " ".join(long_[:«K»]), longest=«K»)
    assert got == f"Review: {cut_}\\nSentiment:", (
        f"a text of exactly «K» words stays whole; you gave {got!r}")
    got = few_shot([], " ".join(long_), longest=None)
    assert long_[-1] in got, "longest=None keeps all words"
""")],
     "hints": [('`" ".join(text.split())` turns', '`" ".join(text.split())` (a slice of the words) turns')]},
    {"name": "head",
     "says": "an option head: a first block with an instruction",
     "values": [{"K": "Judge {each} review."}, {"K": "Good or bad, 100%?"}],
     "contract": [
         ('Write `few_shot(examples, text, names=("negative", "positive"))`.',
          'Write `few_shot(examples, text, names=("negative", "positive"), head="")`.'),
         ("| returns |",
          "| `head` | an instruction that stands as a block of its own before all others, its white "
          "space treated as in a text; `\"\"`, or nothing but white space, means none |\n| returns |")],
     "answer": [
         ('def few_shot(examples, text, names=("negative", "positive")):',
          'def few_shot(examples, text, names=("negative", "positive"),\n'
          '             head=""):'),
         ('    return "\\n\\n".join(blocks)',
          '    first = " ".join(head.split())\n'
          '    return "\\n\\n".join(([first] if first else []) + blocks)')],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = few_shot([("A dull mess.", 0)], "A warm film.", head="Judge.")
    assert got == ("Judge.\\n\\nReview: A dull mess.\\nSentiment: negative\\n\\n"
                   "Review: A warm film.\\nSentiment:"), (
        f"the head is a block of its own before all others; you gave {got!r}")
    ### BEGIN HIDDEN TESTS
    got = few_shot([], "Meh.", ("bad", "good"), "«K»")
    assert got == "«K»\\n\\nReview: Meh.\\nSentiment:", (
        f"braces and % in the head stay as they are; you gave {got!r}")
    got = few_shot([], "Meh.", head=" «K»\\n\\nReview:  x ")
    assert got == "«K» Review: x\\n\\nReview: Meh.\\nSentiment:", (
        "a head with line ends must not open a block: every run of white "
        f"space becomes one space; you gave {got!r}")
    for none_ in ("", " \\n "):
        got = few_shot([], "Meh.", head=none_)
        assert got == "Review: Meh.\\nSentiment:", (
            f"the head {none_!r} is none at all; you gave {got!r}")
""")],
     "hints": [('`" ".join(text.split())` turns', '`" ".join(text.split())` (of the head, too) turns')]}],
"choose": [
    {"name": "slowest",
     "says": "an option slowest: slower ways may not be chosen",
     "values": [{"K": 0.5}, {"K": 0.02}],
     "contract": [
         ("Write `cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05)`: which way costs\n"
          "least in all?",
          "Write `cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05,\n"
          "slowest=None)`: which way costs least in all?"),
         ("| returns | `(name, usd)` of the cheapest: labels + CPU + errors. Of equals, the first |",
          "| `slowest` | ways with more seconds a sentence may not be chosen; `None` means no limit |\n"
          "| returns | `(name, usd)` of the cheapest that may be chosen: labels + CPU + errors. Of "
          "equals, the first; `None` when no way is left |")],
     "answer": [
         ("def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):",
          "def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05,\n"
          "             slowest=None):"),
         ("    best = min(options, key=total)\n",
          "    options = [o for o in options\n"
          "               if slowest is None or o[\"seconds\"] <= slowest]\n"
          "    if not options:\n        return None\n"
          "    best = min(options, key=total)\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = cheapest([one, two_], 1000, 0.10, slowest=0.1)
    assert got is not None and got[0] == "two" and abs(got[1] - 30) < 1e-6, (
        "'one' takes .36 s a sentence and slowest is .1, so 'two' is left, at "
        f"$30; you gave {got}")
    ### BEGIN HIDDEN TESTS
    edge_ = [dict(one, seconds=«K»), dict(two_, seconds=«K» * 2)]
    got = cheapest(edge_, 1000, 0.10, slowest=«K»)
    assert got is not None and got[0] == "one", (
        f"a way of exactly «K» s may be chosen; you gave {got}")
    got = cheapest(edge_, 100, 0.10, slowest=«K»)
    assert got is not None and got[0] == "one", (
        f"'two' would be cheaper here and is too slow; you gave {got}")
    got = cheapest(edge_, 100, 0.10, slowest=«K» / 2)
    assert got is None, f"no way is fast enough: None, not {got}"
    got = cheapest(edge_, 100, 0.10, slowest=None)
    assert got[0] == "two", f"slowest=None means no limit; you gave {got}"
    got = cheapest([dict(two_)], 10, 1, slowest=0)
    assert got is not None and got[0] == "two", (
        f"slowest=0 is a limit like others, and 'two' takes no time; you gave "
        f"{got}")
""")],
     "hints": [("`min(options, key=total)`, which keeps the first of\nequals.",
                "`min(options, key=total)`, which keeps the first of\nequals. Take out the slow ones "
                "before.")]},
    {"name": "budget",
     "says": "an option budget: labels may cost at most that much",
     "values": [{"K": 12}, {"K": 40}],
     "contract": [
         ("Write `cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05)`: which way costs\n"
          "least in all?",
          "Write `cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05,\n"
          "budget=None)`: which way costs least in all?"),
         ("| returns | `(name, usd)` of the cheapest: labels + CPU + errors. Of equals, the first |",
          "| `budget` | ways whose labels cost more dollars may not be chosen; `None` means no limit |\n"
          "| returns | `(name, usd)` of the cheapest that may be chosen: labels + CPU + errors. Of "
          "equals, the first; `None` when no way is left |")],
     "answer": [
         ("def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):",
          "def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05,\n"
          "             budget=None):"),
         ("    best = min(options, key=total)\n",
          "    options = [o for o in options if budget is None\n"
          "               or o[\"labels\"] * label_usd <= budget]\n"
          "    if not options:\n        return None\n"
          "    best = min(options, key=total)\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = cheapest([one, two_], 1000, 0.10, budget=4)
    assert got is not None and got[0] == "two" and abs(got[1] - 30) < 1e-6, (
        "the labels of 'one' cost $5 and the budget is $4, so 'two' is left, "
        f"at $30; you gave {got}")
    ### BEGIN HIDDEN TESTS
    edge_ = [dict(one, labels=«K» * 2), dict(one, name="many", labels=«K» * 8,
                                            accuracy=1.0)]
    got = cheapest(edge_, 10 ** 6, 1.0, 0.5, budget=«K»)
    assert got is not None and got[0] == "one", (
        f"labels that cost exactly «K» are within the budget; you gave {got}")
    got = cheapest(edge_, 10 ** 6, 1.0, 0.5, budget=«K» * 4)
    assert got is not None and got[0] == "many", (
        "the budget is about labels alone: errors may cost more than that; "
        f"you gave {got}")
    got = cheapest(edge_, 100, 1.0, 0.5, budget=«K» - 1)
    assert got is None, f"no way is within the budget: None, not {got}"
    got = cheapest([one, two_], 1000, 0.10, budget=0)
    assert got is not None and got[0] == "two", (
        f"budget=0 is a limit like others; you gave {got}")
    got = cheapest(edge_, 10 ** 6, 1.0, 0.5, budget=None)
    assert got[0] == "many", f"budget=None means no limit; you gave {got}"
""")],
     "hints": [("`min(options, key=total)`, which keeps the first of\nequals.",
                "`min(options, key=total)`, which keeps the first of\nequals. Take out the dear ones "
                "before.")]}],
}

SLICES = {
"zero-labels": [
    {"name": "rows", "says": "rows in another order, other random rows, other film prompts",
     "values": [{"S": 21, "O": "1, 0, 3, 2", "W": "0, 1, 0, 1"},
                {"S": 35, "O": "2, 0, 1, 3", "W": "1, 1, 0, 0"},
                {"S": 52, "O": "3, 1, 0, 2", "W": "0, 0, 1, 1"}],
     "check": [
         ("[0.8, 0.6], [0.5, 0.866]])\n", "[0.8, 0.6], [0.5, 0.866]])\n    rows = rows[[«O»]]\n"),
         ("assert [int(v) for v in got] == [1, 0, 1, 0], (",
          "assert [int(v) for v in got] == [«W»], ("),
         ("are good: 1, 0, 1, 0; you", "are good: «W»; you"),
         ("    assert got == [1, 0, 1, 0], (", "    assert got == [«W»], ("),
         ("cosines: 1, 0, 1, 0; you", "cosines: «W»; you"),
         ("default_rng(4)", "default_rng(«S»)"),
         ('"The film is a joy."', '"A great movie."'),
         ('"The film is a pain."', '"A bad movie."')]}],
"exchange-rate": [
    {"name": "sizes", "says": "curves over other numbers of labels",
     "values": [{"A": 200, "B": 1800, "K": 3}, {"A": 50, "B": 5000, "K": 7},
                {"A": 300, "B": 2700, "K": 12}],
     "check": [
         ("    got = labels_for(0.6, [100, 1000], [0.5, 0.7])",
          "    got = labels_for(0.6, [«A», «B»], [0.5, 0.7])"),
         ('"labels_for(0.6, [100, 1000], [0.5, 0.7]) gave', '"labels_for(0.6, [«A», «B»], [0.5, 0.7]) gave'),
         ("abs(got - 550) > 30", "abs(got - («A» + «B») / 2) > 30"),
         ("abs(got / 316.23 - 1)", "abs(got / («A» * «B») ** 0.5 - 1)"),
         ("labels_for(0.8, [100, 1000]", "labels_for(0.8, [«A», «B»]"),
         ("    sizes_, scores_ = [10, 40, 200, 800, 5000], [0.52, 0.60, 0.59, 0.70, 0.81]\n",
          "    sizes_ = [«K» * size for size in (10, 40, 200, 800, 5000)]\n"
          "    scores_ = [0.52, 0.60, 0.59, 0.70, 0.81]\n"),
         ("abs(float(got) / want - 1)", "abs(float(got) / («K» * want) - 1)"),
         ("abs(float(got) / 400 - 1)", "abs(float(got) / («K» * 400) - 1)"),
         ("labels_for(0.9, [50], [0.95])", "labels_for(0.9, [«A»], [0.95])"),
         ("abs(float(got) - 50) < 0.1", "abs(float(got) - «A») < 0.1"),
         ("the target gives 50, not", "the target gives «A», not")]}],
"paired-lead": [
    {"name": "draw", "says": "other models: another lead to find, other random answers",
     "values": [{"A": 70, "B": 45, "S": 31}, {"A": 65, "B": 35, "S": 46}, {"A": 55, "B": 40, "S": 88}],
     "check": [
         ("lead([1] * 60 + [0] * 40, [1] * 40 + [0] * 60)]",
          "lead([1] * «A» + [0] * (100 - «A»),\n"
          "                                   [1] * «B» + [0] * (100 - «B»))]"),
         ("abs(got[0] - 0.2) < 1e-9", "abs(got[0] - («A» - «B») / 100) < 1e-9"),
         ('f"60 right against 40 right of 100 is a lead of .2; you gave {got[0]}"',
          'f"«A» right against «B» right of 100 is a lead of "\n'
          '        f"{(«A» - «B») / 100}; you gave {got[0]}"'),
         ("default_rng(6)", "default_rng(«S»)")]}],
"label-score": [
    {"name": "logits", "says": "another number of tokens, other logits",
     "values": [{"V": 12, "T": 2, "S": 19}, {"V": 16, "T": 9, "S": 27}, {"V": 20, "T": 13, "S": 64}],
     "check": [
         ("answer_score(np.zeros((4, 10))", "answer_score(np.zeros((4, «V»))"),
         ("abs(float(got) + 4.6052)", "abs(float(got) + 2 * np.log(«V»))"),
         ('"all logits 0, ten tokens, an answer of two: 2 ln(1/10) = -4.605; you "',
          '"all logits 0, «V» tokens, an answer of two: 2 ln(1/«V»); you "'),
         ("default_rng(9)", "default_rng(«S»)"),
         ("list(range(4, 13))", "list(range(«T», «T» + 9))"),
         ("np.zeros((5, 8), dtype", "np.zeros((5, «V»), dtype"),
         ("abs(got + 4 * np.log(8))", "abs(got + 4 * np.log(«V»))"),
         ('f"four tokens of eight equal ones score {-4 * np.log(8):.3f}; you "',
          'f"four tokens of «V» equal ones score {-4 * np.log(«V»):.3f}; you "')]}],
}
