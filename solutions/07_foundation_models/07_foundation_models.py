# %% [markdown]
# # 07 · Foundation models: zero labels against thousands
#
# *You can put a general model beside your own, say in labels and dollars what it is worth, and
# name what it does not see.*

# %% [markdown] card
# {card}

# %% [markdown]
# ## You will be able to
#
# - **start** without a label: classify with sentences that you write (`zero-labels`);
# - **compare** two models on the same rows: join them, give the worth of one in labels of the
#   other, and say whether a lead is real (`two-heads`, `exchange-rate`, `paired-lead`);
# - **ask** a language model: score whole answers, build a prompt with examples, and report how
#   far the answer depends on them (`label-score`, `shots`);
# - **doubt and decide**: find what a general model does not see, and say in dollars which model
#   to deploy (`missing-test`, `choose`).

# %% [markdown]
# ## The question
#
# In lesson 01 you trained a film classifier on 7,793 labels, $389.65 at five cents a click. It
# was right .815 of the time. The shop took a copy, and on its products the copy was right .60 of
# the time, where a constant answer is right .59 of the time. *One model per task*, you told
# them, *and labels again for each*.
#
# Now somebody in the shop has downloaded a file of 90 MB. Others trained it on more than a
# billion pairs of sentences from the web (its card says so). Nobody ever told it what a good
# review is. "Take this," they say. "No labels needed."
#
# **How good is it with zero labels? How many labels must you buy before your own model is as
# good? And who wins in the end?**
#
# The tools: numpy, scipy, scikit-learn and matplotlib are installed; pandas is not. Two course
# functions stand in many cells: `result(...)` uses *your* function once its check is solved and
# the course's stored value until then; `stored(...)` keeps what a long cell made, for the cells
# after it.

# %% locked="setup"
import numpy as np
from course import cost, embedder, lesson, llm, sentiment, shipped
from course import show, style, table
from grader import check, result, stored

style()
lesson("07_foundation_models")

# %% [markdown]
# Bet first. These are the numbers of somebody who does not trust the file. Write yours over
# them. They are never graded; you meet them again at the end.

# %%
guess = {
    "zero": 0.55,    # <- its accuracy on film sentences, no label used
    "worth": 50,     # <- labels that your own model needs to be as good
    "end": -0.05,    # <- its lead with all labels in both, − if it trails
}

# %% [markdown]
# ## A model that others trained
#
# A [foundation model](../glossary.md#foundation-model) is trained once, on very much general
# data, and then used for tasks that nobody had in mind. This course ships two small ones. The
# first is an [embedder](../glossary.md#embedding): it reads a text and returns 384 numbers, a
# point in a space in which texts of like meaning lie close together. *Close* is measured by the
# [cosine](../glossary.md#cosine): 1 for the same direction, 0 for unrelated ones. All vectors
# here have length 1, so the cosine is the sum of the products, `a @ b`.
#
# The sentences, their labels and the split are those of lesson 01, row by row, so that every
# number here can stand beside a number there. Their vectors come with the course.

# %% locked="data"
data = {name: sentiment(name) for name in ("film", "product", "tweet", "news")}
film = data["film"]
y, test = film.y, film.test
embedder()  # reads the model once, some seconds; later calls give the same one
print(f"{(~test).sum():,} film sentences to train on, {test.sum():,} to test, "
      f"{film.vectors.shape[1]} numbers each")

# %% [markdown]
# Five sentences, ours, and two that say what we look for:

# %%
five = ["A warm and funny film.", "I laughed all evening.", "A dull mess.",
        "Two hours of boredom.", "This camera is great."]
two = ["This movie is great.", "This movie is terrible."]

# %% demo
near = embedder().encode(five) @ embedder().encode(two).T
table([[text, f"{a:.2f}", f"{b:.2f}", f"{a - b:+.2f}"]
       for text, (a, b) in zip(five, near)],
      ["sentence", "near “great”", "near “terrible”", "difference"])

# %% [markdown]
# The last column has the right sign four times of five, and no label was used. (*Boredom* comes
# out as praise. Keep your own examples even when they fail.) Why the difference, and not just
# the first column? Break it: how close are the two opposites to *each other*?

# %% demo
great, terrible, camera = embedder().encode([*two, "This camera is great."])
print(f"great movie, terrible movie {great @ terrible:.2f}"
      f" · great movie, great camera {great @ camera:.2f}")

# %% [markdown]
# The opposites are closer than the two praises: in this space the *topic* weighs more than the
# mood. A cosine to "great" alone mostly asks *is this about a movie?* The difference of two
# cosines removes what both share, and the mood is left.

# %% [markdown] contract="zero-labels" difficulty=2 minutes=6
# ## Exercise `zero-labels`
#
# *Difficulty 2 of 5 · about 6 minutes · 2 points*
#
# Write `zero_label(vectors, good, bad)`: a classifier that never saw a label.
#
# | | |
# |---|---|
# | `vectors` | an array (n, d), one unit row a sentence |
# | `good`, `bad` | arrays of one or more unit rows: prompt sentences that are clearly good, clearly bad; perhaps not equally many |
# | returns | an array or list of n answers: `1` where the *mean* cosine to the good prompts is above the mean cosine to the bad ones, else `0` |
#
# Example: with `good = [[1, 0]]` and `bad = [[0, 1]]`, the rows `[[1, 0], [0, 1]]` give `[1,
# 0]`.
#
# The check uses small vectors that you can draw, and film sentences with prompts of its own, for
# which it asks an accuracy of .67. It does not prove that your prompts are good ones.

# %% exercise="zero-labels"
def zero_label(vectors, good, bad):
    """1 for each row that is closer to the good prompts on average, else 0."""
    ### BEGIN SOLUTION
    to_good = (vectors @ np.asarray(good).T).mean(axis=1)
    to_bad = (vectors @ np.asarray(bad).T).mean(axis=1)
    return (to_good > to_bad).astype(int)
    ### END SOLUTION

# %% check="zero-labels" points=2
with check("zero-labels"):
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6], [0.5, 0.866]])
    got = zero_label(rows, np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    assert got is not None and len(got) == 4, (
        f"give one answer for each of the 4 rows; you gave {got}")
    assert [int(v) for v in got] == [1, 0, 1, 0], (
        "with one prompt at the right and one above, the rows to the right "
        f"are good: 1, 0, 1, 0; you gave {list(got)}")
    many, single = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[0.0, 1.0]])
    got = [int(v) for v in zero_label(rows, many, single)]
    assert got == [1, 0, 1, 0], (
        "with two good prompts against one bad, take the *mean* of the two "
        f"cosines: 1, 0, 1, 0; you gave {got}")
    ### BEGIN HIDDEN TESTS
    rng = np.random.default_rng(4)
    def unit(n):
        v = rng.normal(size=(n, 5))
        return v / np.linalg.norm(v, axis=1, keepdims=True)
    for n_good, n_bad in ((1, 6), (6, 1), (3, 2)):
        v, g, b = unit(60), unit(n_good), unit(n_bad)
        want = ((v @ g.T).mean(1) > (v @ b.T).mean(1)).astype(int)
        got = np.array([int(x) for x in zero_label(v, g, b)])
        assert (got == want).all(), (
            f"with {n_good} good and {n_bad} bad prompts {(got != want).sum()}"
            " of 60 answers differ: compare the mean of the cosines, not "
            "their sum, not the nearest prompt, not a mean brought back to "
            "length 1, and set the border at equal, not in the middle of the "
            "batch")
    got = [int(v) for v in zero_label(rows, single, single.copy())]
    assert got == [0, 0, 0, 0], (
        "with equal means nothing is above: the answer is 0 for all; you "
        f"gave {got}")
    one = zero_label(unit(1), unit(2), unit(2))
    assert len(one) == 1, "one row gives one answer, in a list or an array"
    prompts = embedder().encode(["The film is a joy.", "A fine movie.",
                                 "The film is a pain.", "A poor movie."])
    truth = [int(v) for v in film.y[film.test]]
    got = zero_label(film.vectors[film.test], prompts[:2], prompts[2:])
    score = np.mean([int(a) == b for a, b in zip(got, truth)])
    assert score >= 0.67, (
        f"on film sentences your classifier is right {score:.2f} of the time: "
        "is 1 good and 0 bad?")
    ### END HIDDEN TESTS

# %% [markdown] hints="zero-labels"
# <details><summary>Hint 1: the idea</summary>
#
# Each sentence has a cosine to each prompt: a table with a row a sentence and a column a prompt.
# Average over the columns, once for each side, and compare.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `vectors @ good.T` is that table; `.mean(axis=1)` averages each row of it.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `((vectors @ good.T).mean(axis=1) > ...).astype(int)`, and the same with `bad` on the right.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `ValueError: matmul: Input operand 1 has a mismatch`: the prompts lie in rows, so turn them
#   round with `.T`.
# - All answers are equal: you averaged over `axis=0`, that is, over the sentences.
# </details>

# %% [markdown]
# Now eight prompts. They were written once, before anything was measured with them, and not
# changed since.

# %% locked="prompts"
GOOD = ["This movie is great.", "A wonderful film, I loved it.",
        "The acting is excellent and the story is moving.",
        "One of the best films of the year."]
BAD = ["This movie is terrible.", "An awful film, I hated it.",
       "The acting is poor and the story is dull.",
       "One of the worst films of the year."]
good, bad = embedder().encode(GOOD), embedder().encode(BAD)

# %%
def majority(labels):
    """Accuracy of always giving the most frequent of the labels 0 and 1."""
    return max(np.mean(labels), 1 - np.mean(labels))


zero = result("zero-labels", lambda: {
    name: np.array([int(v) for v in zero_label(d.vectors, good, bad)])
    for name, d in data.items()}, "zero.npz")
zero_score = np.mean(zero["film"][test] == y[test])
print(f"zero labels: {zero_score:.3f} on film, baseline "
      f"{majority(y[test]):.3f}")

# %% [markdown]
# .708 of the 2,250 test sentences, with eight sentences of yours and no label. In lesson 01
# naive Bayes needed somewhere between 300 and 1,000 labels for that.
#
# Does it depend on the wording? Of course. Other prompts, the same test:

# %% demo
pairs = [("good", "bad"), ("I loved it.", "I hated it."), ("happy", "sad"),
         ("positive", "negative"), ("This is great.", "This is terrible."),
         ("This movie is good.", "This movie is not good."),
         ("This review is positive.", "This review is negative."),
         ("This movie is great.", "This movie is terrible."),
         ("A good film.", "A bad film.")]


def accuracy_of(goods, bads):
    d = (embedder().encode(goods).mean(0) - embedder().encode(bads).mean(0))
    return np.mean((film.vectors[test] @ d > 0) == y[test])


table([[f"{g} / {b}", f"{accuracy_of([g], [b]):.3f}"] for g, b in pairs]
      + [["all eight sentences", f"{zero_score:.3f}"],
         ["the nine pairs above together",
          f"{accuracy_of(*map(list, zip(*pairs))):.3f}"]],
      ["prompts", "film accuracy"])

# %% [markdown]
# From .575 to .690 by wording alone. A whole sentence is mostly safer than a word, and several
# sentences together are safer than one: you need not know which is good. And a rule for you.
# Whoever tries nine pairs and reports the best one has chosen **with test labels**, as your
# colleague did with her words in lesson 01. The eight sentences stay as they are.

# %% [markdown]
# ## Buy labels: three ways to use them
#
# Zero labels gave .708. Now buy some. The traditional way is lesson 01's: count words, then
# naive Bayes. The general way keeps the embedder as it is, *frozen*, and fits only a logistic
# regression on its 384 numbers: a [probe](../glossary.md#probe). Settings are those of lesson 01
# and the library's default, fixed beforehand and not tuned.

