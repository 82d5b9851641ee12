"""Answers to fuse, right and wrong."""

# %% right="counter"
# A Counter as the purse, most_common as the sorter.
def fuse(rankings, k=60):
    from collections import Counter
    points = Counter()
    for ranking in rankings:
        points.update({item: 1 / (k + rank)
                       for rank, item in enumerate(ranking, 1)})
    return [item for item, _ in points.most_common()]


# %% right="for_each_item"
# Collects the items first and asks every ranking for each.
def fuse(rankings, k=60):
    items = {item for ranking in rankings for item in ranking}

    def points(item):
        return sum(1 / (k + list(r).index(item) + 1)
                   for r in rankings if item in r)

    return sorted(items, key=points, reverse=True)


# %% wrong="ranks_from_zero"
# Lets ranks begin with 0.
def fuse(rankings, k=60):
    points = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking):
            points[item] = points.get(item, 0) + 1 / (k + rank + 1e-9)
    return sorted(points, key=points.get, reverse=True)


# %% wrong="mean_of_ranks"
# Sorts by the mean rank where an item occurs; absence costs nothing.
def fuse(rankings, k=60):
    ranks = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            ranks.setdefault(item, []).append(rank)
    return sorted(ranks, key=lambda item: (sum(ranks[item]) / len(ranks[item])
                                           - 0.9 * len(ranks[item])))


# %% wrong="only_what_all_hold"
# Keeps items that stand in every ranking.
def fuse(rankings, k=60):
    points = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1 / (k + rank)
    both = [item for item in points if all(item in r for r in rankings)]
    return sorted(both, key=points.get, reverse=True)


# %% wrong="worst_first"
# Forgets to turn the order.
def fuse(rankings, k=60):
    points = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1 / (k + rank)
    return sorted(points, key=points.get)


# %% wrong="best_place_only"
# Takes the best place of an item instead of adding up; ties by how often.
def fuse(rankings, k=60):
    best, often = {}, {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            best[item] = max(best.get(item, 0), 1 / (k + rank))
            often[item] = often.get(item, 0) + 1
    return sorted(best, key=lambda i: (best[i], often[i]), reverse=True)


# %% wrong="k_is_fixed"
# Writes 60 into the formula.
def fuse(rankings, k=60):
    points = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1 / (60 + rank)
    return sorted(points, key=points.get, reverse=True)
