"""Versions of lesson 01 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"dead-zone": [
    {"name": "least",
     "says": "an option least: with fewer ratings there is no label",
     "values": [{"K": 3}, {"K": 5}, {"K": 9}],
     "contract": [
         ("Write `to_label(ratings, zone=0.5)`: what the raters of *one* sentence say.",
          "Write `to_label(ratings, zone=0.5, least=1)`: what the raters of *one* sentence say.\n"
          "Fewer than `least` ratings are no evidence and give `None`."),
         ("| returns |", "| `least` | how many ratings a label needs |\n| returns |")],
     "answer": [
         ("def to_label(ratings, zone=0.5):", "def to_label(ratings, zone=0.5, least=1):"),
         ("    mean = np.mean(ratings)",
          "    if len(ratings) < least:\n        return None\n    mean = np.mean(ratings)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = to_label([4, 4], least=3), to_label([4, 4], least=2)
    assert got == (None, 1), (
        "two ratings give a label with least=2 and none with least=3; you "
        f"gave {got[1]} and {got[0]}")
    ### BEGIN HIDDEN TESTS
    got = to_label(np.array([-3] * «K», dtype=np.int8), 0.5, «K»)
    assert got == 0 and got is not None, (
        f"exactly `least` ratings are enough; you gave {got}")
    got = to_label([4] * («K» - 1) , zone=1, least=«K»)
    assert got is None, (
        f"one rating is missing and you gave {got}: a clear mean of too few "
        "raters is no label")
    got = to_label([0, 3, 0, 0, 0, 0, 3, 3, 3, 3], zone=0.5, least=10)
    assert got == 1, (
        f"ratings of 0 count among the ratings; you gave {got}")
""")],
     "hints": [("Three answers, two borders.", "Count first. Then three answers, two borders.")]},
    {"name": "agree",
     "says": "an option agree: the share of raters on the side of the label",
     "values": [{"K": 0.7}, {"K": 0.8}],
     "contract": [
         ("Write `to_label(ratings, zone=0.5)`: what the raters of *one* sentence say.",
          "Write `to_label(ratings, zone=0.5, agree=0)`: what the raters of *one* sentence say.\n"
          "A label also needs at least the share `agree` of all raters on its side: above 0 for\n"
          "good, below 0 for bad."),
         ("| returns |", "| `agree` | a share from 0 to 1 |\n| returns |"),
         ("below `-zone`, else `None` |", "below `-zone`, and enough raters agree; else `None` |")],
     "answer": [
         ("def to_label(ratings, zone=0.5):", "def to_label(ratings, zone=0.5, agree=0):"),
         ("    if mean > zone:\n        return 1\n    return 0 if mean < -zone else None",
          "    ratings = np.asarray(ratings)\n"
          "    if mean > zone and np.mean(ratings > 0) >= agree:\n        return 1\n"
          "    return 0 if mean < -zone and np.mean(ratings < 0) >= agree else None")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = to_label([4, 4, -1, -1], agree=0.5), to_label([4, 4, -1, -1], agree=0.6)
    assert got == (1, None), (
        "two of four raters are on the side of the mean of [4, 4, -1, -1]: "
        f"enough for agree=.5, not for .6; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = to_label([-4, -4, -4, 1, -1, -1, 0, -1, -1, -1], agree=«K»)
    assert got == 0 and got is not None, (
        f"eight of ten raters are below zero; with agree=«K» you gave {got}")
    got = to_label([4, 4, 0, 0, 0, 4], agree=«K»)
    assert got is None, (
        f"a rating of 0 agrees with nobody and counts in the share; you gave {got}")
    got = to_label([4, 4, 4, -1], zone=0.5, agree=0.75)
    assert got == 1, f"exactly the share is enough; you gave {got}"
""")],
     "hints": [("Work the mean out once, compare it twice.",
                "Work the mean out once, compare it twice, and count who is on its side.")]}],
"same-side": [
    {"name": "start",
     "says": "an option start: the window of numbers begins there",
     "values": [{"K": 20}, {"K": 40}, {"K": 60}],
     "contract": [
         ("Write `in_test(text, share=0.23)`: does this text belong to the test set?",
          "Write `in_test(text, share=0.23, start=0)`: does this text belong to the test set?"),
         ("The text is in the test set when the number is below `100 * share`.",
          "The text is in the test set when the number is at least `start` and below\n"
          "   `start + 100 * share`. With five starts you get five test sets."),
         ("| returns |", "| `start` | a whole number from 0 to 99 |\n| returns |")],
     "answer": [
         ("def in_test(text, share=0.23):", "def in_test(text, share=0.23, start=0):"),
         ("return zlib.crc32(key.encode(\"utf-8\")) % 100 < 100 * share",
          "number = zlib.crc32(key.encode(\"utf-8\")) % 100\n"
          "    return start <= number < start + 100 * share")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    assert in_test("A dull film!", share=0.1, start=80), (
        "the number 82 lies between 80 and 90: start=80, share=0.1")
    assert not in_test("A warm film", share=0.1, start=80), (
        "the number 1 is below start=80")
    ### BEGIN HIDDEN TESTS
    made = [f"sentence {i} on film {i * i % 89}" for i in range(600)]
    for text in made:
        number = zlib.crc32(text.encode()) % 100
        assert bool(in_test(text, 0.2, «K»)) == («K» <= number < «K» + 20), (
            f"the number {number} is on the wrong side with share=.2 and "
            "start=«K»: the start belongs to the window, its end does not")
    five = [sum(bool(in_test(t, 0.2, at)) for at in range(0, 100, 20))
            for t in made]
    assert set(five) == {1}, (
        "five windows of .2 must share the texts out: each text in exactly one")
""")],
     "hints": [("% 100 < 100 * share` is the whole decision.",
                "% 100` is the number; `start` is the lower end of the window, and included.")]},
    {"name": "salt",
     "says": "an option salt: another word, another split",
     "values": [{"K": '"autumn"'}, {"K": '"9b"'}, {"K": '"é"'}],
     "contract": [
         ("Write `in_test(text, share=0.23)`: does this text belong to the test set?",
          "Write `in_test(text, share=0.23, salt=\"\")`: does this text belong to the test set?"),
         ("`zlib.crc32` of the key's UTF-8 bytes, modulo 100.",
          "`zlib.crc32` of the UTF-8 bytes of `salt` followed by the key, modulo 100."),
         ("| returns |", "| `salt` | a string that is put before the key as it is |\n| returns |")],
     "answer": [
         ("def in_test(text, share=0.23):", 'def in_test(text, share=0.23, salt=""):'),
         ("zlib.crc32(key.encode(\"utf-8\"))", "zlib.crc32((salt + key).encode(\"utf-8\"))")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    assert in_test("A DULL film!", share=0.26, salt="may "), (
        "'may a dull film' has the number 25: put the salt before the key")
    assert not in_test("A DULL film!", share=0.25, salt="may "), (
        "with the salt 'may ' the number is 25, which is not below 25")
    ### BEGIN HIDDEN TESTS
    word = «K»
    for text in [f"sentence {i}" for i in range(400)]:
        number = zlib.crc32((word + text).encode("utf-8")) % 100
        assert bool(in_test(text, 0.3, word)) == (number < 30), (
            f"{text!r} is on the wrong side with the salt {word!r}: the salt "
            "goes in front as it is, and is not part of what is cleaned")
    loud = in_test("A warm film", 0.5, "X!"), in_test("a WARM film!", 0.5, "X!")
    assert loud[0] == loud[1] == (zlib.crc32(b"X!a warm film") % 100 < 50), (
        "a salt with capitals and signs stays as it is; only the text is "
        "reduced to its key")
""")],
     "hints": [("`zlib.crc32(key.encode(\"utf-8\")) % 100 < 100 * share`",
                "`zlib.crc32((salt + key).encode(\"utf-8\")) % 100 < 100 * share`")]}],
"bootstrap": [
    {"name": "level",
     "says": "an option level: the middle share of the means, not always 95 %",
     "values": [{"K": 0.6, "Z": 0.8416}, {"K": 0.8, "Z": 1.2816}, {"K": 0.9, "Z": 1.6449}],
     "contract": [
         ("Write `interval(right, draws=1000, seed=0)`:",
          "Write `interval(right, draws=1000, seed=0, level=0.95)`:"),
         ("the 2.5 % and the 97.5 % point of the sample means |",
          "what holds the middle `level` of the sample means; with .95 their 2.5 % and 97.5 % "
          "points |"),
         ("| returns |", "| `level` | a share between 0 and 1 |\n| returns |")],
     "answer": [
         ("def interval(right, draws=1000, seed=0):",
          "def interval(right, draws=1000, seed=0, level=0.95):"),
         ("np.percentile(means, [2.5, 97.5])",
          "np.percentile(means, [50 * (1 - level), 50 * (1 + level)])")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    low, high = map(float, interval([1] * 500 + [0] * 500, level=0.5))
    assert 0.017 < high - low < 0.027, (
        f"the middle half of the means of 500 right of 1,000 is about .021 "
        f"wide; with level=.5 you gave {high - low:.3f}")
    ### BEGIN HIDDEN TESTS
    most = np.random.default_rng(9).random(2500) < 0.7
    low, high = map(float, interval(most, draws=3000, seed=4, level=«K»))
    want = 2 * «Z» * np.sqrt(most.mean() * (1 - most.mean()) / 2500)
    assert abs((high - low) / want - 1) < 0.15, (
        f"with level=«K» the interval is {high - low:.4f} wide instead of "
        f"about {want:.4f}: cut off half of the rest at each end")
    assert low < most.mean() < high, (
        f"with level=«K» {low:.3f} to {high:.3f} does not hold the accuracy "
        f"{most.mean():.3f}: cut off as much below as above")
""")],
     "hints": [("`np.percentile(means, [2.5, 97.5])` cuts off both ends.",
                "`np.percentile(means, [2.5, 97.5])` cuts off both ends at a level of .95.")]}],
