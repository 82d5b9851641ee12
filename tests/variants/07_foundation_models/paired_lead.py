"""Answers to paired-lead, right and wrong."""

# %% right="one_matrix_of_rows"
# All drawn row numbers at once, the same for both models.
def lead(a, b, draws=1000, seed=0):
    a, b = np.asarray(a, float), np.asarray(b, float)
    rows = np.random.default_rng(seed).integers(0, len(a), (draws, len(a)))
    means = a[rows].mean(axis=1) - b[rows].mean(axis=1)
    return (a.mean() - b.mean(), *np.quantile(means, [0.025, 0.975]))


# %% right="random_module"
# The standard library draws pairs.
import random


def lead(a, b, draws=1000, seed=0):
    rng, steps = random.Random(seed), [int(x) - int(z) for x, z in zip(a, b)]
    n = len(steps)
    means = sorted(sum(rng.choices(steps, k=n)) / n for _ in range(draws))
    low, high = means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))]
    return [sum(steps) / n, low, high]


# %% right="counts_of_three_outcomes"
# A sample is a draw of how often a leads, is level, is behind.
def lead(a, b, draws=1000, seed=0):
    step = np.asarray(a, int) - np.asarray(b, int)
    shares = [(step == v).mean() for v in (1, 0, -1)]
    got = np.random.default_rng(seed).multinomial(len(step), shares, draws)
    means = (got[:, 0] - got[:, 2]) / len(step)
    return step.mean(), *np.percentile(means, [2.5, 97.5])


# %% wrong="draws_for_each_model"
# Draws other sentences for b than for a: the shared luck is lost.
def lead(a, b, draws=1000, seed=0):
    a, b, rng = np.asarray(a, float), np.asarray(b, float), np.random.default_rng(seed)
    means = [rng.choice(a, len(a)).mean() - rng.choice(b, len(b)).mean() for _ in range(draws)]
    return a.mean() - b.mean(), *np.percentile(means, [2.5, 97.5])


# %% wrong="without_replacement"
# A shuffle has the same mean each time.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a, float) - np.asarray(b, float), np.random.default_rng(seed)
    means = [rng.permutation(step).mean() for _ in range(draws)]
    return step.mean(), *np.percentile(means, [2.5, 97.5])


# %% wrong="one_standard_error"
# Covers 68 of 100, and passes every visible assert.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a, float) - np.asarray(b, float), np.random.default_rng(seed)
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    return step.mean(), step.mean() - np.std(means), step.mean() + np.std(means)


# %% wrong="ninety_percent"
# Cuts 5 % off at each end.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a, float) - np.asarray(b, float), np.random.default_rng(seed)
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    return step.mean(), *np.percentile(means, [5, 95])


# %% wrong="only_where_they_differ"
# Drops the sentences on which both agree, so the lead is a share of something else.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a, float) - np.asarray(b, float), np.random.default_rng(seed)
    step = step[step != 0] if (step != 0).any() else step
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    return step.mean(), *np.percentile(means, [2.5, 97.5])


# %% wrong="seed_never_used"
# The same interval whatever the seed.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a, float) - np.asarray(b, float), np.random.default_rng(0)
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    return step.mean(), *np.percentile(means, [2.5, 97.5])


# %% wrong="subtracts_booleans"
# Works for 0 and 1; NumPy does not subtract True and False.
def lead(a, b, draws=1000, seed=0):
    step, rng = np.asarray(a) - np.asarray(b), np.random.default_rng(seed)
    means = [rng.choice(step, len(step)).mean() for _ in range(draws)]
    return step.mean(), *np.percentile(means, [2.5, 97.5])
