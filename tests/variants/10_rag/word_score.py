"""Answers to word-score, right and wrong."""

# %% right="plain_loops"
# Two loops and the standard library.
def bm25(query, pages, k1=1.2, b=0.75):
    import math
    mean = sum(map(len, pages)) / len(pages) or 1
    scores = []
    for page in pages:
        total = 0.0
        for word in query:
            f = page.count(word)
            n = sum(word in other for other in pages)
            rarity = max(math.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
            total += rarity * f * (k1 + 1) / (
                f + k1 * (1 - b + b * len(page) / mean)) if f else 0
        scores.append(total)
    return scores


# %% right="matrix"
# Counts in one matrix, words of the query by pages.
def bm25(query, pages, k1=1.2, b=0.75):
    if not query:
        return np.zeros(len(pages))
    f = np.array([[page.count(word) for page in pages] for word in query],
                 dtype=float)
    n = (f > 0).sum(axis=1, keepdims=True)
    rarity = np.maximum(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
    length = np.array([len(page) for page in pages], dtype=float)
    held = k1 * (1 - b + b * length / max(length.mean(), 1))
    return (rarity * f * (k1 + 1) / np.where(f > 0, f + held, 1)).sum(axis=0)


# %% right="counters"
# A Counter for each page.
def bm25(query, pages, k1=1.2, b=0.75):
    from collections import Counter
    counts = [Counter(page) for page in pages]
    mean = np.mean([c.total() for c in counts]) or 1
    scores = [0.0] * len(pages)
    for word in query:
        n = sum(c[word] > 0 for c in counts)
        rarity = np.log((len(pages) - n + 0.5) / (n + 0.5))
        for i, c in enumerate(counts):
            if c[word]:
                part = c[word] * (k1 + 1) / (
                    c[word] + k1 * (1 - b + b * c.total() / mean))
                scores[i] += max(rarity, 1e-6) * part
    return scores


# %% wrong="negative_rarity"
# Leaves out the floor of 1e-6: frequent words count against a page.
def bm25(query, pages, k1=1.2, b=0.75):
    lengths = np.array([len(page) for page in pages])
    held = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    scores = np.zeros(len(pages))
    for word in query:
        f = np.array([page.count(word) for page in pages])
        n = np.sum(f > 0)
        scores += np.log((len(pages) - n + 0.5) / (n + 0.5)) * f * (
            k1 + 1) / (f + held)
    return scores


# %% wrong="no_length"
# Forgets the length of the page.
def bm25(query, pages, k1=1.2, b=0.75):
    scores = np.zeros(len(pages))
    for word in query:
        f = np.array([page.count(word) for page in pages])
        n = np.sum(f > 0)
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * (k1 + 1) / (f + k1)
    return scores


# %% wrong="n_counts_occurrences"
# Takes n as how often the word occurs in all pages together.
def bm25(query, pages, k1=1.2, b=0.75):
    lengths = np.array([len(page) for page in pages])
    held = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    scores = np.zeros(len(pages))
    for word in query:
        f = np.array([page.count(word) for page in pages])
        n = min(f.sum(), len(pages))
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * (k1 + 1) / (f + held)
    return scores


# %% wrong="query_as_a_set"
# Counts a word once, though the query says it twice.
def bm25(query, pages, k1=1.2, b=0.75):
    lengths = np.array([len(page) for page in pages])
    held = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    scores = np.zeros(len(pages))
    for word in set(query):
        f = np.array([page.count(word) for page in pages])
        n = np.sum(f > 0)
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * (k1 + 1) / (f + held)
    return scores


# %% wrong="parts_of_words"
# Joins a page to one text and counts there: 'dog' in 'hotdog'.
def bm25(query, pages, k1=1.2, b=0.75):
    lengths = np.array([len(page) for page in pages])
    held = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    scores = np.zeros(len(pages))
    for word in query:
        f = np.array([" ".join(page).count(word) for page in pages])
        n = np.sum(f > 0)
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * (k1 + 1) / (f + held)
    return scores


# %% wrong="settings_are_fixed"
# Writes 1.2 and 0.75 into the formula.
def bm25(query, pages, k1=1.2, b=0.75):
    lengths = np.array([len(page) for page in pages])
    held = 1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1e-9))
    scores = np.zeros(len(pages))
    for word in query:
        f = np.array([page.count(word) for page in pages])
        n = np.sum(f > 0)
        rarity = max(np.log((len(pages) - n + 0.5) / (n + 0.5)), 1e-6)
        scores += rarity * f * 2.2 / (f + held)
    return scores