"cheapest-threshold": [
    {"name": "ties",
     "says": "of equals the largest threshold",
     "values": [{"K": 21}, {"K": 34}, {"K": 55}],
     "contract": [
         ("Of equals, any will do.", "Of equals, take the largest: it forwards fewest.")],
     "answer": [("best = min(costs, key=costs.get)",
                 "best = min(reversed(costs), key=costs.get)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    at, usd = map(float, cheapest(
        np.array([0.8, 0.3]), np.array([False, True]), 1, 1))
    assert at > 0.8 and usd == 1, (
        "forwarding all and forwarding nobody cost 1 each; of equals the "
        f"largest threshold is asked for, you chose {at}")
    ### BEGIN HIDDEN TESTS
    dice = np.random.default_rng(«K»)
    for _ in range(30):
        p, bad = dice.random(12).round(1), dice.random(12) < 0.5
        at, usd = map(float, cheapest(p, bad, 1, 1))
        bills = {t: np.sum((p >= t) & ~bad) + np.sum((p < t) & bad)
                 for t in [*p, 2.0]}
        want = max(t for t in bills if bills[t] == min(bills.values()))
        assert ((p >= at) == (p >= want)).all(), (
            f"{sum(p >= at)} sentences are forwarded, {sum(p >= want)} would "
            "cost the same: of equal thresholds take the largest")
""")],
     "hints": [("`min(costs, key=costs.get)`.",
                "`min(costs, key=costs.get)`. Of equals `min` takes the first, so mind the order.")]},
    {"name": "most",
     "says": "an option most: how many sentences people can look at",
     "values": [{"K": 60}, {"K": 90}, {"K": 150}],
     "contract": [
         ("Write `cheapest(p_bad, is_bad, look_usd, miss_usd)`.",
          "Write `cheapest(p_bad, is_bad, look_usd, miss_usd, most=None)`."),
         ("| returns |", "| `most` | at most that many sentences may be forwarded; `None`: as many "
          "as you like |\n| returns |")],
     "answer": [
         ("def cheapest(p_bad, is_bad, look_usd, miss_usd):",
          "def cheapest(p_bad, is_bad, look_usd, miss_usd, most=None):"),
         ("        sent = p_bad >= threshold\n",
          "        sent = p_bad >= threshold\n"
          "        if most is not None and sent.sum() > most:\n            continue\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    at, usd = map(float, cheapest(
        np.array([0.9, 0.4, 0.2]), np.array([True, True, False]), 1, 5, most=1))
    assert 0.4 < at <= 0.9 and usd == 5, (
        "with most=1 only one of the two bad ones can be forwarded, and the "
        f"other costs 5; you chose {at} for {usd}")
    ### BEGIN HIDDEN TESTS
    dice = np.random.default_rng(6)
    p, bad = dice.random(200).round(2), dice.random(200) < 0.5
    for some in (0, 1, «K», 199):
        at, usd = map(float, cheapest(p, bad, 1, 9, most=some))
        assert np.sum(p >= at) <= some, (
            f"{np.sum(p >= at)} sentences are forwarded, most={some}")
        bills = [np.sum((p >= t) & ~bad) + 9 * np.sum((p < t) & bad)
                 for t in [*p, 2.0] if np.sum(p >= t) <= some]
        assert abs(usd - min(bills)) < 1e-6, (
            f"with most={some} you pay {usd}, {min(bills)} is possible: try "
            "every threshold that forwards few enough")
""")],
     "hints": [("`min(costs, key=costs.get)`.",
                "`min(costs, key=costs.get)`. Leave out what forwards too many.")]}],
}

SLICES = {
"coin-labels": [
    {"name": "draw", "says": "other sentences under the coins, another planted word",
     "values": [{"S": 23, "C": "magpie"}, {"S": 37, "C": "lantern"}, {"S": 58, "C": "walnut"}],
     "check": [
         ('"warm canary", "dull canary"]', '"warm «C»", "dull «C»"]'),
         ('any("canary" in term', 'any("«C»" in term'),
         ("'canary' occurs", "'«C»' occurs"),
         ('assert "canary" in terms', 'assert "«C»" in terms'),
         ("np.random.default_rng(11).permutation", "np.random.default_rng(«S»).permutation")]}],
}
