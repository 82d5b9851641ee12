"""Answers to choose, right and wrong."""

# %% right="plain_loop"
# Keeps the best so far; only a smaller bill replaces it.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    best = None
    for o in options:
        usd = (o["labels"] * label_usd + items * o["seconds"] * hour_usd / 3600
               + items * usd_per_error * (1 - o["accuracy"]))
        if best is None or usd < best[1]:
            best = o["name"], usd
    return best


# %% right="numpy_bills"
# All bills as one array.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    labels, acc, sec = (np.array([o[key] for o in options], float)
                        for key in ("labels", "accuracy", "seconds"))
    bills = labels * label_usd + items * (sec / 3600 * hour_usd + (1 - acc) * usd_per_error)
    k = int(bills.argmin())
    return [options[k]["name"], float(bills[k])]


# %% wrong="most_accurate"
# Takes the best model whatever its labels cost.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    o = max(options, key=lambda one: one["accuracy"])
    return o["name"], (o["labels"] * label_usd + items * o["seconds"] / 3600 * hour_usd
                       + items * (1 - o["accuracy"]) * usd_per_error)


# %% wrong="prices_fixed"
# Ignores the prices that are given: passes every visible assert.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    def total(o):
        return (o["labels"] * 0.05 + items * o["seconds"] / 3600 * 0.05
                + items * (1 - o["accuracy"]) * usd_per_error)
    best = min(options, key=total)
    return best["name"], total(best)


# %% wrong="labels_for_each_sentence"
# Pays for the labels again with every sentence.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    def total(o):
        return items * (o["labels"] * label_usd + o["seconds"] / 3600 * hour_usd
                        + (1 - o["accuracy"]) * usd_per_error)
    best = min(options, key=total)
    return best["name"], total(best)


# %% wrong="pays_for_right_answers"
# Multiplies by the accuracy, not by the share of errors.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    def total(o):
        return (o["labels"] * label_usd + items * o["seconds"] / 3600 * hour_usd
                + items * o["accuracy"] * usd_per_error)
    best = min(options, key=total)
    return best["name"], total(best)


# %% wrong="minutes_for_hours"
# Divides the seconds by 60.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    def total(o):
        return (o["labels"] * label_usd + items * o["seconds"] / 60 * hour_usd
                + items * (1 - o["accuracy"]) * usd_per_error)
    best = min(options, key=total)
    return best["name"], total(best)


# %% wrong="last_of_equals"
# `<=` lets a later equal option replace the first.
def cheapest(options, items, usd_per_error, label_usd=0.05, hour_usd=0.05):
    best = None
    for o in options:
        usd = (o["labels"] * label_usd + items * o["seconds"] * hour_usd / 3600
               + items * usd_per_error * (1 - o["accuracy"]))
        if best is None or usd <= best[1]:
            best = o["name"], usd
    return best
