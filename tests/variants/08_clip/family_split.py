"""Answers to family-split, right and wrong."""

# %% right="unique_and_choice"
# NumPy sorts the names; choice without replacement draws them.
def family_split(families, share, seed):
    names = np.unique(families)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(names, round(share * len(names)), replace=False)
    return np.isin(families, drawn)


# %% right="random_sample_of_the_library"
# The standard library's sample, a list of bools.
def family_split(families, share, seed):
    import random

    names = sorted(set(families))
    test = set(random.Random(seed).sample(names, round(share * len(names))))
    return [f in test for f in families]


# %% right="checksums_in_order"
# Every family gets a number from its name and the seed; the smallest are the test set.
def family_split(families, share, seed):
    import zlib

    names = sorted(set(families), key=lambda f: (zlib.crc32(f"{seed}:{f}".encode()), f))
    test = names[:round(share * len(names))]
    return [f in test for f in families]


# %% wrong="rows_drawn_at_random"
# Draws rows, so that twins part.
def family_split(families, share, seed):
    rng = np.random.default_rng(seed)
    picked = rng.permutation(len(families))[:round(share * len(families))]
    mask = np.zeros(len(families), bool)
    mask[picked] = True
    return mask


# %% wrong="share_of_the_rows"
# Fills up with whole families until a share of the rows is reached.
def family_split(families, share, seed):
    names = np.random.default_rng(seed).permutation(sorted(set(families)))
    test = set()
    for name in names:
        if sum(f in test for f in families) >= share * len(families):
            break
        test.add(name)
    return [f in test for f in families]


# %% wrong="order_of_first_appearance"
# Passes every visible assert: the draw depends on the order of the rows.
def family_split(families, share, seed):
    names = list(dict.fromkeys(families))
    drawn = np.random.default_rng(seed).permutation(names)[:round(share * len(names))]
    return [f in set(drawn) for f in families]


# %% wrong="the_seed_is_ignored"
# Always the same families: passes every visible assert.
def family_split(families, share, seed):
    names = sorted(set(families))
    drawn = np.random.default_rng(0).permutation(names)[:round(share * len(names))]
    return [f in set(drawn) for f in families]


# %% wrong="first_names_of_the_alphabet"
# No draw at all: the families at the start of the alphabet.
def family_split(families, share, seed):
    names = sorted(set(families))
    return [f in names[:round(share * len(names))] for f in families]


# %% wrong="training_side_marked"
# True for the rows to train on.
def family_split(families, share, seed):
    names = sorted(set(families))
    drawn = set(np.random.default_rng(seed).permutation(names)[:round(share * len(names))])
    return [f not in drawn for f in families]

# %% wrong="cut_off_instead_of_rounded"
# Passes every visible assert: int() takes a family less wherever the share ends above a half.
def family_split(families, share, seed):
    names = sorted(set(families))
    drawn = set(np.random.default_rng(seed).permutation(names)[:int(share * len(names))])
    return np.array([name in drawn for name in families], bool)