# %% locked="learners"
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from threadpoolctl import threadpool_limits

threadpool_limits(1, user_api="blas")   # short sums: two threads only wait
counts = CountVectorizer(ngram_range=(1, 2)).fit_transform(film.texts)


def draw(n, seed):
    """Row numbers of n training sentences, half good, half bad."""
    rng = np.random.default_rng(seed)
    return np.concatenate([
        rng.choice(np.flatnonzero(~test & (y == label)), n // 2, replace=False)
        for label in (0, 1)])


def p_words(rows):
    """P(good) of each test sentence: TF-IDF, naive Bayes, as in lesson 01."""
    seen = counts[rows].getnnz(axis=0) > 0      # terms of the drawn rows only
    scale = TfidfTransformer()
    bayes = MultinomialNB(alpha=0.5).fit(
        scale.fit_transform(counts[rows][:, seen]), y[rows])
    return bayes.predict_proba(scale.transform(counts[test][:, seen]))[:, 1]

# %% locked="probe"
def p_space(rows):
    """P(good) of each test sentence: a probe on the frozen embedding."""
    probe = LogisticRegression(max_iter=1000).fit(film.vectors[rows], y[rows])
    return probe.predict_proba(film.vectors[test])[:, 1]

# %%
thousand = draw(1000, seed=0)
by_words, by_space = p_words(thousand), p_space(thousand)
agree = (by_words > 0.5) == (by_space > 0.5)
everywhere = np.ones(len(agree), bool)
for name, v, part in (("words", by_words, everywhere),
                      ("embedding", by_space, everywhere),
                      ("where both agree", by_words, agree)):
    print(f"{np.mean((v > 0.5)[part] == y[test][part]):.3f} {name} "
          f"({part.sum():,} sentences)")

# %% [markdown]
# Two models, .712 and .750, which disagree on three of ten sentences. They err in *different
# places*: one knows which words raters liked, the other roughly what sentences mean. Where they
# agree they are mostly right. Where they disagree, let the surer one decide: average their
# probabilities.

# %% [markdown] contract="two-heads" difficulty=1 minutes=4
# ## Exercise `two-heads`
#
# *Difficulty 1 of 5 · about 4 minutes · 1 point*
#
# Write `two_heads(p, q, weight=0.5)`: one answer from two models.
#
# | | |
# |---|---|
# | `p`, `q` | arrays or lists of the two models' probabilities of good, equally long |
# | `weight` | how much of the average is `p`; the rest is `q` |
# | returns | an array or list of answers: `1` where the weighted average is above .5, else `0` |
#
# Example: `two_heads([0.9, 0.4], [0.3, 0.3])` is `[1, 0]`: the averages are .6 and .35.
#
# The check tries sure against unsure models and other weights. It does not prove that the
# average is better: the next section measures it.

# %% exercise="two-heads"
def two_heads(p, q, weight=0.5):
    """1 where the weighted average of the two is above .5, else 0."""
    ### BEGIN SOLUTION
    mean = weight * np.asarray(p) + (1 - weight) * np.asarray(q)
    return (mean > 0.5).astype(int)
    ### END SOLUTION

# %% check="two-heads" points=1
with check("two-heads"):
    got = two_heads([0.9, 0.4], [0.3, 0.3])
    assert got is not None and len(got) == 2, (
        f"give one answer for each pair of probabilities; you gave {got}")
    assert [int(v) for v in got] == [1, 0], (
        f"the averages are .6 and .35, so the answers are 1 and 0; you gave "
        f"{list(got)}")
    ### BEGIN HIDDEN TESTS
    cases = [([0.95], [0.40], 0.5, 1), ([0.55], [0.10], 0.5, 0),
             ([0.30], [0.75], 0.5, 1), ([0.9], [0.2], 0.25, 0),
             ([0.9], [0.2], 0.75, 1), ([0.2], [0.9], 0.25, 1),
             ([0.5], [0.5], 0.5, 0), ([0.1], [0.8], 1, 0),
             ([0.1], [0.8], 0, 1)]
    for one, other, w, want in cases:
        got = [int(v) for v in two_heads(np.array(one), np.array(other), w)]
        assert got == [want], (
            f"{one[0]} and {other[0]} with weight {w} average to "
            f"{w * one[0] + (1 - w) * other[0]:.3f}; you gave {got}: average "
            "the probabilities first and compare with .5 last")
    rng = np.random.default_rng(2)
    one, other = rng.random(500), rng.random(500)
    before = one.copy()
    got = np.array([int(v) for v in two_heads(one, other, 0.3)])
    want = (0.3 * one + 0.7 * other > 0.5).astype(int)
    assert (got == want).all(), (
        f"of 500 pairs with weight 0.3, {(got != want).sum()} answers differ")
    assert (one == before).all(), "two_heads changed the array it was given"
    ### END HIDDEN TESTS

# %% [markdown] hints="two-heads"
# <details><summary>Hint 1: the idea</summary>
#
# A sure .95 must be able to overrule an unsure .40. Rounded to 1 and 0 they would be equally
# loud.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `np.asarray(p)` makes an array of a list; arrays are weighted and added element by element.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `weight * p + (1 - weight) * q`, compared with 0.5, and `.astype(int)`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `TypeError: can't multiply sequence by non-int of type 'float'`: the inputs are lists; make
#   arrays first.
# </details>

# %%
heads = result("two-heads", lambda: np.array(
    [int(v) for v in two_heads(by_words, by_space)]), "heads.npy")
print(f"1,000 labels: {np.mean((by_words > 0.5) == y[test]):.3f} words · "
      f"{np.mean((by_space > 0.5) == y[test]):.3f} embedding · "
      f"{np.mean(heads == y[test]):.3f} both")

# %% [markdown]
# ## The core experiment: from zero labels to 7,793
#
# One thing varies: the number of labels. Three learners share each draw, 20 draws a size, the
# same seeds as in lesson 01. The demo cell trains 400 models in a few seconds.

# %% demo
curve = []
for n in (10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 5000, None):
    scores = []
    for seed in range(20 if n else 1):
        rows = draw(n, seed) if n else np.flatnonzero(~test)
        p, q = p_words(rows), p_space(rows)
        scores.append([np.mean((v > 0.5) == y[test])
                       for v in (p, q, (p + q) / 2)])
    curve.append([len(rows), np.transpose(scores).tolist()])
curve = stored("curve.json", curve)

# %%
from scipy.stats import t as t_distribution

curve = stored("curve.json")
NAMES = ["words, naive Bayes", "embedding, probe", "average of both"]


def half(values):
    """Half the width of the 95 % interval of a mean over several draws."""
    student = t_distribution.ppf(0.975, len(values) - 1)
    return student * np.std(values, ddof=1) / len(values) ** 0.5


def pm(values):
    mean = f"{np.mean(values):.3f}"
    return f"{mean} ± {half(values):.3f}" if len(values) > 1 else mean


table([["0", "0.00", "", f"{zero_score:.3f} (prompts)", ""]]
      + [[f"{n:,}", f"{cost('label', n):,.2f}", *map(pm, three)]
         for n, three in curve], ["labels", "USD", *NAMES])

# %%
pairwise = []
for n, three in curve[5:-1]:
    words, space, mean = map(np.array, three)
    pairwise.append([f"{n:,}", f"{np.mean(space - words):+.3f} ± "
                     f"{half(space - words):.3f}",
                     f"{np.sum(mean > np.maximum(words, space))} of 20"])
table(pairwise, ["labels", "embedding − words, same draws",
                 "draws in which the average beats both"])

# %%
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6.8, 4.2))
sizes = [n for n, _ in curve]
means = np.array([[np.mean(v) for v in three] for _, three in curve]).T
for k, name in enumerate(NAMES):
    bars = [half(t[k]) if len(t[k]) > 1 else 0 for _, t in curve]
    ax.errorbar(sizes, means[k], yerr=bars, capsize=3, label=name)
ax.plot([4], [zero_score], marker="*", markersize=15, linestyle="",
        color="#8c1d40", label="eight prompts, zero labels")
ax.axhline(zero_score, color="#8c1d40", linestyle=":", marker="", lw=1)
ax.axhline(majority(y[test]), color="#5f5f5f", linestyle="--", marker="",
           lw=1, label="always the same answer")
ax.set(xscale="log", xlabel="labels (each $0.05)", ylabel="test accuracy",
       xticks=[4, 10, 100, 1000, 7793], ylim=(0.49, 0.92),
       xticklabels=["0", "10", "100", "1,000", "7,793"])
ax.minorticks_off()
ax.legend(loc="upper left", fontsize=9)
show(fig, alt="With zero labels the prompts reach .71, as much as 140 labels "
     "give the embedding and 850 give naive Bayes. The embedding leads up to "
     "2,000 labels, at 3,000 both are equal, from then on naive Bayes leads; "
     "from 500 on the average of both beats either.")

# %% [markdown]
# Read it from left to right.
#
# - **Zero labels** give .708. The same embedding with 100 labels is *not better* than your eight
#   sentences: a probe must first find the direction to which the sentences point.
# - **Up to 2,000 labels** the embedding leads, by ten points at 50 to 200 labels.
# - **At 3,000 labels the lines cross**: the difference is zero within its interval. At 5,000
#   naive Bayes leads, and with all 7,793 it is at .815 against .788. Whoever counts words goes
#   on learning new ones; 384 frozen numbers hold what somebody else's training put there.
# - **The average** beats both from 500 labels on, in nearly every draw, and ends at .830. It needs
#   *some* skill in both: from 10 to 100 labels it spoils the better one, and at 200 it does not
#   help it.
#
# So never say "foundation models win". Say *at how many labels, and where*.

# %% [markdown]
# ## What is it worth?
#
# A manager does not buy accuracy points. Turn the picture on its side: for the accuracy that one
# model has, how many labels does the *other* need? That is an exchange rate, and it has a price.

# %% [markdown] contract="exchange-rate" difficulty=3 minutes=10
# ## Exercise `exchange-rate`
#
# *Difficulty 3 of 5 · about 10 minutes · 3 points*
#
# Write `labels_for(target, sizes, scores)`: how many labels a learning curve needs for an
# accuracy.
#
# | | |
# |---|---|
# | `target` | an accuracy |
# | `sizes` | increasing numbers of labels, a list or array |
# | `scores` | the accuracy at each size; it mostly rises, but may dip |
# | returns | a number of labels, or `None` when no row reaches the target |
#
# Take the *first* row that reaches the target (at least). If it is the first row of all, return
# its size. Otherwise go between it and the row before it on a straight line over the
# **logarithm** of the size, since the curve is nearly straight on that axis.
#
# Example: with sizes `[100, 1000]` and scores `[0.5, 0.7]`, the target `0.6` gives 316: half way
# in accuracy is half way on the axis, the square root of 100 × 1,000.
#
# The check allows one label in a hundred for rounding. It does not prove that the curve is
# straight between two rows.

# %% exercise="exchange-rate"
def labels_for(target, sizes, scores):
    """Labels for an accuracy, read off a curve over a log axis; or None."""
    ### BEGIN SOLUTION
    for k, score in enumerate(scores):
        if score < target:
            continue
        if k == 0:
            return float(sizes[0])
        part = (target - scores[k - 1]) / (score - scores[k - 1])
        low, high = np.log(sizes[k - 1]), np.log(sizes[k])
        return float(np.exp(low + part * (high - low)))
    return None
    ### END SOLUTION

