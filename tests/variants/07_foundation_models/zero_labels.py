"""Answers to zero-labels, right and wrong."""

# %% right="mean_prompts_first"
# The mean of cosines to several prompts is the cosine-like product with their mean.
def zero_label(vectors, good, bad):
    direction = np.mean(good, axis=0) - np.mean(bad, axis=0)
    return np.where(vectors @ direction > 0, 1, 0)


# %% right="plain_loops"
# One sentence and one prompt at a time, a list of whole numbers.
def zero_label(vectors, good, bad):
    answers = []
    for row in vectors:
        to_good = [float(np.dot(row, g)) for g in good]
        to_bad = [float(np.dot(row, b)) for b in bad]
        answers.append(int(sum(to_good) / len(to_good) > sum(to_bad) / len(to_bad)))
    return answers


# %% right="einsum_and_booleans"
# True and False do as 1 and 0.
def zero_label(vectors, good, bad):
    return (np.einsum("nd,gd->ng", vectors, good).mean(1)
            > np.einsum("nd,bd->nb", vectors, bad).mean(1))


# %% wrong="sum_of_cosines"
# The side with more prompts wins by their number.
def zero_label(vectors, good, bad):
    return ((vectors @ good.T).sum(1) > (vectors @ bad.T).sum(1)).astype(int)


# %% wrong="nearest_prompt"
# Asks only the single closest prompt; with one prompt a side it is the same.
def zero_label(vectors, good, bad):
    return ((vectors @ good.T).max(1) > (vectors @ bad.T).max(1)).astype(int)


# %% wrong="first_prompt_only"
# Forgets all prompts but the first of each side.
def zero_label(vectors, good, bad):
    return (vectors @ good[0] > vectors @ bad[0]).astype(int)


# %% wrong="good_only_against_zero"
# Takes any likeness to a good prompt for praise, topic included.
def zero_label(vectors, good, bad):
    return ((vectors @ good.T).mean(1) > 0).astype(int)


# %% wrong="median_of_the_batch"
# Splits every batch in half, as if half of all sentences were good.
def zero_label(vectors, good, bad):
    step = (vectors @ good.T).mean(1) - (vectors @ bad.T).mean(1)
    return (step > np.median(step)).astype(int)


# %% wrong="labels_exchanged"
# 1 where the sentence is closer to the bad prompts.
def zero_label(vectors, good, bad):
    return ((vectors @ bad.T).mean(1) > (vectors @ good.T).mean(1)).astype(int)


# %% wrong="averages_over_sentences"
# The mean over the wrong axis: one answer for each prompt.
def zero_label(vectors, good, bad):
    n = min(len(good), len(bad))
    return ((vectors @ good.T).mean(0)[:n] > (vectors @ bad.T).mean(0)[:n]).astype(int)

# %% wrong="good_at_equal"
# Passes every visible assert: equal means are called good.
def zero_label(vectors, good, bad):
    to_good = (vectors @ np.asarray(good).T).mean(axis=1)
    to_bad = (vectors @ np.asarray(bad).T).mean(axis=1)
    return (to_good >= to_bad).astype(int)
