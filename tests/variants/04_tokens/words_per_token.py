"""Answers to words-per-token, right and wrong."""

# %% right="batches_and_lists"
# Encodes in one batch and gives bands as lists.
def words_per_token(texts, name):
    tokens = sum(map(len, encoding(name).encode_ordinary_batch(list(texts))))
    return len(" ".join(texts).split()) / max(tokens, 1)


def bands(kinds):
    found = {}
    for kind in sorted(kinds):
        ordered = sorted(words_per_token(kinds[kind], name) for name in VOCABULARIES)
        found[kind] = [ordered[0], ordered[-1]]
    return found


# %% right="numpy_rounded"
# NumPy sums, and bands rounded to three decimals.
def words_per_token(texts, name):
    enc = encoding(name)
    words = np.array([len(t.split()) for t in texts])
    tokens = np.array([len(enc.encode(t, disallowed_special=())) for t in texts])
    return words.sum() / tokens.sum() if tokens.sum() else np.float64(0)


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: tuple(np.round([min(v), max(v)], 3)) for kind, v in values.items()}


# %% wrong="mean_of_ratios"
# Averages over texts, so that a text of one word weighs as much as a page.
def words_per_token(texts, name):
    enc = encoding(name)
    ratios = [len(t.split()) / len(enc.encode_ordinary(t)) for t in texts if t]
    return sum(ratios) / len(ratios) if ratios else 0.0


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="joins_the_texts"
# Joins with spaces first: every text but the first starts with another token.
def words_per_token(texts, name):
    text = " ".join(texts)
    return len(text.split()) / max(len(encoding(name).encode_ordinary(text)), 1)


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="joins_without_a_space"
# Counts the words of each text, but the tokens of all texts run together.
def words_per_token(texts, name):
    words = sum(len(t.split()) for t in texts)
    return words / max(len(encoding(name).encode_ordinary("".join(texts))), 1)


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="joins_with_newlines"
# Takes the list as one page with a text on each line.
def words_per_token(texts, name):
    page = "\n".join(texts)
    return len(page.split()) / max(len(encoding(name).encode_ordinary(page)), 1)


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="upside_down"
# Tokens per word.
def words_per_token(texts, name):
    enc = encoding(name)
    words = sum(len(t.split()) for t in texts)
    return sum(len(enc.encode_ordinary(t)) for t in texts) / words if words else 0.0


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="one_vocabulary_for_all"
# Ignores the name and always uses cl100k_base.
def words_per_token(texts, name):
    enc = encoding("cl100k_base")
    words = sum(len(t.split()) for t in texts)
    tokens = sum(len(enc.encode_ordinary(t)) for t in texts)
    return words / tokens if tokens else 0.0


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="the_rule_of_thumb"
# The function is right; the bands are what the rule promises.
def words_per_token(texts, name):
    enc = encoding(name)
    words = sum(len(t.split()) for t in texts)
    tokens = sum(len(enc.encode_ordinary(t)) for t in texts)
    return words / tokens if tokens else 0.0


def bands(kinds):
    return {kind: (0.70, 0.80) for kind in kinds}


# %% wrong="two_vocabularies"
# Leaves the oldest vocabulary out of the bands.
def words_per_token(texts, name):
    enc = encoding(name)
    words = sum(len(t.split()) for t in texts)
    tokens = sum(len(enc.encode_ordinary(t)) for t in texts)
    return words / tokens if tokens else 0.0


def bands(kinds):
    values = {kind: [words_per_token(texts, name) for name in VOCABULARIES[1:]]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}


# %% wrong="first_texts_only"
# Measures the first text of each kind and calls it the kind.
def words_per_token(texts, name):
    enc = encoding(name)
    words = sum(len(t.split()) for t in texts)
    tokens = sum(len(enc.encode_ordinary(t)) for t in texts)
    return words / tokens if tokens else 0.0


def bands(kinds):
    values = {kind: [words_per_token(texts[:1], name) for name in VOCABULARIES]
              for kind, texts in kinds.items()}
    return {kind: (min(v), max(v)) for kind, v in values.items()}
