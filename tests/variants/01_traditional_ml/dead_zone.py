"""Answers to dead-zone, right and wrong."""

# %% right="sum_of_plain_ints"
# Adds plain ints and divides, without NumPy.
def to_label(ratings, zone=0.5):
    numbers = [int(r) for r in ratings]
    mean = sum(numbers) / len(numbers)
    return 1 if mean > zone else 0 if mean < -zone else None


# %% right="sign_and_size"
# Looks at the size first, then at the sign.
def to_label(ratings, zone=0.5):
    mean = np.asarray(ratings, dtype=float).mean()
    return int(mean > 0) if abs(mean) > zone else None


# %% wrong="edge_counts_as_label"
# Takes the border itself for a label: >= instead of >.
def to_label(ratings, zone=0.5):
    mean = np.mean(ratings)
    return 1 if mean >= zone else 0 if mean <= -zone else None


# %% wrong="sums_in_int8"
# Adds the int8 ratings one by one: with 99 raters the sum runs over.
def to_label(ratings, zone=0.5):
    mean = sum(ratings) / len(ratings)
    return 1 if mean > zone else 0 if mean < -zone else None


# %% wrong="majority_of_raters"
# Counts raters above and below zero instead of taking the mean.
def to_label(ratings, zone=0.5):
    r = np.asarray(ratings)
    balance = (np.sum(r > 0) - np.sum(r < 0)) / len(r)
    return 1 if balance > 0.3 else 0 if balance < -zone else None


# %% wrong="zeros_are_no_answer"
# Drops the zeros, as if those raters had not answered.
def to_label(ratings, zone=0.5):
    r = [int(x) for x in ratings if x != 0]
    mean = sum(r) / len(r) if r else 0
    return 1 if mean > zone else 0 if mean < -zone else None


# %% wrong="zone_is_fixed"
# Writes .5 into the comparison and never looks at the argument.
def to_label(ratings, zone=0.5):
    mean = np.mean(ratings)
    return 1 if mean > 0.5 else 0 if mean < -0.5 else None


# %% wrong="no_dead_zone"
# Gives every sentence a label, the sign of its mean.
def to_label(ratings, zone=0.5):
    return int(np.mean(ratings) > 0)


# %% wrong="bad_is_minus_one"
# Uses -1 for bad, where the contract has 0.
def to_label(ratings, zone=0.5):
    mean = np.mean(ratings)
    return 1 if mean > zone else -1 if mean < -zone else None
