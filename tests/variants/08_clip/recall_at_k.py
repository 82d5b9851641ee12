"""Answers to recall-at-k, right and wrong."""

# %% right="loop_with_plain_python"
# Row by row, counting what is not clearly worse.
def recall_at(scores, k):
    found = 0
    for i, row in enumerate(scores):
        row = list(map(float, row))
        before = sum(1 for j, v in enumerate(row) if j != i and not v < row[i])
        found += before < k
    return found / len(scores)


# %% right="nan_first_then_ranks"
# Replaces nan by the worst case, then counts with >=.
def recall_at(scores, k):
    scores = np.array(scores, dtype=float)
    own = np.diag(scores).copy()
    scores[np.isnan(scores)] = np.inf
    own[np.isnan(own)] = -np.inf
    return np.mean(np.sum(scores >= own[:, None], axis=1) <= k)


# %% right="sorted_with_the_own_one_last"
# Sorts each row with ties lost: larger first, the own one behind its equals.
def recall_at(scores, k):
    hits = []
    for i, row in enumerate(np.asarray(scores, float)):
        order = sorted(range(len(row)), key=lambda j: (
            -np.inf if np.isnan(row[j]) else -row[j], j == i))
        hits.append(i in order[:k] if not np.isnan(row[i]) else k >= len(row))
    return sum(hits) / len(hits)


# %% wrong="ties_won"
# Counts only the pictures that score more: constant scores find everything.
def recall_at(scores, k):
    own = np.diag(scores)[:, None]
    return float(np.mean((scores > own).sum(axis=1) < k))


# %% wrong="nan_finds_everything"
# Passes every visible assert: with nan every comparison is False and the rank becomes 0.
def recall_at(scores, k):
    own = np.diag(scores)[:, None]
    return float(np.mean((scores >= own).sum(axis=1) <= k))


# %% wrong="columns_are_queries"
# Asks every picture for its text instead.
def recall_at(scores, k):
    own = np.diag(scores)[None, :]
    return float(np.mean((~(scores < own)).sum(axis=0) <= k))


# %% wrong="argsort_breaks_ties_by_place"
# In a tie the lower column wins, which is luck.
def recall_at(scores, k):
    order = np.argsort(-np.asarray(scores), axis=1, kind="stable")[:, :k]
    return float(np.mean([i in row for i, row in enumerate(order)]))


# %% wrong="counts_instead_of_share"
# Returns how many were found.
def recall_at(scores, k):
    own = np.diag(scores)[:, None]
    return int(np.sum((~(scores < own)).sum(axis=1) <= k))


# %% wrong="one_place_too_far"
# Ranks from 0 and compares with <=, so the first k + 1 count.
def recall_at(scores, k):
    own = np.diag(scores)[:, None]
    return float(np.mean((~(scores < own)).sum(axis=1) - 1 <= k))


# %% wrong="other_nan_ignored"
# Passes every visible assert: asks for >=, and mends only the own nan.
def recall_at(scores, k):
    own = np.diag(scores)
    rank = (scores >= own[:, None]).sum(axis=1)
    return float(np.mean((rank <= k) & ~np.isnan(own)))

# %% wrong="own_nan_is_never_found"
# Passes every visible assert: with all n pictures shown, a query without a score is still lost.
def recall_at(scores, k):
    scores = np.asarray(scores, float)
    own = np.diag(scores)[:, None]
    rank = (~(scores < own)).sum(axis=1)
    return float(np.mean((rank <= k) & ~np.isnan(own[:, 0])))
