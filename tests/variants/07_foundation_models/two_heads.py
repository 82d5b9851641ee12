"""Answers to two-heads, right and wrong."""

# %% right="list_comprehension"
# Plain Python, pair by pair.
def two_heads(p, q, weight=0.5):
    return [int(weight * a + (1 - weight) * b > 0.5) for a, b in zip(p, q)]


# %% right="numpy_average"
# The library's weighted mean.
def two_heads(p, q, weight=0.5):
    return np.average([p, q], axis=0, weights=[weight, 1 - weight]) > 0.5


# %% wrong="votes_first"
# Rounds each model to 0 or 1, so the surer one cannot win.
def two_heads(p, q, weight=0.5):
    votes = weight * (np.asarray(p) > 0.5) + (1 - weight) * (np.asarray(q) > 0.5)
    return (votes > 0.5).astype(int)


# %% wrong="ignores_the_weight"
# Right for the default only: it passes the visible check.
def two_heads(p, q, weight=0.5):
    return ((np.asarray(p) + np.asarray(q)) / 2 > 0.5).astype(int)


# %% wrong="weight_on_the_other"
# Gives `weight` to q.
def two_heads(p, q, weight=0.5):
    return ((1 - weight) * np.asarray(p) + weight * np.asarray(q) > 0.5).astype(int)


# %% wrong="forgets_to_divide"
# Compares the sum of both with one half.
def two_heads(p, q, weight=0.5):
    return (np.asarray(p) + np.asarray(q) > 0.5).astype(int)


# %% wrong="both_must_agree"
# Good only where both say good.
def two_heads(p, q, weight=0.5):
    return ((np.asarray(p) > 0.5) & (np.asarray(q) > 0.5)).astype(int)


# %% wrong="surer_one_alone"
# The model further from .5 decides, whatever the weight.
def two_heads(p, q, weight=0.5):
    p, q = np.asarray(p), np.asarray(q)
    return np.where(abs(p - 0.5) > abs(q - 0.5), p > 0.5, q > 0.5).astype(int)


# %% wrong="average_instead_of_answer"
# Returns the probability and leaves the border to the reader.
def two_heads(p, q, weight=0.5):
    return weight * np.asarray(p) + (1 - weight) * np.asarray(q)
