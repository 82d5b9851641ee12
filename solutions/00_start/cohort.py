"""Versions of lesson 00 for cohorts; how to read this: docs/author.md."""

CONTRACT = {"majority-baseline": [
    {"name": "missing",
     "says": "None is a missing label and is left out of both counts",
     "values": [{"K": 3}, {"K": 4}, {"K": 7}],
     "contract": [
         ("anything that can be counted |",
          "anything that can be counted. `None` is a missing label: it does not count |"),
         ("for an empty list |", "for a list without labels |"),
         ('`majority_baseline(["a", "b", "a", "a"])` is `0.75`.',
          '`majority_baseline(["a", "b", "a", "a"])` is `0.75`, and so is\n'
          '`majority_baseline(["a", "b", None, "a", "a", None])`.')],
     "answer": [
         ("0.0 for [].", "None is no label."),
         ("    if not labels:\n",
          "    labels = [label for label in labels if label is not None]\n    if not labels:\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = majority_baseline(["a", "b", None, "a", "a", None])
    assert abs(got - 0.75) < 1e-9, (
        f"with two missing labels among them you gave {got}: None counts "
        "neither as a label nor in the length")
    ### BEGIN HIDDEN TESTS
    got = majority_baseline([None] * «K» + ["x", "y", "x", ""])
    assert abs(got - 0.5) < 1e-9, (
        f"with many missing labels you gave {got}: None is never the most "
        "frequent label, and an empty text is a label like any other")
    got = majority_baseline([None] * «K»)
    assert got == 0, f"a list of nothing but None has no labels; you gave {got}"
""")],
     "hints": [
         ("is the largest count. Divide it by the number of labels.",
          "is the largest count. Divide it by the number of labels,\n"
          "both without the missing ones.")]},
    {"name": "top",
     "says": "an option top: the share of the `top` most frequent labels together",
     "values": [{"K": 3}, {"K": 5}, {"K": 8}],
     "contract": [
         ("Write `majority_baseline(labels)`: the accuracy of always answering the most frequent "
          "label.",
          "Write `majority_baseline(labels, top=1)`: the accuracy of always answering the most\n"
          "frequent label; with `top=2` two answers are allowed, and it is right when one of the two\n"
          "most frequent labels is, and so on."),
         ("| returns |", "| `top` | how many labels may be named, at least 1 |\n| returns |"),
         ('`majority_baseline(["a", "b", "a", "a"])` is `0.75`.',
          '`majority_baseline(["a", "b", "a", "a"])` is `0.75`, and\n'
          '`majority_baseline(["a", "b", "a", "c"], top=2)` is `0.75`, too.')],
     "answer": [
         ("def majority_baseline(labels):", "def majority_baseline(labels, top=1):"),
         ("return Counter(labels).most_common(1)[0][1] / len(labels)",
          "named = Counter(labels).most_common(top)\n"
          "    return sum(count for _, count in named) / len(labels)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = majority_baseline(["a", "b", "a", "c"], top=2)
    assert abs(got - 0.75) < 1e-9, (
        f"'a' and one more label are 3 of 4; with top=2 you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = majority_baseline(list("abcde") * 2 + ["e"] * «K», top=3)
    assert abs(got - (6 + «K») / (10 + «K»)) < 1e-9, (
        f"with top=3 of five labels you gave {got}: add the three largest "
        "counts")
    got = majority_baseline(["x", "y"], top=«K»)
    assert abs(got - 1) < 1e-9, (
        f"when top is more than there are labels you gave {got}")
    got = majority_baseline([], top=«K»)
    assert got == 0, f"an empty list gives 0.0 with any top; you gave {got}"
""")],
     "hints": [
         ("is the largest count. Divide it by the number of labels.",
          "is the largest count. Divide it by the number of labels.\n"
          "`most_common(top)` gives as many pairs as you ask for; add their counts.")]},
]}
