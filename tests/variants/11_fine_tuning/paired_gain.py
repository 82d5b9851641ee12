"""Answers to paired-gain, right and wrong."""

# %% right="draws_rows"
# Draws request numbers once and looks both results up.
def gain(before, after, draws=2000, seed=0):
    before, after = np.array(before, float), np.array(after, float)
    rng, n = np.random.default_rng(seed), len(before)
    rows = rng.integers(0, n, (draws, n))
    means = after[rows].mean(axis=1) - before[rows].mean(axis=1)
    return (after.mean() - before.mean(), np.quantile(means, 0.025), np.quantile(means, 0.975))


# %% right="pairs_with_the_standard_library"
# random.choices on the list of pairs.
import random


def gain(before, after, draws=2000, seed=0):
    pairs = [int(b) - int(a) for a, b in zip(before, after)]
    rng, n = random.Random(seed), len(pairs)
    means = sorted(sum(rng.choices(pairs, k=n)) / n for _ in range(draws))
    return sum(pairs) / n, means[int(0.025 * draws)], means[min(draws - 1, int(0.975 * draws))]


# %% wrong="unpaired"
# Draws the two models' requests apart.
def gain(before, after, draws=2000, seed=0):
    before, after = np.asarray(before, float), np.asarray(after, float)
    rng, n = np.random.default_rng(seed), len(before)
    means = [rng.choice(after, n).mean() - rng.choice(before, n).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return after.mean() - before.mean(), low, high


# %% wrong="difference_of_two_intervals"
# Low less high and high less low: far too wide.
def gain(before, after, draws=2000, seed=0):
    before, after = np.asarray(before, float), np.asarray(after, float)
    rng, n = np.random.default_rng(seed), len(before)
    ends = [np.percentile([rng.choice(one, n).mean() for _ in range(draws)], [2.5, 97.5])
            for one in (before, after)]
    return (after.mean() - before.mean(), ends[1][0] - ends[0][1], ends[1][1] - ends[0][0])


# %% wrong="wins_only"
# Counts requests that were won and forgets those that were lost.
def gain(before, after, draws=2000, seed=0):
    won = (np.asarray(after, float) > np.asarray(before, float)).astype(float)
    rng = np.random.default_rng(seed)
    means = [rng.choice(won, len(won)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return won.mean(), low, high


# %% wrong="wrong_way_round"
# before less after.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(before, float) - np.asarray(after, float)
    rng = np.random.default_rng(seed)
    means = [rng.choice(difference, len(difference)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return difference.mean(), low, high


# %% wrong="only_changed_requests"
# Leaves the requests out that stayed the same: the gain looks larger than it is.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(after, float) - np.asarray(before, float)
    changed = difference[difference != 0]
    changed = changed if len(changed) else difference
    rng = np.random.default_rng(seed)
    means = [rng.choice(changed, len(changed)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return changed.mean(), low, high


# %% wrong="percentiles_of_the_differences"
# Where the single differences lie, not their mean.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(after, float) - np.asarray(before, float)
    low, high = np.percentile(difference, [2.5, 97.5])
    return difference.mean(), low, high


# %% wrong="seed_is_always_zero"
# The same interval for every seed.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(after, float) - np.asarray(before, float)
    rng = np.random.default_rng(0)
    means = [rng.choice(difference, len(difference)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return difference.mean(), low, high


# %% wrong="ninety_percent"
# Five per cent at each end.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(after, float) - np.asarray(before, float)
    rng = np.random.default_rng(seed)
    means = [rng.choice(difference, len(difference)).mean() for _ in range(draws)]
    low, high = np.percentile(means, [5, 95])
    return difference.mean(), low, high


# %% wrong="formula_instead_of_samples"
# The normal formula: no sample is drawn, and draws changes nothing.
def gain(before, after, draws=2000, seed=0):
    difference = np.asarray(after, float) - np.asarray(before, float)
    noise = np.random.default_rng(seed).normal(0, 1e-6)
    half = 1.96 * difference.std() / len(difference) ** 0.5
    half = half * (1 + noise)
    return difference.mean(), difference.mean() - half, difference.mean() + half
