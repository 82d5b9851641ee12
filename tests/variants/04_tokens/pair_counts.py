"""Answers to pair-counts, right and wrong."""

# %% right="counter_and_index"
# Counter and positions instead of zip; a Counter is a dict.
def pair_counts(words):
    counts = Counter()
    for word in words:
        for i in range(len(word) - 1):
            counts[(word[i], word[i + 1])] += words[word]
    return counts

from collections import Counter


# %% right="numpy_counts"
# Counts come back as NumPy integers.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for pair in zip(word[:-1], word[1:]):
            counts[pair] = np.int64(times) + counts.get(pair, np.int64(0))
    return counts


# %% wrong="counts_distinct_words"
# Every word counts once, however often it occurs.
def pair_counts(words):
    counts = {}
    for word in words:
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %% wrong="pairs_across_words"
# Glues all words to one long text first, so the end of one pairs with the start of the next.
def pair_counts(words):
    counts = {}
    text = [symbol for word, times in words.items() for symbol in list(word) * times]
    for pair in zip(text, text[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


# %% wrong="overwrites_earlier_words"
# Assigns instead of adding: a pair in two words keeps the count of the last one.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] = times
    return counts


# %% wrong="keys_are_strings"
# Joins the two letters to one string.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for left, right in zip(word, word[1:]):
            counts[left + right] = counts.get(left + right, 0) + times
    return counts


# %% wrong="once_per_word"
# Counts a pair once in each word, even where the word holds it twice.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for pair in set(zip(word, word[1:])):
            counts[pair] = counts.get(pair, 0) + times
    return counts


# %% wrong="strings_only"
# Uses str.count, which misses overlaps and does not know tuples.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for left, right in set(zip(word, word[1:])):
            n = "".join(word).count(left + right)
            counts[(left, right)] = counts.get((left, right), 0) + n * times
    return counts


# %% wrong="forgets_to_return"
# Counts right and gives nothing back.
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + times
