"""Answers to stay-silent, right and wrong."""

# %% right="sorted_scores"
# The score of the first unanswerable question that must stay unanswered decides.
def pick_threshold(scores, has_answer, limit):
    has = np.asarray(has_answer, bool)
    out = np.sort(np.asarray(scores, float)[~has])[::-1]
    allowed = int(np.floor(limit * len(out) + 1e-9))
    bar = out[allowed] if allowed < len(out) else -np.inf
    at = np.nextafter(bar, np.inf)
    return at, float(np.mean(np.asarray(scores, float)[has] >= at))


# %% right="tries_all"
# Works every threshold out and takes the best that keeps to the limit.
def pick_threshold(scores, has_answer, limit):
    pairs = list(zip(map(float, scores), map(bool, has_answer)))
    good = [s for s, h in pairs if h]
    none = [s for s, h in pairs if not h]
    best = None
    for t in sorted({s for s, _ in pairs}) + [max(s for s, _ in pairs) + 1]:
        if sum(s >= t for s in none) <= limit * len(none):
            share = sum(s >= t for s in good) / len(good)
            if best is None or share > best[1]:
                best = (t, share)
    return best


# %% wrong="limit_over_all"
# Takes the share of all questions instead of those without an answer.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    for threshold in [*np.unique(scores), scores.max() + 1]:
        if np.sum(scores[~has] >= threshold) / len(scores) <= limit:
            return threshold, np.mean(scores[has] >= threshold)


# %% wrong="above_not_from"
# Lets the limit hold for scores above the threshold only.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    for threshold in [scores.min() - 1, *np.unique(scores)]:
        if np.mean(scores[~has] > threshold) <= limit:
            return threshold, np.mean(scores[has] > threshold)


# %% wrong="strictest_threshold"
# Keeps to the limit by answering nothing.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    at = scores[has].max()
    return at, np.mean(scores[has] >= at)


# %% wrong="quantile_with_ties"
# Takes a quantile of the unanswerable scores: equal scores break the limit.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    at = np.quantile(scores[~has], 1 - limit) if limit < 1 else scores.min()
    at = at + 1e-9 if limit == 0 else at
    return at, np.mean(scores[has] >= at)


# %% wrong="never_answers_nothing"
# Tries only scores that occur: when none keeps to the limit it takes the last.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    for threshold in np.unique(scores):
        if np.mean(scores[~has] >= threshold) <= limit:
            break
    return threshold, np.mean(scores[has] >= threshold)


# %% wrong="half_is_the_threshold"
# Always answers from .5 on.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    return 0.5, np.mean(scores[has] >= 0.5)


# %% wrong="share_of_all_answered"
# Reports the share of all questions that are answered.
def pick_threshold(scores, has_answer, limit):
    scores, has = np.asarray(scores, float), np.asarray(has_answer, bool)
    for threshold in [*np.unique(scores), scores.max() + 1]:
        if np.mean(scores[~has] >= threshold) <= limit:
            return threshold, np.mean(scores >= threshold)
