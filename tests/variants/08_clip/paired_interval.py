"""Answers to paired-interval, right and wrong."""

# %% right="standard_error_of_the_differences"
# The formula for pairs.
def paired(a, b, seed=0):
    gain = np.array(b, dtype=float) - np.array(a, dtype=float)
    half = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
    return gain.mean(), gain.mean() - half, gain.mean() + half


# %% right="all_draws_at_once"
# One array of drawn question numbers, the two shares taken from the same draws.
def paired(a, b, seed=0):
    a, b = np.asarray(a, bool), np.asarray(b, bool)
    rows = np.random.default_rng(seed).integers(0, len(a), (3000, len(a)))
    diffs = np.sort(b[rows].mean(axis=1) - a[rows].mean(axis=1))
    return b.mean() - a.mean(), diffs[75], diffs[-76]


# %% right="multinomial_counts"
# Draws how often each kind of pair (won, lost, even) comes.
def paired(a, b, seed=0):
    won = sum(1 for x, y in zip(a, b) if y and not x)
    lost = sum(1 for x, y in zip(a, b) if x and not y)
    n = len(a)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, [won / n, lost / n, 1 - (won + lost) / n], size=4000)
    diffs = (drawn[:, 0] - drawn[:, 1]) / n
    return (won - lost) / n, *np.percentile(diffs, [2.5, 97.5])


# %% wrong="questions_drawn_for_each_model"
# Forgets the pairs: equal models seem to differ.
def paired(a, b, seed=0):
    a, b = np.asarray(a, float), np.asarray(b, float)
    rng = np.random.default_rng(seed)
    n = len(a)
    diffs = [rng.choice(b, n).mean() - rng.choice(a, n).mean() for _ in range(2000)]
    return b.mean() - a.mean(), *np.quantile(diffs, [0.025, 0.975])


# %% wrong="a_less_b"
# The other way round.
def paired(a, b, seed=0):
    gain = np.asarray(a, float) - np.asarray(b, float)
    rng = np.random.default_rng(seed)
    d = [gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(2000)]
    return gain.mean(), *np.quantile(d, [0.025, 0.975])


# %% wrong="spread_of_the_questions"
# The quantiles of the differences themselves, not of their mean.
def paired(a, b, seed=0):
    gain = np.asarray(b, float) - np.asarray(a, float)
    return gain.mean(), *np.quantile(gain, [0.025, 0.975])


# %% wrong="drawn_without_replacement"
# A permutation has always the same mean: the interval has no width.
def paired(a, b, seed=0):
    gain = np.asarray(b, float) - np.asarray(a, float)
    rng = np.random.default_rng(seed)
    d = [rng.permutation(gain).mean() for _ in range(2000)]
    return gain.mean(), *np.quantile(d, [0.025, 0.975])


# %% wrong="eighty_percent"
# Passes every visible assert: 1.28 standard errors are the middle 80 %.
def paired(a, b, seed=0):
    gain = np.asarray(b, float) - np.asarray(a, float)
    half = 1.28 * gain.std() / len(gain) ** 0.5
    return gain.mean(), gain.mean() - half, gain.mean() + half


# %% wrong="a_hundred_questions_a_draw"
# Passes every visible assert: draws 100 questions, however many there are.
def paired(a, b, seed=0):
    gain = np.asarray(b, float) - np.asarray(a, float)
    rng = np.random.default_rng(seed)
    d = [gain[rng.integers(0, len(gain), 100)].mean() for _ in range(2000)]
    return gain.mean(), *np.quantile(d, [0.025, 0.975])


# %% wrong="two_separate_errors_added"
# The formula for two independent samples.
def paired(a, b, seed=0):
    a, b = np.asarray(a, float), np.asarray(b, float)
    half = 1.96 * ((a.var() + b.var()) / len(a)) ** 0.5
    d = b.mean() - a.mean()
    return d, d - half, d + half

# %% wrong="ninety_percent_formula"
# Passes every visible assert: 1.645 standard errors are the middle 90 %.
def paired(a, b, seed=0):
    gain = np.asarray(b, float) - np.asarray(a, float)
    half = 1.645 * gain.std(ddof=1) / len(gain) ** 0.5
    return gain.mean(), gain.mean() - half, gain.mean() + half