# %% check="exchange-rate" points=3
with check("exchange-rate"):
    got = labels_for(0.6, [100, 1000], [0.5, 0.7])
    assert got is not None, (
        "labels_for(0.6, [100, 1000], [0.5, 0.7]) gave None: the second row "
        "reaches .6")
    assert abs(got - 550) > 30, (
        f"you gave {got:.0f}, half way on an ordinary axis: go half way on "
        "the logarithm")
    assert abs(got / 316.23 - 1) < 0.01, (
        f"half way in accuracy is half way on the log axis; you gave {got}")
    got = labels_for(0.8, [100, 1000], [0.5, 0.7])
    assert got is None, f"no row reaches .8, so the answer is None, not {got}"
    ### BEGIN HIDDEN TESTS
    sizes_, scores_ = [10, 40, 200, 800, 5000], [0.52, 0.60, 0.59, 0.70, 0.81]
    for target, want in ((0.50, 10), (0.52, 10), (0.56, 20), (0.60, 40),
                         (0.645, 400), (0.70, 800), (0.81, 5000),
                         (0.755, 2000)):
        got = labels_for(target, list(sizes_), list(scores_))
        assert got is not None, (
            f"a row reaches {target} in {scores_} and you gave None: *at "
            "least* the target is reached")
        assert abs(float(got) / want - 1) < 0.01, (
            f"for {target} in {scores_} over {sizes_} you gave "
            f"{float(got):.0f}: take the first row that reaches the target, "
            "and the row just before it")
    got = labels_for(0.82, sizes_, scores_)
    assert got is None, (
        f"no row reaches .82 and you gave {got}: return None, do not guess on")
    got = labels_for(0.645, np.array(sizes_), np.array(scores_))
    assert got is not None and abs(float(got) / 400 - 1) < 0.01, (
        f"arrays and lists must give the same; with arrays you gave {got}")
    got = labels_for(0.9, [50], [0.95])
    assert got is not None and abs(float(got) - 50) < 0.1, (
        f"a curve of one row that reaches the target gives 50, not {got}")
    ### END HIDDEN TESTS

# %% [markdown] hints="exchange-rate"
# <details><summary>Hint 1: the idea</summary>
#
# Walk along the rows until one is high enough. The answer lies between it and the row before:
# how far along, as a share of the step in accuracy?
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `part = (target - before) / (here - before)`; the same share of the step in `np.log(size)`;
# `np.exp` brings you back to labels.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `for k, score in enumerate(scores):` and inside `if score >= target:` either `return sizes[0]`
# (for `k == 0`) or `np.exp(log_before + part * (log_here - log_before))`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `np.interp` gives odd numbers: it needs scores that only rise, and real curves dip.
# - The answer for a target that is never reached is the last size: the loop ended and you
#   returned what was left over. Return `None` after it.
# </details>

# %%
def worth(score):
    """Labels that naive Bayes and the probe need for an accuracy."""
    found = [labels_for(score, sizes, means[k]) for k in (0, 1)]
    return [None if n is None else round(float(n)) for n in found]


rates = result("exchange-rate", lambda: [
    [n, float(s), *worth(float(s))]
    for n, s in [(0, zero_score), *zip(sizes, means[1])]], "rates.json")
table([[f"{n:,}", f"{s:.3f}", f"{words:,}", f"{words / n:.1f}" if n else "",
        ("-" if words < n else "") + f"{cost('label', abs(words - n)):,.2f}"]
       for n, s, words, _ in rates],
      ["labels, embedding", "accuracy", "labels, words, for the same",
       "times as many", "USD saved"])

# %%
seventy = result("exchange-rate", lambda: worth(0.7), "seventy.json")
print(f"the probe itself needs {rates[0][3]} labels for {zero_score:.3f}; "
      f"an accuracy of .700 takes {seventy[1]} labels with the embedding, "
      f"{seventy[0]} with words")

# %% [markdown]
# Your eight sentences are worth 851 labels of naive Bayes, $42.55, and 142 of the probe. One
# label on the embedding does the work of seven to ten, as long as you own a hundred or fewer.
# Then the rate falls: two at 1,000, one at 3,000, and half a label at the end. A foundation
# model is worth most to whoever owns least.

# %% [markdown]
# ## Next door
#
# Back to the shop. All models below have learned from the same 7,793 *film* labels, or from
# none, and meet texts from elsewhere. `words` comes twice: naive Bayes, and the logistic
# regression that stood beside it in lesson 01.

# %% locked="shift"
away = {name: np.ones(len(d), bool) for name, d in data.items()}
away["film"] = test                    # films: test rows; elsewhere: all rows
counter = CountVectorizer(ngram_range=(1, 2)).fit(film.texts[~test])
scale = TfidfTransformer().fit(counter.transform(film.texts[~test]))
learned = scale.transform(counter.transform(film.texts[~test]))
bayes = MultinomialNB(alpha=0.5).fit(learned, y[~test])
linear = LogisticRegression(C=10, max_iter=1000).fit(learned, y[~test])
head = LogisticRegression(max_iter=1000).fit(film.vectors[~test], y[~test])

# %%
right = {}                             # right[model][source]: True and False
for name, d in data.items():
    rows = scale.transform(counter.transform(d.texts[away[name]]))
    vectors, truth = d.vectors[away[name]], d.y[away[name]]
    p, q = bayes.predict_proba(rows)[:, 1], head.predict_proba(vectors)[:, 1]
    for model, answer in (("words, Bayes", p > 0.5),
                          ("words, linear", linear.predict(rows)),
                          ("embedding", q > 0.5),
                          ("average", (p + q) / 2 > 0.5),
                          ("zero labels", zero[name][away[name]])):
        right.setdefault(model, {})[name] = answer == truth

# %%
table([[name, f"{away[name].sum():,}",
        f"{majority(d.y[away[name]]):.3f}",
        *(f"{np.mean(by[name]):.3f}" for by in right.values())]
       for name, d in data.items()],
      ["texts", "sentences", "constant answer", *right])

# %%
def balanced(hit, labels):
    """Mean of the share right among the good and among the bad."""
    return np.mean([np.mean(hit[labels == c]) for c in (0, 1)])


def says_good(hit, labels):
    """Share answered good, from what was right."""
    return np.mean(np.where(hit, labels, 1 - labels))


table([[name, f"{d.y[away[name]].mean():.3f}",
        f"{says_good(right['embedding'][name], d.y[away[name]]):.3f}",
        *(f"{balanced(right[m][name], d.y[away[name]]):.3f}"
          for m in ("words, Bayes", "embedding", "zero labels"))]
       for name, d in data.items()],
      ["both classes weigh the same", "share good", "embedding says good",
       "words, Bayes", "embedding", "zero labels"])

# %%
fig, ax = plt.subplots(figsize=(6.8, 3.4))
places = np.arange(4)[::-1]
for model, marker, fill, size in (
        ("words, Bayes", "o", "full", 8), ("embedding", "s", "full", 8),
        ("zero labels", "*", "none", 15)):
    ax.plot([np.mean(right[model][name]) for name in data], places,
            linestyle="", marker=marker, markersize=size, fillstyle=fill,
            label=model)
ax.plot([majority(d.y[away[name]]) for name, d in data.items()], places,
        linestyle="", marker="|", markersize=22, color="#5f5f5f",
        label="constant answer")
ax.set(xlim=(0.48, 0.87), ylim=(-0.5, 3.5), yticks=places,
       yticklabels=list(data), xlabel="accuracy after 7,793 film labels")
fig.legend(loc="outside upper center", ncols=4, fontsize=9)
show(fig, alt="On films the word model leads with .82 against .79 for the "
     "embedding; on products, tweets and news it falls to about .61, near a "
     "constant answer, while the embedding keeps .76 to .78 and the prompts "
     "without labels reach .71 to .83.")

# %% [markdown]
# The order turns round. At home the word model led by three points. Next door it falls to the
# constant answer, on tweets below it. (With both classes weighing the same, in the second table, it
# keeps .60 to .68 where a constant answer has .50: it has lost much, not all.) The embedding, with the same film labels, loses one to three
# points. And look at the last column of the first table: on tweets and on news the eight *film*
# sentences, without one label, beat everything that film labels taught. One possible reason:
# training on films also taught what is true of films only. The share of good ones is another:
# tweets are .68 good, and the probe says good to .52 of them. With both classes weighing the same
# (second table) the lead of the eight sentences shrinks on tweets, from .047 to .014, and grows on
# news.
#
# Is a lead of two points on news real? Both models met the *same* sentences, so their luck is
# shared: an easy sentence is easy for both. Compare them sentence by sentence.

# %% [markdown] contract="paired-lead" difficulty=3 minutes=8
# ## Exercise `paired-lead`
#
# *Difficulty 3 of 5 · about 8 minutes · 3 points*
#
# Write `lead(a, b, draws=1000, seed=0)`: how far model `a` is ahead of model `b`, with the
# interval of a *paired* [bootstrap](../glossary.md#bootstrap).
#
# | | |
# |---|---|
# | `a`, `b` | lists or arrays of 0 and 1 (or False and True): was each model right on sentence 0, 1, 2 ...? equally long, the same sentences |
# | `draws`, `seed` | how many new samples; the same seed gives the same interval |
# | returns | `(difference, low, high)`: accuracy of `a` less that of `b`, and the 2.5 % and 97.5 % points of that difference over the samples |
#
# In each sample draw sentences with replacement, as many as there are, and take **the same drawn
# sentences for both models**.
#
# Example: `lead([1, 1, 0, 0], [1, 1, 0, 0])` is `(0, 0, 0)`: the same answers leave no doubt.
#
# The check compares widths within 12 %. It does not prove that other sentences would be like
# these.

# %% exercise="paired-lead"
def lead(a, b, draws=1000, seed=0):
    """(difference, low, high): how far a is ahead of b, paired bootstrap."""
    ### BEGIN SOLUTION
    step = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    rng = np.random.default_rng(seed)
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(step.mean()), float(low), float(high)
    ### END SOLUTION

# %% check="paired-lead" points=3
with check("paired-lead"):
    got = lead([1, 1, 0, 0], [1, 1, 0, 0])
    assert hasattr(got, "__len__") and len(got) == 3, (
        f"return three numbers (difference, low, high), not {got}")
    assert max(abs(float(v)) for v in got) < 1e-9, (
        "two models that are right on the same sentences: the difference is 0 "
        f"in every sample; you gave {tuple(got)}: both models need the same "
        "drawn sentences")
    got = [float(v) for v in lead([1] * 60 + [0] * 40, [1] * 40 + [0] * 60)]
    assert abs(got[0] - 0.2) < 1e-9, (
        f"60 right against 40 right of 100 is a lead of .2; you gave {got[0]}")
    assert got[1] < got[0] < got[2], (
        f"low {got[1]:.2f}, difference {got[0]:.2f}, high {got[2]:.2f}: the "
        "difference lies between")
    ### BEGIN HIDDEN TESTS
    rng = np.random.default_rng(6)
    for share in (0.05, 0.2):
        one = (rng.random(1200) < 0.75).astype(int)
        flip = rng.random(1200) < share
        other = np.where(flip, 1 - one, one)
        step = one - other
        want = 2 * 1.96 * step.std() / 1200 ** 0.5
        got = [float(v) for v in lead(one, other, draws=1500, seed=3)]
        assert abs(got[0] - step.mean()) < 1e-9, (
            f"the difference of the accuracies is {step.mean():.4f}, you gave "
            f"{got[0]:.4f}")
        assert abs((got[2] - got[1]) / want - 1) < 0.12, (
            f"two models that differ on {share:.0%} of 1,200 sentences: your "
            f"interval is {got[2] - got[1]:.4f} wide instead of about "
            f"{want:.4f}; draw the sentences once for both, as many as there "
            "are, and cut off 2.5 % at each end")
        again = [[float(v) for v in lead(one, other, 200, 3)]
                 for _ in range(2)]
        assert again[0] == again[1], (
            "the same seed gave two intervals: make the generator from `seed`")
        back = [float(v) for v in lead(list(other), list(one), 300, 3)]
        assert abs(back[0] + got[0]) < 1e-9, (
            "with the models exchanged, the lead must change its sign")
    seeds = {tuple(map(float, lead(one, other, 100, s))) for s in range(5)}
    assert len(seeds) > 1, "five seeds gave the same interval: use `seed`"
    got = [float(v) for v in lead(one == 1, other == 1, 300)]
    assert abs(got[0] - step.mean()) < 1e-9, (
        "False and True count as 0 and 1: turn them into numbers before you "
        "subtract")
    ### END HIDDEN TESTS

