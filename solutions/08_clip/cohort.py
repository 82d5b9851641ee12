"""Versions of lesson 08 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"recall-at-k": [
    {"name": "own",
     "says": "an option own: which picture belongs to which query",
     "values": [{"K": 1}, {"K": 2}],
     "contract": [
         ("Write `recall_at(scores, k)`.", "Write `recall_at(scores, k, own=None)`."),
         ("| returns |",
          "| `own` | a list: the own picture of query i is picture `own[i]`, and there may be more "
          "pictures than queries, or fewer; `None` means picture i |\n| returns |"),
         ("query 1 prefers picture 0.",
          "query 1 prefers picture 0.\nWith `own=[0, 0]` it is `1.0`.")],
     "answer": [
         ("def recall_at(scores, k):", "def recall_at(scores, k, own=None):"),
         ("    own = np.diag(scores)[:, None]",
          "    rows = np.arange(len(scores))\n"
          "    own = scores[rows, rows if own is None else list(own)][:, None]")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = recall_at(small, 1, own=[0, 0])
    assert abs(got - 1) < 1e-9, (
        "with own=[0, 0] picture 0 is the right one for both queries; you "
        f"gave {got}")
    ### BEGIN HIDDEN TESTS
    wide = np.array([[0.1, 0.9, 0.5, 0.4], [0.8, 0.2, 0.8, 0.1]])
    for own, want in (([1, 1], [0.5, 0.5]), ([2, 2], [0.0, 1.0]),
                      ([1, 2], [0.5, 1.0]), ([3, 3], [0.0, 0.0])):
        for k, share in zip((1, 2), want):
            got = recall_at(wide, k, own=own)
            assert abs(got - share) < 1e-9, (
                f"two queries, four pictures, own={own}, k={k}: {share}; you "
                f"gave {got}")
    tall = np.array([[0.9, 0.1], [0.2, 0.3], [0.4, 0.8]])
    got = recall_at(tall, 1, own=(0, 1, 0))
    assert abs(got - 2 / 3) < 1e-9, (
        f"three queries may share two pictures: 2/3; you gave {got}")
    got = recall_at(np.full((2, 3), np.nan), 2, own=[2, «K»])
    assert abs(got) < 1e-9, f"scores of nan find nothing; you gave {got}"
""")],
     "hints": [("is a column with the own score of each row;",
                "is a column with the own score of each row (with `own`, pick by row and column\n"
                "numbers);")]},
    {"name": "hide",
     "says": "an option hide: pictures that are not shown",
     "values": [{"K": 0}, {"K": 2}],
     "contract": [
         ("Write `recall_at(scores, k)`.", "Write `recall_at(scores, k, hide=())`."),
         ("| returns |",
          "| `hide` | numbers of pictures that are not shown: they stand before nobody, and a query "
          "whose own picture is hidden does not find it but is counted |\n| returns |"),
         ("query 1 prefers picture 0.",
          "query 1 prefers picture 0.\nWith `hide=[0]` it is `0.5`, too: query 1 finds its picture, and "
          "query 0 cannot.")],
     "answer": [
         ("def recall_at(scores, k):", "def recall_at(scores, k, hide=()):"),
         ("    rank = (~(scores < own)).sum(axis=1)     # 1 = best; the own one counts\n"
          "    return float(np.mean(rank <= k))",
          "    shown = ~np.isin(np.arange(len(scores)), list(hide))\n"
          "    rank = (~(scores < own) & shown).sum(axis=1)  # 1 = best\n"
          "    return float(np.mean((rank <= k) & shown))")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = recall_at(np.array([[0.9, 0.1], [0.8, 0.3]]), 1, hide=[0])
    assert abs(got - 0.5) < 1e-9, (
        "with picture 0 hidden query 1 finds its picture and query 0 cannot: "
        f"0.5; you gave {got}")
    got = recall_at(np.array([[0.9, 0.1, 0.0], [0.8, 0.3, 0.1],
                              [0.9, 0.2, 0.4]]), 1, hide=[0])
    assert abs(got - 2 / 3) < 1e-9, (
        "of three queries one has a hidden picture, and the other two now "
        f"come first: 2/3; you gave {got}")
    ### BEGIN HIDDEN TESTS
    dice_ = np.random.default_rng(5)
    cloud_ = dice_.normal(size=(30, 30)) + np.eye(30)
    kept_ = cloud_.copy()
    for gone in ({«K»}, {«K», 7, 8}, set(), set(range(30))):
        for k in (1, 4):
            want = np.mean([i not in gone and sum(
                row[j] >= row[i] for j in range(30) if j not in gone) <= k
                for i, row in enumerate(cloud_)])
            got = recall_at(cloud_, k, hide=gone)
            assert abs(got - want) < 1e-9, (
                f"30 queries, hide={sorted(gone)[:4]}, k={k}: {want:.3f}; you "
                f"gave {got}: divide by all queries")
    assert (cloud_ == kept_).all(), "recall_at changed the scores"
""")],
     "hints": [("All others, `~(...)`, stand before the",
                "All others that are shown, `~(...)`, stand before the")]}],
"family-split": [
    {"name": "keep",
     "says": "an option keep: these families always stay in training",
     "values": [{"K": 5}, {"K": 20}],
     "contract": [
         ("Write `family_split(families, share, seed)`:",
          "Write `family_split(families, share, seed, keep=())`:"),
         ("| returns |",
          "| `keep` | names of families that never go to the test set and are not counted |\n"
          "| returns |")],
     "answer": [
         ("def family_split(families, share, seed):",
          "def family_split(families, share, seed, keep=()):"),
         ("    names = sorted(set(families))", "    names = sorted(set(families) - set(keep))")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [bool(v) for v in family_split(list(few), 0.67, 3, keep=("run",))]
    picked = {f for side, f in zip(got, few) if side}
    assert "run" not in picked and len(picked) == 2, (
        "with keep=('run',) .67 of the three other families is two; you took "
        f"{sorted(picked)}")
    ### BEGIN HIDDEN TESTS
    rows_ = [f"f{i % 40:02}" for i in range(100)]
    stay = [f"f{i:02}" for i in range(«K»)]
    for seed in range(5):
        mask = [bool(v) for v in family_split(list(rows_), 0.5, seed, stay)]
        test = {f for side, f in zip(mask, rows_) if side}
        assert not test & set(stay), (
            f"{sorted(test & set(stay))[:3]} are to be kept and were drawn")
        assert len(test) == round(0.5 * (40 - «K»)), (
            f"half of the {40 - «K»} other families is {round(0.5 * (40 - «K»))}"
            f"; you took {len(test)}")
        assert all((f in test) == side for f, side in zip(rows_, mask)), (
            "a family stands on both sides")
    mask = [bool(v) for v in family_split(["a", "b"], 1, 0, {"a", "b", "c"})]
    assert mask == [False, False], f"all are to be kept; you gave {mask}"
""")],
     "hints": [("`name in drawn` for each row.",
                "`name in drawn` for each row. Families to keep are not among the names.")]},
    {"name": "largest",
     "says": "an option largest: larger families always stay in training",
     "values": [{"K": 3}, {"K": 5}],
     "contract": [
         ("Write `family_split(families, share, seed)`:",
          "Write `family_split(families, share, seed, largest=None)`:"),
         ("| returns |",
          "| `largest` | families with more rows never go to the test set and are not counted; `None` "
          "means no limit |\n| returns |")],
     "answer": [
         ("def family_split(families, share, seed):",
          "def family_split(families, share, seed, largest=None):"),
         ("    names = sorted(set(families))",
          "    families = list(families)\n"
          "    names = sorted(f for f in set(families)\n"
          "                   if largest is None or families.count(f) <= largest)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [bool(v) for v in family_split(list(few), 1, 3, largest=1)]
    assert got == [False, False, False, True, False, True], (
        "with largest=1 and share=1 the families of one row, dog and sun, are "
        f"the test set; you gave {got}")
    ### BEGIN HIDDEN TESTS
    rows_ = [f"f{i:02}" for i in range(36) for _ in range(1 + i % 6)]
    small_ = {f for f in rows_ if rows_.count(f) <= «K»}
    for seed in range(5):
        mask = [bool(v) for v in family_split(list(rows_), 0.4, seed,
                                              largest=«K»)]
        test = {f for side, f in zip(mask, rows_) if side}
        assert test <= small_, (
            f"{sorted(test - small_)[:3]} have more than «K» rows")
        assert len(test) == round(0.4 * len(small_)), (
            f".4 of the {len(small_)} families with at most «K» rows is "
            f"{round(0.4 * len(small_))}; you took {len(test)}")
        assert all((f in test) == side for f, side in zip(rows_, mask)), (
            "a family stands on both sides")
    mask = [bool(v) for v in family_split(["a", "a"], 1, 0, largest=None)]
    assert mask == [True, True], "largest=None means no limit"
""")],
     "hints": [("`name in drawn` for each row.",
                "`name in drawn` for each row. Count the rows of a family with `.count`.")]}],
"picture-search": [
    {"name": "least",
     "says": "an option least: no result with a smaller cosine",
     "values": [{"K": 0.5}, {"K": 0.3}],
     "contract": [
         ("Write `search(query, points, k=5, leave_out=())`.",
          "Write `search(query, points, k=5, leave_out=(), least=-2)`."),
         ("| returns |",
          "| `least` | rows with a smaller cosine are not returned: rather few results than bad ones |\n"
          "| returns |"),
         ("is `[1, 0]` (arrays", "is `[1, 0]`,\nand with `least=0.8` it is `[1]` (arrays")],
     "answer": [
         ("def search(query, points, k=5, leave_out=()):",
          "def search(query, points, k=5, leave_out=(), least=-2):"),
         ("    cosine = points @ query / np.maximum(lengths, 1e-12)",
          "    cosine = points @ query / np.maximum(lengths, 1e-12)\n"
          "    cosine = cosine / max(float(np.linalg.norm(query)), 1e-12)"),
         ("    return [int(i) for i in order if int(i) not in banned][:k]",
          "    return [int(i) for i in order\n"
          "            if int(i) not in banned and cosine[i] >= least][:k]")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(i) for i in search(np.array([1.0, 0.0]), three, 5, least=0.8)]
    assert got == [1], (
        "row 0 has a cosine of .71 and row 2 of -1, both below .8: only row 1 "
        f"is left; you gave {got}")
    ### BEGIN HIDDEN TESTS
    fan = np.array([[c, (1 - c * c) ** 0.5] for c in (
        «K» - 0.1, 0.95, «K» + 0.1, -0.6, «K» + 0.05)])
    for size in (1, 0.1, 7):
        got = [int(i) for i in search(np.array([1.0, 0.0]) * size, fan * 3,
                                      5, least=«K»)]
        assert got == [1, 2, 4], (
            f"a query of length {size} and least=«K»: rows 1, 2, 4; you gave "
            f"{got}: a cosine divides by both lengths")
    got = [int(i) for i in search(np.array([1.0, 0.0]), fan, 2, [1], «K»)]
    assert got == [2, 4], (
        f"with row 1 left out two good rows remain; you gave {got}")
    got = list(search(np.array([0.0, -1.0]), fan, 5, least=«K»))
    assert got == [], f"no row is near enough; you gave {got}"
""")],
     "hints": [("`[int(i) for i in order if int(i) not in set(leave_out)][:k]`.",
                "`[int(i) for i in order if int(i) not in set(leave_out)][:k]`, with one condition more.\n"
                "For it the query's length matters after all.")]},
    {"name": "groups",
     "says": "an option groups: at most one result of each group",
     "values": [{"K": 2}, {"K": 3}],
     "contract": [
         ("Write `search(query, points, k=5, leave_out=())`.",
          "Write `search(query, points, k=5, leave_out=(), groups=None)`."),
         ("| returns |",
          "| `groups` | `None`, or a list with a name for each row: of rows with the same name only the "
          "best that may be returned is, so that twins do not fill the page |\n| returns |"),
         ("is `[1, 0]` (arrays",
          'is `[1, 0]`,\nand with `groups=["a", "a", "b"]` it is `[1, 2]` (arrays')],
     "answer": [
         ("def search(query, points, k=5, leave_out=()):",
          "def search(query, points, k=5, leave_out=(), groups=None):"),
         ("    return [int(i) for i in order if int(i) not in banned][:k]", """\
    found = [int(i) for i in order if int(i) not in banned]
    if groups is not None:
        first = {}
        for i in found:
            first.setdefault(groups[i], i)
        found = list(first.values())
    return found[:k]""")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [int(i) for i in search(np.array([1.0, 0.0]), three, 2,
                                  groups=["a", "a", "b"])]
    assert got == [1, 2], (
        "rows 0 and 1 are one group, so the second result is row 2; you gave "
        f"{got}")
    ### BEGIN HIDDEN TESTS
    dice_ = np.random.default_rng(3)
    cloud_, ask_ = dice_.normal(size=(60, 4)), dice_.normal(size=4)
    kind_ = [i % («K» * 5) for i in range(60)]
    line_ = [int(i) for i in search(ask_, cloud_, 60)]
    for gone in ((), tuple(line_[:«K»])):
        seen_, want = set(), []
        for i in line_:
            if i not in gone and kind_[i] not in seen_:
                seen_.add(kind_[i])
                want.append(i)
        for k in (1, 4, 60):
            got = [int(i) for i in search(ask_, cloud_, k, gone, kind_)]
            assert got == want[:k], (
                f"60 rows in {«K» * 5} groups, k={k}, {len(gone)} left out: "
                f"{want[:k][:5]} are expected, you gave {got[:5]}: a row that "
                "is left out does not stand for its group")
""")],
     "hints": [("`[int(i) for i in order if int(i) not in set(leave_out)][:k]`.",
                "`[int(i) for i in order if int(i) not in set(leave_out)][:k]`; before the cut, keep the\n"
                "first of each group.")]}],
}

SLICES = {
"contrastive-loss": [
    {"name": "scale", "says": "another scale, other random pairs",
     "values": [{"K": 2, "S": 15}, {"K": 3, "S": 33}, {"K": 4, "S": 71}],
     "check": [
         ("contrastive_loss(eye, eye, 5.0)", "contrastive_loss(eye, eye, «K».0)"),
         ("2 * np.exp(-5)", "2 * np.exp(-«K»)"),
         ("match perfectly, scale 5: ", "match perfectly, scale «K»: "),
         ("contrastive_loss(7 * eye, 0.1 * eye, 5.0)", "contrastive_loss(7 * eye, 0.1 * eye, «K».0)"),
         ("default_rng(5)", "default_rng(«S»)")]}],
"paired-interval": [
    {"name": "draw", "says": "other models: another difference to find, other random answers",
     "values": [{"N": 10, "S": 24}, {"N": 25, "S": 39}, {"N": 30, "S": 57}],
     "check": [
         ("worse = [False] * 80 + [True] * 20", "worse = [False] * (100 - «N») + [True] * «N»"),
         ("    assert abs(diff - 0.4) < 1e-9, (\n"
          '        f"b answers .60, a .20: b is better by .40; you gave {diff}")\n',
          "    more = 0.6 - «N» / 100\n"
          "    assert abs(diff - more) < 1e-9, (\n"
          '        f"of 100 questions b answers 60 and a «N»: b is better by {more:.2f}; "\n'
          '        f"you gave {diff}")\n'),
         ("assert low < 0.4 < high", "assert low < more < high"),
         ("default_rng(12)", "default_rng(«S»)"),
         ("abs(diff + 0.4) < 1e-9 and low", "abs(diff + more) < 1e-9 and low"),
         ('"with the models exchanged the difference is -.40 and its interval "',
          'f"with the models exchanged it is -{more:.2f}, and its interval "')]}],
"zero-shot": [
    {"name": "points", "says": "other points, other random classes",
     "values": [{"X": 2, "S": 17}, {"X": 4, "S": 29}, {"X": 7, "S": 83}],
     "check": [
         ("np.array([[3.0, 1.0], [-2.0, 0.5]])", "np.array([[-«X», 0.5], [«X», 1.0], [«X», «X»]])"),
         ('    assert got == ["right", "left"], (\n'
          '        f"[3, 1] points right, [-2, .5] left; you gave {got}")\n',
          '    assert got == ["left", "right", "right"], (\n'
          '        "[-«X», .5] points left, [«X», 1] and [«X», «X»] right; you gave "\n'
          '        f"{got}")\n'),
         ("default_rng(9)", "default_rng(«S»)")]}],
"modality-gap": [
    {"name": "means", "says": "another distance between the means, other random rows",
     "values": [{"K": 2, "S": 14}, {"K": 4, "S": 26}, {"K": 5, "S": 65}],
     "check": [
         ("gap(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 1.0]]))",
          "gap(np.array([[«K».0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0]]))"),
         ("abs(float(got) - 2 ** 0.5)", "abs(float(got) - («K» ** 2 / 4 + 1) ** 0.5)"),
         ('f"the means (1, 0) and (0, 1) are 1.414 apart; you gave {got}"',
          'f"the means ({«K» / 2}, 0) and (0, 1) are {(«K» ** 2 / 4 + 1) ** 0.5:.3f} "\n'
          '        f"apart; you gave {got}"'),
         ("default_rng(10)", "default_rng(«S»)")]}],
}
