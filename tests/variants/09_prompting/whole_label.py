"""Answers to whole-label, right and wrong."""

# %% right="torch_log_softmax"
# torch does the logarithm of the softmax for all rows at once.
def label_logprob(logits, ids, n_label):
    rows = torch_rows(logits)[-n_label - 1:-1]
    return float(sum(row[token] for row, token in zip(rows, ids[-n_label:])))


def torch_rows(logits):
    import torch
    return torch.as_tensor(np.array(logits), dtype=torch.float64).log_softmax(-1)


# %% right="one_matrix"
# Everything for the needed rows in one matrix, picked by fancy indexing.
def label_logprob(logits, ids, n_label):
    z = np.array(logits, dtype=np.float64)[len(ids) - n_label - 1:len(ids) - 1]
    z -= z.max(axis=1, keepdims=True)
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    return z[np.arange(n_label), ids[-n_label:]].sum()


# %% right="logaddexp"
# np.logaddexp adds probabilities that are given as logarithms.
def label_logprob(logits, ids, n_label):
    start = len(ids) - n_label
    return sum(float(logits[i - 1][ids[i]]) - float(np.logaddexp.reduce(
        np.asarray(logits[i - 1], dtype=float))) for i in range(start, len(ids)))


# %% wrong="first_token_only"
# Scores the first token of the label: labels that begin alike look the same.
def label_logprob(logits, ids, n_label):
    place = len(ids) - n_label
    row = np.asarray(logits[place - 1], dtype=float)
    row = row - row.max()
    return row[ids[place]] - np.log(np.exp(row).sum())


# %% wrong="a_row_too_late"
# Takes row i for token i: the row after it.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(len(ids) - n_label, len(ids)):
        row = np.asarray(logits[place], dtype=float)
        row = row - row.max()
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return total


# %% wrong="sums_logits"
# Forgets that logits are not log-probabilities.
def label_logprob(logits, ids, n_label):
    return sum(float(logits[i - 1][ids[i]]) for i in range(len(ids) - n_label, len(ids)))


# %% wrong="mean_instead_of_sum"
# Divides by the length: not the probability of the label any more.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(len(ids) - n_label, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        row = row - row.max()
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return total / n_label


# %% wrong="scores_the_prompt_too"
# Adds the tokens of the prompt.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(1, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        row = row - row.max()
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return total


# %% wrong="overflows"
# Takes e to the power of logits as they are: large ones become infinite.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(len(ids) - n_label, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return total


# %% wrong="product_of_probabilities"
# Multiplies probabilities and takes the logarithm at the end: a long label becomes 0.
def label_logprob(logits, ids, n_label):
    product = 1.0
    for place in range(len(ids) - n_label, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        p = np.exp(row - row.max())
        product *= p[ids[place]] / p.sum()
    return np.log(product)


# %% wrong="base_two"
# Bits instead of nats.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(len(ids) - n_label, len(ids)):
        row = np.asarray(logits[place - 1], dtype=float)
        row = row - row.max()
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return total / np.log(2)


# %% wrong="changes_the_logits"
# Subtracts in place: the caller's array is another one afterwards.
def label_logprob(logits, ids, n_label):
    total = 0.0
    for place in range(len(ids) - n_label, len(ids)):
        logits[place - 1] -= logits[place - 1].max()
        row = logits[place - 1]
        total += row[ids[place]] - np.log(np.exp(row).sum())
    return float(total)

# %% wrong="largest_of_the_whole_array"
# Passes every visible assert: one maximum for all rows leaves exp(-2000) in the others.
def label_logprob(logits, ids, n_label):
    z = np.asarray(logits, dtype=float)
    z = z - z.max()
    z = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return sum(z[i - 1, ids[i]] for i in range(len(ids) - n_label, len(ids)))
