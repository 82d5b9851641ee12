"""Answers to split-by-phrasing, right and wrong."""

# %% right="standard_library"
# random.Random and a loop; strings and numbers alike.
import random


def split(made, share=0.2, seed=0):
    names = []
    for one in made:
        if one["phrasing"] not in names:
            names.append(one["phrasing"])
    held = random.Random(seed).sample(names, round(share * len(names)))
    train, test = [], []
    for one in made:
        (test if one["phrasing"] in held else train).append(one)
    return train, test


# %% right="choice_and_a_mask"
# NumPy all the way.
def split(made, share=0.2, seed=0):
    names, at = np.unique([str(one["phrasing"]) for one in made], return_inverse=True)
    held = np.random.default_rng(seed).choice(
        len(names), size=int(round(share * len(names))), replace=False)
    mask = np.isin(at, held)
    return ([one for one, out in zip(made, mask) if not out],
            [one for one, out in zip(made, mask) if out])


# %% wrong="splits_examples"
# The usual shuffle and cut: phrasings land on both sides.
def split(made, share=0.2, seed=0):
    order = np.random.default_rng(seed).permutation(len(made))
    held = set(order[:round(share * len(made))].tolist())
    return ([one for i, one in enumerate(made) if i not in held],
            [one for i, one in enumerate(made) if i in held])


# %% wrong="last_phrasings_are_the_test"
# No chance involved: the test is always the same.
def split(made, share=0.2, seed=0):
    names = sorted({one["phrasing"] for one in made})
    held = set(names[len(names) - round(share * len(names)):])
    return ([one for one in made if one["phrasing"] not in held],
            [one for one in made if one["phrasing"] in held])


# %% wrong="frequent_phrasings_first"
# Draws examples until enough phrasings are found: frequent ones are always in the test.
def split(made, share=0.2, seed=0):
    n = round(share * len({one["phrasing"] for one in made}))
    held = []
    for i in np.random.default_rng(seed).permutation(len(made)):
        if len(held) == n:
            break
        if made[i]["phrasing"] not in held:
            held.append(made[i]["phrasing"])
    return ([one for one in made if one["phrasing"] not in held],
            [one for one in made if one["phrasing"] in held])


# %% wrong="one_example_a_phrasing"
# Keeps one example of each phrasing and loses the rest.
def split(made, share=0.2, seed=0):
    one_each = {one["phrasing"]: one for one in made}
    names = sorted(one_each)
    order = np.random.default_rng(seed).permutation(len(names))
    n = round(share * len(names))
    return ([one_each[names[i]] for i in order[n:]], [one_each[names[i]] for i in order[:n]])


# %% wrong="generator_without_seed"
# Another split in every call.
def split(made, share=0.2, seed=0):
    names = sorted({one["phrasing"] for one in made})
    order = np.random.default_rng().permutation(len(names))
    held = {names[i] for i in order[:round(share * len(names))]}
    return ([one for one in made if one["phrasing"] not in held],
            [one for one in made if one["phrasing"] in held])


# %% wrong="sorted_by_phrasing"
# The right sides, in another order.
def split(made, share=0.2, seed=0):
    names = sorted({one["phrasing"] for one in made})
    order = np.random.default_rng(seed).permutation(len(names))
    n = round(share * len(names))
    groups = [[one for one in made if one["phrasing"] == names[i]] for i in order]
    return sum(groups[n:], []), sum(groups[:n], [])


# %% wrong="test_stays_in_training"
# Forgets to take the test out of the training examples.
def split(made, share=0.2, seed=0):
    names = sorted({one["phrasing"] for one in made})
    order = np.random.default_rng(seed).permutation(len(names))
    held = {names[i] for i in order[:round(share * len(names))]}
    return list(made), [one for one in made if one["phrasing"] in held]
