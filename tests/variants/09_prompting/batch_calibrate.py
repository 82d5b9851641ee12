"""Answers to batch-calibrate, right and wrong."""

# %% right="ranks"
# The rank of each margin, by sorting twice.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    ranks = margins.argsort().argsort()
    return (ranks >= len(margins) - round(share * len(margins))).astype(int)


# %% right="plain_lists"
# Without NumPy: a set of the places of the largest.
def batch_labels(margins, share=0.5):
    places = sorted(range(len(margins)), key=lambda i: margins[i], reverse=True)
    good = set(places[:int(round(share * len(margins)))])
    return [1 if i in good else 0 for i in range(len(margins))]


# %% right="border_at_the_first_bad"
# The border is the largest margin that is not good any more.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    ones = round(share * len(margins))
    ordered = np.concatenate([[np.inf], np.sort(margins)[::-1], [-np.inf]])
    return np.array([bool(m > ordered[ones + 1]) for m in margins])


# %% wrong="border_at_zero"
# Compares with 0, the border that is in the wrong place.
def batch_labels(margins, share=0.5):
    return (np.asarray(margins, float) > 0).astype(int)


# %% wrong="border_at_the_mean"
# A mean is pulled by few large margins.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    shift = np.quantile(margins, 1 - share) - np.median(margins)
    return (margins > margins.mean() + shift).astype(int)


# %% wrong="ignores_the_share"
# Always half.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    return (margins > np.median(margins)).astype(int)


# %% wrong="share_of_the_bad"
# Takes the share for the bad ones.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    labels = np.ones(len(margins), int)
    labels[np.argsort(margins)[:round(share * len(margins))]] = 0
    return labels


# %% wrong="answers_in_sorted_order"
# Sorts the margins and answers for the sorted ones.
def batch_labels(margins, share=0.5):
    margins = np.sort(np.asarray(margins, float))
    ones = round(share * len(margins))
    return (np.arange(len(margins)) >= len(margins) - ones).astype(int)


# %% wrong="first_half_is_good"
# Calls the first ones good, whatever their margins.
def batch_labels(margins, share=0.5):
    ones = round(share * len(margins))
    return [1] * ones + [0] * (len(margins) - ones)


# %% wrong="smallest_are_good"
# The wrong end of the order.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    labels = np.zeros(len(margins), int)
    labels[np.argsort(margins)[:round(share * len(margins))]] = 1
    return labels


# %% wrong="a_share_of_the_range"
# Puts the border at a share of the way from the smallest to the largest margin.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, float)
    border = margins.max() - share * (margins.max() - margins.min())
    return (margins > border).astype(int)


# %% wrong="sorts_in_place"
# Changes the caller's array.
def batch_labels(margins, share=0.5):
    original = np.array(margins, float)
    if isinstance(margins, np.ndarray):
        margins.sort()
    ones = round(share * len(original))
    labels = np.zeros(len(original), int)
    labels[np.argsort(-original)[:ones]] = 1
    return labels

# %% wrong="cut_off_instead_of_rounded"
# Passes every visible assert: one good one too few wherever the share ends above a half.
def batch_labels(margins, share=0.5):
    margins = np.asarray(margins, dtype=float)
    labels = np.zeros(len(margins), dtype=int)
    labels[np.argsort(-margins)[:int(share * len(margins))]] = 1
    return labels