# %% [markdown] hints="paired-lead"
# <details><summary>Hint 1: the idea</summary>
#
# On each sentence, `a` is ahead (1), behind (-1) or level (0). The lead is the mean of those
# numbers. Resample *them*.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `step = np.asarray(a, float) - np.asarray(b, float)`; `rng.choice(step, len(step))` draws
# sentences with replacement; `np.percentile(means, [2.5, 97.5])`.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# A list of `draws` means of `rng.choice(step, len(step))`, its two percentiles, and
# `step.mean()` before them. One generator, outside the loop.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `TypeError: numpy boolean subtract`: True and False cannot be subtracted; `float` first.
# - The interval is too wide: you drew for `a` and for `b` separately, so a lucky draw of one is
#   not shared by the other.
# </details>

# %%
versus = [("embedding", "words, Bayes"), ("embedding", "words, linear"),
          ("zero labels", "embedding"), ("average", "embedding")]
leads = result("paired-lead", lambda: [
    [a, b, *(list(map(float, lead(right[a][name], right[b][name])))
             for name in data)] for a, b in versus], "leads.json")
table([[f"{a} − {b}", *(f"{d:+.3f} ({low:+.3f} to {high:+.3f})"
                        for d, low, high in by)] for a, b, *by in leads],
      ["lead", *data])

# %% [markdown]
# An interval that does not hold 0 is a lead that the luck of these sentences does not explain.
# After the move the embedding leads either word model on each source, by .13 to .17. The
# zero-label sentences lead the trained probe on tweets and, by two points, on news; on films and
# products they are behind it. The average, best at home, gains nothing next door, where one of its
# two heads is near a constant answer. On products it loses .016; on tweets and news the loss is
# too small to tell from luck.
#
# What should the shop do? Take the embedder, start with sentences, and buy a few labels of its
# own. How few? 20 draws each (5 in the last column), on the test rows of each source:

# %%
def own_labels(name, n, seed, add_film=False):
    """Accuracy on a source after n labels of its own, perhaps with films."""
    d = data[name]
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(~d.test))[:n]
    x, labels, weight = d.vectors[rows], d.y[rows], np.ones(n)
    if add_film:                   # its own n rows count as 2,000 film rows
        x = np.concatenate([x, film.vectors[~test]])
        labels = np.append(labels, y[~test])
        weight = np.append(weight * 2000 / n, np.ones((~test).sum()))
    probe = LogisticRegression(max_iter=1000).fit(x, labels, weight)
    return probe.score(d.vectors[d.test], d.y[d.test])

# %% demo
own = {name: [[own_labels(name, n, seed, films)
               for seed in range(20 if not films else 5)]
              for n, films in ((100, False), (500, False), (100, True))]
       for name in ("product", "tweet", "news")}
own = stored("own.json", own)

# %%
own = stored("own.json")
table([[name, *(f"{np.mean(right[m][name][data[name].test]):.3f}"
                for m in ("zero labels", "embedding")),
        *(pm(v) for v in three)] for name, three in own.items()],
      ["test rows of", "zero labels", "film labels only", "100 of its own",
       "500 of its own", "100 of its own + films"])

# %% [markdown]
# A hundred labels of their own, $5, are worth *less* than the eight sentences on tweets and news,
# and no more on products. Together with the film labels they lift the shop from .78 to .80, and 500 of its
# own do it alone. (How much the own rows weigh is a choice of ours: as 2,000 film rows, about a
# quarter of the 7,793.) In lesson 01, 500 product labels gave a word model .72.
#
# ## One model for many tasks
#
# An embedder knows one trick. A [language model](../glossary.md#language-model) continues text,
# and so whatever can be *written as a text to be continued* becomes its task. Ours has
# 134,515,008 numbers, trained by others on two trillion tokens (quoted from its card). Three
# tasks, one model, nothing trained:

# %% demo
for prompt in ("The opposite of hot is", "The capital of Japan is",
               "English: house\nFrench: maison\n\nEnglish: night\nFrench:"):
    print(repr(prompt), "→",
          repr(llm().generate(prompt, max_new_tokens=5, stop="\n")))

# %% [markdown]
# The third answer is French for *the eye*. Keep it in mind.
#
# To *classify*, do not let it write. It gives a probability to any continuation, so offer the
# answers and take the likelier one. The scores are logarithms of probabilities, in
# [nats](../glossary.md#nat):

# %%
ask = "Review: {}\nSentiment:"
print(ask.format(five[0]))

# %% demo
for text in five[:4]:
    a, b = (llm().score(ask.format(text), label)
            for label in (" negative", " positive"))
    print(f"negative {a:6.2f} · positive {b:6.2f} · {text}")

# %% [markdown]
# The larger score, the one closer to zero, is right four times of four, boredom included. What
# does `score` do? A colleague writes her own, quicker: she looks at the *first token* of each
# answer only. With the answers ` negative` and ` positive` all is well. Then she asks for one to
# five stars, and every review is a tie:

# %% demo
# cut(): text to token numbers; inside=True: the text follows other text
cut = {label: llm().cut(label, inside=True)
       for label in (" negative", " positive", " 1", " 5")}
print(cut)

# %% [markdown]
# ` 1` and ` 5` are two [tokens](../glossary.md#token) each, and the first one is the same: a
# space. She compared the space with itself. A [label score](../glossary.md#label-scoring) has to
# add up *all* tokens of the answer, each given those before it.

# %% [markdown] contract="label-score" difficulty=3 minutes=10
# ## Exercise `label-score`
#
# *Difficulty 3 of 5 · about 10 minutes · 3 points*
#
# Write `answer_score(logits, ids, start)`: the log-probability of an answer, by hand.
#
# | | |
# |---|---|
# | `ids` | a list of n token numbers: the prompt's, then the answer's |
# | `logits` | an array (n, v): **row i is what the model expects after token i**, one number for each of v tokens, any size, not yet probabilities |
# | `start` | where the answer begins in `ids`; at least 1, at most n |
# | returns | the log-probability of the answer, in nats: a float; 0 for an empty answer (`start == n`) |
#
# A row of logits becomes log-probabilities by subtracting the logarithm of the sum of their
# exponentials, `log_softmax`. The answer's log-probability is the sum over its tokens.
#
# Example: if all logits are 0 and v is 10, each token has probability 1/10: an answer of two
# tokens scores 2 × ln(1/10) = -4.605.
#
# The check uses arrays that you can work out by hand, some with logits in the thousands. The
# cell after it compares with the real model.

