"""Answers to labels-for-75, right and wrong."""

# %% right="halfway_on_the_log_axis"
# Reads the number off the logarithmic axis between two rows.
def labels_for_75():
    return round(1000 * 3 ** ((0.75 - 0.714) / (0.776 - 0.714)))


# %% right="measured_2000"
# Stopped after two tries, within the band.
def labels_for_75():
    return 2_000


# %% wrong="straight_between_the_rows"
# Takes the axis for an ordinary one and the row of 5,000 for the next one.
def labels_for_75():
    return round(1000 + (0.75 - 0.714) / (0.798 - 0.714) * 4000)


# %% wrong="gives_the_accuracy"
# Reports what was asked for, not what it takes.
def labels_for_75():
    return 0.75


# %% wrong="gives_dollars"
# Reports the price of the labels.
def labels_for_75():
    return 90


# %% wrong="labels_of_each_kind"
# Half of them: the good ones only, a little rounded up.
def labels_for_75():
    return 1_100


# %% wrong="the_row_below"
# Takes the first row of the table that passes .75.
def labels_for_75():
    return 3_000


# %% wrong="logistic_regression"
# Measured with the other learner, which needs more labels.
def labels_for_75():
    return 2_500
