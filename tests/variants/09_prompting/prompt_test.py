"""Answers to prompt-test, right and wrong."""

# %% right="loop_over_draws"
# One resampled set after the other, both answers by the same rows.
def compare(old, new, draws=2000, seed=0):
    old, new = np.array(old, float), np.array(new, float)
    rng, gains = np.random.default_rng(seed), []
    for _ in range(draws):
        rows = rng.integers(0, len(old), len(old))
        gains.append(new[rows].mean() - old[rows].mean())
    low, high = np.quantile(gains, [0.025, 0.975])
    return new.mean() - old.mean(), low, high, [
        i for i, (a, b) in enumerate(zip(old, new)) if a and not b]


# %% right="multinomial_counts"
# How often each of the three steps is drawn follows a multinomial distribution.
def compare(old, new, draws=2000, seed=0):
    steps = [int(b) - int(a) for a, b in zip(old, new)]
    n, shares = len(steps), [steps.count(v) / len(steps) for v in (-1, 0, 1)]
    counts = np.random.default_rng(seed).multinomial(n, shares, draws)
    gains = np.sort((counts[:, 2] - counts[:, 0]) / n)
    return (sum(steps) / n, gains[int(0.025 * draws)], gains[int(0.975 * draws) - 1],
            [i for i, step in enumerate(steps) if step == -1])


# %% right="random_module"
# The standard library's choices.
import random


def compare(old, new, draws=2000, seed=0):
    steps, rng = [int(b) - int(a) for a, b in zip(old, new)], random.Random(seed)
    gains = sorted(sum(rng.choices(steps, k=len(steps))) / len(steps) for _ in range(draws))
    broken = tuple(i for i in range(len(steps)) if steps[i] < 0)
    return (sum(steps) / len(steps), gains[round(0.025 * (draws - 1))],
            gains[round(0.975 * (draws - 1))], broken)


# %% wrong="two_samples"
# Resamples the two prompts apart, as if they had met different cases.
def compare(old, new, draws=2000, seed=0):
    old, new = np.array(old, float), np.array(new, float)
    rng, n = np.random.default_rng(seed), len(old)
    gains = (new[rng.integers(0, n, (draws, n))].mean(1)
             - old[rng.integers(0, n, (draws, n))].mean(1))
    low, high = np.percentile(gains, [2.5, 97.5])
    return new.mean() - old.mean(), low, high, np.flatnonzero(new < old).tolist()


# %% wrong="old_less_new"
# The sign the wrong way round.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(old, int) - np.array(new, int)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps > 0).tolist()


# %% wrong="lists_the_mended"
# Names the cases that got better.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps > 0).tolist()


# %% wrong="lists_all_that_are_wrong_now"
# Names every wrong case, also those that were wrong before.
def compare(old, new, draws=2000, seed=0):
    old, new = np.array(old, int), np.array(new, int)
    steps = new - old
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(new == 0).tolist()


# %% wrong="one_standard_error"
# 68 % instead of 95 %.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [16, 84])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()


# %% wrong="only_the_changed_cases"
# Resamples the changed cases only: the interval is that of another question.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    changed = steps[steps != 0]
    if len(changed) == 0:
        return 0.0, 0.0, 0.0, []
    rows = np.random.default_rng(seed).integers(0, len(changed), (draws, len(changed)))
    low, high = np.percentile(changed[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()


# %% wrong="ignores_the_seed"
# Another interval in each run.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng().integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()


# %% wrong="seed_is_always_zero"
# The same interval for every seed.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng(0).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()


# %% wrong="a_hundred_cases_always"
# Draws 100 cases whatever their number.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, 100))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()

# %% wrong="middle_ninety_percent"
# Passes every visible assert: 5 % are cut off at each end.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new, int) - np.array(old, int)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [5, 95])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()


# %% wrong="subtracts_truth_values"
# Stops with True and False: NumPy subtracts no truth values.
def compare(old, new, draws=2000, seed=0):
    steps = np.array(new) - np.array(old)
    rows = np.random.default_rng(seed).integers(0, len(steps), (draws, len(steps)))
    low, high = np.percentile(steps[rows].mean(1), [2.5, 97.5])
    return steps.mean(), low, high, np.flatnonzero(steps < 0).tolist()
