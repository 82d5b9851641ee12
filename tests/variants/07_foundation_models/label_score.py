"""Answers to label-score, right and wrong."""

# %% right="whole_table_at_once"
# log_softmax of all rows, then one look-up for each token of the answer.
def answer_score(logits, ids, start):
    x = np.asarray(logits, dtype=np.float64)
    top = x.max(axis=1, keepdims=True)
    logp = x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True))
    places = np.arange(start, len(ids))
    return logp[places - 1, np.asarray(ids)[places]].sum()


# %% right="with_torch"
# The library's own log_softmax and cross entropy.
def answer_score(logits, ids, start):
    import torch
    if start == len(ids):
        return 0
    rows = torch.as_tensor(np.asarray(logits, float))[start - 1:len(ids) - 1]
    return -float(torch.nn.functional.cross_entropy(
        rows, torch.tensor(list(ids[start:])), reduction="sum"))


# %% right="logaddexp_by_hand"
# Adds the exponentials up one by one without leaving the logarithms.
def answer_score(logits, ids, start):
    total = 0.0
    for row, token in zip(np.asarray(logits, float)[start - 1:], ids[start:]):
        total += row[token] - np.logaddexp.reduce(row)
    return total


# %% wrong="first_token_only"
# The colleague's version: the answer's first token decides.
def answer_score(logits, ids, start):
    if start == len(ids):
        return 0.0
    row = np.asarray(logits[start - 1], float)
    return float(row[ids[start]] - np.logaddexp.reduce(row))


# %% wrong="row_of_the_token_itself"
# Reads what the model expects *after* each token of the answer.
def answer_score(logits, ids, start):
    rows = np.asarray(logits, float)
    return float(sum(rows[k, ids[k]] - np.logaddexp.reduce(rows[k])
                     for k in range(start, len(ids))))


# %% wrong="mean_over_tokens"
# Divides by the number of tokens, so that long answers look likely.
def answer_score(logits, ids, start):
    rows, end = np.asarray(logits, float), len(ids)
    parts = [rows[k - 1, ids[k]] - np.logaddexp.reduce(rows[k - 1]) for k in range(start, end)]
    return float(np.mean(parts)) if parts else 0.0


# %% wrong="raw_logits"
# Adds the logits up and never makes probabilities of them.
def answer_score(logits, ids, start):
    return float(sum(np.asarray(logits, float)[k - 1, ids[k]] for k in range(start, len(ids))))


# %% wrong="overflows"
# Right for small logits, inf for large ones: it passes every visible assert.
def answer_score(logits, ids, start):
    rows = np.asarray(logits, float)
    return float(sum(rows[k - 1, ids[k]] - np.log(np.exp(rows[k - 1]).sum())
                     for k in range(start, len(ids))))


# %% wrong="prompt_included"
# Scores the prompt's tokens, too.
def answer_score(logits, ids, start):
    rows = np.asarray(logits, float)
    return float(sum(rows[k - 1, ids[k]] - np.logaddexp.reduce(rows[k - 1])
                     for k in range(1, len(ids))))


# %% wrong="sum_of_probabilities"
# Adds the probabilities up and takes the logarithm last.
def answer_score(logits, ids, start):
    rows = np.asarray(logits, float)
    p = [np.exp(rows[k - 1, ids[k]] - np.logaddexp.reduce(rows[k - 1]))
         for k in range(start, len(ids))]
    return float(np.log(sum(p))) if p else 0.0


# %% wrong="base_two"
# Bits, not nats.
def answer_score(logits, ids, start):
    rows = np.asarray(logits, float)
    return float(sum(rows[k - 1, ids[k]] - np.logaddexp.reduce(rows[k - 1])
                     for k in range(start, len(ids))) / np.log(2))
