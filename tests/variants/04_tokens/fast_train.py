"""Answers to fast-train, right and wrong."""

# %% right="counter_updates"
# The same idea with Counter and lists.
from collections import Counter


def fast_train(words, merges):
    parts, times = [list(w) for w in words], list(words.values())
    counts, homes = Counter(), {}
    for k, part in enumerate(parts):
        for pair in zip(part, part[1:]):
            counts[pair] += times[k]
            homes.setdefault(pair, set()).add(k)
    learned = []
    while len(learned) < merges:
        counts = +counts
        if not counts:
            break
        top = max(counts.values())
        best = min(p for p, n in counts.items() if n == top)
        for k in list(homes[best]):
            for pair in zip(parts[k], parts[k][1:]):
                counts[pair] -= times[k]
            parts[k] = list(merge_pair(parts[k], best, 256 + len(learned)))
            for pair in zip(parts[k], parts[k][1:]):
                counts[pair] += times[k]
                homes.setdefault(pair, set()).add(k)
        learned.append(best)
    return learned


# %% wrong="the_slow_one"
# Right, and no faster.
def fast_train(words, merges):
    return train_bpe(dict(words), merges)


# %% wrong="stale_counts"
# Adds the new pairs but never takes the old ones off.
def fast_train(words, merges):
    parts, times = [list(w) for w in words], list(words.values())
    counts = dict(pair_counts(words))
    learned = []
    while counts and len(learned) < merges:
        best = min(counts, key=lambda p: (-counts[p], p))
        del counts[best]
        new = 256 + len(learned)
        for k, part in enumerate(parts):
            glued = list(merge_pair(part, best, new))
            if len(glued) < len(part):
                for pair in zip(glued, glued[1:]):
                    if new in pair:
                        counts[pair] = counts.get(pair, 0) + times[k]
                parts[k] = glued
        learned.append(best)
    return learned


# %% wrong="top_pairs_of_the_start"
# Takes the most frequent pairs of the first count.
def fast_train(words, merges):
    counts = pair_counts(words)
    return sorted(counts, key=lambda p: (-counts[p], p))[:merges]


# %% wrong="ties_by_first_seen"
# Fast, with another rule for ties.
def fast_train(words, merges):
    words, learned = dict(words), []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = max(counts, key=counts.get)
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return learned


# %% wrong="changes_its_input"
# Works in the dict of the caller.
def fast_train(words, merges):
    learned = train_bpe(dict(words), merges)
    words.clear()
    return learned
