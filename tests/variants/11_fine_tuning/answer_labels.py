"""Answers to answer-labels, right and wrong."""

# %% right="two_loops"
# Fills both lists place by place.
def training_row(asked, answer, length, pad):
    front = list(asked)
    while len(front) + len(answer) > length:
        front = front[1:]
    ids, labels = [], []
    for token in front:
        ids.append(token)
        labels.append(-100)
    for token in answer:
        ids.append(token)
        labels.append(token)
    while len(ids) < length:
        ids.append(pad)
        labels.append(-100)
    return ids, labels


# %% right="arrays"
# NumPy arrays filled with the default, then the answer put in its place.
def training_row(asked, answer, length, pad):
    asked = np.array(asked[::-1][:length - len(answer)][::-1], dtype=int)
    end = len(asked) + len(answer)
    ids, labels = np.full(length, pad), np.full(length, -100)
    ids[:len(asked)] = asked
    ids[len(asked):end] = labels[len(asked):end] = answer
    return ids.tolist(), labels.tolist()


# %% wrong="masks_by_pad_id"
# Looks for the padding's number: the end token of the answer has it, too.
def training_row(asked, answer, length, pad):
    room = length - len(answer)
    asked = asked[max(0, len(asked) - room):]
    ids = asked + answer + [pad] * (room - len(asked))
    labels = [-100] * len(asked) + ids[len(asked):]
    return ids, [-100 if token == pad else token for token in labels]


# %% wrong="padding_counts"
# Labels on the padding: the model learns to write padding.
def training_row(asked, answer, length, pad):
    room = length - len(answer)
    asked = asked[max(0, len(asked) - room):]
    fill = [pad] * (room - len(asked))
    return asked + answer + fill, [-100] * len(asked) + answer + fill


# %% wrong="request_counts"
# Trains on the request as well.
def training_row(asked, answer, length, pad):
    room = length - len(answer)
    asked = asked[max(0, len(asked) - room):]
    fill = room - len(asked)
    return asked + answer + [pad] * fill, asked + answer + [-100] * fill


# %% wrong="cuts_the_answer"
# Cuts what is too long at the end, as libraries do by default.
def training_row(asked, answer, length, pad):
    ids = (asked + answer)[:length]
    labels = ([-100] * len(asked) + answer)[:length]
    fill = length - len(ids)
    return ids + [pad] * fill, labels + [-100] * fill


# %% wrong="negative_slice_of_zero"
# asked[-0:] is everything.
def training_row(asked, answer, length, pad):
    room = length - len(answer)
    asked = asked[-room:]
    fill = room - len(asked)
    return asked + answer + [pad] * fill, [-100] * len(asked) + answer + [-100] * fill


# %% wrong="shifts_the_labels"
# Shifts by one: the loss does that itself.
def training_row(asked, answer, length, pad):
    room = length - len(answer)
    asked = asked[max(0, len(asked) - room):]
    fill = room - len(asked)
    labels = [-100] * len(asked) + answer + [-100] * fill
    return asked + answer + [pad] * fill, labels[1:] + [-100]


# %% wrong="changes_the_request"
# Grows the list that it was given.
def training_row(asked, answer, length, pad):
    while len(asked) + len(answer) > length:
        asked.pop(0)
    labels = [-100] * len(asked) + answer
    asked += answer
    fill = length - len(asked)
    return asked + [pad] * fill, labels + [-100] * fill


# %% wrong="pops_from_the_request"
# Shortens the list that it was given.
def training_row(asked, answer, length, pad):
    while len(asked) + len(answer) > length:
        asked.pop(0)
    fill = length - len(asked) - len(answer)
    return (asked + answer + [pad] * fill,
            [-100] * len(asked) + answer + [-100] * fill)
