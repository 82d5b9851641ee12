"""Answers to read-once, right and wrong."""

# %% right="reads_whole_endings"
# Reads each ending in full and joins its rows to the last one of the prefix.
def scores_after(net, prefix, endings):
    rows, memory = read(net, list(prefix))
    scores = []
    for ending in endings:
        later, _ = read(net, ending, copy.deepcopy(memory))
        table = np.vstack([rows[-1:], later[:-1]])
        scores.append(float(table[np.arange(len(ending)), ending].sum()))
    return scores


# %% right="token_by_token"
# One token at a time, each with the memory of those before.
def scores_after(net, prefix, endings):
    first, start = read(net, prefix)
    found = []
    for ending in endings:
        memory, row, total = copy.deepcopy(start), first[-1], 0.0
        for place, token in enumerate(ending):
            total += float(row[token])
            if place + 1 < len(ending):
                rows, memory = read(net, [token], memory)
                row = rows[-1]
        found.append(total)
    return found


# %% right="array_and_helper"
# A helper for one ending; gives an array.
def scores_after(net, prefix, endings):
    rows, memory = read(net, prefix)

    def one(ending):
        later = read(net, ending, copy.deepcopy(memory))[0]
        return rows[-1, ending[0]] + sum(
            later[i, ending[i + 1]] for i in range(len(ending) - 1))
    return np.array([one(ending) for ending in endings])


# %% wrong="uses_one_memory_for_all"
# The memory grows: the second ending follows the first.
def scores_after(net, prefix, endings):
    rows, memory = read(net, prefix)
    found = []
    for ending in endings:
        total = rows[-1][ending[0]]
        if len(ending) > 1:
            later, memory = read(net, ending[:-1], memory)
            total += sum(row[t] for row, t in zip(later, ending[1:]))
        found.append(float(total))
    return found


# %% wrong="shallow_copy"
# copy.copy shares the insides of the memory, which grow.
def scores_after(net, prefix, endings):
    rows, memory = read(net, prefix)
    found = []
    for ending in endings:
        later, _ = read(net, ending, copy.copy(memory))
        total = rows[-1][ending[0]] + sum(row[t] for row, t in zip(later, ending[1:]))
        found.append(float(total))
    return found


# %% wrong="reads_all_again"
# Reads prefix and ending for each ending: right, and no saving.
def scores_after(net, prefix, endings):
    found = []
    for ending in endings:
        rows, _ = read(net, list(prefix) + list(ending))
        found.append(float(sum(rows[len(prefix) - 1 + i][t] for i, t in enumerate(ending))))
    return found


# %% wrong="leaves_out_the_first_token"
# Scores the ending from its second token on.
def scores_after(net, prefix, endings):
    _, memory = read(net, prefix)
    found = []
    for ending in endings:
        later, _ = read(net, ending, copy.deepcopy(memory))
        found.append(float(sum(row[t] for row, t in zip(later, ending[1:]))))
    return found


# %% wrong="a_row_too_late"
# Takes the row after each token instead of the row before it.
def scores_after(net, prefix, endings):
    _, memory = read(net, prefix)
    found = []
    for ending in endings:
        later, _ = read(net, ending, copy.deepcopy(memory))
        found.append(float(sum(row[t] for row, t in zip(later, ending))))
    return found


# %% wrong="forgets_the_prefix"
# Reads the endings without a memory.
def scores_after(net, prefix, endings):
    rows, _ = read(net, prefix)
    found = []
    for ending in endings:
        later, _ = read(net, ending)
        found.append(float(rows[-1][ending[0]] + sum(
            row[t] for row, t in zip(later, ending[1:]))))
    return found


# %% wrong="two_tokens_at_most"
# Looks at two tokens of an ending and no more.
def scores_after(net, prefix, endings):
    rows, memory = read(net, prefix)
    found = []
    for ending in endings:
        total = rows[-1][ending[0]]
        if len(ending) > 1:
            later, _ = read(net, ending[:1], copy.deepcopy(memory))
            total += later[0][ending[1]]
        found.append(float(total))
    return found


# %% wrong="around_the_counter"
# Calls the model itself, so nothing is counted.
def scores_after(net, prefix, endings):
    found = []
    for ending in endings:
        with torch.no_grad():
            rows = net(torch.tensor([list(prefix) + list(ending)])).logits[0].log_softmax(-1)
        found.append(float(sum(rows[len(prefix) - 1 + i, t] for i, t in enumerate(ending))))
    return found
