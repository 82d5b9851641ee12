"""Versions of lesson 11 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"score-calls": [
    {"name": "ignore",
     "says": "an option ignore: these arguments do not count",
     "values": [{"K": "note"}, {"K": "hour"}],
     "contract": [
         ("Write `score(text, tool, args)`: how", "Write `score(text, tool, args, ignore=())`: how"),
         ("| returns |",
          "| `ignore` | names of arguments that do not count: whatever they are, or whether they are "
          "there at all |\n| returns |"),
         ('its `"args"` are equal to `args`.',
          'its `"args"`, a JSON object, are equal to `args`, those in\n  `ignore` left out on both '
          'sides.')],
     "answer": [
         ("def score(text, tool, args):", "def score(text, tool, args, ignore=()):"),
         ("    return True, right, right and call.get(\"args\") == args", """\
    if not right or not isinstance(call.get("args"), dict):
        return True, right, False
    mine, theirs = ({name: value for name, value in some.items()
                     if name not in ignore} for some in (call["args"], args))
    return True, right, mine == theirs""")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = score(good, "calculator", {"expression": "9"}, ignore=("expression",))
    assert [bool(v) for v in got] == [True, True, True], (
        "the expression is to be ignored and nothing else differs; you gave "
        f"{tuple(got)}")
    ### BEGIN HIDDEN TESTS
    due = {"title": "training", "«K»": "x"}
    for written, expected in ((due, True), ({**due, "«K»": 3}, True),
                              ({"title": "training"}, True),
                              ({"«K»": "x"}, False),
                              ({**due, "title": "lunch"}, False),
                              ({**due, "day": "Monday"}, False)):
        line = json.dumps({"tool": "calendar_add", "args": written})
        got = score(line, "calendar_add", dict(due), ignore=["«K»"])
        assert [bool(v) for v in got] == [True, True, expected], (
            f"with ignore=['«K»'] {written} against {due}: exact is "
            f"{expected}; you gave {tuple(got)}")
        if written == due:
            got = score(line, "calendar_add", {"title": "training"}, {"«K»"})
            assert got[2], (
                "an ignored argument may be missing from the right ones too")
    for odd_ in ('{"tool": "none"}', '{"tool": "none", "args": null}',
                 '{"tool": "none", "args": ["«K»"]}'):
        got = score(odd_, "none", {}, ignore=["«K»"])
        assert [bool(v) for v in got] == [True, True, False], (
            f"{odd_} has no object of arguments: not exact, and no error; you "
            f"gave {tuple(got)}")
""")],
     "hints": [("`.get` gives `None` for a missing key instead of raising.",
                "`.get` gives `None` for a missing key instead of raising.\n"
                "Compare two dicts without the ignored names.")]},
    {"name": "any-case",
     "says": "an option any_case: capitals do not matter in texts",
     "values": [{"K": "MONDAY"}, {"K": "moNday"}],
     "contract": [
         ("Write `score(text, tool, args)`: how",
          "Write `score(text, tool, args, any_case=False)`: how"),
         ("| returns |",
          "| `any_case` | when true, capitals do not matter in arguments that are texts; they still "
          "do in names |\n| returns |")],
     "answer": [
         ("def score(text, tool, args):", "def score(text, tool, args, any_case=False):"),
         ("    return True, right, right and call.get(\"args\") == args", """\
    if not right or not isinstance(call.get("args"), dict):
        return True, right, False
    mine, theirs = ({name: value.lower() if any_case and isinstance(value, str)
                     else value for name, value in some.items()}
                    for some in (call["args"], args))
    return True, right, mine == theirs""")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    upper = '{"tool": "send_email", "args": {"to": "ADA"}}'
    got = score(upper, "send_email", {"to": "Ada"}, any_case=True)
    assert [bool(v) for v in got] == [True, True, True], (
        "with any_case ADA and Ada are the same; you gave "
        f"{tuple(got)}")
    assert not score(upper, "send_email", {"to": "Ada"})[2], (
        "without any_case ADA and Ada differ")
    ### BEGIN HIDDEN TESTS
    due = {"day": "Monday", "hour": 15}
    for written, expected in (({"day": "«K»", "hour": 15}, True),
                              ({"day": "«K»", "hour": "15"}, False),
                              ({"day": "«K»s", "hour": 15}, False),
                              ({"DAY": "«K»", "hour": 15}, False),
                              ({"day": None, "hour": 15}, False)):
        line = json.dumps({"tool": "calendar_add", "args": written})
        got = score(line, "calendar_add", dict(due), any_case=True)
        assert [bool(v) for v in got] == [True, True, expected], (
            f"with any_case {written} against {due}: exact is {expected}; you "
            f"gave {tuple(got)}")
    got = score('{"tool": "NONE", "args": {}}', "none", {}, any_case=True)
    assert [bool(v) for v in got] == [True, False, False], (
        "capitals matter in the name of a tool; you gave "
        f"{tuple(got)}")
    got = score('{"tool": "none"}', "none", {}, any_case=True)
    assert [bool(v) for v in got] == [True, True, False], (
        f"the arguments are missing: not exact; you gave {tuple(got)}")
    assert due == {"day": "Monday", "hour": 15}, "score changed the arguments"
""")],
     "hints": [("`.get` gives `None` for a missing key instead of raising.",
                "`.get` gives `None` for a missing key instead of raising.\n"
                "Bring the texts of both sides to small letters before you compare.")]}],
"split-by-phrasing": [
    {"name": "keep",
     "says": "an option keep: these phrasings always stay in training",
     "values": [{"K": 10}, {"K": 25}],
     "contract": [
         ("Write `split(made, share=0.2, seed=0)`: two",
          "Write `split(made, share=0.2, seed=0, keep=())`: two"),
         ("| returns |",
          "| `keep` | phrasings that always stay in training and are not counted |\n| returns |"),
         ("Of `n` different phrasings,", "Of `n` different phrasings that are not in `keep`,")],
     "answer": [
         ("def split(made, share=0.2, seed=0):", "def split(made, share=0.2, seed=0, keep=()):"),
         ('    names = sorted({one["phrasing"] for one in made})',
          '    names = sorted({one["phrasing"] for one in made} - set(keep))')],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    train, test = split([dict(one) for one in few], share=0.5, keep=(3,))
    sides = [{one["phrasing"] for one in part} for part in (train, test)]
    assert 3 in sides[0] and len(sides[1]) == 2, (
        "with keep=(3,) phrasing 3 stays in training, and half of the other 4 "
        f"are 2; your sides are {sides}")
    ### BEGIN HIDDEN TESTS
    some = [{"phrasing": i % 40, "x": i} for i in range(160)]
    stay = list(range(«K»))
    for seed_ in range(6):
        train, test = split([dict(one) for one in some], 0.5, seed_, keep=stay)
        held = {one["phrasing"] for one in test}
        assert not held & set(stay), (
            f"phrasings {sorted(held & set(stay))} are in keep and in the test")
        assert len(held) == round(0.5 * (40 - «K»)), (
            f"half of the {40 - «K»} phrasings outside of keep are "
            f"{round(0.5 * (40 - «K»))}; your test has {len(held)}")
        assert len(train) + len(test) == 160, "an example was lost or doubled"
        assert [one for one in some if one["phrasing"] not in held] == [
            dict(one) for one in train], (
            "training has all other examples, in the order that they had")
    train, test = split(some, 0.5, keep=[*range(40), "nobody"])
    assert len(list(test)) == 0 and len(list(train)) == 160, (
        "all phrasings are to be kept: the test is empty")
""")],
     "hints": [("`not in held` for training, `in held` for the test.",
                "`not in held` for training, `in held` for the test.\n"
                "Take those in `keep` out of the names before you draw.")]},
    {"name": "least",
     "says": "an option least: rare phrasings always stay in training",
     "values": [{"K": 3}, {"K": 5}],
     "contract": [
         ("Write `split(made, share=0.2, seed=0)`: two",
          "Write `split(made, share=0.2, seed=0, least=1)`: two"),
         ("| returns |",
          "| `least` | phrasings with fewer examples stay in training and are not counted |\n"
          "| returns |"),
         ("Of `n` different phrasings,", "Of `n` different phrasings with at least `least` examples,")],
     "answer": [
         ("def split(made, share=0.2, seed=0):", "def split(made, share=0.2, seed=0, least=1):"),
         ('    names = sorted({one["phrasing"] for one in made})',
          '    every = [one["phrasing"] for one in made]\n'
          '    names = sorted(p for p in set(every) if every.count(p) >= least)')],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    train, test = split([dict(one) for one in few], share=0.5, least=2)
    held = {one["phrasing"] for one in test}
    assert len(held) == 1 and held <= {1, 3}, (
        "only phrasings 1 and 3 have two examples or more, and half of them "
        f"is one; your test has {held}")
    ### BEGIN HIDDEN TESTS
    some = [{"phrasing": f"p{i:02}", "x": j} for i in range(30)
            for j in range(1 + i % 6)]
    enough = {f"p{i:02}" for i in range(30) if 1 + i % 6 >= «K»}
    for seed_ in range(6):
        train, test = split([dict(one) for one in some], 0.4, seed_, least=«K»)
        held = {one["phrasing"] for one in test}
        assert held <= enough, (
            f"least=«K»: the test holds {sorted(held - enough)[:3]}, which "
            "have fewer examples")
        assert len(held) == round(0.4 * len(enough)), (
            f"{len(enough)} phrasings have «K» examples or more; .4 of them "
            f"are {round(0.4 * len(enough))}, your test has {len(held)}")
        assert [one for one in some if one["phrasing"] not in held] == [
            dict(one) for one in train], (
            "training has all other examples, in the order that they had")
    train, test = split(some, 0.5, least=99)
    assert len(list(test)) == 0 and len(list(train)) == len(some), (
        "no phrasing has 99 examples: the test is empty")
""")],
     "hints": [("`not in held` for training, `in held` for the test.",
                "`not in held` for training, `in held` for the test.\n"
                "Take the rare ones out of the names before you draw.")]}],
"pays-after": [
    {"name": "free",
     "says": "an option free: the first calls cost nothing either way",
     "values": [{"K": 500}, {"K": 12000}],
     "contract": [
         ("Write `pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0)`: from",
          "Write `pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0, free=0)`: from"),
         ("| returns |",
          "| `free` | so many first calls are a present of the host: they cost nothing in either way, "
          "so they save nothing, and they are counted |\n| returns |"),
         ("a tenth of a cent.",
          "a tenth of a cent.\nWith `free=200` it is `1200`.")],
     "answer": [
         ("def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):",
          "def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0,\n"
          "               free=0):"),
         ("    if saved > 0:\n        return int(np.ceil(fixed_usd / saved))",
          "    if saved > 0 and fixed_usd > 0:\n"
          "        return free + int(np.ceil(fixed_usd / saved))"),
         ("    return 0 if saved == 0 and fixed_usd == 0 else None",
          "    return 0 if saved >= 0 and fixed_usd == 0 else None")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = pays_after(1, 500, 2, free=200)
    assert got is not None and abs(got - 1200) <= 1, (
        "200 calls save nothing, then 1,000 bring the dollar back: 1,200; you "
        f"gave {got}")
    ### BEGIN HIDDEN TESTS
    for fixed, tokens, price, more, paid in (
            (7, 1000, 1.0, 0, 7000), (0.5, 40, 15, 0.0001, 1000)):
        got = pays_after(fixed, tokens, price, more, «K»)
        assert got is not None and abs(got - paid - «K») <= 1, (
            f"{paid:,} calls that save something, after «K» free ones, are "
            f"{paid + «K»:,}; you gave {got}")
        assert got == int(got), f"a number of calls is whole, not {got}"
    assert pays_after(1, 0, 2, free=«K») is None, (
        "free calls save nothing, so what never pays still never pays")
    got = pays_after(0, 100, 1.0, free=«K»)
    assert got == 0, (
        f"what cost nothing pays from the start, free calls or not: 0, not {got}")
""")],
     "hints": [("return `None`.",
                "return `None`.\n"
                "The free calls come before all others.")]},
    {"name": "a-day",
     "says": "an option a_day: the answer in whole days",
     "values": [{"K": 40}, {"K": 250}],
     "contract": [
         ("Write `pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0)`: from",
          "Write `pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0, a_day=None)`: from"),
         ("| returns | the smallest whole number of calls; `None`",
          "| `a_day` | `None`, or how many calls a day come |\n"
          "| returns | the smallest whole number of calls, with `a_day` of days; `None`"),
         ("a tenth of a cent.",
          "a tenth of a cent.\nWith `a_day=300` it is `4`: after three days 900 calls were made.")],
     "answer": [
         ("def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):",
          "def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0,\n"
          "               a_day=None):"),
         ("    if saved > 0:\n        return int(np.ceil(fixed_usd / saved))",
          "    if saved > 0:\n        calls = int(np.ceil(fixed_usd / saved))\n"
          "        return -(-calls // a_day) if a_day else calls")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = pays_after(1, 500, 2, a_day=300)
    assert got == 4, (
        "1,000 calls at 300 a day are reached on the fourth day; you gave "
        f"{got}")
    ### BEGIN HIDDEN TESTS
    for fixed, tokens, price, more, calls_ in (
            (7, 1000, 1.0, 0, 7000), (1, 3, 1, 0, 333_334),
            (0.51, 40, 15, 0.0001, 1020)):
        got = pays_after(fixed, tokens, price, more, «K»)
        near = {-(-(calls_ + step) // «K») for step in (-1, 0, 1)}
        assert got in near, (
            f"{calls_:,} calls at «K» a day are {-(-calls_ // «K»)} days, the "
            f"last one begun counts whole; you gave {got}")
    assert pays_after(1, 0, 2, a_day=«K») is None, (
        "what never pays does not pay in days either")
    got = pays_after(0, 100, 1.0, a_day=«K»)
    assert got == 0, f"what cost nothing pays from day 0, not {got}"
    got = pays_after(1, 500, 2, a_day=None)
    assert got is not None and abs(got - 1000) <= 1, (
        f"without a_day the answer is in calls; you gave {got}")
""")],
     "hints": [("return `None`.",
                "return `None`.\n"
                "Days are rounded up, too.")]}],
}

SLICES = {
"answer-labels": [
    {"name": "tokens", "says": "other tokens, other random rows",
     "values": [{"A": 9, "B": 4, "S": 21}, {"A": 12, "B": 8, "S": 34}, {"A": 3, "B": 15, "S": 58}],
     "check": [
         ("got = training_row([5, 6], [7, 2], 6, 2)", "got = training_row([«A», 6], [«B», 2], 6, 2)"),
         ("ids == [5, 6, 7, 2, 2, 2]", "ids == [«A», 6, «B», 2, 2, 2]"),
         ("labels == [-100, -100, 7, 2, -100, -100]", "labels == [-100, -100, «B», 2, -100, -100]"),
         ("default_rng(4)", "default_rng(«S»)"),
         ("training_row([1, 2, 3, 4, 5], [8, 9, 2], 5, 2)",
          "training_row([1, 2, 3, «A», 5], [8, «B», 2], 5, 2)"),
         ("in ids] == [4, 5, 8, 9, 2], (", "in ids] == [«A», 5, 8, «B», 2], ("),
         ("in labels] == [-100, -100, 8, 9, 2], (", "in labels] == [-100, -100, 8, «B», 2], (")]}],
"lora-layer": [
    {"name": "layers", "says": "layers of other sizes, another alpha, other random numbers",
     "values": [{"I": 5, "A": 0.25, "S": 16}, {"I": 6, "A": 3, "S": 37}, {"I": 9, "A": 12, "S": 72}],
     "check": [
         ("manual_seed(6)", "manual_seed(«S»)"),
         ("(2, 7, 1, 0.5, True)", "(2, «I», 1, «A», True)"),
         ("(6, 5, 3, 16, False)", "(6, «I», 3, 16, False)")]}],
"merge": [
    {"name": "alpha", "says": "another alpha, other random matrices",
     "values": [{"A": 6, "K": 3, "S": 13}, {"A": 10, "K": 5, "S": 25}, {"A": 12, "K": 6, "S": 49}],
     "check": [
         ("merged(tw.clone(), ta.clone(), tb.clone(), 8)", "merged(tw.clone(), ta.clone(), tb.clone(), «A»)"),
         ("allclose(got, tw + 4 * tb @ ta)", "allclose(got, tw + «K» * tb @ ta)"),
         ('"rank 2 and alpha 8: the detour counts 8 / 2 = 4 times; you gave "',
          '"rank 2 and alpha «A»: the detour counts «A» / 2 = «K» times; you gave "'),
         ("manual_seed(2)", "manual_seed(«S»)")]}],
"paired-gain": [
    {"name": "requests", "says": "another number of requests, other random results",
     "values": [{"N": 36, "S": 23}, {"N": 49, "S": 40}, {"N": 64, "S": 68}],
     "check": [
         ("gain([0, 1, 0, 1] * 25, [1, 1, 0, 1] * 25)", "gain([0, 1, 0, 1] * «N», [1, 1, 0, 1] * «N»)"),
         ('f"25 of 100 requests were won and none lost; your mean is {mean:.3f}"',
          'f"«N» of {4 * «N»} requests were won and none lost; your mean is "\n'
          '        f"{mean:.3f}"'),
         ("    assert abs((high - low) / 0.17 - 1)",
          "    usual = 2 * 1.96 * (0.1875 / (4 * «N»)) ** 0.5\n"
          "    assert abs((high - low) / usual - 1)"),
         ('f"your interval is {high - low:.3f} wide, about .17 is expected: draw "',
          'f"your interval is {high - low:.3f} wide, about {usual:.3f} is "\n'
          '        "expected: draw "'),
         ("default_rng(12)", "default_rng(«S»)")]}],
}
