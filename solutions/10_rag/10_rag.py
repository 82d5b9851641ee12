# %% [markdown]
# # 10 · RAG: answers from documents
#
# *You can build search over documents by hand, prove that it finds the right page, and ship
# answers that carry a checked source or stay silent.*

# %% [markdown] card
# {card}

# %% [markdown]
# ## You will be able to
#
# - **search**: cut texts, rank them by words and by meaning, fuse the rankings (`chunks`,
#   `word-score`, `fuse`);
# - **measure** the search and the reader apart, and say whose fault a wrong answer is
#   (`find-rates`);
# - **prove**: let a model copy instead of invent, and check a citation (`copy-only`,
#   `checked-source`);
# - **stay silent, and stay fresh**: a threshold chosen on development questions, and an index
#   that follows a revised page (`stay-silent`, `stale-pages`).

# %% [markdown]
# ## The question
#
# Tern Air is a small island airline. (We invented it, so that no model can have read about it.)
# Its handbook has 82 pages: bags, cats, delays, crew rest, fuel, passwords. Passengers and staff
# ask all day, and two people answer by looking pages up. "Give the handbook to a language model",
# says the manager, "and let it answer."
#
# Out of 100 questions, how many will it get right? And of those it gets wrong: **is it the search
# that found the wrong page, or the model that read the right one badly?** The two cost different
# money to repair.
#
# For the exercises plain Python and numpy are enough; pandas is not installed.

# %% locked="setup"
import numpy as np
from course import handbook, lesson, questions, says
from course import shipped, show, style, table
from course.reader import answers, prompt
from course.retrieval import KeywordIndex, embed, wilson
from grader import check, result, stored
style()
lesson("10_rag")

# %% [markdown]
# Bet first. Shares from 0 to 1; they are never graded, and you meet them again at the end.

# %%
guess = {
    "closed": 0.10,  # <- right answers without the handbook
    "found": 0.70,   # <- the right page is among the first three found
    "oracle": 0.95,  # <- right answers when the model is given the right page
    "best": 0.95,    # <- the answer is in what is shown, after all repairs
}

# %% [markdown]
# ## One question, by hand
#
# Ask the model, and then ask it again with a page pasted in front of the question. That is the
# whole idea of [retrieval-augmented generation](../glossary.md#retrieval-augmented-generation),
# RAG for short.

# %% demo
import time

page = next(p for p in handbook() if p.id == "load")
asked_once = "For how long are signed load sheets filed?"
without = answers([prompt(asked_once)])[0]
began = time.perf_counter()
with_page = answers([prompt(asked_once, page.headed)])[0]
pair = stored("pair.json", [without, with_page,
                            time.perf_counter() - began])

# %%
for who, said in zip(("without the page:", "with the page:"),
                     stored("pair.json")):
    print(who, said)

# %% [markdown]
# The first is fluent and made up. The second is what the page says. (We chose a question for which
# it works. How often it does is what this lesson measures.)
#
# Somebody has to choose the page, for every question, among 82 of them (or 82,000). That is
# search, it is older than language models, and you can write all of it in an hour.
#
# ## Cut: what is a page?
#
# A search returns pieces, so first the text must be in pieces. Tern Air's handbook comes in short
# pages. Most documents do not: a contract of 40 pages, a wiki, a mail thread. The simple way is
# to cut every so many words, with some overlap, so that a sentence on a border is whole in one of
# the two [chunks](../glossary.md#chunk).

# %% [markdown] contract="chunks" difficulty=1 minutes=6
# ## Exercise `chunks`
#
# *Difficulty 1 of 5 · about 6 minutes · 2 points*
#
# Write `cut(text, size, overlap=0)`: pieces of `size` words, each beginning `size - overlap`
# words after the one before.
#
# | | |
# |---|---|
# | `text` | a string; words are what `text.split()` gives |
# | `size`, `overlap` | whole numbers, `0 <= overlap < size` |
# | returns | a list of strings, words joined by single spaces, in order |
#
# The last piece ends with the last word and may be shorter. Stop there: a piece that holds
# nothing new is waste. A text without words has no pieces.
#
# Example: `cut("a b c d e", 3, 1)` is `["a b c", "c d e"]`; `cut("a b c d", 3)` is
# `["a b c", "d"]`.
#
# The check looks at sizes, borders, and that no word is lost. It does not prove that the borders
# are at good places; the lab at the end looks at what sizes do.

# %% exercise="chunks"
def cut(text, size, overlap=0):
    """Pieces of `size` words; neighbours share `overlap` words."""
    ### BEGIN SOLUTION
    words, pieces = text.split(), []
    for start in range(0, len(words), size - overlap):
        pieces.append(" ".join(words[start:start + size]))
        if start + size >= len(words):
            break
    return pieces
    ### END SOLUTION

# %% check="chunks" points=2
with check("chunks"):
    got = cut("a b c d", 3)
    assert got is not None, "cut gave None: end it with a `return` line"
    assert list(got) == ["a b c", "d"], (
        "4 words in pieces of 3 are a piece of 3 and one of 1; you gave "
        f"{got}")
    got = list(cut("a b c d e", 3, 1))
    assert got == ["a b c", "c d e"], (
        "with overlap 1 a piece begins with the last word of the one before, "
        f"and the last piece ends with the last word; you gave {got}")
    got = list(cut("a b c d e f", 3))
    assert got == ["a b c", "d e f"], (
        f"6 words in pieces of 3 are two pieces; you gave {got}")
    ### BEGIN HIDDEN TESTS
    assert list(cut("", 3)) == [] and list(cut("  \n ", 3, 2)) == [], (
        "a text without words has no pieces, not an empty one")
    got = list(cut("eins\n\nzwei  drei", 2))
    assert got == ["eins zwei", "drei"], (
        f"join words by single spaces; you gave {got}")
    got = list(cut("a b", 5, 2))
    assert got == ["a b"], (
        f"a text shorter than a piece is one piece; you gave {got}")
    got = list(cut("a b c d", 4, 3))
    assert got == ["a b c d"], (
        f"one piece holds all four words already; you gave {got}: a piece "
        "with nothing new is waste")
    many = [f"w{i}" for i in range(101)]
    for size, overlap in ((10, 0), (10, 3), (7, 6), (100, 50), (1, 0)):
        got = [piece.split() for piece in cut(" ".join(many), size, overlap)]
        assert all(len(piece) == size for piece in got[:-1]), (
            f"size {size}, overlap {overlap}: every piece but the last has "
            f"{size} words")
        assert all(a[size - overlap:] == b[:overlap]
                   for a, b in zip(got, got[1:])), (
            f"size {size}, overlap {overlap}: neighbours must share exactly "
            f"{overlap} words")
        joined = got[0] + [w for piece in got[1:] for w in piece[overlap:]]
        assert joined == many, (
            f"size {size}, overlap {overlap}: put together again, the pieces "
            "are not the text: words were lost or said twice")
        assert len(got) == 1 or len(got[-1]) > overlap, (
            f"size {size}, overlap {overlap}: the last piece holds nothing "
            "that the one before it does not")
    ### END HIDDEN TESTS

