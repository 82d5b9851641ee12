"""Answers to cheapest-threshold, right and wrong."""

# %% right="sorted_once_with_cumulated_sums"
# One sort and two cumulated sums instead of a loop over thresholds.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    values = np.append(np.unique(p), np.inf)
    order = np.argsort(p, kind="stable")
    p, bad = p[order], bad[order]
    below = np.searchsorted(p, values, side="left")
    misses = np.concatenate([[0], np.cumsum(bad)])[below]
    looks = np.sum(~bad) - np.concatenate([[0], np.cumsum(~bad)])[below]
    usd = look_usd * looks + miss_usd * misses
    return float(values[usd.argmin()]), float(usd.min())


# %% right="plain_loops"
# Lists and a loop, no NumPy.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    pairs = [(float(p), bool(b)) for p, b in zip(p_bad, is_bad)]
    best = None
    for at in sorted({p for p, _ in pairs} | {2.0}):
        usd = sum(look_usd if p >= at and not b else miss_usd if p < at and b else 0
                  for p, b in pairs)
        if best is None or usd < best[1]:
            best = (at, usd)
    return best


# %% right="arrays_as_they_come"
# Believes the contract, which promises arrays, and converts nothing.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    tries = np.append(np.unique(p_bad), 2.0)
    usd = [look_usd * (~is_bad & (p_bad >= at)).sum() + miss_usd * is_bad[p_bad < at].sum()
           for at in tries]
    return tries[np.argmin(usd)], min(usd)


# %% wrong="swaps_the_two_errors"
# Charges a look for a miss and a miss for a look.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: miss_usd * np.sum((p >= at) & ~bad) + look_usd * np.sum((p < at) & bad)
             for at in [*np.unique(p), p.max() + 1]}
    best = min(costs, key=costs.get)
    return best, costs[best]


# %% wrong="charges_every_look"
# Charges the look for right alarms as well.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: look_usd * np.sum(p >= at) + miss_usd * np.sum((p < at) & bad)
             for at in [*np.unique(p), p.max() + 1]}
    best = min(costs, key=costs.get)
    return best, costs[best]


# %% wrong="never_forwards_nobody"
# Tries the probabilities that occur and forgets the one above them all.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: look_usd * np.sum((p >= at) & ~bad) + miss_usd * np.sum((p < at) & bad)
             for at in np.unique(p)}
    best = min(costs, key=costs.get)
    return best, costs[best]


# %% wrong="above_instead_of_at_least"
# Forwards above the threshold only, so the sentence at the threshold is missed.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: look_usd * np.sum((p > at) & ~bad) + miss_usd * np.sum((p <= at) & bad)
             for at in [0.0, *np.unique(p)]}
    best = min(costs, key=costs.get)
    return best, costs[best]


# %% wrong="grid_of_tenths"
# Tries ten round numbers instead of the probabilities that occur.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: look_usd * np.sum((p >= at) & ~bad) + miss_usd * np.sum((p < at) & bad)
             for at in np.arange(0, 1.2, 0.1)}
    best = min(costs, key=costs.get)
    return best, costs[best]


# %% wrong="trusts_the_theory"
# Takes look / (look + miss), which holds for probabilities that are frequencies.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    at = look_usd / (look_usd + miss_usd) + 0.05
    return at, look_usd * np.sum((p >= at) & ~bad) + miss_usd * np.sum((p < at) & bad)


# %% wrong="fewest_errors"
# Minimises the number of errors and then reports what they cost.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    best = min([*np.unique(p), p.max() + 1], key=lambda at: np.sum((p >= at) != bad))
    return best, (look_usd * np.sum((p >= best) & ~bad)
                  + miss_usd * np.sum((p < best) & bad))


# %% wrong="mean_cost_per_sentence"
# Gives the cost of one sentence instead of all.
def cheapest(p_bad, is_bad, look_usd, miss_usd):
    p, bad = np.asarray(p_bad, float), np.asarray(is_bad, bool)
    costs = {at: look_usd * np.mean((p >= at) & ~bad) + miss_usd * np.mean((p < at) & bad)
             for at in [*np.unique(p), p.max() + 1]}
    best = min(costs, key=costs.get)
    return best, costs[best]