# %% exercise="label-score"
def answer_score(logits, ids, start):
    """log P(ids[start:] | ids[:start]) in nats, out of the logits."""
    ### BEGIN SOLUTION
    total = 0.0
    for place in range(start, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        row = row - row.max()
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return float(total)
    ### END SOLUTION

# %% check="label-score" points=3
with check("label-score"):
    got = answer_score(np.zeros((4, 10)), [3, 1, 7, 2], 2)
    assert got is not None, "answer_score gave None: end it with `return`"
    assert abs(float(got) + 4.6052) < 1e-3, (
        "all logits 0, ten tokens, an answer of two: 2 ln(1/10) = -4.605; you "
        f"gave {float(got):.3f}: sum over *all* tokens of the answer")
    sure = np.full((3, 4), -50.0)
    sure[0, 2] = sure[1, 3] = 50.0
    got = float(answer_score(sure, [1, 2, 3], 1))
    assert abs(got) < 1e-6, (
        "row 0 is sure of token 2, row 1 is sure of token 3, and that is the "
        f"answer: its score is 0; you gave {got:.2f}: row i speaks about "
        "token i + 1")
    ### BEGIN HIDDEN TESTS
    rng = np.random.default_rng(9)
    for size in (1, 30, 3000):
        x, ids_ = rng.normal(size=(9, 23)) * size, list(range(4, 13))
        top = x.max(axis=1, keepdims=True)
        logp = x - top - np.log(np.exp(x - top).sum(1, keepdims=True))
        for start in (1, 5, 8, 9):
            want = sum(logp[k - 1, ids_[k]] for k in range(start, 9))
            got = float(answer_score(x.copy(), list(ids_), start))
            assert np.isfinite(got), (
                f"logits of size {size} give {got}: subtract the largest of a "
                "row before np.exp")
            assert abs(got - want) < 1e-4 * max(1, abs(want)), (
                f"an answer of {9 - start} tokens with logits of size {size} "
                f"scores {want:.3f}; you gave {got:.3f}: every token of the "
                "answer, none of the prompt, each from the row before it")
    got = float(answer_score(np.zeros((5, 8), dtype=np.float32),
                             [0, 1, 2, 3, 4], 1))
    assert abs(got + 4 * np.log(8)) < 1e-4, (
        f"four tokens of eight equal ones score {-4 * np.log(8):.3f}; you "
        f"gave {got:.3f}: the sum, not the mean")
    ### END HIDDEN TESTS

# %% [markdown] hints="label-score"
# <details><summary>Hint 1: the idea</summary>
#
# The token at place k was expected by the row *before* it, `logits[k - 1]`. Turn that row into
# log-probabilities and look the token up.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# For one row: `row - row.max()`, then less `np.log(np.exp(row).sum())`. Subtracting the largest
# number changes nothing in the result and keeps `exp` in range.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `for place in range(start, len(ids)):` add the log-probability of `ids[place]` from the row
# `logits[place - 1]`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `RuntimeWarning: overflow encountered in exp`, result `nan` or `inf`: subtract the largest
#   first.
# - `IndexError`: you read row `place` of the last token; it speaks about a token that is not
#   there.
# </details>

# %% demo
def both_scores(label, text="A dull mess."):
    """(by hand, by the library) for one label of one review."""
    before, end = llm().cut(ask.format(text)), llm().cut(label, inside=True)
    rows = np.asarray(llm().logits(before + end))
    return [answer_score(rows, before + end, len(before)),
            llm().score(ask.format(text), label)]


pairs_of = result("label-score", lambda: {
    label: both_scores(label) for label in (" positive", " 5")},
    "scores.json")
for label, (hand, library) in pairs_of.items():
    print(f"{label:10} by hand {hand:8.3f} · library {library:8.3f}")

# %% [markdown]
# The same to the last digit shown: `llm().score` is what you wrote. Now the real test, on the
# same task as before. It takes minutes, so the course ships what the model answered to 200 test
# sentences of each source, half of them good (`shipped(..., live=True)` measures it on your
# machine). The other models are scored here on *these same* sentences.

# %%
asked = shipped("07_foundation_models/sources")


def on_asked(model, name):
    """Right or wrong of a model on the sentences that the LM was asked."""
    whole = np.zeros(len(data[name]))
    whole[away[name]] = right[model][name]
    return whole[asked[name]["rows"]]


same = {name: [*(on_asked(m, name) for m in right), asked[name]["right"]]
        for name in data}
table([[name, *(f"{np.mean(v):.3f}" for v in by)]
       for name, by in same.items()],
      ["200 of", *right, "language model, no labels"])

# %%
gain = result("paired-lead", lambda: [
    [name, *map(float, lead(by[5], by[2]))] for name, by in same.items()],
    "lm_leads.json")
for name, d, low, high in gain:
    print(f"{name:8} language model − embedding: "
          f"{d:+.3f} ({low:+.3f} to {high:+.3f})")

# %% [markdown]
# Without one label, a general *language* model is at .80 to .87 on all four sources. Against the
# probe with its 7,793 film labels, 200 sentences show no difference on films and products, and a
# lead on tweets and news. (On tweets the eight sentences do as well.) Why it is so steady, the
# tables do not say. It is six times larger than the embedder, and it was trained to predict
# every next word, not to find texts on the same topic; both may matter.
#
# One caution: this is one wording. It was the first one written, and it turns out to be the *best*
# of eight: below you see what the others do.

# %% [markdown]
# ## The scorecard
#
# *One model for many tasks* is a claim, so count. Ten tasks, 40 questions each, three worked
# examples before every question; an answer counts when it *is* the right one. Beside it stands
# what a few lines of ordinary code reach, where such lines exist. (Shipped: 80 s to measure.)

# %%
card = shipped("07_foundation_models/scorecard")


def wilson(share, n):
    """95 % interval of a share of n, right even near 0 and 1 (Wilson)."""
    middle = (share + 1.92 / n) / (1 + 3.84 / n)
    width = 1.96 / (1 + 3.84 / n) * np.sqrt(
        share * (1 - share) / n + 0.96 / n ** 2)
    return max(0.0, middle - width), min(1.0, middle + width)


table([[r["task"], f"{r['right']:.2f}",
        "{:.2f} to {:.2f}".format(*wilson(r["right"], r["n"])),
        "" if r["code"] is None else f"{r['code']:.2f}"] for r in card],
      ["task", "language model", "95 %", "a few lines of code"])

# %%
fig, ax = plt.subplots(figsize=(6.8, 3.8))
order = sorted(card, key=lambda r: r["right"])
ends = np.array([wilson(r["right"], r["n"]) for r in order])
shares = np.array([r["right"] for r in order])
ax.errorbar(shares, range(len(order)), linestyle="", xerr=np.abs(
    ends.T - shares), capsize=3, label="language model, 95 %")
ax.plot([r["code"] for r in order if r["code"] is not None],
        [k for k, r in enumerate(order) if r["code"] is not None],
        linestyle="", marker="D", fillstyle="none", markersize=10,
        label="a few lines of code")
ax.set(yticks=range(len(order)), yticklabels=[r["task"] for r in order],
       xlabel="share right of 40", xlim=(-0.03, 1.05))
fig.legend(loc="outside upper center", ncols=2)
show(fig, alt="One language model is right on all prices in sentences, on .93 "
     "of one-digit sums and .80 of capitals and opposites, but on about a "
     "third of French words, passages and two-digit sums, and on almost no "
     "product and no word backwards, where code is always right.")

# %%
capitals = next(r for r in card if r["task"].startswith("capital"))
print("four of the eight wrong capitals:")
for q, said, answer in capitals["wrong"]:
    print(f"  {q} → {said} ({answer})")
table([[r["task"], *(f"{q[-24:]} → {said[:16]} ({answer})"
                     for q, said, answer in r["wrong"][:2])]
       for r in card if r["wrong"]],
      ["task", "wrong (right)", "another"])

# %% [markdown]
# Read it as you would read the papers of an applicant.
#
# - **Good:** finding a price in a sentence, sums of one digit, opposites, capitals. Of its eight
#   wrong capitals the study kept four: three are the country's *famous* city (São Paulo, Lagos,
#   Sydney), and one is no city at all. It knows what is often written, which is mostly, not
#   always, what is true.
# - **At chance:** the passage names three people and three cities. Guessing one of the three is
#   right .33 of the time, and .33 lies inside its interval. Nothing here shows that it keeps track.
# - **Bad:** French, sums beyond one digit, products. Sums of one digit stand in many texts, the
#   product of 69 and 67 in hardly any.
# - **Zero:** a word backwards. It reads tokens, not letters (lesson 04).
#
# Six of the ten tasks are solved *perfectly* by a few lines of code. A general model is the
# right tool where nobody can write those lines. And it says everything in the same tone: nothing
# in an answer tells you which row of this table you are in.

# %% [markdown]
# ## Examples in the prompt
#
# The three worked examples above are a way to steer without training: [few-shot
# prompting](../glossary.md#few-shot-prompting). Write the builder first.

# %% [markdown] contract="shots" difficulty=2 minutes=7
# ## Exercise `shots`
#
# *Difficulty 2 of 5 · about 7 minutes · 2 points*
#
# Write `few_shot(examples, text, names=("negative", "positive"))`.
#
# | | |
# |---|---|
# | `examples` | a list of pairs (text, label), label 0 or 1; perhaps empty |
# | `text` | the text to be judged |
# | `names` | the word for label 0 and the word for label 1 |
# | returns | the prompt, a string |
#
# Each example is a block `Review: TEXT`, line end, `Sentiment: NAME`. The text to be judged is the
# last block and ends with `Sentiment:`, *without* a space after it, since the answers bring their
# own. One empty line stands between blocks. In every text, of an example or judged, each run of
# white space (line ends too) becomes a single space, and none is left at either end: otherwise a
# text could open a block of its own.
#
# Example: `few_shot([("A dull mess.", 0)], "A warm film.")` is
#
# ```
# Review: A dull mess.
# Sentiment: negative
#
# Review: A warm film.
# Sentiment:
# ```
#
# The check compares strings, braces and empty lines inside texts included. It does not prove
# that examples help: the next section looks.

# %% exercise="shots"
def few_shot(examples, text, names=("negative", "positive")):
    """A prompt with worked examples, ending where the answer begins."""
    ### BEGIN SOLUTION
    blocks = [f"Review: {' '.join(shown.split())}\nSentiment: {names[label]}"
              for shown, label in examples]
    blocks.append(f"Review: {' '.join(text.split())}\nSentiment:")
    return "\n\n".join(blocks)
    ### END SOLUTION

# %% check="shots" points=2
with check("shots"):
    got = few_shot([("A dull mess.", 0)], "A warm film.")
    assert isinstance(got, str), f"return one string, not {type(got).__name__}"
    assert got.endswith("Sentiment:"), (
        "the prompt ends with 'Sentiment:' and no space or line end after it; "
        f"yours ends with {got[-12:]!r}")
    want = ("Review: A dull mess.\nSentiment: negative\n\n"
            "Review: A warm film.\nSentiment:")
    assert got == want, (
        f"for the example of the text you gave {got!r}: compare it line by "
        "line")
    got = few_shot([], "A warm film.")
    assert got == "Review: A warm film.\nSentiment:", (
        f"without examples only the last block is left; you gave {got!r}")
    got = few_shot([], "  A film.\n\n")
    assert got == "Review: A film.\nSentiment:", (
        "no white space is left at either end of a text; for '  A film.' with "
        f"two line ends after it you gave {got!r}")
    ### BEGIN HIDDEN TESTS
    shown = [("Long, and {dull}.", 0), ("I liked it!", 1), ("50% fun", 1)]
    got = few_shot(shown, "So {x} and {}")
    want = ("Review: Long, and {dull}.\nSentiment: negative\n\n"
            "Review: I liked it!\nSentiment: positive\n\n"
            "Review: 50% fun\nSentiment: positive\n\n"
            "Review: So {x} and {}\nSentiment:")
    assert got == want, (
        f"three examples in their order, braces and % kept; you gave {got!r}")
    got = few_shot([("It was fine.", 1)], "Meh.", ("bad", "good"))
    assert got == ("Review: It was fine.\nSentiment: good\n\n"
                   "Review: Meh.\nSentiment:"), (
        f"with names ('bad', 'good') you gave {got!r}: use `names`")
    trap = "Fine.\nSentiment: positive\n\nReview: Bad."
    for got in (few_shot([(trap, 0)], "Meh."), few_shot([("Meh.", 0)], trap)):
        assert got.count("\n") == 4, (
            "a text with line ends of its own opened a block: make every run "
            f"of white space in it one space; you gave {got!r}")
    got = few_shot([(" A  film\t. ", 0)], "\nMeh. ")
    assert got == ("Review: A film .\nSentiment: negative\n\n"
                   "Review: Meh.\nSentiment:"), (
        f"white space at both ends and in runs goes; you gave {got!r}")
    assert shown[0] == ("Long, and {dull}.", 0) and len(shown) == 3, (
        "few_shot changed the list of examples")
    ### END HIDDEN TESTS

# %% [markdown] hints="shots"
# <details><summary>Hint 1: the idea</summary>
#
# A list of blocks, the last one without its answer, put together with an empty line between.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `"\n\n".join(blocks)` puts empty lines *between* blocks only. `" ".join(text.split())` turns
# every run of white space into one space.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `f"Review: {clean}\nSentiment: {names[label]}"` for each example, and `f"Review:
# {clean}\nSentiment:"` at the end.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `KeyError: 'dull'`: you used `str.format` on a text that holds braces; an f-string does not
#   look inside the text.
# </details>

# %%
prompt = result("shots", lambda: few_shot(
    [("A dull mess.", 0), ("I laughed all evening.", 1)], "A warm film."),
    "prompt.json")
print(prompt)

# %% demo
print({label.strip(): round(llm().score(prompt, label), 2)
       for label in (" negative", " positive")})

# %% [markdown]
# Now four examples from the training set, two good and two bad: $0.20 of labels. Does their
# *order* matter? Four things can stand in 24 orders. The same 100 test sentences each time
# (shipped; minutes to measure):

# %%
orders = shipped("07_foundation_models/orders")
draws = shipped("07_foundation_models/draws")
wordings = shipped("07_foundation_models/wordings")
first = wordings[0]["none"]


def spread(rows, key="accuracy"):
    values = [r[key] for r in rows]
    return [f"{min(values):.2f}", f"{np.mean(values):.2f}",
            f"{max(values):.2f}"]


table([["no examples, one wording", "", f"{first['accuracy']:.2f}", "",
        f"{first['auc']:.2f}"],
       *([name, *spread(rows), " to ".join(spread(rows, "auc")[::2])]
         for name, rows in (
             ("no examples, 8 wordings", [w["none"] for w in wordings]),
             ("4 examples, 8 wordings", [w["four"] for w in wordings]),
             ("4 examples, 24 orders", orders),
             ("12 draws of 4 examples", draws)))],
      ["prompt", "worst", "mean", "best", "ranking (AUC)"])

# %%
fig, ax = plt.subplots(figsize=(6.8, 3.4))
groups = [("8 wordings,\nno examples", [w["none"] for w in wordings]),
          ("8 wordings,\n4 examples", [w["four"] for w in wordings]),
          ("24 orders of\nthe same 4", orders), ("12 draws\nof 4", draws)]
for name, key, marker, shift in (("accuracy", "accuracy", "o", -0.13),
                                 ("ranking (AUC)", "auc", "^", 0.13)):
    for place, (_, rows) in enumerate(groups):
        values = [r[key] for r in rows]
        ax.plot(np.linspace(place + shift - 0.08, place + shift + 0.08,
                            len(values)), values, linestyle="", marker=marker,
                fillstyle="none" if key == "auc" else "full", markersize=5,
                color="#b8460b" if key == "auc" else "#0b2f5b",
                label=name if place == 0 else None)
ax.axhline(0.5, color="#5f5f5f", linestyle=":", marker="")
ax.set(xticks=range(4), xticklabels=[name for name, _ in groups],
       ylabel="on 100 film sentences", ylim=(0.4, 1))
fig.legend(loc="outside upper center", ncols=2)
show(fig, alt="Accuracy on 100 sentences jumps between .49 and .76 with the "
     "order of the same four examples, and between .50 and .75 with the "
     "wording, while the ranking stays between .80 and .91 in all orders.")

# %%
luck = [1.96 * np.sqrt(a * (1 - a) / 100) for a in (0.75, 0.5)]
step = [r["accuracy"] for r in draws]
print(f"luck of 100 sentences: ± {luck[0]:.2f} to {luck[1]:.2f} · mean over "
      f"12 draws of examples {np.mean(step):.3f} ± {half(step):.3f}")
for end, name in (("b", "bad"), ("g", "good")):
    said_good = [r["good"] for r in orders if r["order"][-1] == end]
    print(f"last example {name}: answers good {np.mean(said_good):.2f} "
          "of the time")
table([[pattern, *(f"{a:.2f}" for a in sorted(
        r["accuracy"] for r in orders if r["order"] == pattern))]
       for pattern in sorted({r["order"] for r in orders})],
      ["pattern (g good, b bad)", "worst", "second", "third",
       "best of its 4 orders"])

# %% [markdown]
# First row: the wording that we wrote first is the best of the eight (mean .60, worst .50). The
# .80 to .87 above belong to *it*, not to the model.
#
# Four labelled examples made it *worse*. Without examples this wording is right .75 of the time
# (.80 on the 200 sentences above; these are another draw of 100); with the same four in 24 orders
# it is right .49 to .76, mostly no better than a coin. Look at the printed lines: the *last*
# example tells the model what to say. The four orders `gbgb`, which alternate and end with a bad
# one, reach .74 to .76; of the other twenty only two pass .70. Other examples do not beat *none*
# either: .69 ± .05 over twelve draws, best .78.
#
# The triangles say what is *not* broken. Take the score of *positive* less that of *negative*: the
# answer is good where this margin is above 0. AUC asks only whether a good sentence gets a larger
# margin than a bad one, wherever the border lies: .80 and more in every order. With this wording
# the model ranks well and puts the border in the wrong place. (Lesson 09 moves it, for free.) With
# some others the ranking is poor, too: down to .64, and .56 with examples. And mind the ± of a
# hundred sentences: each share is known to about .09. Two prompts met the same hundred, so their
# difference needs the paired interval. (.49 against .76 is no luck.)
#
# So examples in a prompt are not a small training set. They show the *form* of an answer, and
# here they also tilt it. Whoever shows one prompt in a talk shows one of these dots.

# %% [markdown]
# ## What “general” does not mean
#
# **Not every language of humans.** Two messages, one happy and one furious:

# %% demo
happy, furious = embedder().encode(["Your film 😀", "Your film 😡"])
print(f"cosine {happy @ furious:.4f}", embedder().tokenizer.tokenize("😀 😡"))

# %% [markdown]
# The same point, to four digits: the embedder's vocabulary has no emoji, and both become
# `[UNK]`, *unknown*. Your classifier on top of it can never tell them apart, with any number of
# labels.
#
# **Not pictures.** A picture is bytes, and bytes can be written as text. So give the embedder
# twelve small pictures as text and ask which caption lies nearest:

# %% locked="pictures"
import base64
import io

from PIL import Image, ImageDraw

CAPTIONS = [f"a {colour} {shape}"
            for colour in ("red", "green", "blue", "yellow")
            for shape in ("circle", "square", "triangle")]


def picture_as_text(caption):
    """A PNG of 32 x 32 pixels of what the caption says, as base64 text."""
    _, colour, shape = caption.split()
    image = Image.new("RGB", (32, 32), "white")
    pen = ImageDraw.Draw(image)
    if shape == "circle":
        pen.ellipse((6, 6, 26, 26), fill=colour)
    elif shape == "square":
        pen.rectangle((6, 6, 26, 26), fill=colour)
    else:
        pen.polygon([(16, 5), (27, 27), (5, 27)], fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")

# %% demo
as_text = [picture_as_text(caption) for caption in CAPTIONS]
print(as_text[0][:60], "...")
near = embedder().encode(as_text) @ embedder().encode(CAPTIONS).T
found = near.argmax(axis=1)
print(f"right {np.sum(found == np.arange(12))} of 12, by guessing 1 · one "
      f"caption is the answer to {np.bincount(found).max()} of the 12")

# %% [markdown]
# Eleven of the twelve pictures get one and the same caption. Nothing in its training ever tied
# bytes of a picture to words about it. A [multimodal](../glossary.md#multimodal) model has such
# pairs in its training; lesson 08 trains one. Until then, "general" means *general over texts
# like those it read*: here, English prose.
#
# ## A really big one, or one you can build on?
#
# "Which model?" mostly means two different things. There are models that others run, which you
# reach by an address, and models that lie on your disk. What can you *do* with each?

# %%
from course.engines.choice import CAN

abilities = ("generate", "score", "logits", "train")
table([[name, *("yes" if a in CAN[kind] else "no" for a in abilities)]
       for name, kind in (("a model on your disk", "default"),
                          ("an address that others run", "remote"))],
      ["in this course", *abilities])

# %% [markdown]
# *Building on* a model needs less than training it. (What training would need stands in a lab at
# the end.) What did you build today?

# %%
own_numbers = head.coef_.size + head.intercept_.size
print(f"yours: {own_numbers} numbers · others': "
      f"{embedder().model.num_parameters():,}")

# %% [markdown]
# 385 numbers of yours on 22.7 million of others, and the thing reads reviews. That is possible
# because the model *gives you its vectors*. Through an address that only returns text you cannot
# fit a probe, score a label or read a logit; you can only ask. In exchange, the big one behind
# the address may pass the exams that ours failed. Which one you need is a question for your own
# scorecard, not for a list of sizes.

# %% [markdown]
# ## Failure lab: the colleague's four clean tests
#
# The embedding probe goes to the shop on Friday. A colleague has four suspicions and tests each
# with a *frame*, a sentence with a gap, and twelve words of praise:

# %% locked="frames"
import re

PRAISE = ["good", "funny", "moving", "clever", "beautiful", "honest",
          "charming", "exciting", "original", "witty", "touching", "elegant"]
HER_TESTS = [
    ("plain", "The film is {}.", 1),
    ("topic", "A film about a war, and it is {}.", 1),
    ("length", "On a Tuesday evening, in a small cinema near the station, my "
     "brother and I saw a film that is {}.", 1),
    ("names", "The new film by Igor Kowalczyk is {}.", 1),
    ("negation", "The film is not {}.", 0)]
TURNING = r"\b(?:not|never|hardly|nothing|nobody|no)\b|n't\b"


def turns(frame):
    """True when the frame turns the meaning of the word in its gap round."""
    return bool(re.search(TURNING, frame.lower().replace("’", "'")))


def without_turn(frame):
    """The frame less its turning words: `isn't` becomes `is`."""
    plain = frame.replace("’", "'").replace("an't ", "an ")    # can't: can
    return " ".join(re.sub(TURNING, "", plain, flags=re.IGNORECASE).split())


def says(frame, words):
    """What the film probe answers for each word in the gap: 1 or 0."""
    sentences = [frame.format(word) for word in words]
    return head.predict(embedder().encode(sentences)).tolist()

# %% demo
table([[name, frame, label,
        f"{np.mean(np.array(says(frame, PRAISE)) == label):.2f}"]
       for name, frame, label in HER_TESTS],
      ["suspicion", "frame", "right answer", "share right"])

# %% [markdown]
# "All clean," she writes. "It even understands *not*: I had read that embeddings do not." One of
# the four suspicions is true all the same, and her test cannot see it.

# %% [markdown] contract="missing-test" difficulty=4 minutes=12
# ## Exercise `missing-test`
#
# *Difficulty 4 of 5 · about 12 minutes · 3 points*
#
# Find it. Write `missing_test()`, which returns `(frame, words)`: a test in her form **that the
# probe fails**.
#
# | | |
# |---|---|
# | `frame` | one sentence with one gap `{}`, at most 15 words |
# | `words` | six or more different single words, all praise or all blame |
#
# The right answer follows from the test, as in her table: praise is 1 and blame is 0, and a frame
# that `turns` exchanges the two. The turning words are *not, never, hardly, nothing, nobody, no*
# and all that end in *n't*. Try frames and words with `says`.
#
# The visible check demands a *fair* test:
#
# 1. The probe knows your words: in "The film is {}." at least .75 of them come out as what they
#    are.
# 2. The frame does not decide alone: `without_turn(frame)`, that is, without its turning word,
#    the probe is right on at least .75 of our words of praise *and* of our words of blame.
# 3. The probe is right on at most .25 of your sentences.
#
# The hidden test tries your words in other frames with a turning word, and your frame with other
# words of the same kind: a true finding is not about one sentence. It does not prove *why* the
# probe fails.

# %% exercise="missing-test"
def missing_test():
    """(frame, words): a fair test that the film probe fails."""
    ### BEGIN SOLUTION
    return "The film is never {}.", ["bad", "dull", "boring", "silly",
                                     "annoying", "tedious", "awful"]
    ### END SOLUTION

# %% check="missing-test" points=3
with check("missing-test"):
    got = missing_test()
    assert isinstance(got, (tuple, list)) and len(got) == 2, (
        f"return two things, a frame and a list of words, not {got}")
    frame, words = str(got[0]), [str(w) for w in got[1]]
    assert frame.count("{}") == 1 and len(frame.split()) <= 15, (
        f"the frame {frame!r} needs one gap {{}} and at most 15 words")
    assert len({w.lower() for w in words}) >= 6 and all(
        len(w.split()) == 1 for w in words), (
        "give six or more different words, one word each")
    plain = np.mean(says("The film is {}.", words))
    assert plain >= 0.75 or plain <= 0.25, (
        f"in 'The film is {{}}.' {plain:.2f} of your words come out as good: "
        "choose words that are all praise or all blame, and known")
    kind = int(plain >= 0.75)
    blame = ["bad", "dull", "boring", "silly", "stupid", "ugly", "clumsy",
             "predictable", "annoying", "shallow", "tedious", "awful"]
    bare = without_turn(frame)
    for name, some, label in (("praise", PRAISE, 1), ("blame", blame, 0)):
        fair = np.mean([a == label for a in says(bare, some)])
        assert fair >= 0.75, (
            f"{bare!r} without a turning word comes out right for {fair:.2f} "
            f"of words of {name}: the frame decides by itself, choose a plain "
            "one")
    truth = 1 - kind if turns(frame) else kind
    share = np.mean([a == truth for a in says(frame, words)])
    assert share <= 0.25, (
        f"the probe is right on {share:.2f} of your sentences, where right is "
        f"{truth} (your frame {'holds' if turns(frame) else 'lacks'} a "
        "turning word: not, never, hardly, nothing, nobody, no, -n't): that "
        "suspicion is clean with these words. What did all five of her tests "
        "have in common?")
    ### BEGIN HIDDEN TESTS
    other = PRAISE if kind else blame
    share = np.mean([a == truth for a in says(frame, other)])
    assert share <= 0.35, (
        f"with other words of the same kind your frame is right {share:.2f} "
        "of the time: the finding must not hang on single words")
    for again in ("It is never {}.", "The film is not {}.",
                  "There is nothing {} about this film."):
        share = np.mean([a == truth for a in says(again, words)])
        assert share <= 0.35, (
            f"in {again!r} your words come out right {share:.2f} of the time: "
            "the finding must not hang on one frame")
    ### END HIDDEN TESTS

# %% [markdown] hints="missing-test"
# <details><summary>Hint 1: the idea</summary>
#
# A test that only one answer can pass proves little. Look at her column "right answer" and at
# her twelve words: which combination of frame and word did she never try?
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `says("A film about a war, and it is {}.", ["dull", "boring"])` and the like: take words of
# *blame* through all five frames.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# A film that is *not boring*. What should the answer be, and what does the probe say?
# </details>
# <details><summary>“I get this error”</summary>
#
# - `IndexError: Replacement index 1 out of range`: the frame has two gaps.
# - "all praise or all blame, and known": one of your words means too little to the probe; look
#   at `says("The film is {}.", words)`.
# </details>

# %%
BLAME = ["bad", "dull", "boring", "silly", "stupid", "ugly", "predictable",
         "annoying", "clumsy", "shallow", "tedious", "awful"]
turned = shipped("07_foundation_models/turned")

# %% demo
def share_right(frame, words, label):
    want = 1 - label if turns(frame) else label
    return f"{np.mean(np.array(says(frame, words)) == want):.2f}"


table([[r["frame"], share_right(r["frame"], PRAISE, 1),
        share_right(r["frame"], BLAME, 0),
        f"{r['praise']:.2f}", f"{r['blame']:.2f}"] for r in turned],
      ["frame", "probe, praise", "probe, blame", "LM, praise", "LM, blame"])

# %% [markdown]
# There it is. *Not good* is bad, and *not boring* is **also bad**, twelve times of twelve. The
# probe does not turn anything round. It behaves as if `not` were a bad word, a
# [shortcut](../glossary.md#shortcut) that often works: the next table counts how often. Her test
# held only words of praise, and on those the shortcut gives the right answer.
#
# Is that a game with made-up sentences? Ask the real ones:

# %%
film_texts = film.texts[test]
has_turn = np.array([bool(re.search(TURNING, t.lower())) for t in film_texts])
parts = {"good, with a turning word": has_turn & (y[test] == 1),
         "bad, with a turning word": has_turn & (y[test] == 0),
         "good, without": ~has_turn & (y[test] == 1),
         "bad, without": ~has_turn & (y[test] == 0)}
shares = {name: [np.mean(by["film"][part]) for by in right.values()]
          for name, part in parts.items()}
gaps = np.subtract(shares["good, without"],
                   shares["good, with a turning word"])
table([[name, f"{part.sum():,}", *(f"{v:.3f}" for v in shares[name])]
       for name, part in parts.items()]
      + [["lost by the good ones", "", *(f"{v:.3f}" for v in gaps)]],
      ["film test sentences", "number", *right])

# %% [markdown]
# Of 487 sentences with a turning word 305 are bad, so the shortcut pays. Its bill comes with the
# other 182: there every model is at its weakest, .19 to .31 below the other good sentences (last
# row). The shortcut is not the embedding's alone; the word models have it, too. And most of all
# *zero labels*, which learned from no label: so film labels are not its only source.
#
# **Fix it.** The usual advice: add labels for what fails. So make 84 sentences with other words,
# plain and turned, label them right, and train the probe again with them:

# %% demo
FRESH = {1: ["great", "lovely", "brilliant", "warm", "sharp", "fresh"],
         0: ["slow", "lazy", "cheap", "weak", "tired", "confusing"]}
frames = ["The film is {}.", "It is {}.", "This movie was {}.",
          "The film is not {}.", "It is not {} at all.", "It isn't {}.",
          "This movie was never {}."]
extra = [(frame.format(w), label != turns(frame)) for frame in frames
         for label in (1, 0) for w in FRESH[label]]
extra_x = embedder().encode([text for text, _ in extra])
extra_y = np.array([int(label) for _, label in extra])

# %% demo
def patched(times):
    """The film probe, with the extra sentences counted several times."""
    x = np.concatenate([film.vectors[~test], extra_x])
    weight = np.append(np.ones((~test).sum()), np.full(len(extra), times))
    return LogisticRegression(max_iter=1000).fit(
        x, np.append(y[~test], extra_y), weight)


def on_frame(probe, frame, words, want):
    vectors = embedder().encode([frame.format(w) for w in words])
    return f"{np.mean(probe.predict(vectors) == want):.2f}"


table([[name, on_frame(probe, "The film is not {}.", PRAISE, 0),
        on_frame(probe, "The film is not {}.", BLAME, 1),
        on_frame(probe, "It is never {}.", PRAISE, 0),
        on_frame(probe, "It is never {}.", BLAME, 1),
        f"{probe.score(extra_x, extra_y):.2f}",
        f"{probe.score(film.vectors[test], y[test]):.3f}"]
       for name, probe in [("as it was", head)] + [
           (f"extra counted {k} times", patched(k)) for k in (1, 5, 20, 100)]],
      ["probe", "not, praise", "not, blame", "never, praise", "never, blame",
       "the 84 extra", "film test"])

# %% [markdown]
# It does not work. Look at the last two columns: the more the extra sentences count, the better
# the probe knows *them*, all 84 in the end, and the more it loses on films and on *never good*.
# *Not boring*, with words it has not seen, hardly moves, and *never boring* comes to .33 at most.
# It learns the 84 by heart and does not carry it to other words. A reason that fits: a probe adds
# up, and turning round is not an addition, it is "one or the other, but not both". **What a frozen
# model does not hold in a form that your probe can use, 84 labels do not buy.**
#
# So do not repair the probe, go round it: give the sentences with a turning word to somebody else.
# To the language model, perhaps: the frames above show that it turns *never* and *nothing* round,
# about half of the *nots*, and neither *hardly* nor *nobody* (the first lab at the end measures it
# on real sentences). Or train the embedder itself (lesson 11 trains a model). Or let a person read
# what has a turning word, a fifth of the film sentences.
#
# And contamination, the failure lab of lesson 01? The embedder's training pairs come from the
# web; most are Reddit comments (its card). Whether some of our sentences were among them, nobody
# here can check. The card lists questions and answers, titles, captions and comments, and no
# rated reviews, so *labels* it had none. Keep the question for the day when a number is too
# good.

# %% [markdown]
# ## Money and decision
#
# What does an answer cost? Measured on the machine that ran this notebook, one core:

# %% demo
import time


def seconds(work, n):
    before = time.perf_counter()
    work()
    return (time.perf_counter() - before) / n


some = list(film.texts[test][:64])
speed = {
    "words": seconds(lambda: bayes.predict(scale.transform(
        counter.transform(some))), 64),
    "embedding": seconds(lambda: embedder().encode(some), 64),
    "language model": seconds(lambda: [
        llm().score(ask.format(t), label) for t in some[:4]
        for label in (" negative", " positive")], 4)}
speed = stored("speed.json", speed)

# %%
speed = stored("speed.json")
table([[name, f"{1000 * s:.2f}", f"{cost('cpu-hour', 1e6 * s / 3600):,.2f}"]
       for name, s in speed.items()],
      ["way", "milliseconds a sentence", "USD of CPU for a million"])

# %% [markdown]
# Even the slowest way costs a few dollars for a million sentences. At these prices computing
# decides nothing. Labels and errors do.

# %% [markdown] contract="choose" difficulty=3 minutes=10
# ## Exercise `choose`
#
# *Difficulty 3 of 5 · about 10 minutes · 3 points*
#
# Write `cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05)`: which way costs
# least in all?
#
# | | |
# |---|---|
# | `options` | a list of dicts with `"name"`, `"labels"` (how many you must still *buy*), `"accuracy"`, and `"seconds"` (CPU time of one sentence) |
# | `items` | how many sentences come |
# | `usd_per_error` | what one wrong answer costs |
# | `label_usd`, `hour_usd` | price of a label, of an hour of CPU |
# | returns | `(name, usd)` of the cheapest: labels + CPU + errors. Of equals, the first |
#
# Example: an option with 100 labels, accuracy .9 and 0.36 s, for 1,000 sentences at $0.10 an
# error: 100 × 0.05 + 1,000 × 0.36 / 3,600 × 0.05 + 1,000 × 0.1 × 0.10 = 5 + 0.005 + 10 =
# $15.005.
#
# The check works the sums out again, with other prices, too. It does not prove that the
# accuracies hold for your texts.

# %% exercise="choose"
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    """(name, usd) of the option with the smallest total cost."""
    ### BEGIN SOLUTION
    def total(option):
        labels = option["labels"] * label_usd
        computing = items * option["seconds"] / 3600 * hour_usd
        return labels + computing + items * (
            1 - option["accuracy"]) * usd_per_error

    best = min(options, key=total)
    return best["name"], total(best)
    ### END SOLUTION

# %% check="choose" points=3
with check("choose"):
    one = {"name": "one", "labels": 100, "accuracy": 0.9, "seconds": 0.36}
    two_ = {"name": "two", "labels": 0, "accuracy": 0.7, "seconds": 0.0}
    got = cheapest([one], 1000, 0.10)
    assert isinstance(got, (tuple, list)) and len(got) == 2, (
        f"return (name, usd), not {got}")
    assert abs(float(got[1]) - 15.005) < 1e-6, (
        f"the example of the text costs $15.005; you gave {got[1]}")
    got = cheapest([one, two_], 1000, 0.10)
    assert got[0] == "one", (
        "'two' costs 1,000 × .3 × 0.10 = $30 and 'one' $15.005; you chose "
        f"{got[0]!r}")
    got = cheapest([one, two_], 100, 0.10)
    assert got[0] == "two" and abs(float(got[1]) - 3) < 1e-6, (
        "for 100 sentences 'two' costs $3 and 'one' $6: labels are paid once, "
        f"whatever comes; you gave {tuple(got)}")
    ### BEGIN HIDDEN TESTS
    rng = np.random.default_rng(12)
    for case in range(40):
        some_ = [{"name": f"way {k}", "labels": int(rng.integers(0, 9000)),
                  "accuracy": float(rng.uniform(0.5, 1)),
                  "seconds": float(rng.uniform(0, 3))} for k in range(5)]
        n, err = int(10 ** rng.uniform(1, 6)), float(rng.uniform(0, 1))
        lab, hour = float(rng.uniform(0.01, 2)), float(rng.uniform(0.01, 9))
        bills = [o["labels"] * lab + n * o["seconds"] / 3600 * hour
                 + n * (1 - o["accuracy"]) * err for o in some_]
        name, usd = cheapest(some_, n, err, lab, hour)
        k = int(np.argmin(bills))
        assert abs(float(usd) - min(bills)) < 1e-6 * max(1, min(bills)), (
            f"with labels at {lab:.2f}, an hour at {hour:.2f} and {n:,} "
            f"sentences the least is {min(bills):,.2f}, you gave "
            f"{float(usd):,.2f}: use the prices that are given, seconds / "
            "3600 hours, and errors = items × (1 − accuracy)")
        assert name == some_[k]["name"], (
            f"the cheapest is another one than {name!r} in a case of five")
    twin = [dict(one, name="b"), dict(one, name="a")]
    assert cheapest(twin, 10, 1)[0] == "b", (
        "of two equals return the one that comes first in the list")
    got = cheapest([one, two_], 0, 5.0)
    assert got[0] == "two" and float(got[1]) == 0, (
        f"no sentences: only labels cost; you gave {tuple(got)}")
    ### END HIDDEN TESTS

# %% [markdown] hints="choose"
# <details><summary>Hint 1: the idea</summary>
#
# Three bills for each option: one that is paid once (labels), two that grow with the number of
# sentences. Add them up, take the smallest sum.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# A small function `total(option)`, and `min(options, key=total)`, which keeps the first of
# equals.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `option["labels"] * label_usd + items * option["seconds"] / 3600 * hour_usd + items * (1 -
# option["accuracy"]) * usd_per_error`.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `TypeError: '<' not supported between instances of 'dict' and 'dict'`: `min` of dicts needs
#   `key=`.
# </details>

# %%
def option(name, labels, accuracy, way):
    return {"name": name, "labels": labels, "accuracy": float(accuracy),
            "seconds": speed[way]}


films = [option("prompts, 0", 0, zero_score, "embedding"),
         option("LM, 0", 0, asked["film"]["accuracy"], "language model")]
for n, three in curve:
    films += [option(f"{way}, {n:,}", n, np.mean(scores), cpu)
              for way, scores, cpu in zip(
                  ("words", "probe", "both"), three,
                  ("words", "embedding", "embedding"))]
held = data["product"].test            # film labels are paid for already
products = [
    option("prompts, 0", 0, right["zero labels"]["product"][held].mean(),
           "embedding"),
    option("LM, 0", 0, asked["product"]["accuracy"], "language model"),
    option("film words, 0", 0, right["words, Bayes"]["product"][held].mean(),
           "words"),
    option("film probe, 0", 0, right["embedding"]["product"][held].mean(),
           "embedding"),
    *(option(name, n, np.mean(v), "embedding") for name, n, v in zip(
        ("own, 100", "own, 500", "film + own, 100"), (100, 500, 100),
        own["product"]))]

# %%
cases = {"films": films,
         "films, no LM": [o for o in films if o["name"][:2] != "LM"],
         "films, within 1 ms": [o for o in films if o["seconds"] < 0.001],
         "products": products,
         "products, no LM": [o for o in products if o["name"][:2] != "LM"]}
volumes, errors = (1_000, 30_000, 1_000_000), (0.01, 0.10, 1.00)
choice = result("choose", lambda: {case: [
    [n, *(list(cheapest(some, n, e)) for e in errors)] for n in volumes]
    for case, some in cases.items()}, "choice.json")
table([[case, f"{n:,}", *(f"{way} · ${usd:,.0f}" for way, usd in by)]
       for case, rows in choice.items() for n, *by in rows],
      ["case", "sentences", *(f"{e:.2f} USD an error" for e in errors)])

# %% [markdown]
# The name before the comma is the way, the number after it the labels to buy. Read the blocks
# from top to bottom.
#
# - **The zero-label ways win where little is at stake**: few sentences, cheap errors. Before you
#   buy the first label, ask whether the whole task will ever cost as much as the labels.
# - **Where much is at stake, at home, both heads win**: then all 7,793 labels pay. The best
#   model is the one that keeps the traditional one as a head.
# - **On products** *LM, 0* wins all nine cells, up to a million sentences at a dollar an error.
#   Without it the film probe wins while little is at stake, then film labels with 100 of the
#   shop's own, then 500 of its own.
# - **The traditional model alone** wins where it is the only one that may run: a limit of a
#   millisecond, a device without room, a rule against other people's models. It is more than a
#   hundred times faster than the embedder, and that is its case; from 5,000 labels on its accuracy
#   at home is one, too.
# - **Next door** it never wins. The only word model on offer there is the one from films; but
#   lesson 01's with 500 product labels, .72, pays for the same labels as *own, 500*, .80.
#
# Mind the row *LM, 0*. Its accuracy comes from 200 sentences, half of them good (the others' on
# products from all test rows, .58 good), and from *one wording*, the best of eight on films: the
# mean of the eight was .60, the worst .50. Whoever takes it to work pays for a test set first, and
# lesson 09 is about the wording.

# %% [markdown]
# ## Your bets

# %%
truth = {"zero": zero_score, "worth": rates[0][2],
         "end": np.mean(curve[-1][1][1]) - np.mean(curve[-1][1][0])}
table([[bet, *(f"{v:,}" if bet == "worth" else f"{v:+.3f}" if bet == "end"
               else f"{v:.3f}" for v in (guess[bet], truth[bet]))]
       for bet in truth], ["bet", "yours", "measured"])

# %% [markdown]
# The distrustful were too low three times: a little at the end, where the file does trail, and
# much where the shop owns no labels yet. Which of *your* three would have cost the shop money?

# %% [markdown]
# ## You can now
#
# - **start** without a label, with sentences that you wrote *before* you measured;
# - **compare** two models on the same rows: join them, translate one into labels of the other,
#   and give a lead its paired interval;
# - **ask** a language model by scoring whole answers, build a few-shot prompt that no text can
#   break, and report worst, mean and best over orders and wordings;
# - **doubt and decide**: find a shortcut that a one-sided test misses, and choose a model by its
#   whole bill.
#
# In five lines: A general model is worth most to whoever owns fewest labels; at home, with
# thousands, counting words beats a frozen embedding, and both together beat either. Away from home
# what is general stays and what was learned at home goes. A language model does many tasks, few of
# them well, and its answer hangs on wording and order. Examples in a prompt are no training set.
# And labels on a frozen model buy only what its vectors hold in a usable form.
#
# New words: [foundation model](../glossary.md#foundation-model),
# [embedding](../glossary.md#embedding), [cosine](../glossary.md#cosine),
# [probe](../glossary.md#probe), [language model](../glossary.md#language-model), [label
# score](../glossary.md#label-scoring), [few-shot prompting](../glossary.md#few-shot-prompting),
# [multimodal](../glossary.md#multimodal), [shortcut](../glossary.md#shortcut).

# %% [markdown]
# ## Lab, not graded: go round the probe
#
# The probe keeps what it can do; sentences with a turning word go to somebody else. The language
# model has been asked about 200 sentences of each source. Take its answer where a turning word
# stands, and the probe's everywhere else:

# %%
routed, on_them = [], []
for name, by in same.items():
    asked_texts = data[name].texts[asked[name]["rows"]]
    part = np.array([bool(re.search(TURNING, t.lower())) for t in asked_texts])
    probe, lm = np.array(by[2]), np.array(by[5])
    on_them.append([lm[part], probe[part]])
    routed.append([name, f"{part.sum()}", f"{probe[part].mean():.3f}",
                   f"{lm[part].mean():.3f}", f"{probe.mean():.3f}",
                   f"{np.where(part, lm, probe).mean():.3f}"])
table(routed, ["200 of", "with a turning word", "probe on them", "LM on them",
               "probe on all", "LM on them, probe on the rest"])

# %% [markdown]
# Next door this helps: .71 to .77 become .85 to .95 on those sentences. At home it does not: on
# films the probe was better on them, it had seen film labels. All four together:

# %%
lm, probe = (np.concatenate(parts) for parts in zip(*on_them))
pooled = result("paired-lead", lambda: [
    float(v) for v in lead(lm, probe)], "pooled.json")
print("LM − probe on sentences with a turning word: {:+.3f} "
      "({:+.3f} to {:+.3f})".format(*pooled))

# %% [markdown]
# On 128 sentences that is a lead at the edge of what luck could do, for about twenty times the
# computing a sentence.

# %% [markdown]
# ## Lab, not graded: what would training take?

# %% demo
sizes_m = [("embedder", embedder().model.num_parameters()),
           ("this language model", llm().model.num_parameters()),
           ("8 billion (assumed)", 8e9), ("70 billion (assumed)", 70e9),
           ("400 billion (assumed)", 400e9)]
table([[name, f"{n / 1e6:,.0f}", f"{2 * n / 1e9:,.2f}", f"{16 * n / 1e9:,.1f}"]
       for name, n in sizes_m],
      ["model", "million numbers", "GB to run, 2 bytes each",
       "GB to train in full, 16 bytes each"])

# %% [markdown]
# Two rules of thumb stand in the header. To run a model takes 2 bytes a number. To train all of it
# the usual way takes 16: the number and its gradient in 2 bytes each, and in 4 bytes each an exact
# copy and two averages over past gradients, which the training method (Adam) keeps, before the
# first text is read: `2 + 2 + 4 + 4 + 4`. The sizes marked *assumed* are examples of size classes,
# nobody's product. A laptop runs a few billion numbers and trains, in full, a few hundred million.

# %% [markdown]
# ## Lab, not graded: ask the neighbours
#
# A probe fits a line. The older way to use a space is to ask the nearest labelled sentences, and
# it can say *why*: these three are like it.

# %% demo
train_x, train_y = film.vectors[~test], y[~test]
close = film.vectors[test] @ train_x.T
for k in (1, 5, 15, 51):
    nearest = np.argpartition(-close, k, axis=1)[:, :k]
    votes = train_y[nearest].mean(axis=1) > 0.5
    print(f"{k:2} neighbours of 7,793: {np.mean(votes == y[test]):.3f}")

# %% [markdown]
# With 15 and more neighbours it comes near .75, behind the probe's .788. Topic weighs more than
# mood in this space, so the neighbours are often about the same thing, not of the same mind.
#
# <details><summary>Three more measurements</summary>
#
# - Give the zero-label prompts of the shop's own: "This camera is great." How many points on
#   products? And on films?
# - `COURSE_EMBEDDER` and `COURSE_LLM` choose other models (`docs/engines.md` in the repository
#   says how): does the crossing move?
# - `shipped("07_foundation_models/scorecard", live=True)` after you have changed a task in
#   `course/studies/foundation_tasks.py`: what does it take to get one French word more?
# </details>

# %% [markdown]
# ## Stretch, not graded: `monday`
#
# The shop pays for 100 labels, $5. Write `monday(vectors, labels)`: from 100 product rows, and
# anything else that you own (`film`, `good`, `bad`), return anything with a `.predict(vectors)`.
# The film probe alone is right .78 of the time on the products' test rows; the test asks for
# **.80** on the average of five draws.

# %%
def monday(vectors, labels):
    return head      # <- films only: make it better


d = data["product"]
scores = []
for seed in range(5):
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(~d.test))
    made = monday(d.vectors[rows[:100]], d.y[rows[:100]])
    scores.append(np.mean(made.predict(d.vectors[d.test]) == d.y[d.test]))
verdict = "reached" if np.mean(scores) >= 0.80 else "not yet"
print(f"{np.mean(scores):.3f}: {verdict}, "
      f"baseline {majority(d.y[d.test]):.3f}")

# %% [markdown]
# ## Further reading
#
# - Rishi Bommasani and others: *On the Opportunities and Risks of Foundation Models*, 2021.
#   Where the word comes from.
# - Nils Reimers and Iryna Gurevych: *Sentence-BERT*, 2019. How a model learns that like
#   sentences lie close.
# - Tom Brown and others: *Language Models are Few-Shot Learners*, 2020. Examples in the prompt.
# - Yao Lu and others: *Fantastically Ordered Prompts and Where to Find Them*, 2022. The order of
#   the examples, on large models.
# - Tony Zhao and others: *Calibrate Before Use*, 2021. Why examples tilt the answer, and a
#   repair.
# - Robert Geirhos and others: *Shortcut Learning in Deep Neural Networks*, 2020.
# - Loubna Ben Allal and others: *SmolLM2: When Smol Goes Big*, 2025. The language model of this
#   course.

# %% [markdown]
# ## Progress
#
# Your points so far stand on [START HERE](../START_HERE.ipynb); `python -m course.grade 07`
# counts them with the hidden tests. Next in the plan is lesson 08, *CLIP: images and text in one
# space*: the twelve pictures, read by a model that has seen some.
