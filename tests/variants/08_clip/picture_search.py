"""Answers to picture-search, right and wrong."""

# %% right="sorted_with_a_key"
# Plain Python over the remaining rows.
def search(query, points, k=5, leave_out=()):
    def cosine(i):
        return float(np.dot(points[i], query)) / (float(np.linalg.norm(points[i])) or 1)

    rest = [i for i in range(len(points)) if i not in set(leave_out)]
    return sorted(rest, key=lambda i: -round(cosine(i), 12))[:k]


# %% right="unit_rows_and_minus_infinity"
# Bans rows by the worst score and cuts before them.
def search(query, points, k=5, leave_out=()):
    points = np.array(points, float)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    score = unit @ (np.array(query) / np.linalg.norm(query))
    allowed = np.ones(len(points), bool)
    allowed[list(leave_out)] = False
    numbers = np.flatnonzero(allowed)
    return numbers[np.argsort(-score[numbers].round(12), kind="stable")][:k]


# %% right="lexsort"
# Score first, row number second.
def search(query, points, k=5, leave_out=()):
    score = (points @ query) / np.sqrt((points ** 2).sum(axis=1))
    order = np.lexsort((np.arange(len(points)), -np.round(score, 10)))
    kept = order[~np.isin(order, list(leave_out))]
    return kept[:k].tolist()


# %% wrong="longer_rows_win"
# Products instead of cosines.
def search(query, points, k=5, leave_out=()):
    order = np.argsort(-(points @ query), kind="stable")
    return [int(i) for i in order if i not in set(leave_out)][:k]


# %% wrong="worst_first"
# Forgets the minus.
def search(query, points, k=5, leave_out=()):
    score = points @ query / np.linalg.norm(points, axis=1)
    return [int(i) for i in np.argsort(score, kind="stable") if i not in set(leave_out)][:k]


# %% wrong="cut_before_the_ban"
# Passes every visible assert: takes k, then drops, so fewer come back.
def search(query, points, k=5, leave_out=()):
    score = points @ query / np.linalg.norm(points, axis=1)
    order = np.argsort(-score, kind="stable")[:k]
    return [int(i) for i in order if i not in set(leave_out)]


# %% wrong="ties_turned_round"
# Passes every visible assert: sorts upwards and turns the list, so equals come out backwards.
def search(query, points, k=5, leave_out=()):
    score = points @ query / np.linalg.norm(points, axis=1)
    order = np.argsort(score, kind="stable")[::-1]
    return [int(i) for i in order if i not in set(leave_out)][:k]


# %% wrong="nothing_is_left_out"
# Ignores leave_out.
def search(query, points, k=5, leave_out=()):
    score = points @ query / np.linalg.norm(points, axis=1)
    return [int(i) for i in np.argsort(-score, kind="stable")][:k]


# %% wrong="always_five"
# Ignores k.
def search(query, points, k=5, leave_out=()):
    score = points @ query / np.linalg.norm(points, axis=1)
    order = np.argsort(-score, kind="stable")
    return [int(i) for i in order if i not in set(leave_out)][:5]


# %% wrong="distance_instead_of_cosine"
# The nearest row by distance: short rows win near a short query.
def search(query, points, k=5, leave_out=()):
    order = np.argsort(np.linalg.norm(points - query, axis=1), kind="stable")
    return [int(i) for i in order if i not in set(leave_out)][:k]
