"""Versions of lesson 04 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"pair-counts": [
    {"name": "at-least",
     "says": "an option at_least: rarer pairs are left out",
     "values": [{"K": 3}, {"K": 4}, {"K": 6}],
     "contract": [
         ("Write `pair_counts(words)`: how often each pair of neighbours occurs in all words "
          "together.",
          "Write `pair_counts(words, at_least=1)`: how often each pair of neighbours occurs in all\n"
          "words together. Pairs that occur fewer than `at_least` times are left out."),
         ("| returns |", "| `at_least` | the smallest count that is kept |\n| returns |"),
         ('("o", "k"): 5}`.', '("o", "k"): 5}`;\nwith `at_least=5` it is `{("o", "k"): 5}`.')],
     "answer": [
         ("def pair_counts(words):", "def pair_counts(words, at_least=1):"),
         ("    ### END SOLUTION",
          "    counts = {p: n for p, n in counts.items() if n >= at_least}\n    ### END SOLUTION")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = pair_counts({"cook": 4, "ok": 1}, at_least=5)
    assert got == {("o", "k"): 5}, (
        "with at_least=5 only ('o', 'k') of cook and ok is left; you gave "
        f"{got}")
    ### BEGIN HIDDEN TESTS
    got = pair_counts({"banana": «K», "nab": 1}, at_least=«K»)
    assert ("a", "b") not in got, (
        f"a pair that occurs once came back with at_least=«K»: {got}")
    assert got.get(("b", "a")) == «K», (
        "a pair that occurs exactly at_least times stays; you gave "
        f"{got.get(('b', 'a'))}")
    assert got.get(("n", "a")) == 2 * «K» + 1, (
        "leave pairs out after all words are counted, not word by word; "
        f"('n', 'a') came out as {got.get(('n', 'a'))}")
""")],
     "hints": [("`counts[pair] = counts.get(pair, 0) + times`.",
                "`counts[pair] = counts.get(pair, 0) + times`. Drop the rare ones at the end.")]},
    {"name": "ignore",
     "says": "an option ignore: pairs with one of these symbols are left out",
     "values": [{"K": '"n"'}, {"K": '"b"'}],
     "contract": [
         ("Write `pair_counts(words)`: how often each pair of neighbours occurs in all words "
          "together.",
          "Write `pair_counts(words, ignore=())`: how often each pair of neighbours occurs in all\n"
          "words together. Pairs in which a symbol of `ignore` stands are left out."),
         ("| returns |", "| `ignore` | a tuple or set of symbols that form no pair |\n| returns |"),
         ('("o", "k"): 5}`.', '("o", "k"): 5}`;\nwith `ignore=("o",)` it is `{}`.')],
     "answer": [
         ("def pair_counts(words):", "def pair_counts(words, ignore=()):"),
         ("            counts[pair] = counts.get(pair, 0) + times",
          "            if pair[0] not in ignore and pair[1] not in ignore:\n"
          "                counts[pair] = counts.get(pair, 0) + times")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = pair_counts({"cook": 4, "look": 5}, ignore=("k",))
    assert set(got) == {("c", "o"), ("o", "o"), ("l", "o")}, (
        f"with ignore=('k',) no pair holds a k; you gave {got}")
    ### BEGIN HIDDEN TESTS
    words, symbol = {"banana": 2, "abab": 1, "cab": 3}, «K»
    got = pair_counts(words, ignore=(symbol,))
    want = {p: n for p, n in pair_counts(words).items() if symbol not in p}
    assert got == want, (
        "an ignored symbol breaks its pair on the left and on the right, and "
        f"nothing else; with ignore={(symbol,)} you gave {got}")
    got = pair_counts({(1, 2, 3, 1): 2}, ignore={3})
    assert got == {(1, 2): 2}, (
        f"symbols may be numbers and ignore a set; you gave {got}: never "
        "glue over a gap")
""")],
     "hints": [("`counts[pair] = counts.get(pair, 0) + times`.",
                "`counts[pair] = counts.get(pair, 0) + times`, unless one half is ignored.")]}],
"train-bpe": [
    {"name": "least",
     "says": "an option least: stop when the best pair is rarer than that",
     "values": [{"K": 2}, {"K": 3}, {"K": 4}],
     "contract": [
         ("Finish `train_bpe(words, merges)`: learn that many merges.",
          "Finish `train_bpe(words, merges, least=1)`: learn that many merges, but stop as soon as\n"
          "the most frequent pair occurs fewer than `least` times."),
         ("| returns |", "| `least` | a pair is learned only when it occurs this often |\n| returns |")],
     "answer": [
         ("def train_bpe(words, merges):", "def train_bpe(words, merges, least=1):"),
         ("        learned.append(best)",
          "        if counts[best] < least:\n            break\n        learned.append(best)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [tuple(pair) for pair in train_bpe(fives, 9, least=12)]
    assert got == [(111, 107), (111, 256)], (
        f"with least=12 two merges of the five words are left; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = [tuple(p) for p in train_bpe({(97, 98): «K», (99, 98): 1}, 5, least=«K»)]
    assert got == [(97, 98)], (
        f"a pair that occurs exactly `least` times is learned; you gave {got}")
    got = train_bpe({(97, 98): «K», (99, 98): 1}, 5, least=«K» + 1)
    assert list(got) == [], f"no pair is frequent enough; you gave {got}"
""")],
     "hints": [("no pair is left, so stop the loop.",
                "no pair is left, so stop the loop. It stops for rare pairs, too.")]},
    {"name": "longest",
     "says": "an option longest: no token of more than that many bytes",
     "values": [{"K": 3, "W": "[(97, 98), (99, 100)]"},
                {"K": 5, "W": "[(97, 98), (99, 100), (256, 257)]"}],
     "contract": [
         ("Finish `train_bpe(words, merges)`: learn that many merges.",
          "Finish `train_bpe(words, merges, longest=99)`: learn that many merges. A pair whose token\n"
          "would hold more than `longest` bytes is passed over."),
         ("| returns |", "| `longest` | the most bytes that a token may hold |\n| returns |")],
     "answer": [
         ("def train_bpe(words, merges):", "def train_bpe(words, merges, longest=99):"),
         ("        if not counts:\n", """\
        size = [1] * 256
        for left, right in learned:
            size.append(size[left] + size[right])
        counts = {pair: n for pair, n in counts.items()
                  if size[pair[0]] + size[pair[1]] <= longest}
        if not counts:
""")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = [tuple(pair) for pair in train_bpe(fives, 3, longest=2)]
    assert got == [(111, 107), (99, 111), (108, 111)], (
        f"with longest=2 all tokens of the five words are pairs of bytes; you "
        f"gave {got}: pass over what is too long and take the next best")
    ### BEGIN HIDDEN TESTS
    got = [tuple(p) for p in train_bpe({tuple(b"abcd"): 3, tuple(b"abcdab"): 2},
                                       «K», longest=«K»)]
    want = «W»
    assert got == want, (
        "count the bytes of both halves, merged tokens included; with "
        f"longest=«K» you gave {got}")
    assert list(train_bpe({(97, 98): 9}, 4, longest=1)) == [], (
        "with longest=1 nothing can be merged")
""")],
     "hints": [("no pair is left, so stop the loop.",
                "no pair is left, so stop the loop. Take out the pairs that are too long first.")]}],
"trim-chat": [
    {"name": "most",
     "says": "an option most: at most that many messages beside the system message",
     "values": [{"K": 1}, {"K": 3}],
     "contract": [
         ("Finish `trim_chat(messages, window, reply)`.",
          "Finish `trim_chat(messages, window, reply, most=99)`."),
         ("| returns |", "| `most` | how many messages may be kept beside the system message, at "
          "least 1 |\n| returns |"),
         ("as many as fit, in order", "as many as fit and `most` allows, in order")],
     "answer": [
         ("def trim_chat(messages, window, reply):", "def trim_chat(messages, window, reply, most=99):"),
         ("        if left < 0:\n            break\n",
          "        if left < 0 or len(kept) == most:\n            break\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(trim_chat([dict(m) for m in talk], full + 20, 20, most=2))
    assert got == talk[:1] + talk[-2:], (
        "everything would fit, but with most=2 the system message and the "
        f"last two stay; you kept {[talk.index(m) for m in got]}")
    ### BEGIN HIDDEN TESTS
    for some in (1, «K», 4):
        got = list(trim_chat([dict(m) for m in talk], full, 0, most=some))
        assert got == talk[:1] + talk[1:][-some:], (
            f"with most={some} you kept {[talk.index(m) for m in got]}: the "
            "system message is not counted")
    tight = sizes[0] + sum(sizes[-2:]) + OPEN_TURN
    got = list(trim_chat([dict(m) for m in talk], tight, 0, most=4))
    assert got == talk[:1] + talk[-2:], (
        "both limits hold at once: two messages fit and four are allowed, you "
        f"kept {[talk.index(m) for m in got]}")
""")],
     "hints": [("Nothing kept at the end means `ValueError`.",
                "Nothing kept at the end means `ValueError`. Stop at `most`, too.")]},
    {"name": "without",
     "says": "an option without: messages of these roles go first",
     "values": [{"K": '"assistant"'}, {"K": '"user"'}],
     "contract": [
         ("Finish `trim_chat(messages, window, reply)`.",
          "Finish `trim_chat(messages, window, reply, without=())`."),
         ("| returns |", "| `without` | roles whose messages are left out before anything is "
          "counted, all but the system message and the newest message |\n| returns |"),
         ("the newest messages **without a gap**",
          "the newest of the other messages **without a gap**")],
     "answer": [
         ("def trim_chat(messages, window, reply):",
          "def trim_chat(messages, window, reply, without=()):"),
         ("    left = window - reply",
          "    rest = [m for m in rest[:-1] if m[\"role\"] not in without] + rest[-1:]\n"
          "    left = window - reply")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = list(trim_chat([dict(m) for m in talk], full, 0, without=("assistant",)))
    assert got == [m for m in talk if m["role"] != "assistant"], (
        "with without=('assistant',) the assistant's messages go, although all "
        f"would fit; you kept {[talk.index(m) for m in got]}")
    ### BEGIN HIDDEN TESTS
    for roles in ((«K»,), {"user", "assistant"}):
        stay = [m for m in talk[1:-1] if m["role"] not in roles]
        for n in range(len(stay) + 1):
            want = talk[:1] + stay[len(stay) - n:] + talk[-1:]
            exact = sum(map(message_tokens, want)) + OPEN_TURN
            got = list(trim_chat([dict(m) for m in talk], exact, 0, without=roles))
            assert got == want, (
                f"without {sorted(roles)} and a window of {exact} you kept "
                f"{[talk.index(m) for m in got]}: leave out first, then fill "
                "the window; the newest message stays whatever its role")
""")],
     "hints": [("Nothing kept at the end means `ValueError`.",
                "Nothing kept at the end means `ValueError`. Before the loop, take the unwanted\n"
                "roles out of all but the newest message.")]}],
}

SLICES = {
"words-per-token": [
    {"name": "slice", "says": "other reviews in the hidden mix",
     "values": [{"S": "1200:1240"}, {"S": "4410:4450"}, {"S": "5205:5245"}],
     "check/bands": [('review_texts("film")[3000:3040]', 'review_texts("film")[«S»]')]}],
"nine-bills": [
    {"name": "fee", "says": "another monthly fee",
     "values": [{"F": 36}, {"F": 38}, {"F": 44}],
     "lesson": [('"usd": 3.60, "fee": 40}', '"usd": 3.60, "fee": «F»}')],
     "check/choice": [("item[lang, \"B\"]) > 40", "item[lang, \"B\"]) > «F»"),
                      ("want = 40 /", "want = «F» /")]}],
}
