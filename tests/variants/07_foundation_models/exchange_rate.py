"""Answers to exchange-rate, right and wrong."""

# %% right="numpy_first_index"
# argmax of a mask is the first row that reaches the target.
def labels_for(target, sizes, scores):
    scores, logs = np.asarray(scores, float), np.log(np.asarray(sizes, float))
    reached = scores >= target
    if not reached.any():
        return None
    k = int(reached.argmax())
    if k == 0:
        return float(np.exp(logs[0]))
    return float(np.exp(np.interp(target, scores[k - 1:k + 1], logs[k - 1:k + 1])))


# %% right="power_of_the_ratio"
# Without logarithms: the step in size is a factor.
def labels_for(target, sizes, scores):
    before = None
    for size, score in zip(sizes, scores):
        if score >= target:
            if before is None:
                return size
            part = (target - before[1]) / (score - before[1])
            return round(before[0] * (size / before[0]) ** part, 2)
        before = size, score


# %% wrong="straight_axis"
# Half way in labels, not on the log axis.
def labels_for(target, sizes, scores):
    for k, score in enumerate(scores):
        if score >= target:
            if k == 0:
                return sizes[0]
            part = (target - scores[k - 1]) / (score - scores[k - 1])
            return sizes[k - 1] + part * (sizes[k] - sizes[k - 1])


# %% wrong="interp_over_a_dip"
# np.interp wants rising scores; a dip leads it astray. Passes the visible check.
def labels_for(target, sizes, scores):
    if target > max(scores):
        return None
    return float(np.exp(np.interp(target, scores, np.log(sizes))))


# %% wrong="next_row_up"
# No interpolation: the first row that reaches it.
def labels_for(target, sizes, scores):
    for size, score in zip(sizes, scores):
        if score >= target:
            return size


# %% wrong="last_crossing"
# Takes the last time the curve passes the target, after a dip.
def labels_for(target, sizes, scores):
    found = None
    if scores[0] >= target:
        found = float(sizes[0])
    for k in range(1, len(sizes)):
        if scores[k - 1] < target <= scores[k]:
            part = (target - scores[k - 1]) / (scores[k] - scores[k - 1])
            found = float(sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** part)
    return found


# %% wrong="extrapolates"
# Draws the last step on beyond the measured sizes.
def labels_for(target, sizes, scores):
    for k in range(1, len(sizes)):
        if scores[k] >= target or k == len(sizes) - 1:
            part = (target - scores[k - 1]) / (scores[k] - scores[k - 1])
            return float(sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** part)


# %% wrong="strictly_above"
# A row that reaches the target exactly does not count.
def labels_for(target, sizes, scores):
    for k, score in enumerate(scores):
        if score > target:
            if k == 0:
                return float(sizes[0])
            part = (target - scores[k - 1]) / (score - scores[k - 1])
            return float(sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** part)
    return None


# %% wrong="below_the_first_row"
# Goes back from the first row with a row that is not there: scores[-1].
def labels_for(target, sizes, scores):
    for k, score in enumerate(scores):
        if score >= target:
            part = (target - scores[k - 1]) / (score - scores[k - 1])
            return float(sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** part)
    return None
