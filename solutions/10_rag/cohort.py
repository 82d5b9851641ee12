"""Versions of lesson 10 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"chunks": [
    {"name": "least",
     "says": "an option least: a piece of fewer words is left out",
     "values": [{"K": 2}, {"K": 3}, {"K": 5}],
     "contract": [
         ("Write `cut(text, size, overlap=0)`: pieces",
          "Write `cut(text, size, overlap=0, least=1)`: pieces"),
         ("| returns |", "| `least` | a piece of fewer words is left out |\n| returns |"),
         ("The last piece ends with the last word and may be shorter.",
          "The last piece ends with the last word and may be shorter; shorter than `least` words, it\n"
          "is left out."),
         ('`["a b c", "d"]`.', '`["a b c", "d"]`, and with `least=2` it is `["a b c"]`.')],
     "answer": [
         ("def cut(text, size, overlap=0):", "def cut(text, size, overlap=0, least=1):"),
         ("    return pieces", "    return [p for p in pieces if len(p.split()) >= least]")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(cut("a b c d", 3, least=2))
    assert got == ["a b c"], (
        f"with least=2 the piece of one word is left out; you gave {got}")
    ### BEGIN HIDDEN TESTS
    some = " ".join("x" * n for n in range(1, 10 + «K»))
    got = list(cut(some, 9, least=«K»))
    assert len(got) == 2 and len(got[1].split()) == «K», (
        f"a piece of exactly «K» words stays with least=«K»; you gave {got}")
    got = list(cut(some, 9, least=«K» + 1))
    assert len(got) == 1, (
        f"a piece of «K» words is left out with least={«K» + 1}: count words, "
        f"not letters; you gave {got}")
    got = list(cut("a b c d e", 3, 2, least=«K» + 9))
    assert got == [], (
        f"no piece has {«K» + 9} words, so none is left; you gave {got}")
    got = list(cut("a b c d e f", 4, 1, least=«K»))
    want = ["a b c d", "d e f"][:1 + («K» <= 3)] if «K» <= 4 else []
    assert got == want, (
        "with an overlap the words that are shared count too; with least=«K» "
        f"you gave {got}")
""")],
     "hints": [("the first piece with `start + size >= len(words)`.",
                "the first piece with `start + size >= len(words)`. Take out what is\n"
                "too short at the end.")]},
    {"name": "skip",
     "says": "an option skip: so many words at the beginning are left out",
     "values": [{"K": 4}, {"K": 7}],
     "contract": [
         ("Write `cut(text, size, overlap=0)`: pieces",
          "Write `cut(text, size, overlap=0, skip=0)`: pieces"),
         ("| returns |",
          "| `skip` | how many words at the beginning belong to no piece (a head line, say) |\n"
          "| returns |"),
         ("A text without words has no pieces.",
          "A text without words, or with no more than `skip`, has\nno pieces."),
         ('`["a b c", "d"]`.', '`["a b c", "d"]`, and with `skip=1` it is `["b c d"]`.')],
     "answer": [
         ("def cut(text, size, overlap=0):", "def cut(text, size, overlap=0, skip=0):"),
         ("words, pieces = text.split(), []", "words, pieces = text.split()[skip:], []")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(cut("a b c d", 3, skip=1))
    assert got == ["b c d"], (
        f"with skip=1 the first piece begins with the second word; you gave {got}")
    ### BEGIN HIDDEN TESTS
    words_ = [f"v{i}" for i in range(«K» + 6)]
    got = list(cut(" ".join(words_), 4, 2, skip=«K»))
    want = [" ".join(words_[«K»:«K» + 4]), " ".join(words_[«K» + 2:])]
    assert got == want, (
        f"with skip=«K» and overlap 2 the pieces of the rest are {want}; you "
        f"gave {got}")
    for n in (0, «K» - 1, «K»):
        got = list(cut(" ".join(words_[:n]), 3, skip=«K»))
        assert got == [], (
            f"a text of {n} words has no piece with skip=«K»; you gave {got}")
    got = list(cut(" ".join(words_[:«K» + 1]), 3, skip=«K»))
    assert got == [f"v{«K»}"], (
        f"one word is left behind «K» skipped ones; you gave {got}")
""")],
     "hints": [("the first piece with `start + size >= len(words)`.",
                "the first piece with `start + size >= len(words)`. Take the skipped\n"
                "words away before you begin.")]}],
"fuse": [
    {"name": "weights",
     "says": "an option weights: a ranking counts more or less",
     "values": [{"K": 3}, {"K": 5}],
     "contract": [
         ("Write `fuse(rankings, k=60)`: one ranking out of several.",
          "Write `fuse(rankings, k=60, weights=None)`: one ranking out of several."),
         ("| returns |",
          "| `weights` | a list of numbers, one a ranking: its points are multiplied by it; `None` "
          "means 1 for each |\n| returns |"),
         ("9 has 1/62, 5 has 1/63.",
          "9 has 1/62, 5 has 1/63. With `weights=[1, 2]` it is `[3, 9, 7, 5]`.")],
     "answer": [
         ("def fuse(rankings, k=60):", "def fuse(rankings, k=60, weights=None):"),
         ("    for ranking in rankings:\n",
          "    weights = [1] * len(rankings) if weights is None else weights\n"
          "    for ranking, weight in zip(rankings, weights):\n"),
         ("points.get(item, 0) + 1 / (k + rank)", "points.get(item, 0) + weight / (k + rank)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(fuse([[7, 3, 5], [3, 9]], weights=[1, 2]))
    assert got == [3, 9, 7, 5], (
        "with weights [1, 2] 9 has 2/62 and 7 has 1/61; you gave "
        f"{got}")
    ### BEGIN HIDDEN TESTS
    got = list(fuse([["a", "b"], ["c", "d"], ["b", "a"]], weights=[1, «K», 1]))
    assert got[0] == "c" and got[1] == "d" and set(got[2:]) == {"a", "b"}, (
        f"the second ranking counts «K» times; you gave {got}")
    got = list(fuse([["a", "b"], ["b", "a"]], k=1, weights=[0.5, 0.25]))
    assert got == ["a", "b"], (
        f"weights may be fractions; you gave {got}")
    got = list(fuse([["a"], ["b", "a", "c"]], k=0, weights=[«K», 0]))
    assert got[0] == "a" and set(got[1:]) == {"b", "c"}, (
        "a ranking of weight 0 gives no points, and its items are still "
        f"named; you gave {got}")
    got = list(fuse([["b", "a"], ["a", "c"]], weights=None))
    assert got == ["a", "b", "c"], (
        f"weights=None means 1 for each ranking; you gave {got}")
""")],
     "hints": [("gives the items by their points.",
                "gives the items by their points; `zip` walks\n"
                "through rankings and weights together.")]},
    {"name": "depth",
     "says": "an option depth: only so many of each ranking get points",
     "values": [{"K": 2}, {"K": 3}, {"K": 6}],
     "contract": [
         ("Write `fuse(rankings, k=60)`: one ranking out of several.",
          "Write `fuse(rankings, k=60, depth=None)`: one ranking out of several."),
         ("| returns |",
          "| `depth` | only the first `depth` items of each ranking get points from it, and only "
          "items with points are returned; `None` means all |\n| returns |"),
         ("a list: every item that occurs, once,", "a list: every item with points, once,"),
         ("9 has 1/62, 5 has 1/63.",
          "9 has 1/62, 5 has 1/63. With `depth=1` it holds 7 and 3 only.")],
     "answer": [
         ("def fuse(rankings, k=60):", "def fuse(rankings, k=60, depth=None):"),
         ("in enumerate(ranking, 1):", "in enumerate(ranking[:depth], 1):")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(fuse([[7, 3, 5], [3, 9]], depth=1))
    assert sorted(got) == [3, 7], (
        f"with depth=1 only 7 and 3 get points; you gave {got}")
    ### BEGIN HIDDEN TESTS
    left, right = list("abcdefgh"), list("hgfedcba")
    got = list(fuse([left, right], depth=«K»))
    want = set(left[:«K»]) | set(right[:«K»])
    assert set(got) == want and len(got) == len(want), (
        f"with depth=«K» the items are {sorted(want)}; you gave {got}")
    got = list(fuse([left, ["x"] * 0, ["b", "z"]], k=0, depth=«K»))
    assert got[0] == "b" and set(got[1:]) == {"z", *left[:«K»]} - {"b"}, (
        f"short and empty rankings stay as they are; you gave {got}")
    got = list(fuse([["a", "b"], ["c"]], depth=None))
    assert sorted(got) == ["a", "b", "c"], (
        f"depth=None means all; you gave {got}")
    assert list(fuse([left, right], depth=0)) == [], (
        "with depth=0 nobody gets points")
""")],
     "hints": [("gives the items by their points.",
                "gives the items by their points. A slice\n"
                "`ranking[:depth]` also works when `depth` is `None`.")]}],
"find-rates": [
    {"name": "within",
     "says": "an option within: a first hit behind that place counts 0",
     "values": [{"K": 2}, {"K": 4}, {"K": 10}],
     "contract": [
         ("Write `find_rates(rankings, relevant, k)`.",
          "Write `find_rates(rankings, relevant, k, within=None)`."),
         ("| returns |",
          "| `within` | MRR only: a first relevant item behind this place counts 0; `None` means no "
          "limit |\n| returns |"),
         ("and 1/2; ranks 2 and 3.",
          "and 1/2; ranks 2 and 3. With `within=2` it is `(0.75, 0.25)`.")],
     "answer": [
         ("def find_rates(rankings, relevant, k):",
          "def find_rates(rankings, relevant, k, within=None):"),
         ("in enumerate(ranking, 1) if item in right]",
          "in enumerate(ranking[:within], 1)\n                 if item in right]")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = find_rates([[4, 2, 9], [1, 8, 5]], [{2}, {5, 6}], 3, within=2)
    assert abs(got[0] - 0.75) < 1e-9 and abs(got[1] - 0.25) < 1e-9, (
        "with within=2 the hit at rank 3 counts 0 in MRR, and recall does not "
        f"change: (0.75, 0.25); you gave {got}")
    ### BEGIN HIDDEN TESTS
    row = [f"r{i}" for i in range(12)]
    for place in (1, «K» - 1, «K», «K» + 1):
        got = find_rates([row], [{f"r{place - 1}"}], 12, within=«K»)
        want = 1 / place if place <= «K» else 0
        assert abs(got[1] - want) < 1e-9 and abs(got[0] - 1) < 1e-9, (
            f"within=«K» and the hit at rank {place}: MRR {want:.3f} and "
            f"recall 1; you gave {got}")
    got = find_rates([row, row[:1]], [{"r0"}, {"r9"}], 1, within=«K»)
    assert abs(got[1] - 0.5) < 1e-9, (
        f"average over all questions, lost ones too; you gave {got[1]:.3f}")
    got = find_rates([row], [{"r11"}], 1, within=None)
    assert abs(got[1] - 1 / 12) < 1e-9, (
        f"within=None means no limit; you gave {got[1]:.3f}")
""")],
     "hints": [("or 0 after the loop.",
                "or 0 after the loop. What lies behind `within` is not looked at.")]},
    {"name": "weights",
     "says": "an option weights: some questions count more",
     "values": [{"K": 3}, {"K": 7}],
     "contract": [
         ("Write `find_rates(rankings, relevant, k)`.",
          "Write `find_rates(rankings, relevant, k, weights=None)`."),
         ("| returns |",
          "| `weights` | how much each question counts in both averages, a list as long; `None` "
          "means all alike |\n| returns |"),
         ("and 1/2; ranks 2 and 3.",
          "and 1/2; ranks 2 and 3. With `weights=[3, 1]` it is `(0.875, 0.458)`.")],
     "answer": [
         ("def find_rates(rankings, relevant, k):",
          "def find_rates(rankings, relevant, k, weights=None):"),
         ("    return np.mean(recalls), np.mean(reciprocals)",
          "    return (np.average(recalls, weights=weights),\n"
          "            np.average(reciprocals, weights=weights))")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = find_rates([[4, 2, 9], [1, 8, 5]], [{2}, {5, 6}], 3, weights=[3, 1])
    assert abs(got[0] - 0.875) < 1e-9, (
        "recalls 1 and 1/2 with weights 3 and 1 are 0.875 on average; you gave "
        f"{got[0]:.3f}")
    assert abs(got[1] - (3 / 2 + 1 / 3) / 4) < 1e-9, (
        f"the weights count in MRR too: 0.458; you gave {got[1]:.3f}")
    ### BEGIN HIDDEN TESTS
    rows_, right_ = [["a", "b"], ["c"], []], [{"b"}, {"c"}, {"x"}]
    got = find_rates(rows_, right_, 1, weights=[1, «K», 0])
    want = («K» / («K» + 1), (0.5 + «K») / («K» + 1))
    assert abs(got[0] - want[0]) < 1e-9 and abs(got[1] - want[1]) < 1e-9, (
        f"weights [1, «K», 0]: {want}, divided by the sum of the weights; you "
        f"gave {got}")
    got = find_rates(rows_, right_, 2, weights=[0.5, 0.25, 0.25])
    assert abs(got[0] - 0.75) < 1e-9 and abs(got[1] - 0.5) < 1e-9, (
        f"weights may be fractions; you gave {got}")
    got = find_rates(rows_, right_, 2, weights=None)
    assert abs(got[0] - 2 / 3) < 1e-9, (
        f"weights=None means all alike; you gave {got[0]:.3f}")
""")],
     "hints": [("or 0 after the loop.",
                "or 0 after the loop. `np.average(values, weights=...)` takes weights.")]}],
"stale-pages": [
    {"name": "keep",
     "says": "an option keep: these pages are not touched",
     "values": [{"K": 3}, {"K": 7}],
     "contract": [
         ("Write `to_do(indexed, pages)`: what", "Write `to_do(indexed, pages, keep=())`: what"),
         ("| returns |",
          "| `keep` | ids that are in neither list, whatever became of them |\n| returns |"),
         ('it is `(["a", "c"], ["a", "b"])`.',
          'it is `(["a", "c"], ["a", "b"])`,\nand with `keep=("a",)` it is `(["c"], ["b"])`.')],
     "answer": [
         ("def to_do(indexed, pages):", "def to_do(indexed, pages, keep=()):"),
         ("    return embed_, drop",
          "    return ([page for page in embed_ if page not in keep],\n"
          "            [page for page in drop if page not in keep])")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = to_do(dict(before), {"a": "one!", "c": "three"}, keep=("a",))
    assert set(got[0]) == {"c"} and set(got[1]) == {"b"}, (
        f"with keep=('a',) page a is in neither list; you gave {got}")
    ### BEGIN HIDDEN TESTS
    more = {f"n{i}": "new" for i in range(«K»)}
    got = to_do(dict(before), {"a": "one", **more}, keep={"b", "n0"})
    assert set(got[0]) == set(more) - {"n0"} and not list(got[1]), (
        "a page to keep is not embedded when it is new and not dropped when "
        f"it is gone; you gave {got}")
    got = to_do(dict(before), {"a": "one!"}, keep=["c", "aa"])
    assert set(got[0]) == {"a"} and set(got[1]) == {"a", "b"}, (
        "ids are compared whole, and keep may name pages that nobody knows; "
        f"you gave {got}")
    got = to_do(dict(before), dict(more), keep=[*more, "a", "b"])
    assert not list(got[0]) and not list(got[1]), (
        f"everything is to be kept; you gave {got}")
""")],
     "hints": [("Then each list is one line with a condition.",
                "Then each list is one line with a condition.\nPages to keep fail it.")]},
    {"name": "least",
     "says": "an option least: a page of fewer words counts as gone",
     "values": [{"K": 2}, {"K": 4}],
     "contract": [
         ("Write `to_do(indexed, pages)`: what", "Write `to_do(indexed, pages, least=0)`: what"),
         ("| returns |",
          "| `least` | a page of today with fewer words (`text.split()`) is treated as if it were "
          "not there |\n| returns |"),
         ('it is `(["a", "c"], ["a", "b"])`.',
          'it is `(["a", "c"], ["a", "b"])`,\nand with `least=2` it is `([], ["a", "b"])`.')],
     "answer": [
         ("def to_do(indexed, pages):", "def to_do(indexed, pages, least=0):"),
         ("for page, text in pages.items()}",
          "for page, text in pages.items()\n           if len(text.split()) >= least}")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = to_do(dict(before), {"a": "one!", "c": "three"}, least=2)
    assert not list(got[0]) and set(got[1]) == {"a", "b"}, (
        "with least=2 both pages of today are too short, so nothing is "
        f"embedded and both old vectors go; you gave {got}")
    ### BEGIN HIDDEN TESTS
    full, short = " ".join(["w"] * «K»), " ".join(["longword"] * («K» - 1))
    got = to_do({}, {"full": full, "short": short}, least=«K»)
    assert set(got[0]) == {"full"} and not list(got[1]), (
        "a page of exactly «K» words stays with least=«K»: count words, not "
        f"letters; you gave {got}")
    known_ = {"short": fingerprint(short), "full": fingerprint(full)}
    got = to_do(known_, {"full": full, "short": short}, least=«K»)
    assert not list(got[0]) and set(got[1]) == {"short"}, (
        "an unchanged page that is too short loses its old vector; you gave "
        f"{got}")
    got = to_do(dict(before), {"a": "one", "b": "two", "empty": ""})
    assert set(got[0]) == {"empty"}, (
        f"without least even an empty page is a page; you gave {got}")
""")],
     "hints": [("Then each list is one line with a condition.",
                "Then each list is one line with a condition.\n"
                "Short pages do not get into that dict.")]}],
}

SLICES = {
"word-score": [
    {"name": "pages", "says": "another count of the word in a page, other random pages",
     "values": [{"F": 3, "S": 15}, {"F": 4, "S": 28}, {"F": 3, "S": 66}],
     "check": [
         ('bm25(["dog"], [["dog", "dog", "x", "y"],',
          'bm25(["dog"], [["x"] * (4 - «F») + ["dog"] * «F»,\n                         '),
         ("* 2 * 2.2 / (2 + 1.2 * 1.25)", "* «F» * 2.2 / («F» + 1.2 * 1.25)"),
         ("'dog' twice in a page of 4 words where", "'dog' «F» times in a page of 4 where"),
         ("default_rng(4)", "default_rng(«S»)")]}],
"copy-only": [
    {"name": "ids", "says": "another token in the worked source, other random sources",
     "values": [{"E": 3, "S": 13}, {"E": 14, "S": 29}, {"E": 23, "S": 77}],
     "check": [
         ("five_ids = [5, 8, 2, 5, 9]", "five_ids = [5, 8, 2, 5, «E»]"),
         ("set(got) == {5, 8, 2, 9}", "set(got) == {5, 8, 2, «E»}"),
         ("assert got == {8, 9, 0}, (", "assert got == {8, «E», 0}, ("),
         ('"5 stands in two places of [5, 8, 2, 5, 9]: after it come 8 and 9, "',
          '"5 stands in two places of [5, 8, 2, 5, «E»]: after it come 8 and «E», "'),
         ("assert got == {9, 0}, (", "assert got == {«E», 0}, ("),
         ('"[8, 2, 5] stands in one place of [5, 8, 2, 5, 9], and 9 follows: "',
          '"[8, 2, 5] stands in one place of [5, 8, 2, 5, «E»], «E» follows: "'),
         ("may_follow(list(five_ids), [5, 9], 0)", "may_follow(list(five_ids), [5, «E»], 0)"),
         ('f"[5, 9] is the end', 'f"[5, «E»] is the end'),
         ("default_rng(6)", "default_rng(«S»)")]}],
"checked-source": [
    {"name": "price", "says": "another price on the page, a price that stood there before",
     "values": [{"P": 28, "Q": 26}, {"P": 38, "Q": 36}, {"P": 48, "Q": 41}],
     "check": [
         ('"others pay 18 euros. It takes', '"others pay «P» euros. It takes'),
         ("    got = verdict(", """\
    assert not verdict("«Q» euros", "others pay «Q» euros", "nest"), (
        "the page says «P» euros, the quote «Q»: it does not stand there")
    got = verdict("""),
         ('verdict("18 euros", "OTHERS pay 18   euros", "nest")',
          'verdict("«P» euros", "OTHERS pay «P»   euros", "nest")'),
         ('"At most 9 kg, at 18 euros"', '"At most 9 kg, at «P» euros"'),
         ('verdict("18 euros from 05:40 on", "others pay 18 euros",',
          'verdict("«P» euros from 05:40 on", "others pay «P» euros",')]}],
"stay-silent": [
    {"name": "scores", "says": "higher scores, other random ones",
     "values": [{"K": 2, "S": 20}, {"K": 3, "S": 45}, {"K": 5, "S": 94}],
     "check": [
         ("got = pick_threshold(np.array([0.9, 0.5, 0.7, 0.3]),",
          "got = pick_threshold(np.array([0.9, 0.5, 0.7, 0.3]) + «K»,"),
         ("0.3 < at <= 0.5, (", "0.3 < at - «K» < 0.51, ("),
         ('f"you chose {at}: from .5 on one of two', 'f"you chose {at}: from «K».5 on one of two'),
         ("        np.array([0.9, 0.5, 0.7, 0.3]),\n", "        np.array([0.9, 0.5, 0.7, 0.3]) + «K»,\n"),
         ("0.7 < at <= 0.9 and", "0.7 < at - «K» < 0.91 and"),
         ('"with limit 0 none of .7 and .3 may be answered: .9 alone is left; "',
          '"with limit 0 none of «K».7 and «K».3 may be answered: «K».9 is left; "'),
         ("np.array([-3.0, -1.0, -2.0])", "np.array([-3.0, -1.0, -2.0]) - «K»"),
         ("-2 < at <= -1 and", "-2 < at + «K» <= -1 and"),
         ("default_rng(12)", "default_rng(«S»)")]}],
}
