"""Answers to train-bpe, right and wrong."""

# %% right="sorts_candidates"
# Sorts all pairs, keeps pieces as lists in two parallel lists, counts by itself.
def train_bpe(words, merges):
    parts, times = [list(w) for w in words], list(words.values())
    learned = []
    while len(learned) < merges:
        counts = {}
        for part, n in zip(parts, times):
            for i in range(len(part) - 1):
                key = (part[i], part[i + 1])
                counts[key] = counts.get(key, 0) + n
        if not counts:
            return learned
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0]
        parts = [list(merge_pair(part, best, 256 + len(learned))) for part in parts]
        learned.append(best)
    return learned


# %% right="lists_of_pairs"
# Gives the pairs as lists, and finds the smallest of the tied ones in two steps.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for k in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        top = max(counts.values())
        best = min(p for p in counts if counts[p] == top)
        learned.append([int(best[0]), int(best[1])])
        new = {}
        for word, n in words.items():
            key = tuple(merge_pair(word, best, 256 + k))
            new[key] = new.get(key, 0) + n
        words = new
    return learned


# %% wrong="first_seen_wins_ties"
# max takes the first of equals, in the order of the dict.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = max(counts, key=counts.get)
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return learned


# %% wrong="largest_pair_wins_ties"
# max over (count, pair) takes the largest of equals.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = max(counts, key=lambda p: (counts[p], p))
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return learned


# %% wrong="counts_only_once"
# Takes the most frequent pairs of the start and never glues anything.
def train_bpe(words, merges):
    counts = pair_counts(words)
    return sorted(counts, key=lambda p: (-counts[p], p))[:merges]


# %% wrong="ignores_how_often"
# Every distinct piece counts once.
def train_bpe(words, merges):
    words, learned = {w: 1 for w in words}, []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): 1 for w in words}
    return learned


# %% wrong="numbers_from_257"
# The first new token gets 257.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for new in range(257, 257 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return learned


# %% wrong="does_not_stop"
# Right until no pair is left; then min() of nothing.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return learned


# %% wrong="changes_its_input"
# Empties and refills the dict of the caller.
def train_bpe(words, merges):
    learned = []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        glued = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
        words.clear()
        words.update(glued)
    return learned


# %% wrong="gives_tokens_not_pairs"
# Returns the bytes of the new tokens instead of the pairs.
def train_bpe(words, merges):
    words, learned = dict(words), []
    for new in range(256, 256 + merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {tuple(merge_pair(w, best, new)): n for w, n in words.items()}
    return vocabulary(learned)[256:]


def vocabulary(merges):
    parts = [bytes([i]) for i in range(256)]
    for left, right in merges:
        parts.append(parts[left] + parts[right])
    return parts
