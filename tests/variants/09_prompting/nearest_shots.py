"""Answers to nearest-shots, right and wrong."""

# %% right="plain_loops"
# Sorted lists of pairs, without masks.
def nearest_shots(query, vectors, labels, k):
    cosine = [float(np.dot(row, query)) for row in vectors]
    chosen = []
    for label in (0, 1):
        own = [i for i in range(len(cosine)) if labels[i] == label and cosine[i] <= 0.999]
        own.sort(key=lambda i: -cosine[i])
        chosen.extend(own[:k // 2])
    return sorted(chosen, key=cosine.__getitem__)


# %% right="one_sort_two_counters"
# Walks down from the most alike and takes until each label is full.
def nearest_shots(query, vectors, labels, k):
    alike = np.asarray(vectors) @ np.asarray(query)
    room, chosen = {0: k // 2, 1: k // 2}, []
    for i in np.argsort(-alike):
        if alike[i] <= 0.999 and room[int(labels[i])]:
            room[int(labels[i])] -= 1
            chosen.append(int(i))
    return chosen[::-1]


# %% right="masked_scores"
# Bars rows by a very small score and uses argsort for each label.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    alike = np.where(alike > 0.999, -np.inf, alike)
    best = [np.argsort(np.where(labels == c, alike, -np.inf))[::-1][:k // 2] for c in (0, 1)]
    rows = np.concatenate(best)
    return rows[np.argsort(alike[rows])]


# %% wrong="takes_the_review_itself"
# Leaves copies in: the example is the case, label and all.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    chosen = []
    for label in (0, 1):
        own = np.flatnonzero(labels == label)
        chosen += list(own[np.argsort(-alike[own])][:k // 2])
    return sorted((int(i) for i in chosen), key=lambda i: alike[i])


# %% wrong="not_balanced"
# The k most alike, whatever their labels.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    return [int(i) for i in usable[np.argsort(-alike[usable])][:k][::-1]]


# %% wrong="most_alike_first"
# The wrong end of the order.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    chosen = []
    for label in (0, 1):
        own = usable[labels[usable] == label]
        chosen += list(own[np.argsort(-alike[own])][:k // 2])
    return sorted((int(i) for i in chosen), key=lambda i: -alike[i])


# %% wrong="bad_ones_then_good_ones"
# Sorts within each label only: the last ones are always good.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    chosen = []
    for label in (0, 1):
        own = usable[labels[usable] == label]
        chosen += [int(i) for i in own[np.argsort(-alike[own])][:k // 2][::-1]]
    return chosen


# %% wrong="k_of_each_label"
# k instead of k / 2 of each label.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    chosen = []
    for label in (0, 1):
        own = usable[labels[usable] == label]
        chosen += list(own[np.argsort(-alike[own])][:k])
    return sorted((int(i) for i in chosen), key=lambda i: alike[i])


# %% wrong="least_alike"
# Sorts upwards and takes the first.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    chosen = []
    for label in (0, 1):
        own = usable[labels[usable] == label]
        chosen += list(own[np.argsort(alike[own])][:k // 2])
    return sorted((int(i) for i in chosen), key=lambda i: alike[i])


# %% wrong="rows_of_the_part"
# Gives places within each label's part instead of row numbers of the pool.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    chosen = []
    for label in (0, 1):
        own = alike[(labels == label) & (alike <= 0.999)]
        chosen += [int(i) for i in np.argsort(-own)[:k // 2]]
    return sorted(chosen, key=lambda i: alike[i])


# %% wrong="bars_alike_ones_too"
# Leaves out everything above .9: good examples are gone with the copies.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.8)
    chosen = []
    for label in (0, 1):
        own = usable[labels[usable] == label]
        chosen += list(own[np.argsort(-alike[own])][:k // 2])
    return sorted((int(i) for i in chosen), key=lambda i: alike[i])


# %% wrong="cuts_before_it_splits"
# Takes the k most alike and splits those by label: too few of one label.
def nearest_shots(query, vectors, labels, k):
    alike = vectors @ query
    usable = np.flatnonzero(alike <= 0.999)
    near = usable[np.argsort(-alike[usable])][:k]
    chosen = [int(i) for c in (0, 1) for i in near[labels[near] == c][:k // 2]]
    return sorted(chosen, key=lambda i: alike[i])
