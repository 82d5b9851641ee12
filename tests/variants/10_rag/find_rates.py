"""Answers to find-rates, right and wrong."""

# %% right="plain_loops"
# Counts by hand, one question after the other.
def find_rates(rankings, relevant, k):
    recall = mrr = 0.0
    for ranking, right in zip(rankings, relevant):
        recall += sum(1 for item in list(ranking)[:k] if item in right) / len(right)
        for rank, item in enumerate(ranking, 1):
            if item in right:
                mrr += 1 / rank
                break
    return recall / len(rankings), mrr / len(rankings)


# %% right="next_and_mean"
# Comprehensions, and `next` for the first hit.
def find_rates(rankings, relevant, k):
    pairs = list(zip(rankings, relevant))
    firsts = [next((1 / (i + 1) for i, item in enumerate(r) if item in t), 0)
              for r, t in pairs]
    return (float(np.mean([len(t.intersection(r[:k])) / len(t)
                           for r, t in pairs])), float(np.mean(firsts)))


# %% wrong="precision_instead"
# Divides by k: that is precision.
def find_rates(rankings, relevant, k):
    recall = np.mean([len(set(r[:k]) & t) / k for r, t in zip(rankings, relevant)])
    mrr = np.mean([next((1 / i for i, x in enumerate(r, 1) if x in t), 0)
                   for r, t in zip(rankings, relevant)])
    return recall, mrr


# %% wrong="hit_or_miss"
# A question counts as found as soon as one of its pages is.
def find_rates(rankings, relevant, k):
    recall = np.mean([bool(set(r[:k]) & t) for r, t in zip(rankings, relevant)])
    mrr = np.mean([next((1 / i for i, x in enumerate(r, 1) if x in t), 0)
                   for r, t in zip(rankings, relevant)])
    return recall, mrr


# %% wrong="mrr_within_k"
# Cuts the ranking at k for MRR, too.
def find_rates(rankings, relevant, k):
    recall = np.mean([len(set(r[:k]) & t) / len(t)
                      for r, t in zip(rankings, relevant)])
    mrr = np.mean([next((1 / i for i, x in enumerate(r[:k], 1) if x in t), 0)
                   for r, t in zip(rankings, relevant)])
    return recall, mrr


# %% wrong="ranks_from_zero"
# Lets ranks begin with 0 and adds nothing to them.
def find_rates(rankings, relevant, k):
    recall = np.mean([len(set(r[:k]) & t) / len(t)
                      for r, t in zip(rankings, relevant)])
    mrr = np.mean([next((1 / max(i, 1) for i, x in enumerate(r) if x in t), 0)
                   for r, t in zip(rankings, relevant)])
    return recall, mrr


# %% wrong="averages_over_pages"
# Pools all right pages: a question with many weighs more.
def find_rates(rankings, relevant, k):
    found = sum(len(set(r[:k]) & t) for r, t in zip(rankings, relevant))
    recall = found / sum(map(len, relevant))
    mrr = np.mean([next((1 / i for i, x in enumerate(r, 1) if x in t), 0)
                   for r, t in zip(rankings, relevant)])
    return recall, mrr


# %% wrong="skips_what_is_missing"
# Leaves questions without a hit out of the mean of MRR.
def find_rates(rankings, relevant, k):
    recall = np.mean([len(set(r[:k]) & t) / len(t)
                      for r, t in zip(rankings, relevant)])
    ranks = [next((1 / i for i, x in enumerate(r, 1) if x in t), None)
             for r, t in zip(rankings, relevant)]
    ranks = [rank for rank in ranks if rank]
    return recall, np.mean(ranks) if ranks else 0


# %% wrong="all_hits_count"
# Averages over every right page found, not only the first.
def find_rates(rankings, relevant, k):
    recall = np.mean([len(set(r[:k]) & t) / len(t)
                      for r, t in zip(rankings, relevant)])
    mrr = np.mean([np.mean([1 / i for i, x in enumerate(r, 1) if x in t] or [0])
                   for r, t in zip(rankings, relevant)])
    return recall, mrr