# %% [markdown] hints="chunks"
# <details><summary>Hint 1: the idea</summary>
#
# Starts are at 0, then one step further each time. How long is a step when two pieces share
# `overlap` words?
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `range(0, len(words), step)` gives the starts, `words[start:start + size]` a piece (a slice may
# reach past the end).
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# Leave the loop after the first piece with `start + size >= len(words)`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `ValueError: range() arg 3 must not be zero`: `overlap` equals `size`; then no piece would
#   ever bring a new word.
# - The last piece repeats the end of the one before: the loop went on after the last word was in.
# </details>

# %% [markdown]
# ## Rank: by words
#
# Five one-line pages and a question. Count the words they share:

# %% locked="words"
import re


def words(text):
    """The words of a text in lower case: runs of letters and digits."""
    return re.findall(r"[^\W_]+", text.lower())

# %%
five = ["Cats and dogs may weigh 7 kg with their carrier.",
        "A hold bag may weigh 21 kg.",
        "A late bag is traced for 17 days.",
        "The crew bus has number 14.",
        "Staff may take a dog to the office."]
ask = "How heavy may my dog be?"
for line in five:
    print(len(set(words(ask)) & set(words(line))), line)

# %% [markdown]
# The office dog wins, with `may` and `dog`. Two faults at once. `may` stands in three of five
# pages and should count next to nothing. And `dog` is not `dogs`, `heavy` is not `weigh`: to a
# counter of words these are strangers. The second fault will need another idea. The first has
# had an answer since 1994, and it is still in most search engines:
# [BM25](../glossary.md#bm25). A page's score is a sum over the words of the question:
#
# ```
# rarity * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean))
# ```
#
# | | |
# |---|---|
# | `f` | how often the word stands in the page |
# | `length`, `mean` | words in this page; mean over all pages |
# | `rarity` | `ln((N - n + 0.5) / (n + 0.5))` for a word that stands in `n` of `N` pages, but at least `1e-6` |
# | `k1 = 1.2`, `b = 0.75` | how soon repetition stops counting; how much long pages are held back |

# %% [markdown] contract="word-score" difficulty=3 minutes=12
# ## Exercise `word-score`
#
# *Difficulty 3 of 5 · about 12 minutes · 3 points*
#
# Write `bm25(query, pages, k1=1.2, b=0.75)`: the score of every page.
#
# | | |
# |---|---|
# | `query` | a list of words; one that stands twice counts twice |
# | `pages` | a list of lists of words; at least one, some may be empty |
# | returns | an array or list of numbers, one a page; 0 for a page without a word of the query |
#
# Example: `bm25(["dog"], [["a", "dog"], ["a", "cat"], ["a", "bird"]])` is
# `[0.51, 0, 0]`: the rarity is ln(2.5 / 1.5), and in a page of average length with `f = 1` the
# rest of the formula is 1.
#
# The check compares with worked examples to 1e-6. The cell after it compares with SQLite's own
# search. Neither proves that BM25 finds the right page.

# %% exercise="word-score"
def bm25(query, pages, k1=1.2, b=0.75):
    """BM25 score of each page for the words of a query."""
    ### BEGIN SOLUTION
    scores = np.zeros(len(pages))
    lengths = np.array([len(page) for page in pages])
    held = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    for word in query:
        f = np.array([page.count(word) for page in pages])
        n = np.sum(f > 0)
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * (k1 + 1) / (f + held)
    return scores
    ### END SOLUTION

# %% check="word-score" points=3
with check("word-score"):
    three = [["a", "dog"], ["a", "cat"], ["a", "bird"]]
    got = bm25(["dog"], three)
    assert hasattr(got, "__len__") and len(got) == 3, (
        f"return one score for each of the 3 pages, not {got}")
    assert abs(got[0] - np.log(2.5 / 1.5)) < 1e-6, (
        "'dog' is in 1 of 3 pages, all of average length: the score is "
        f"ln(2.5 / 1.5) = 0.5108; you gave {got[0]:.4f}")
    assert abs(got[1]) < 1e-12 and abs(got[2]) < 1e-12, (
        f"pages without the word score 0; you gave {list(got)}")
    got = bm25(["dog"], [["dog", "dog", "x", "y"], ["cat", "z"], ["fox", "z"],
                         ["owl", "z", "z", "z"]])
    want = np.log(3.5 / 1.5) * 2 * 2.2 / (2 + 1.2 * 1.25)
    assert abs(got[0] - want) < 1e-6, (
        "'dog' twice in a page of 4 words where the mean is 3: length / mean "
        f"is 1.333, so k1 is multiplied by 1.25; you gave {got[0]:.4f}")
    ### BEGIN HIDDEN TESTS
    got = bm25(["a"], three)
    assert all(0 < s < 1e-4 for s in got), (
        "a word in every page has a rarity of 1e-6, not less and not zero; "
        f"you gave {list(got)}")
    once, twice = bm25(["dog"], three)[0], bm25(["dog", "dog"], three)[0]
    assert abs(twice - 2 * once) < 1e-6, (
        "a word that stands twice in the query counts twice")
    got = bm25(["cat", "dog", "unknown"], three)
    assert abs(got[0] - once) < 1e-6 and abs(got[1] - once) < 1e-6, (
        "add up the words of the query, and let a word that no page has add "
        f"nothing; you gave {list(got)}")
    got = bm25(["dog"], [["dogs", "hotdog"], ["dog", "x"], []])
    assert abs(got[0]) < 1e-12 and got[1] > 0 and abs(got[2]) < 1e-12, (
        "count whole words: 'dog' is not in 'hotdog', and an empty page "
        f"scores 0; you gave {list(got)}")
    assert all(abs(s) < 1e-12 for s in bm25([], three)), (
        "an empty query scores 0 everywhere")
    rng = np.random.default_rng(4)
    some = [[f"w{i}" for i in rng.zipf(1.5, rng.integers(3, 60)) if i < 40]
            for _ in range(30)]
    mean = np.mean([len(page) for page in some])

    def expected(query, page, k1, b):
        total = 0.0
        for word in query:
            n, f = sum(word in one for one in some), page.count(word)
            rare = max(np.log((30 - n + 0.5) / (n + 0.5)), 1e-6)
            total += rare * f * (k1 + 1) / (
                f + k1 * (1 - b + b * len(page) / mean))
        return total

    for k1, b in ((1.2, 0.75), (0.5, 0.0), (2.0, 1.0)):
        query = ["w1", "w2", "w7", "w30"]
        got = bm25(query, some, k1, b)
        want = [expected(query, page, k1, b) for page in some]
        worst = max(abs(g - w) for g, w in zip(got, want))
        assert worst < 1e-6, (
            f"k1={k1}, b={b}: on 30 made-up pages your scores are off by up "
            f"to {worst:.3g}; take k1 and b from the arguments, lengths in "
            "words, and n as the number of pages that hold the word")
    assert bm25(["dog"], [["dog", "cat"]])[0] < 1e-5, (
        "with a single page every word is in all of them: rarity 1e-6")
    ### END HIDDEN TESTS

# %% [markdown] hints="word-score"
# <details><summary>Hint 1: the idea</summary>
#
# Two loops: over the words of the query, over the pages. Rarity depends on the word only, the
# rest on word and page.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `page.count(word)` is `f`; `sum(word in page for page in pages)` is `n`; the mean length is
# worked out once.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `rarity = max(np.log((N - n + 0.5) / (n + 0.5)), 1e-6)`, then add
# `rarity * f * (k1 + 1) / (f + k1 * (1 - b + b * len(page) / mean))` to the page's score.
# </details>
# <details><summary>“I get this error”</summary>
#
# - Negative scores: a word in more than half of the pages has a negative logarithm; the formula
#   cuts it at `1e-6`.
# - `ZeroDivisionError`: the mean length of pages that are all empty is 0.
# </details>

# %% locked="pages"
pages = handbook()
texts = [page.headed for page in pages]     # title and text as one string
by_words = KeywordIndex(texts)

# %% [markdown]
# The real tool: SQLite has had a full-text index with this formula for years, and it comes with
# Python. `KeywordIndex` is 28 lines around it (in `course/retrieval.py`; SQLite calls the better
# page the *smaller* number, so the sign is turned).

# %%
lone = "Who pays for a taxi to my bed when I am stuck?"
theirs = by_words.search(lone, 82)
mine = result("word-score", lambda: [float(s) for s in bm25(
    words(lone), [words(text) for text in texts])], "bm25.json")
print(f"{len(theirs)} pages, largest difference "
      f"{max(abs(mine[row] - score) for row, score in theirs):.1e}")
for row, score in theirs[:3]:
    print(f"{score:.2f}  {pages[row].title}")

# %% [markdown]
# Equal, to the last digits that a float has. From here on SQLite does it. No server, no package,
# one file if you want one.
#
# ## Rank: by meaning
#
# Lesson 07 turned sentences into [embeddings](../glossary.md#embedding): 384 numbers each, of
# length 1, alike for sentences that mean alike. The product of two such vectors is their
# [cosine](../glossary.md#cosine). Searching is one multiplication of a matrix by a vector:

# %%
cosines = embed(five) @ embed([ask])[0]
for score, line in sorted(zip(cosines, five), reverse=True):
    print(f"{score:.2f}", line)

# %% [markdown]
# No word in common but `may`, and the right page leads clearly: to this model *heavy* is near
# *weigh* and *dog* near *dogs*.
#
# (`embed` takes the vectors that the course ships, where it has them, and computes others. Change
# the question and see.)

# %%
matrix = embed(texts)                       # 82 rows of 384 numbers


def by_meaning(question, k, matrix=matrix):
    """Rows of the k nearest pages, nearest first."""
    return np.argsort(-(matrix @ embed([question])[0]))[:k].tolist()


titles = [pages[row].title for row in by_meaning(lone, 82)]
print(titles[:3])
print("rank by meaning:", 1 + titles.index("Hotels for stranded passengers"))

# %% [markdown]
# The taxi question again, and meaning misses it: the page about stranded passengers is the only
# one that says *taxi*, words had it first, and here it is sixth.
#
# So each kind of search can miss what the other finds. Two questions of ours and two development
# questions, picked because the two ranks differ, and the rank at which the right page comes out:

# %%
own = [("Which form is BS-3?", "birds"),
       ("What does a child on its own wear so that crew recognise it?",
        "minors"),
       ("My suitcase did not come off the belt", "delayed-bag"),
       ("What will a new pass cost me if I cannot find mine?", "badges")]


def rank_of(page, rows):
    ids = [pages[row].id for row in rows]
    return ids.index(page) + 1 if page in ids else None


table([[q, rank_of(page, [row for row, _ in by_words.search(q, 82)]),
        rank_of(page, by_meaning(q, 82))] for q, page in own],
      ["question", "rank by words", "rank by meaning"])

# %% [markdown]
# Exact names are the strength of words: `BS-3` is first for them and 24th by meaning, for a code
# means nothing. Other words for the same thing are the strength of meaning: the page about delayed
# bags says neither *suitcase* nor *belt*, and comes 4th by meaning, 32nd by words. A lost pass is
# a *badge* in the handbook: 1st by meaning, 42nd by words.
#
# So why not both? The scores cannot be added: BM25 has no largest value (8.88 above), a cosine ends
# at 1. Ranks can be added. In [reciprocal-rank fusion](../glossary.md#reciprocal-rank-fusion) each
# ranking gives a page `1 / (60 + rank)` points, first place is rank 1, and points are added.

# %% [markdown] contract="fuse" difficulty=2 minutes=6
# ## Exercise `fuse`
#
# *Difficulty 2 of 5 · about 6 minutes · 2 points*
#
# Write `fuse(rankings, k=60)`: one ranking out of several.
#
# | | |
# |---|---|
# | `rankings` | a list of lists; each holds different items (row numbers or ids), best first; they need not hold the same items, and may be empty |
# | returns | a list: every item that occurs, once, most points first; of equals, any order |
#
# The first place is rank 1. An item that a ranking does not hold gets nothing from it.
#
# Example: `fuse([[7, 3, 5], [3, 9]])` is `[3, 7, 9, 5]`: 3 has 1/62 + 1/61, 7 has 1/61,
# 9 has 1/62, 5 has 1/63.
#
# The check tries other lengths, ids as strings, and another `k`. It does not prove that fusing
# helps. You will measure that.

# %% exercise="fuse"
def fuse(rankings, k=60):
    """Reciprocal-rank fusion: all items, most points first."""
    ### BEGIN SOLUTION
    points = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1 / (k + rank)
    return sorted(points, key=points.get, reverse=True)
    ### END SOLUTION

# %% check="fuse" points=2
with check("fuse"):
    got = fuse([[7, 3, 5], [3, 9]])
    assert got is not None, "fuse gave None: end it with a `return` line"
    assert sorted(got) == [3, 5, 7, 9], (
        f"every item once: 3, 5, 7 and 9; you gave {list(got)}")
    assert list(got)[0] == 3, (
        f"3 is in both rankings and has most points; you put {list(got)[0]} "
        "first")
    assert list(got) == [3, 7, 9, 5], (
        f"points: 7 has 1/61, 9 has 1/62, 5 has 1/63; you gave {list(got)}")
    ### BEGIN HIDDEN TESTS
    assert list(fuse([])) == [] and list(fuse([[], []])) == [], (
        "without rankings, or with empty ones, the result is an empty list")
    got = list(fuse([["tiers", "lounge"], [], ["seats", "lounge"]]))
    assert got[0] == "lounge" and set(got[1:]) == {"tiers", "seats"}, (
        "lounge is second twice and beats what is first once; you gave "
        f"{got}")
    got = list(fuse([["a", "b", "c"]]))
    assert got == ["a", "b", "c"], (
        f"one ranking alone stays as it is; you gave {got}")
    long = [f"x{i}" for i in range(200)]
    got = list(fuse([["a"] + long, long[:150] + ["a"]]))
    assert got[0] == "x0" and got.index("x1") < got.index("a"), (
        "an item that is first in one list and 151st in the other has fewer "
        "points than one that is second and third: use 1 / (k + rank)")
    got = list(fuse([["p", "q"], ["r", "s", "t", "q"]], k=1))
    assert got[0] == "q", (
        "with k=1: q has 1/3 + 1/5, p has 1/2; the first place is rank 1, not "
        f"0; you gave {got}")
    got = list(fuse([["a", "b", "c"], ["b", "d", "a"], ["e"]], k=0))
    assert got[:2] == ["b", "a"] and got[2] == "e", (
        "with k=0: b has 1/2 + 1, a has 1 + 1/3, e has 1; ranks begin with "
        f"1; you gave {got}")
    got = list(fuse([["a", "x", "z"], ["b", "y", "z"]], k=0))
    assert set(got[:2]) == {"a", "b"}, (
        "with k=0: a and b have 1 point, z has 2/3: use the argument k; you "
        f"gave {got}")
    first, second = ["a", "b"], ["b", "a", "c"]
    fuse([first, second])
    assert first == ["a", "b"] and second == ["b", "a", "c"], (
        "fuse changed the lists that it was given")
    ### END HIDDEN TESTS

# %% [markdown] hints="fuse"
# <details><summary>Hint 1: the idea</summary>
#
# Keep a purse for every item. Walk through each ranking and pay.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `enumerate(ranking, 1)` counts from 1; `points.get(item, 0)` is what the purse holds so far.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `sorted(points, key=points.get, reverse=True)` gives the items by their points.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `ValueError: ... is not in list`: you asked a ranking for an item that it does not hold.
# - `KeyError`: an empty purse; use `.get(item, 0)` or a `collections.Counter`.
# </details>

# %% locked="pm"
def pm(rate, n):
    """A rate over n questions with its 95 % interval (Wilson)."""
    low, high = wilson(round(rate * n), n)
    return f"{rate:.2f} ({low:.2f} to {high:.2f})"

# %% [markdown]
# ## Measure the search
#
# Which of the three is best? Tern Air has questions with the page that answers each: 54 for
# development and 115 for the test. They were written from a list of topics before the pages
# existed, as a stranger would ask: half of the questions share less than 43 % of their content
# words with their page, and one in nine or so shares none (counted in `data/ternair/README.md`).
#
# Two numbers say how a search does. [Recall@k](../glossary.md#recall-at-k): of the pages that
# answer, the share among the first k. [MRR](../glossary.md#mrr), the mean reciprocal rank: 1 when
# the first right page is on top, 1/2 when it is second, 0 when it is missing.

# %% [markdown] contract="find-rates" difficulty=2 minutes=8
# ## Exercise `find-rates`
#
# *Difficulty 2 of 5 · about 8 minutes · 2 points*
#
# Write `find_rates(rankings, relevant, k)`.
#
# | | |
# |---|---|
# | `rankings` | a list, one entry a question: a list of different items, best first |
# | `relevant` | a list as long: for each question the set of items that answer it, at least one |
# | `k` | how many of the first count for recall |
# | returns | `(recall, mrr)`: recall@k of each question (found / relevant), averaged over questions; mean of 1/rank of the **first** relevant item in the whole ranking, 0 when there is none |
#
# Example: `find_rates([[4, 2, 9], [1, 8, 5]], [{2}, {5, 6}], 3)` is `(0.75, 0.417)`: recalls 1
# and 1/2; ranks 2 and 3.
#
# The check tries short rankings and questions with several right pages.

# %% exercise="find-rates"
def find_rates(rankings, relevant, k):
    """(recall@k, MRR) over questions."""
    ### BEGIN SOLUTION
    recalls, reciprocals = [], []
    for ranking, right in zip(rankings, relevant):
        recalls.append(len(set(ranking[:k]) & set(right)) / len(right))
        ranks = [rank for rank, item in enumerate(ranking, 1) if item in right]
        reciprocals.append(1 / ranks[0] if ranks else 0)
    return np.mean(recalls), np.mean(reciprocals)
    ### END SOLUTION

# %% check="find-rates" points=2
with check("find-rates"):
    got = find_rates([[4, 2, 9], [1, 8, 5]], [{2}, {5, 6}], 3)
    assert hasattr(got, "__len__") and len(got) == 2, (
        f"return (recall, mrr), not {got}")
    assert abs(got[0] - 0.75) < 1e-9, (
        "recalls are 1 (the only right page found) and 1/2 (5 of 5 and 6): "
        f"0.75 on average; you gave {got[0]:.3f}")
    assert abs(got[1] - (1 / 2 + 1 / 3) / 2) < 1e-9, (
        "the first right items stand at ranks 2 and 3: MRR 0.417; you gave "
        f"{got[1]:.3f}")
    got = find_rates([[4, 2, 9], [1, 8, 5]], [{2}, {5, 6}], 2)
    assert abs(got[0] - 0.5) < 1e-9, (
        f"with k=2 recalls are 1 and 0; you gave {got[0]:.3f}")
    assert abs(got[1] - (1 / 2 + 1 / 3) / 2) < 1e-9, (
        "MRR looks at the whole ranking, whatever k is")
    ### BEGIN HIDDEN TESTS
    got = find_rates([[3, 1]], [{7}], 5)
    assert abs(got[0]) < 1e-9 and abs(got[1]) < 1e-9, (
        f"nothing found gives 0 and 0; you gave {got}")
    got = find_rates([["a", "b", "c", "d"]], [{"b", "d"}], 4)
    assert abs(got[0] - 1) < 1e-9, (
        "both right pages are among the first 4: recall 1, not "
        f"{got[0]:.3f}: divide by the number of right pages, not by k")
    assert abs(got[1] - 0.5) < 1e-9, (
        "the first right page is second: only that one counts for MRR; you "
        f"gave {got[1]:.3f}")
    got = find_rates([["a"], [], ["c", "b"]], [{"a"}, {"x"}, {"b", "c"}], 1)
    assert abs(got[0] - (1 + 0 + 0.5) / 3) < 1e-9, (
        "an empty ranking counts as a question with recall 0; you gave "
        f"{got[0]:.3f}")
    assert abs(got[1] - 2 / 3) < 1e-9, (
        f"ranks 1, none, 1: MRR 2/3; you gave {got[1]:.3f}")
    rng = np.random.default_rng(1)
    many = [rng.permutation(30).tolist() for _ in range(50)]
    truth = [set(rng.choice(30, rng.integers(1, 5), replace=False).tolist())
             for _ in range(50)]
    for k in (1, 3, 10, 30, 99):
        want = np.mean([sum(item in t for item in r[:k]) / len(t)
                        for r, t in zip(many, truth)])
        got = find_rates(many, truth, k)
        assert abs(got[0] - want) < 1e-9, (
            f"recall@{k} on 50 made-up rankings is {want:.4f}; you gave "
            f"{got[0]:.4f}: average over questions, not over pages")
        want = np.mean([1 / min(r.index(item) + 1 for item in t)
                        for r, t in zip(many, truth)])
        assert abs(got[1] - want) < 1e-9, (
            f"MRR on 50 made-up rankings is {want:.4f}; you gave "
            f"{got[1]:.4f}")
    ### END HIDDEN TESTS

# %% [markdown] hints="find-rates"
# <details><summary>Hint 1: the idea</summary>
#
# One question at a time: how many of its right pages are in the first k, and where is the first
# of them? Then average.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `set(ranking[:k]) & right` are those found; `enumerate(ranking, 1)` gives ranks from 1.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# Recall of one question: `len(found) / len(right)`. Reciprocal rank: `1 / rank` at the first hit,
# or 0 after the loop.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `ValueError: 7 is not in list`: `.index` raises when nothing is found; test with `in` first.
# - A recall above 1: the ranking held an item twice, or you divided by `k`.
# </details>

# %% [markdown]
# Four kinds of search on the same questions: words as they are; [stemmed](../glossary.md#stemming)
# words, where "dogs" and "dog" are one; meaning of the page; meaning of its *nearest sentence*,
# since a page's vector is a mean over everything it says. And two fusions of them, with the first
# 20 places of each ranking. `Shelf` (in `course/shelf.py`) holds the indexes.

# %% locked="searches"
from course.shelf import Shelf

shelf = Shelf(pages)
row_of = {page.id: row for row, page in enumerate(pages)}
asked, right_rows, ranked = {}, {}, {}
for name, some in (("dev", questions("dev")), ("test", questions("test")),
                   ("two pages", questions("test", "two"))):
    asked[name] = [q.question for q in some]
    right_rows[name] = [{row_of[id] for id in q.passages} for q in some]
    plain = [[row for row, _ in by_words.search(q, 82)] for q in asked[name]]
    stemmed, near, line = zip(*[shelf.rankings(q) for q in asked[name]])
    ranked[name] = {"words": plain, "stemmed words": list(stemmed),
                    "meaning": list(near), "nearest sentence": list(line)}

# %%
def fusions(ranked):
    """Two fusions for each question of a set, by your `fuse`."""
    three = [ranked[kind] for kind in
             ("stemmed words", "meaning", "nearest sentence")
             if kind in ranked]
    made = {"fused: words, meaning": [
        list(fuse([a[:20], b[:20]])) for a, b in zip(*three[:2])]}
    if len(three) == 3:
        made["fused: all three"] = [
            list(fuse([r[:20] for r in some])) for some in zip(*three)]
    return made


def all_rates(rows, right):
    """{search: [recall@1, recall@3, MRR]}, by your `find_rates`."""
    return {kind: [float(find_rates(some, right, 1)[0]),
                   *map(float, find_rates(some, right, 3))]
            for kind, some in rows.items()}


fused = result("fuse", lambda: {name: fusions(rows)
                                for name, rows in ranked.items()},
               "fused.json")
rates = result("find-rates", lambda: {
    name: all_rates({**ranked[name], **fused[name]}, right_rows[name])
    for name in ("dev", "test")}, "rates.json")

# %%
def rates_table(rates):
    dev, test = rates.values()
    return table([[kind, *(f"{v:.2f}" for v in dev[kind]),
                   *(f"{v:.2f}" for v in test[kind])] for kind in dev],
                 ["search", *(f"{m}, {part}" for part in ("dev", "test")
                              for m in ("recall@1", "recall@3", "MRR"))])


rates_table(rates)

# %% [markdown]
# Read the left half first: development questions decide, before anybody looks at the right half.
# Stemming helps (recall@3 .74 to .80). The nearest sentence (.94) beats the whole page (.83): a
# vector is a mean, and a mean of six sentences blurs the one that you need. Fusing all three gives
# .96, so that is our setting.
#
# Now the right half. The fusion finds .90 of the test questions, and the nearest sentence alone
# .94. **Joined was not better than alone.** Did we choose badly? We chose between .96 and .94 on
# 54 questions: a difference of *one* question. No rule is worth more than the questions that chose
# it. We keep the choice all the same, for a setting picked by test results would have no honest
# number left. So [hybrid search](../glossary.md#hybrid-search) is something to measure, never
# something to assume.

# %%
CHOSEN = "fused: all three"
yours = [[pages[row].id for row in top[:3]] for top in fused["test"][CHOSEN]]
theirs_3 = [[page.id for page in shelf.best_pages(q, 3)]
            for q in asked["test"]]
print(sum(a == b for a, b in zip(yours, theirs_3)), "of", len(yours),
      "questions: your first three pages are those of Shelf")
print("recall@3 on test", pm(rates["test"][CHOSEN][1], len(yours)))

# %% [markdown]
# ## A second, real corpus
#
# Tern Air is invented, short and tidy. Does this hold elsewhere? 550 passages out of the
# documentation inside scikit-learn (BSD-3; read from the version that you have installed, so the
# same on every machine), with 40 questions that we wrote before any search was run, 20 for
# development and 20 for the test. A passage is right when it is about the object asked about and
# holds the words that answer.

# %% locked="docs"
from course.sklearndocs import relevant as docs_relevant
from course.sklearndocs import sklearn_docs, sklearn_questions

docs = [passage.headed for passage in sklearn_docs()]
docs_matrix, docs_words = embed(docs), KeywordIndex(docs)
docs_stems = KeywordIndex(docs, "porter unicode61")
for split in ("dev", "test"):
    name, some = f"docs {split}", sklearn_questions(split)
    asked[name] = [q.text for q in some]
    right_rows[name] = [docs_relevant(q) for q in some]
    ranked[name] = {
        "words": [[r for r, _ in docs_words.search(q, 550)]
                  for q in asked[name]],
        "stemmed words": [[r for r, _ in docs_stems.search(q, 550)]
                          for q in asked[name]],
        "meaning": np.argsort(
            -(embed(asked[name]) @ docs_matrix.T), axis=1).tolist()}
one = sklearn_questions("dev")[4]
holds = docs[min(docs_relevant(one))]
at = holds.index(one.gold[0])
print(one.text)
print("...", holds[max(0, at - 110):at + 60], "...")

# %%
docs_fused = result("fuse", lambda: {
    name: fusions(ranked[name]) for name in ("docs dev", "docs test")},
    "docs_fused.json")
docs_rates = result("find-rates", lambda: {
    name: all_rates({**ranked[name], **docs_fused[name]}, right_rows[name])
    for name in ("docs dev", "docs test")}, "docs_rates.json")
print("14 of 20 right:", pm(14 / 20, 20))
rates_table(docs_rates)

# %% [markdown]
# Harder: several classes describe the same parameter in the same sentence, and only one was asked
# about. Fusion leads on development questions here too (.75 against .65 and .55), and again not on
# the test (.70 against .70 and .75), although there it has the best recall@1 and MRR. At 20
# questions .70 means .48 to .85: **none of these differences is settled.**

# %% [markdown]
# ## The real tool: when is a vector database worth it?
#
# Our search multiplies the question with *every* page. Vector databases promise to avoid that.
# First ask whether they find the same, then how long it takes, up to 100,000 vectors, a size at
# which people buy servers. The table is *shipped*: measured once on one thread of our machine by
# `course/studies/rag.py`. (`shipped("10_rag/speed", live=True)` measures yours; every shipped
# table here can be had so, in minutes. A race of two of them, live, is in the lab.) The vectors
# are random. faiss 1.15.1 is a library for exactly this; it is not part of the course.

# %%
speed = shipped("10_rag/speed")
ways = ["numpy", "sklearn", "faiss"]
print(f"the reader, for one answer with a page, measured at the start: "
      f"{1000 * stored('pair.json')[2]:,.0f} ms")
table([[int(n), *(row[k] and row[k]["microseconds"] / 1000 for k in ways),
        row["fts5"]["microseconds"] / 1000, f"{int(n) * 384 * 4 / 1e6:.1f}",
        min(row[k]["same"] for k in ways if row[k])]
       for n, row in speed.items()],
      ["vectors", *(f"ms, {k}" for k in ways), "ms, FTS5 (words)",
       "MB of vectors", "share with the same ten"])

# %% [markdown]
# All find the same ten, so speed is all there is to compare. At 100,000 vectors one matrix product
# takes 4.6 ms, exact faiss 6.0, scikit-learn 50. The keyword index takes 89 ms for a question with
# words that stand in nearly every page. The vectors take 153.6 MB. The reader needs many times as
# long for one answer, so **up to about 100,000 passages your two lines are the vector database**.
# It pays to look further when exact search does not do: millions of vectors, many users at once,
# rights that differ by reader. Indexes for that are approximate: faster, and they miss some. We did
# not measure those.

# %% [markdown]
# ## The reader, apart from the search
#
# Search does well. Now the other half. Give the model the *right* page for every question
# ([oracle](../glossary.md#oracle-passage)), no page at all (closed book), or the page that search
# found. The first 16 test questions, live, eight at a time:

# %% locked="reader"
page_of = {page.id: page for page in pages}
sample = questions("test")[:16]

# %% demo
said = {"closed book": answers([prompt(q.question) for q in sample]),
        "oracle page": answers([
            prompt(q.question, page_of[q.passages[0]].headed)
            for q in sample])}
live = stored("live.json", {name: [[text, bool(says(text, q.answers))]
                                   for text, q in zip(row, sample)]
                            for name, row in said.items()})

# %%
live = stored("live.json")
print({name: sum(right for _, right in row) for name, row in live.items()})
table([[q.question, q.answers[0], closed, given] for q, (closed, _), (given, _)
       in zip(sample[:6], live["closed book"], live["oracle page"])],
      ["question", "gold", "closed book", "with the right page"])

# %% [markdown]
# Of 16, none is right closed book and 6 with the right page. The third column is fluent and
# invented, but for one row in which the model declines. The fourth is about the right page, and
# often still wrong: where a page says 40 seconds, the model may say 2.
#
# An answer counts as right when a gold answer stands in it as whole words (`says`, which knows
# that *nine kilos* is 9 kg). That is generous: a wrong sentence around a right number passes, and
# **a longer piece of text holds the answer more easily**. So the tables count words, too.
# Sixteen questions are few. The other rows are shipped, on the first 48 test questions, whose
# order is random:

# %%
studies = [shipped(f"10_rag/{name}") for name in
           ("apart", "by_sentence", "copying")]
reader = {split: {name: row for study in studies
                  for name, row in study[split].items()}
          for split in ("dev", "test")}


def mean_words(said):
    return np.mean([len(text.split()) for text in said])


def reader_table(names):
    return table([[name, pm(reader["dev"][name]["rate"], reader["dev"]["n"]),
                   pm(reader["test"][name]["rate"], reader["test"]["n"]),
                   f"{mean_words(reader['test'][name]['said']):.0f}"]
                  for name in names],
                 ["context", "development", "test (95 %)",
                  "words, mean (test)"])

# %% [markdown]
# First a choice, on development questions: in what form do page and question reach the model? Four
# forms, with the right page (`FORMS` in `course/reader.py` has the wording):

# %%
tried = shipped("10_rag/prompts")
table([[name, f"{row['rate']:.2f}"] for name, row in tried.items()],
      ["form of the prompt", "right page, 24 development questions"])

# %% [markdown]
# The best is used from here on. As the best of four it is flattered by luck: see what becomes of
# its .42 on the test.

# %%
reader_table(["closed book", "oracle page", "first page found"])

# %% [markdown]
# Now divide the blame: `on_top` asks, for each question, whether the page found first is right.

# %%
asked_n = reader["test"]["n"]
on_top = [rows[0] in right for rows, right in zip(
    fused["test"][CHOSEN][:asked_n], right_rows["test"])]
blame = {"as it is (first page found)":
             reader["test"]["first page found"]["rate"],
         "with a perfect search (oracle page)":
             reader["test"]["oracle page"]["rate"],
         "with a perfect reader (right page on top)": np.mean(on_top)}
table([[name, f"{rate:.2f}"] for name, rate in blame.items()],
      [f"{asked_n} test questions", "right answers"])

# %% [markdown]
# **The reader is the bottleneck**: a month spent on a better index would buy hundredths. (48
# questions cannot tell .27 from .29. They can tell both from .73.) Without the oracle row you
# would have .27 alone, and would not know which half to repair.

# %% [markdown]
# ## Four repairs without a bigger model
#
# **Give it less to read.** A page has about six sentences, and one of them matters. So search
# sentences instead of pages. Each is embedded with its page's title before it: "It costs 31 euros"
# alone could be about anything. `shelf.best_lines` fuses the nearest sentences with the sentences
# of the pages found.

# %%
for line in shelf.best_lines("How fast may a plane be towed?", 2):
    print(line.page, "·", line.text)

# %% [markdown]
# **Put the best last.** With three sentences the reader has a second and a third chance. Their
# order may matter: what stands next to the question weighs most, it is said.

# %%
reader_table(["first page found", "best sentence",
              "three sentences, best first", "three sentences, best last"])

# %% [markdown]
# Fewer words: .27 became .35 on the test, but .25 became .21 on development. Best last beats best
# first in both halves, by a little. All of it lies inside the intervals: with a reader like this,
# such repairs are small.
#
# Look at two of the answers, each with the right sentence before the model:

# %%
for i in (10, 20):
    q = questions("test")[i]
    print(q.question)
    print("  sentence:", shelf.best_lines(q.question, 1)[0].text)
    print("  model:   ", reader["test"]["best sentence"]["said"][i])

# %% [markdown]
# **Let it copy, not write.** The sentence says blue, the model says red; the sentence names Tallis,
# the model invents a non-profit organisation. Nothing in a language model forbids that. So forbid
# it: at each step only those tokens may be chosen that continue a piece of the text given. Lesson
# 09 constrained the *form* of an answer this way; here the page itself is the grammar.

# %% [markdown] contract="copy-only" difficulty=3 minutes=10
# ## Exercise `copy-only`
#
# *Difficulty 3 of 5 · about 10 minutes · 3 points*
#
# Write `may_follow(source, written, end)`: the tokens with which the answer may go on, so that it
# stays a piece of the source, token for token and without a gap.
#
# | | |
# |---|---|
# | `source` | a list of token ids: the text to copy from |
# | `written` | a list of token ids: the answer so far, perhaps empty |
# | `end` | the id that ends an answer |
# | returns | a set of ids |
#
# Nothing written yet: any token of the source may begin. Else: what follows `written` in the
# source, at **every** place where it stands there; and `end`, since every piece may end.
#
# Example: with the source `[5, 8, 2, 5, 9]`, `may_follow(source, [5], 0)` is `{8, 9, 0}` and
# `may_follow(source, [5, 8], 0)` is `{2, 0}`.
#
# The check tries repeated tokens and the end of the source, then lets a random writer choose among
# what you allow, and asks whether its answers stand in the source. It proves that only
# pieces of the source are written. It cannot prove that the piece answers the question.

# %% exercise="copy-only"
def may_follow(source, written, end):
    """The set of token ids that keep the answer a piece of the source."""
    ### BEGIN SOLUTION
    if not written:
        return set(source)
    n = len(written)
    return {end} | {source[i + n] for i in range(len(source) - n)
                    if source[i:i + n] == written}
    ### END SOLUTION

# %% check="copy-only" points=3
with check("copy-only"):
    five_ids = [5, 8, 2, 5, 9]
    got = may_follow(list(five_ids), [], 0)
    assert got is not None, "may_follow gave None: end it with `return`"
    assert set(got) == {5, 8, 2, 9}, (
        "nothing written: any token of the source may begin, and an empty "
        f"answer may not end; you gave {set(got)}")
    got = set(may_follow(list(five_ids), [5], 0))
    assert got == {8, 9, 0}, (
        "5 stands in two places of [5, 8, 2, 5, 9]: after it come 8 and 9, "
        f"or the end 0; you gave {got}")
    got = set(may_follow(list(five_ids), [5, 8], 0))
    assert got == {2, 0}, (
        f"after [5, 8] the source has 2 only; you gave {got}")
    got = set(may_follow(list(five_ids), [8, 2, 5], 0))
    assert got == {9, 0}, (
        "[8, 2, 5] stands in one place of [5, 8, 2, 5, 9], and 9 follows: "
        f"compare with all that was written; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = set(may_follow(list(five_ids), [5, 9], 0))
    assert got == {0}, (
        f"[5, 9] is the end of the source: only 0 is left; you gave {got}")
    got = set(may_follow(list(five_ids), list(five_ids), 7))
    assert got == {7}, (
        f"the whole source is written: only the end, 7; you gave {got}")
    got = set(may_follow([4, 4, 4, 6], [4, 4], 0))
    assert got == {4, 6, 0}, (
        "[4, 4] stands in [4, 4, 4, 6] twice, once overlapping: 4 or 6 may "
        f"follow; you gave {got}")
    got = set(may_follow([1, 12, 3, 11, 2, 3], [1], 0))
    assert got == {12, 0}, (
        "tokens are whole: 1 is not the beginning of 12 or 11; you gave "
        f"{got}")
    got = set(may_follow([1, 2, 3, 1, 4, 2, 5], [1, 2], 0))
    assert got == {3, 0}, (
        "[1, 2] without a gap is followed by 3 only: 1, 4, 2 is another "
        f"piece; you gave {got}")
    rng = np.random.default_rng(6)
    for _ in range(40):
        text_ids = rng.integers(1, 7, int(rng.integers(2, 25))).tolist()
        begun = []
        while len(begun) < 40:
            choice = sorted(may_follow(list(text_ids), list(begun), 0))
            assert choice, (
                f"the source {text_ids} and the answer {begun} left the "
                "writer nothing to choose")
            token = int(choice[int(rng.integers(len(choice)))])
            if token == 0:
                break
            begun.append(token)
        size = len(begun)
        assert size and any(text_ids[i:i + size] == begun
                         for i in range(len(text_ids))), (
            f"a random writer wrote {begun} from the source {text_ids}, "
            "which does not hold it: compare with all that was written, not "
            "with its last token")
    ### END HIDDEN TESTS

# %% [markdown] hints="copy-only"
# <details><summary>Hint 1: the idea</summary>
#
# Lay `written` on the source at every place. Where all of it fits, the next token of the source is
# allowed.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `source[i:i + n] == written` compares two lists. Think about the last place at which a token can
# follow.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# For `i` in `range(len(source) - n)`, collect `source[i + n]` where the slice fits; add `end`.
# The empty answer is a case of its own.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `IndexError: list index out of range`: at the last place nothing follows.
# - `ValueError: 5 is not in list`: `.index` finds one place only, or none.
# </details>

# %% [markdown]
# How does the rule get into the model? Before each step, a *logits processor* sets the scores of
# all other tokens to minus infinity; the model then takes the likeliest of the rest.
# `answers(..., copy_from=...)` does that for a batch. Four of its answers to test questions, each
# copied from the best sentence (shipped):

# %%
for i in (9, 10, 12, 19):
    q, line = questions("test")[i], shelf.best_lines(
        questions("test")[i].question, 1)[0]
    print(q.question)
    print("  sentence:", line.text)
    print("  copied:  ",
          reader["test"]["copying from the best sentence"]["said"][i])

# %% [markdown]
# Blue is blue. But `2 kg` comes from 32 kg, and `1 kg` from 21 kg: to the model a number is several
# tokens (lesson 04), and a piece of *tokens* may begin in the middle of one. Nothing was invented,
# token by token, and the answer is false. And *27 knots for the Fulmar* is copied without a fault,
# from the wrong half of the sentence. **A guarantee holds for what it is about.** With
# `whole=True` an answer may begin only where a word begins.

# %% demo
three = questions("dev")[:3]
three_lines = [shelf.best_lines(q.question, 1)[0] for q in three]
asked_3 = [prompt(q.question, x.headed) for q, x in zip(three, three_lines)]
copied = stored("copied.json", [list(row) for row in zip(
    [q.question for q in three], answers(asked_3),
    answers(asked_3, copy_from=[x.text for x in three_lines], whole=True))])

# %%
table(stored("copied.json"), ["question", "free", "copied from word starts"])

# %% [markdown]
# **Leave the model out.** The sentence that search found is an answer already: in the handbook's
# own words, with its page. To see what its length does, the whole first page stands beside it:

# %%
for split in ("dev", "test"):
    some = questions(split)[:reader[split]["n"]]
    whole_pages = [shelf.best_pages(q.question, 1)[0].text for q in some]
    reader[split]["no model: whole first page"] = {
        "said": whole_pages,
        "rate": np.mean([bool(says(text, q.answers))
                         for text, q in zip(whole_pages, some)])}
reader_table(["oracle page", "copying from the right page",
              "best sentence", "copying from the best sentence",
              "copying from word starts", "no model: best sentence",
              "no model: two sentences", "no model: whole first page"])

# %% [markdown]
# Copying lifts the best sentence from .21 to .46 on development and from .35 to .42 on the test;
# from word starts to .62 and .48. Two rules of a few lines, no training, no bigger model. (The step
# on development is large; on the test, with 48 questions, it lies inside the intervals.) It is
# still the small model that chooses *which* words.
#
# The sentence itself, untouched, is as good as the best that the model makes of it on development
# questions (.62), and on the test it has .56 after .48, no lead that 48 questions can show. Two sentences have .83 and .75.
#
# Do not read that as a model beaten by no model: the rows differ in length, and length helps. The
# first page, shown whole, has .73 in 84 words. **What two sentences buy is .75 in about 30 words
# instead of .73 in 84**, and a person still has to pick the answer out. What they say stands in
# the handbook, but a true sentence about something else is still a wrong answer: to the question
# about the rucksack above, the first sentence is the 32 kg of the cargo hold.

# %%
import matplotlib.pyplot as plt

order = ["closed book", "first page found", "oracle page",
         "three sentences, best last", "best sentence",
         "copying from word starts", "no model: best sentence",
         "no model: two sentences", "no model: whole first page"]
fig, ax = plt.subplots(figsize=(7.0, 3.6))
for y, name in enumerate(order[::-1]):
    rate = reader["test"][name]["rate"]
    low, high = wilson(round(rate * asked_n), asked_n)
    ax.plot([low, high], [y, y], color="#0b2f5b", marker="|", linestyle="-")
    ax.plot([rate], [y], color="#0b2f5b", marker="o", linestyle="none")
ax.set(yticks=range(len(order)), yticklabels=order[::-1], xlim=(0, 1),
       xlabel="the answer is in what is shown; 48 questions, 95 % interval")
ax.grid(axis="y", visible=False)
show(fig, alt="Right answers on the test rise from 0 closed book over .27 to "
     ".29 with whole pages and .33 to .35 with sentences to .48 when the "
     "model copies from word starts; the sentence itself has .56, two .75, "
     "the whole first page .73.")

# %% [markdown]
# ## Prove it: a citation that is checked
#
# An answer that is the handbook's own sentence (called *extractive*) comes with its page, and so can an answer of the model: let it copy, and
# name the page that it copied from. But a citation is a claim like any other. Models cite pages
# that do not exist, real pages that say something else, and `1 kg` out of 21 kg. Code can look.

# %% [markdown] contract="checked-source" difficulty=4 minutes=15
# ## Exercise `checked-source`
#
# *Difficulty 4 of 5 · about 15 minutes · 3 points*
#
# Write `proven(answer, pages)`: may this answer be shown?
#
# | | |
# |---|---|
# | `answer` | a dict of three strings: `"text"`, what is said; `"quote"`, the words it rests on; `"page"`, the id of the page they stand on |
# | `pages` | a dict from page id to the page's text **today** |
# | returns | `True` or `False` |
#
# It may, when all of this holds:
#
# 1. the page exists, and the quote has at least one word;
# 2. the quote stands on that page, word after word and sign after sign (commas, full stops,
#    brackets); only capitals and white space may differ. It cuts neither a word nor a number:
#    "9 kg" does not stand in "19 kg", nor "5 euros" in "2.5 euros";
# 3. every number in the text is a number of the quote. A number is `\d+(?:[.,:]\d+)*`: `24,000`
#    and `05:40` are one number each.
#
# Example: the page `bag` says `"One bag of at most 9 kg is free."` Then
# `{"text": "9 kg.", "quote": "at most 9 kg", "page": "bag"}` is proven; with the text `"19 kg."`
# it is not.
#
# The check tries forged pages, quotes and numbers. `True` does not prove that the quote answers
# the question, only that the page says it.

# %% exercise="checked-source"
def proven(answer, pages):
    """True when the quote stands on the page and holds every number said."""
    ### BEGIN SOLUTION
    def flat(text):
        return " ".join(text.lower().split())

    quote, page = flat(answer["quote"]), flat(pages.get(answer["page"], ""))
    if not re.search(r"\w", quote):
        return False
    left, right = r"(?<!\w)(?<!\d[.,:])", r"(?!\w)(?![.,:]\d)"
    if not re.search(left + re.escape(quote) + right, page):
        return False
    number = r"\d+(?:[.,:]\d+)*"
    return set(re.findall(number, answer["text"])) <= set(
        re.findall(number, quote))
    ### END SOLUTION

# %% check="checked-source" points=3
with check("checked-source"):
    book = {"bag": "One bag of at most 9 kg is free.",
            "nest": "The Nest opens at 05:40.\nBlack members enter free,\n"
                    "others pay 18 euros. It takes 24,000 feathers."}

    def verdict(text, quote, page):
        return proven({"text": text, "quote": quote, "page": page},
                      dict(book))

    got = verdict("9 kg.", "at most 9 kg", "bag")
    assert got is not None, "proven gave None: end it with a `return` line"
    assert got, "'at most 9 kg' stands on the page: the answer is proven"
    assert not verdict("19 kg.", "at most 9 kg", "bag"), (
        "the text says 19 and the quote says 9: a number from nowhere")
    assert not verdict("9 kg.", "at most 9 kg", "cabin"), (
        "there is no page 'cabin': an invented source proves nothing")
    assert not verdict("9 kg.", "at most 9 kg", "nest"), (
        "the quote stands on another page than the one named")
    assert verdict("18 euros", "OTHERS pay 18   euros", "nest"), (
        "capitals and white space may differ, line ends too")
    assert not verdict("Free.", "enter free others pay", "nest"), (
        "the page has a comma after 'free' and the quote has none: signs "
        "count, a list of bare words is not enough")
    ### BEGIN HIDDEN TESTS
    assert verdict("Black members pay nothing.", "black members enter free",
                   "nest"), "a text without a number needs none in the quote"
    for quote in ("", "   ", "."):
        assert not verdict("Free.", quote, "bag"), (
            f"the quote {quote!r} has no word, so it proves nothing")
    assert not verdict("One bag of 9 kg", "One bag 9 kg", "bag"), (
        "the quote leaves words out: it must stand on the page as it is")
    assert not verdict("It is free.", "bag is free", "bag"), (
        "all words are on the page, but not one after the other")
    for text, quote in (("8 euros", "8 euros"), ("40", "40"), ("24", "24"),
                        ("Black members enter", "lack members enter"),
                        ("000 feathers", "000 feathers"), ("9 k", "9 k")):
        page = "bag" if quote == "9 k" else "nest"
        assert not verdict(text, quote, page), (
            f"{quote!r} stands on the page only as a part of longer words or "
            "numbers: look at what is left and right of it")
    assert not verdict("It opens at 5:40", "opens at 05:40", "nest"), (
        "5:40 is another number than 05:40: compare them whole")
    assert not verdict("24 feathers", "24,000 feathers", "nest"), (
        "24 is not a number of the quote: 24,000 is one number")
    assert verdict("It takes 24,000 feathers.", "takes 24,000 feathers",
                   "nest"), "24,000 is in text and quote"
    assert not verdict("At most 9 kg, at 18 euros", "at most 9 kg", "bag"), (
        "every number of the text must be in the quote, not just one")
    assert not verdict("18 euros from 05:40 on", "others pay 18 euros",
                       "nest"), (
        "05:40 stands on the page, but not in the quote: the quote must "
        "carry every number")
    assert verdict("9", "One bag of at most 9 kg is free.", "bag"), (
        "a whole sentence with its full stop is a good quote")
    book = {"odd": "Price (net): 5 euros + tax [c]. See C++."}
    assert verdict("5 euros", "Price (net): 5 euros + tax [c]", "odd"), (
        "brackets and plus signs are plain characters: escape them in a "
        "pattern")
    assert not verdict("5 euros", "Price .net.: 5 euros", "odd"), (
        "a full stop in the quote must match a full stop, nothing else")
    ### END HIDDEN TESTS

# %% [markdown] hints="checked-source"
# <details><summary>Hint 1: the idea</summary>
#
# Three gates, one after the other. Bring quote and page to one form first; then ask for the quote
# with nothing of a word left or right of it.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `" ".join(text.lower().split())` is one form. `re.escape` makes a pattern of a plain text;
# `(?<!\w)` and `(?!\w)` stand for "no letter or digit before" and "after", `(?<!\d[.,:])` and
# `(?![.,:]\d)` for "not in the middle of 2.5 or 05:40".
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `set(re.findall(number, answer["text"])) <= set(re.findall(number, answer["quote"]))` is the
# third gate.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `KeyError: 'cabin'`: a page that does not exist; `pages.get(id, "")`.
# - `PatternError: missing ), unterminated subpattern`: a bracket in the quote; `re.escape` it.
# </details>

# %%
today = {page.id: page.headed for page in pages}


def answer(question):
    """The best sentence as an answer, with its page."""
    line = shelf.best_lines(question, 1)[0]
    return {"text": line.text, "quote": line.text, "page": line.page}


def forged(kind, question):
    """The same answer, made wrong on purpose."""
    good = answer(question)
    if kind == "another page":
        other = next(page for page in today if page != good["page"])
        return {**good, "page": other}
    if kind == "page that does not exist":
        return {**good, "page": "pets-in-cockpit"}
    return {**good, "text": good["text"] + " Up to 99 times."}


shown = result("checked-source", lambda: {
    "honest": np.mean([bool(proven(answer(q.question), today))
                       for q in questions("dev")]),
    **{kind: np.mean([bool(proven(forged(kind, q.question), today))
                      for q in questions("dev")])
       for kind in ("another page", "page that does not exist",
                    "invented number")}}, "proven.json")

# %%
table([[kind, f"{share:.2f}"] for kind, share in shown.items()],
      ["54 development answers", "share shown"])

# %% [markdown]
# All honest answers pass and no forged one does. Note what that says, and what it does not: an
# extractive answer is proven by construction, right or wrong. The check keeps inventions out. It
# does not find the right sentence.
#
# And the copies of the model, each as its own quote?

# %%
copies = ("copying from the best sentence", "copying from word starts")
first_of = [shelf.best_lines(q.question, 1)[0]
            for q in questions("test")[:asked_n]]
passes = result("checked-source", lambda: {
    name: [bool(proven({"text": text, "quote": text, "page": line.page},
                       today))
           for text, line in zip(reader["test"][name]["said"], first_of)]
    for name in copies}, "passes.json")
print("stopped, from word starts:", [text for text, ok in zip(
    reader["test"][copies[1]]["said"], passes[copies[1]]) if not ok])
table([[name, asked_n, sum(ok), sum(reader["test"][name]["right"]),
        sum(a and b for a, b in zip(ok, reader["test"][name]["right"]))]
       for name, ok in passes.items()],
      ["answers", "of", "proven", "right", "right and proven"])

# %% [markdown]
# Of the copies by tokens the check stops 19 of 48: `1 kg`, `2 kg`, lone full stops, and with them
# two right ones that ran from a page's title into a sentence which does not follow it there. From
# word starts 47 pass. The one stopped is `refund`, cut out of *refunded*: `whole=True` guards where
# an answer begins, not where it ends. A guarantee inside the model and a check outside it are two
# fences: build both.
#
# So how good is the extractive answerer? On all 115 test questions, with every sentence checked
# before it is shown:

# %%
def right_share(k):
    """Share of test questions whose answer is in k proven sentences."""
    hits = []
    for q in questions("test"):
        some = [{"text": x.text, "quote": x.text, "page": x.page}
                for x in shelf.best_lines(q.question, k)]
        hits.append(any(says(a["text"], q.answers) and proven(a, today)
                        for a in some))
    return float(np.mean(hits))


shown_right = result("checked-source", lambda: [
    right_share(k) for k in (1, 2, 3)], "shown.json")
given = {f"sentences: {k}": [" ".join(x.text for x in shelf.best_lines(
    q, k)) for q in asked["test"]] for k in (1, 2, 3)}
given["whole first page"] = [shelf.best_pages(q, 1)[0].text
                             for q in asked["test"]]
page_share = float(np.mean([bool(says(text, q.answers)) for text, q in zip(
    given["whole first page"], questions("test"))]))
table([[name, pm(rate, 115), f"{mean_words(given[name]):.0f}"]
       for name, rate in zip(given, [*shown_right, page_share])],
      ["shown", "the answer is in it (95 %)", "words, mean"])

# %% [markdown]
# One sentence holds the answer .66 of the time, two hold it .82 in 30 words; the whole first page
# .79 in 84, which these questions cannot tell from .82. Two sentences, word for word from the
# handbook, each with its page, and a person reads the number off: that is what we would ship here,
# and it has no language model in it. Would you have built it first?

# %% [markdown]
# ## Stay silent
#
# People ask what no page answers. Tern Air has 40 such questions, and for 34 of them the *topic*
# has a page: "What model are the tablets?" The tablets page is found, with confidence, and does
# not say. The usual advice is a sentence in the prompt: *if the text does not contain the answer,
# reply exactly: I don't know.* Shipped, on the pages found:

# %%
told = shipped("10_rag/told_to_refuse")
table([[kind, row["n"], f"{row['refused']:.2f}"]
       for kind, row in told.items()],
      ["test questions", "n", "share refused"])

# %% [markdown]
# Not once in 40 questions, and so not in the 20 where it should. This model does what it does with
# every question, it answers. How often a larger one follows such a sentence is a number to measure,
# on questions whose topic is there.
#
# The search knows something that the reader does not say: how *near* the best piece was. Four
# numbers that could serve as sureness. The measure is the
# [AUC](../glossary.md#auc): the chance that a question with an answer scores above one without.
# Development questions choose:

# %% locked="sure"
from sklearn.metrics import roc_auc_score


def sureness(asked):
    """{name: one number a question}: how near the best pieces were."""
    vectors = embed(asked)
    by_page = np.sort(vectors @ shelf.vectors.T, axis=1)[:, ::-1]
    by_line = np.sort(vectors @ shelf.line_vectors.T, axis=1)[:, ::-1]
    return {"best page": by_page[:, 0], "best sentence": by_line[:, 0],
            "page and sentence": by_page[:, 0] + by_line[:, 0],
            "best page less second": by_page[:, 0] - by_page[:, 1]}


def with_and_without(split):
    """(sureness, has an answer) for both kinds of questions of a split."""
    some = questions(split) + questions(split, "unanswerable")
    has = np.array([q.kind == "answerable" for q in some])
    return sureness([q.question for q in some]), has


dev_sure, dev_has = with_and_without("dev")
test_sure, test_has = with_and_without("test")

# %%
table([[name, f"{roc_auc_score(dev_has, scores):.2f}",
        f"{roc_auc_score(test_has, test_sure[name]):.2f}"]
       for name, scores in dev_sure.items()],
      ["sureness", "AUC, development", "AUC, test"])

# %% [markdown]
# .76 for the nearest sentence on development questions, and no other is better. The page about
# tablets *is* near "What model are the tablets?". It says how full the battery must be. Nearness
# is not an answer. (The lab at the end asks how much the topic matters.)
#
# Now set the threshold. Say that at most one in five of the questions without an answer may get
# one.

# %% [markdown] contract="stay-silent" difficulty=3 minutes=10
# ## Exercise `stay-silent`
#
# *Difficulty 3 of 5 · about 10 minutes · 2 points*
#
# Write `pick_threshold(scores, has_answer, limit)`.
#
# | | |
# |---|---|
# | `scores` | an array: how sure the search is, one number a question |
# | `has_answer` | an array of True and False: whether the handbook answers it |
# | `limit` | at most this share of the questions **without** an answer may be answered |
# | returns | `(threshold, answered)`: a question is answered from this score on (`>=`); the share of the questions **with** an answer that then are |
#
# Of all thresholds that keep to the limit, take one that answers most.
#
# Example: `pick_threshold(np.array([.9, .5, .7, .3]), np.array([True, True, False, False]), 0.5)`
# is `(0.5, 1.0)`: .7 gets answered, one of two, and both with an answer are.
#
# The check works your threshold out on the same scores. That it holds for other questions is not
# proven; the next cell looks at the test.

# %% exercise="stay-silent"
def pick_threshold(scores, has_answer, limit):
    """(threshold, share of answerable questions answered) within the limit."""
    ### BEGIN SOLUTION
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    for threshold in [*np.unique(scores), scores.max() + 1]:
        if np.mean(scores[~has] >= threshold) <= limit:
            return threshold, np.mean(scores[has] >= threshold)
    ### END SOLUTION

# %% check="stay-silent" points=2
with check("stay-silent"):
    got = pick_threshold(np.array([0.9, 0.5, 0.7, 0.3]),
                         np.array([True, True, False, False]), 0.5)
    assert hasattr(got, "__len__") and len(got) == 2, (
        f"return (threshold, answered), not {got}")
    at, share = map(float, got)
    assert 0.3 < at <= 0.5, (
        f"you chose {at}: from .5 on one of two without an answer gets one, "
        "and both others do")
    assert abs(share - 1) < 1e-9, (
        f"at that threshold both answerable ones are answered; you gave "
        f"{share}")
    at, share = map(float, pick_threshold(
        np.array([0.9, 0.5, 0.7, 0.3]),
        np.array([True, True, False, False]), 0))
    assert 0.7 < at <= 0.9 and abs(share - 0.5) < 1e-9, (
        "with limit 0 none of .7 and .3 may be answered: .9 alone is left; "
        f"you gave {at}, {share}")
    ### BEGIN HIDDEN TESTS
    at, share = map(float, pick_threshold(
        np.array([0.2, 0.4, 0.8]), np.array([True, True, False]), 0))
    assert at > 0.8 and share == 0, (
        "the surest question has no answer and the limit is 0: answer "
        f"nothing, above every score; you gave {at}, {share}")
    at, share = map(float, pick_threshold(
        np.array([0.2, 0.4, 0.8]), np.array([True, True, False]), 1))
    assert at <= 0.2 and share == 1, (
        f"limit 1 forbids nothing: answer all; you gave {at}, {share}")
    at, share = map(float, pick_threshold(
        np.array([0.6, 0.6, 0.6, 0.1]),
        np.array([True, False, False, False]), 0.5))
    assert at > 0.6 and share == 0, (
        "three questions share the score .6 and move together: answering "
        f"them breaks the limit; you gave {at}, {share}")
    at, share = map(float, pick_threshold(
        np.array([-3.0, -1.0, -2.0]), np.array([True, True, False]), 0))
    assert -2 < at <= -1 and share == 0.5, (
        f"scores may be negative; you gave {at}, {share}")
    rng = np.random.default_rng(12)
    for limit in (0.05, 0.1, 0.25, 0.6):
        has = rng.random(300) < 0.7
        s = np.round(rng.normal(0.5 + 0.1 * has, 0.1), 3)
        at, share = map(float, pick_threshold(s, has, limit))
        assert np.mean(s[~has] >= at) <= limit, (
            f"limit {limit}: your threshold answers "
            f"{np.mean(s[~has] >= at):.3f} of the questions without an "
            "answer: divide by their number, not by all")
        assert abs(np.mean(s[has] >= at) - share) < 1e-9, (
            "the second number is the share of answerable questions at or "
            "above your threshold")
        best = max(np.mean(s[has] >= t) for t in [*s, 9]
                   if np.mean(s[~has] >= t) <= limit)
        assert share > best - 1e-9, (
            f"limit {limit}: another threshold keeps to it and answers "
            f"{best:.3f}, yours {share:.3f}")
    ### END HIDDEN TESTS

# %% [markdown] hints="stay-silent"
# <details><summary>Hint 1: the idea</summary>
#
# Raise the threshold from the lowest score: fewer and fewer questions are answered, of both kinds.
# Stop as soon as the limit holds.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `np.unique(scores)` are the scores in order; `np.mean(scores[~has_answer] >= t)` is the share
# that the limit speaks about.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# Loop over `[*np.unique(scores), scores.max() + 1]` and return at the first that keeps to the
# limit.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `TypeError: cannot unpack non-iterable NoneType object`: no score kept to the limit and you
#   returned nothing; one threshold above them all always does.
# </details>

# %%
SURE = "best sentence"
threshold, answered = result("stay-silent", lambda: [
    float(v) for v in pick_threshold(dev_sure[SURE], dev_has, 0.20)],
    "threshold.json")


def kept(scores, has, at):
    """Answered of those with an answer; refused of those without."""
    return np.mean(scores[has] >= at), np.mean(scores[~has] < at)


table([[name, *(f"{v:.2f}" for v in kept(scores[SURE], has, threshold))]
       for name, scores, has in (("development", dev_sure, dev_has),
                                 ("test", test_sure, test_has))],
      ["questions", "answered, of those with an answer",
       "refused, of those without"])

# %%
for name, scores, has in (("development", dev_sure, dev_has),
                          ("test", test_sure, test_has)):
    print("without an answer, answered all the same,", name,
          pm(1 - kept(scores[SURE], has, threshold)[1], 20))

# %% [markdown]
# On development questions the rule does what was ordered: .80 refused. On the test it refuses .55.
# Nobody cheated. The limit was set on 20 questions without an answer, and 4 of 20 is an interval
# from .08 to .42; the 9 of 20 of the test is itself .26 to .66. Both samples have errors, and the
# threshold was picked on the first, which flatters its .20. **A threshold is a measurement, and
# has an error like every other.**
#
# What would other thresholds have done? Each point of the curve is one of them:

# %%
grid = np.append(np.linspace(0.2, 0.9, 71), threshold)
grid.sort()
fig, ax = plt.subplots()
for name, scores, has in (("development, 54 + 20", dev_sure, dev_has),
                          ("test, 115 + 20", test_sure, test_has)):
    curve_ = [kept(scores[SURE], has, at) for at in grid]
    line, = ax.plot([1 - refused for _, refused in curve_],
                    [answered_ for answered_, _ in curve_], marker="",
                    label=name)
    here = kept(scores[SURE], has, threshold)
    ax.plot([1 - here[1]], [here[0]], linestyle="none", markersize=9,
            color=line.get_color(),
            label=f"your threshold, {name.split(',')[0]}")
ax.plot([0, 1], [0, 1], color="#5f5f5f", linestyle=":", marker="",
        label="a coin")
ax.set(xlabel="answered, of those without an answer",
       ylabel="answered, of those with one")
ax.legend(loc="lower right")
show(fig, alt="Both curves lie well above a coin and far from the corner: to "
     "answer nine in ten of the questions that have an answer, about three in "
     "four of those without one are answered too; the same threshold answers "
     ".20 of these on development and .45 on the test.")

# %%
table([[f"{at:.2f}", *(f"{v:.2f}" for v in kept(
    test_sure[SURE], test_has, at))] for at in (0.3, 0.4, 0.5, 0.6, 0.7)],
      ["threshold", "answered, of those with an answer (test)",
       "refused, of those without (test)"])

# %% [markdown]
# We had hoped for an AUC of .9, and have .76 and .73. Compare it all the same with the sentence in
# the prompt: the threshold refuses .55 of what it should, the sentence nothing. For that it also
# silences .27 of the questions that it should answer. And a threshold can be moved, with the price
# of each step in the table: a poor rate of exchange, but a known one.

# %% [markdown]
# ## Failure lab: the page that was revised
#
# On 1 September 2026 five pages changed: dearer bags, heavier cats, other refunds, other rest for
# the crew. Suppose the index was built the day before, and nobody thought of it again.

# %% locked="fingerprint"
import hashlib


def fingerprint(text):
    """A short checksum: another text, another fingerprint."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]

# %% [markdown] contract="stale-pages" difficulty=2 minutes=6
# ## Exercise `stale-pages`
#
# *Difficulty 2 of 5 · about 6 minutes · 2 points*
#
# Write `to_do(indexed, pages)`: what must be done so that the index is the handbook again?
#
# | | |
# |---|---|
# | `indexed` | a dict from page id to the fingerprint of the text that was embedded |
# | `pages` | a dict from page id to the text of today |
# | returns | `(embed, drop)`: the ids to embed, new ones and changed ones; the ids whose vectors must go, **changed ones too**, else the old text goes on answering. Lists or sets, any order |
#
# `fingerprint(text)` stands above.
#
# Example: with `indexed = {"a": fingerprint("one"), "b": fingerprint("two")}` and
# `pages = {"a": "one!", "c": "three"}`, it is `(["a", "c"], ["a", "b"])`.
#
# The check counts how much you embed: unchanged pages cost nothing.

# %% exercise="stale-pages"
def to_do(indexed, pages):
    """(ids to embed, ids whose vectors must go)."""
    ### BEGIN SOLUTION
    now = {page: fingerprint(text) for page, text in pages.items()}
    embed_ = [page for page in now if indexed.get(page) != now[page]]
    drop = [page for page in indexed if now.get(page) != indexed[page]]
    return embed_, drop
    ### END SOLUTION

# %% check="stale-pages" points=2
with check("stale-pages"):
    before = {"a": fingerprint("one"), "b": fingerprint("two")}
    got = to_do(dict(before), {"a": "one!", "c": "three"})
    assert hasattr(got, "__len__") and len(got) == 2, (
        f"return two collections (embed, drop), not {got}")
    assert set(got[0]) == {"a", "c"}, (
        "'a' has another text and 'c' is new: embed both; you gave "
        f"{sorted(got[0])}")
    assert set(got[1]) == {"a", "b"}, (
        "'b' is gone, and the old vector of 'a' must go too; you gave "
        f"{sorted(got[1])}")
    ### BEGIN HIDDEN TESTS
    assert not list(to_do({}, {})[0]) and not list(to_do({}, {})[1]), (
        "an empty index of an empty handbook needs nothing")
    got = to_do(dict(before), {"a": "one", "b": "two"})
    assert not list(got[0]) and not list(got[1]), (
        f"nothing changed, so there is nothing to do; you gave {got}")
    got = to_do({}, {"a": "one"})
    assert set(got[0]) == {"a"} and not list(got[1]), (
        f"a first page is embedded and nothing goes; you gave {got}")
    got = to_do(dict(before), {})
    assert not list(got[0]) and set(got[1]) == {"a", "b"}, (
        f"an empty handbook empties the index; you gave {got}")
    got = to_do(dict(before), {"a": "six", "b": "two"})
    assert set(got[0]) == {"a"} and set(got[1]) == {"a"}, (
        "'six' is as long as 'one' and another text: compare fingerprints; "
        f"you gave {got}")
    got = to_do(dict(before), {"a": "two", "b": "one"})
    assert set(got[0]) == set(got[1]) == {"a", "b"}, (
        "two pages changed places: compare each page with its own "
        f"fingerprint; you gave {got}")
    many = {f"p{i}": f"text {i}" for i in range(500)}
    old = {page: fingerprint(text) for page, text in many.items()}
    many["p7"] = "text seven"
    got = to_do(old, many)
    assert len(list(got[0])) == 1 and len(list(got[1])) == 1, (
        "one page of 500 changed: embed one and drop one, not "
        f"{len(list(got[0]))} and {len(list(got[1]))}")
    ### END HIDDEN TESTS

# %% [markdown] hints="stale-pages"
# <details><summary>Hint 1: the idea</summary>
#
# Two dicts with the same keys or not. A changed page is in both lists: one vector goes, one comes.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `indexed.get(page)` is `None` for a page that the index does not know, and `None` is no
# fingerprint.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# Make a dict of today's fingerprints first. Then each list is one line with a condition.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `KeyError`: a page that only one of the two knows; `.get(page)`.
# </details>

# %% locked="old"
from course import revised

before_pages = handbook(as_of="2026-08-31")
indexed = {page.id.split("@")[0]: fingerprint(page.headed)
           for page in before_pages}

# %%
work = result("stale-pages", lambda: [sorted(part) for part in to_do(
    indexed, {page.id: page.headed for page in pages})], "work.json")
print(f"of {len(indexed)} pages: embed {len(work[0])}, drop {len(work[1])}:",
      ", ".join(work[0]))

# %% [markdown]
# Fifteen of the answerable questions ask for something that changed. Three ways to run the index
# on 2 September: untouched; the new pages added and the old ones left in; and as your list says.

# %% locked="revised"
changed = [q for split in ("dev", "test") for q in questions(split)
           if q.before]


def first_lines(pages):
    """The best sentence for each question about something that changed."""
    some = Shelf(pages)
    return [some.best_lines(q.question, 1)[0] for q in changed]


old_lines = first_lines(before_pages)

# %%
shelves = {"untouched": before_pages,
           "new pages added, old ones left":
               pages + [old for old, _ in revised()],
           "changed pages replaced": pages}
shelf_rows = []
for name, some in shelves.items():
    first = list(zip(first_lines(some), changed))
    shelf_rows.append([
        name, len(some), sum(says(x.text, q.answers) for x, q in first),
        sum(says(x.text, q.before) and not says(x.text, q.answers)
            for x, q in first)])
table(shelf_rows, ["index", "pages", f"new answer, of {len(changed)}",
             "old answer"])

# %% [markdown]
# Untouched, the index gives 11 outdated answers of 15, fluent and well cited. Adding the new pages
# without dropping the old ones hardly helps: **9 old answers to 2 new ones**. Both revisions are
# near the question, and nothing in a cosine knows a date. Only the third row is a repair, and it
# costs five embeddings, not 82.
#
# Would the citation check have caught it? That depends on what it compares with.

# %% locked="cites"
cites = [{"text": line.text, "quote": line.text,
          "page": line.page.split("@")[0]}
         for line, q in zip(old_lines, changed) if says(line.text, q.before)]
then = {page.id.split("@")[0]: page.headed for page in before_pages}

# %%
accepted = result("checked-source", lambda: {
    name: sum(bool(proven(c, some)) for c in cites)
    for name, some in (("the pages that were indexed", then),
                       ("the pages of today", today))}, "stale.json")
print(f"{len(cites)} old answers; citation accepted against", accepted)

# %% [markdown]
# Against the pages that were indexed, all pass: the check asks the same stale source twice.
# Against the pages of today, none. **Check citations against the document that is in force, not
# against your own copy.** Then the day after a revision has fewer answers, and none of these eleven.

# %% [markdown]
# ## Money and decision: why search at all?
#
# Models with long contexts take a whole handbook. Then nobody needs to search: paste all 82
# pages in front of every question. How long is that?

# %% locked="prices"
from course import break_even, cost, llm_tokenizer

# %%
reads = llm_tokenizer()
tokens = [len(reads(text).input_ids) for text in texts]
whole, piece = sum(tokens), float(np.mean(tokens))
print(f"handbook {whole:,} tokens, a page {piece:.0f} on average;",
      f"our model holds {reads.model_max_length:,}")

# %% [markdown]
# Longer than our model's window: here the question has an answer before it is about money. A hosted
# model has the room. It reads all 8,815 tokens for *every* question, or three pages of 108. Search
# costs something first: two days of work (an assumption, put yours there), and the embedding of the
# pages. What is cheaper, for how many questions?

# %%
build = cost("person-hour", 16)     # an assumption: two days of work
print(f"16 hours at {cost('person-hour', 1):.0f} USD are {build:.0f} USD")


def bills(handbook_tokens, kind, context_tokens):
    """USD a question: the whole handbook; the pieces that search chose."""
    return cost(kind, handbook_tokens + 40), cost(kind, context_tokens + 40)


bill_rows = []
for kind in ("hosted-small-input", "hosted-large-input"):
    for times in (1, 10, 100):
        long, short = bills(whole * times, kind, 3 * piece)
        fixed = build + cost("hosted-embedding", whole * times)
        bill_rows.append([kind, 82 * times,
                          *(f"{v:,.0f}" for items in (1_000, 1_000_000)
                            for v in (items * long, fixed + items * short)),
                          break_even(fixed, short, 0, long)])
table(bill_rows, ["read by", "pages", "1,000 questions, all pages: USD",
             "1,000, with search", "1,000,000, all pages",
            "1,000,000, with search",
             "search pays from (questions)"])

# %% [markdown]
# For this handbook and a small hosted model, search pays from 754,000 questions on: at ten
# questions a day that is two hundred years. **Paste the handbook, if the model reads it well.**
# With a large model it pays from 38,000 on. With a hundred times as many pages (if anything can
# hold them), from a few hundred or thousand. The number of pages and the price of a token decide,
# and both are in the table before anybody builds anything. Prices are those of `data/prices.toml`;
# a provider that discounts a repeated beginning of a prompt moves the point further out.
#
# Money is not all of it. A citation, a threshold and an index that follows revisions came with the
# search, and a model that reads 82 pages at once has to find the line itself; how well, we could
# not measure here.

# %% [markdown]
# ## Your bets

# %%
truth = {"closed": reader["test"]["closed book"]["rate"],
         "found": rates["test"][CHOSEN][1],
         "oracle": reader["test"]["oracle page"]["rate"],
         "best": shown_right[1]}
table([[bet, f"{guess[bet]:.2f}", f"{truth[bet]:.2f}"] for bet in truth],
      ["bet", "yours", "measured"])

# %% [markdown]
# Closed book nothing is right, since every fact of this airline is new. The search has the right
# page among three for .90 of the questions; the model, given the right page, answers .29. (The last
# bet is measured on two sentences: the answer is in what is shown.) Which of your four was furthest
# off, and what would you have spent money on?

# %% [markdown]
# ## You can now
#
# - **search** by words and by meaning with 40 lines of your own, fuse rankings, and say when a
#   vector database would be worth it;
# - **measure** search and reader apart, so that you repair the half that fails;
# - **prove** an answer by its page, and keep a model from inventing by letting it copy;
# - **stay silent and stay fresh**: a threshold chosen on development questions, and an index that
#   drops what was revised.
#
# In five lines: RAG is a search and a reader; measure each alone, or you repair the wrong half.
# Words find names, meaning finds paraphrases, and whether fusing them helps is to be measured, on
# more than 54 questions. A small reader loses most of what the search found; the handbook's own
# sentences lose less, and a longer piece holds the answer more easily, so count its words. A
# citation is checked by code, against the document in force; silence is a threshold, with an error
# of its own. Whether to search at all is arithmetic: pages, questions, the price of a token.
#
# New words: [retrieval-augmented generation](../glossary.md#retrieval-augmented-generation),
# [chunk](../glossary.md#chunk), [BM25](../glossary.md#bm25),
# [stemming](../glossary.md#stemming), [hybrid search](../glossary.md#hybrid-search),
# [reciprocal-rank fusion](../glossary.md#reciprocal-rank-fusion),
# [recall@k](../glossary.md#recall-at-k), [MRR](../glossary.md#mrr),
# [oracle passage](../glossary.md#oracle-passage), [AUC](../glossary.md#auc).

# %% [markdown]
# ## Lab, not graded: how long should a piece be?
#
# The whole handbook as one text, cut by your rule at several sizes, with and without an overlap of
# a quarter. For each development question the best pieces are taken until 240 words are full.
# Does the answer stand in them? (Shipped.)

# %%
sizes = shipped("10_rag/chunks")
print("a page of the handbook, words:",
      f"{mean_words([p.text for p in pages]):.1f}")
table([[name, row["chunks"], f"{row['words']:.2f}", f"{row['meaning']:.2f}"]
       for name, row in sizes.items()],
      ["pieces of", "pieces", "by words", "by meaning"])

# %% [markdown]
# By meaning, pieces of 60 words are best (.85) and pieces of 240 worst (.44): the mean over three
# pages blurs, and with one piece there is no second chance. By words the size matters less.
# Overlap, which is often recommended, bought .02 by words and cost .04 by meaning at 60 words (one
# and two questions of 54), and cost both at 120: nothing, here. The handbook's own pages have 84 words on average, cut by
# somebody who knew where a topic ends.
#
# ## Lab, not graded: questions that need two pages
#
# "How many feathers let me use the lounge free?" One page says that Black members enter free,
# another what makes a Black member. Recall counts both pages:

# %%
pair_rows = {**ranked["two pages"], **fused["two pages"]}
both = result("find-rates", lambda: {
    kind: [float(find_rates(rows, right_rows["two pages"], k)[0])
           for k in (1, 2, 3, 5, 10)] for kind, rows in pair_rows.items()},
    "both.json")
table([[kind, *(f"{v:.2f}" for v in row)] for kind, row in both.items()],
      ["14 test questions", *(f"recall@{k}" for k in (1, 2, 3, 5, 10))])

# %% [markdown]
# With two right pages, recall@1 can be at most .50, and the best here has .46. Stemmed words do
# best among the first three (.86), on 14 questions. A second search, with the words
# of the first page found, is what an agent does (lesson 12).
#
# <details><summary>Three more measurements</summary>
#
# - Search the 20 unanswerable test questions and read the best sentences. Which would you have
#   believed?
# - `shipped("10_rag/by_sentence")["test"]["best sentence"]["said"]` has every answer of the model:
#   sort the wrong ones into *invented*, *wrong sentence found*, *right sentence, misread*.
# - Take the titles away: `embed([page.text for page in pages])`. What happens to recall?
# </details>

# %% [markdown]
# ## Lab, not graded: three more looks
#
# **How many questions have a right page among the first k?** This is the *hit rate*: one right
# page is enough. (Recall@k in the tables is the share of all right pages; where every question has
# one page, as at Tern Air, the two are the same.)

# %%
def curve(rows, right):
    """Share of questions with a right item among the first 1 to 10."""
    return [np.mean([bool(set(r[:k]) & t) for r, t in zip(rows, right)])
            for k in range(1, 11)]


fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), sharey=True)
for ax, name, title in zip(axes, ("test", "docs test"), (
        "Tern Air, 115 questions", "scikit-learn, 20 questions")):
    for kind in ("stemmed words", "meaning", "fused: words, meaning"):
        rows = {**ranked[name], **{**fused, **docs_fused}[name]}[kind]
        ax.plot(range(1, 11), curve(rows, right_rows[name]), label=kind)
    ax.set(title=title, xlabel="among the first", xticks=[1, 3, 5, 10])
axes[0].set(ylabel="share of questions", ylim=(0.1, 1.02))
axes[0].legend(loc="lower right")
show(fig, alt="On 115 test questions about Tern Air, meaning finds the "
     "right page among the first three .90 of the time, stemmed words .81, "
     "their fusion .89; on 20 questions about scikit-learn all three lie "
     "between .70 and .75 at three; from four on fusion is ahead or level.")

# %% [markdown]
# **A race on your machine**: ten nearest of 1,000 and of 10,000 random vectors, scikit-learn's
# `NearestNeighbors` beside our matrix product.

# %% demo
import time
from sklearn.neighbors import NearestNeighbors


def milliseconds(call, times=10):
    best = 9.0
    for _ in range(times):
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return 1000 * best


raced = []
for n in (1_000, 10_000):
    store = np.random.default_rng(0).standard_normal((n, 384), np.float32)
    store /= np.linalg.norm(store, axis=1, keepdims=True)
    nearest = NearestNeighbors(n_neighbors=10, metric="cosine",
                               algorithm="brute").fit(store)
    q = store[7] + store[8]
    hand = np.argsort(-(store @ q))[:10]
    same = (nearest.kneighbors(q[None])[1][0] == hand).all()
    raced.append([n, bool(same),
                  milliseconds(lambda: np.argsort(-(store @ q))[:10]),
                  milliseconds(lambda: nearest.kneighbors(q[None]))])
raced = stored("raced.json", raced)

# %%
table(stored("raced.json"), ["vectors", "same ten", "ms, one matrix product",
                             "ms, NearestNeighbors"])

# %% [markdown]
# Both find the same ten.
#
# **Whose silence is harder?** Questions without an answer whose topic has a page, beside those
# whose topic has none:

# %%
silent = [q for split in ("dev", "test")
          for q in questions(split, "unanswerable")]
lone_scores = sureness([q.question for q in silent])["best sentence"]
topic = np.array([bool(q.near) for q in silent])
sure_ones = np.concatenate([dev_sure["best sentence"][dev_has],
                            test_sure["best sentence"][test_has]])
parts = {"their topic has a page": lone_scores[topic],
         "their topic has none": lone_scores[~topic]}
table([[name, len(part), f"{np.mean(sure_ones[:, None] > part):.2f}"]
       for name, part in parts.items()],
      ["questions without an answer", "n", "AUC"])

# %% [markdown]
# AUC .74 against .80, and the second on six questions only: too few to say.

# %% [markdown]
# ## Stretch, not graded: `better_search`
#
# Four kinds of search and two fusions stand in the table; the best on the test was not the one
# that development chose. Write `better_search(question)`: the rows of pages, best first. Choose
# on `asked["dev"]`, print the test once. You may use `shelf`, `bm25`, `fuse`, `embed`, other values
# of `k` and weights. The cell below is our setting and has 0.963 for recall@3 on development
# questions: beat that.

# %%
def better_search(question):
    return fuse([r[:20] for r in shelf.rankings(question)])


try:
    dev_ranks = [better_search(q) for q in asked["dev"]]
    print("recall@3, MRR:", *(f"{v:.3f}" for v in find_rates(
        dev_ranks, right_rows["dev"], 3)))
except (NotImplementedError, TypeError):
    print("solve `fuse` and `find-rates` first")

# %% [markdown]
# ## Further reading
#
# - Patrick Lewis and others: *Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks*,
#   2020. Where the name comes from.
# - Stephen Robertson and Hugo Zaragoza: *The Probabilistic Relevance Framework: BM25 and Beyond*,
#   2009. Why the formula looks as it does.
# - Gordon Cormack, Charles Clarke and Stefan Büttcher: *Reciprocal Rank Fusion Outperforms
#   Condorcet and Individual Rank Learning Methods*, 2009. Two pages, and the 60.
# - Nelson Liu and others: *Lost in the Middle: How Language Models Use Long Contexts*, 2023. Order
#   matters to large models, too.
# - Nandan Thakur and others: *BEIR*, 2021. BM25 against embeddings on 18 data sets.
# - Pranav Rajpurkar, Robin Jia and Percy Liang: *Know What You Don't Know*, 2018. Questions whose
#   topic is there and whose answer is not.

# %% [markdown]
# ## Progress
#
# Your points so far stand on [START HERE](../START_HERE.ipynb); `python -m course.grade 10`
# counts them with the hidden tests. Next: lesson 11, *Fine-tuning*: what changes when the model
# itself is trained.
