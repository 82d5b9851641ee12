"""Answers to bootstrap, right and wrong."""

# %% right="one_matrix_of_indices"
# Draws all row numbers at once and sorts the means by hand.
def interval(right, draws=1000, seed=0):
    right = np.asarray(right, float)
    rows = np.random.default_rng(seed).integers(0, len(right), (draws, len(right)))
    means = np.sort(right[rows].mean(axis=1))
    return means[int(0.025 * draws)], means[min(draws - 1, int(0.975 * draws))]


# %% right="binomial_counts"
# A resample of zeros and ones is a binomial count.
def interval(right, draws=1000, seed=0):
    n = len(right)
    counts = np.random.default_rng(seed).binomial(n, np.mean(right), draws)
    return list(np.quantile(counts / n, [0.025, 0.975]))


# %% right="random_module"
# The standard library's choices, without NumPy's generator.
import random


def interval(right, draws=1000, seed=0):
    rng, right = random.Random(seed), [int(r) for r in right]
    means = sorted(sum(rng.choices(right, k=len(right))) / len(right) for _ in range(draws))
    return means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))]


# %% wrong="without_replacement"
# Shuffles: every sample has the same mean.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(seed)
    means = [rng.choice(right, len(right), replace=False).mean() for _ in range(draws)]
    return tuple(np.percentile(means, [2.5, 97.5]))


# %% wrong="mean_plus_minus_one_sd"
# One standard deviation each way covers 68 %, not 95 %.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(seed)
    means = [rng.choice(right, len(right)).mean() for _ in range(draws)]
    return np.mean(means) - np.std(means), np.mean(means) + np.std(means)


# %% wrong="cuts_five_percent_at_each_end"
# The middle 90 %: five per cent at each end.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(seed)
    means = [rng.choice(right, len(right)).mean() for _ in range(draws)]
    return tuple(np.percentile(means, [5, 95]))


# %% wrong="percentiles_of_the_results"
# Percentiles of zeros and ones instead of percentiles of means.
def interval(right, draws=1000, seed=0):
    return tuple(np.percentile(np.asarray(right, float), [2.5, 97.5]))


# %% wrong="always_a_hundred_draws"
# Draws 100 results whatever the size of the test set.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(seed)
    means = [rng.choice(right, 100).mean() for _ in range(draws)]
    return tuple(np.percentile(means, [2.5, 97.5]))


# %% wrong="ignores_the_seed"
# A generator without the seed: another interval in each run.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng()
    means = [rng.choice(right, len(right)).mean() for _ in range(draws)]
    return tuple(np.percentile(means, [2.5, 97.5]))


# %% wrong="seed_is_always_zero"
# The same generator for every seed.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(0)
    means = [rng.choice(right, len(right)).mean() for _ in range(draws)]
    return tuple(np.percentile(means, [2.5, 97.5]))


# %% wrong="generator_inside_the_loop"
# Every sample is the same sample.
def interval(right, draws=1000, seed=0):
    means = [np.random.default_rng(seed).choice(right, len(right)).mean()
             for _ in range(draws)]
    return tuple(np.percentile(means, [2.5, 97.5]))


# %% wrong="two_sigma_past_one"
# A symmetric interval around the mean runs past 1 for small samples.
def interval(right, draws=1000, seed=0):
    rng = np.random.default_rng(seed)
    means = [rng.choice(right, len(right)).mean() for _ in range(draws)]
    return np.mean(right) - 1.96 * np.std(means), np.mean(right) + 1.96 * np.std(means)
