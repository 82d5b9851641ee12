"""Answers to drift-alarm, right and wrong."""

# %% right="sureness_and_unknown_words"
# Two signs together, both clearly outside what film batches show.
def alarm(texts):
    now = signs(texts)
    return now["unknown"] > 0.08 or now["sureness"] < 0.14


# %% right="counts_unknown_words_itself"
# Works the share out without `signs`, with a limit from the batches of the table.
def alarm(texts):
    words_seen = [w for t in texts for w in re.findall(r"\b\w\w+\b", t.lower())]
    unknown = sum(w not in known for w in words_seen) / len(words_seen)
    usual = np.array([b["unknown"] for b in batches])
    return unknown > usual.mean() + 6 * usual.std()


# %% wrong="shorter_sentences"
# Products and tweets are shorter than film sentences; news is not.
def alarm(texts):
    return bool(signs(texts)["length"] < 16.9)


# %% wrong="share_of_good_moves"
# Rings when the model says good unusually often or seldom: a good week is no drift.
def alarm(texts):
    return not 0.36 < signs(texts)["share good"] < 0.62


# %% wrong="limit_at_the_middle"
# Puts the limit at the middle of normal days, so half of them ring.
def alarm(texts):
    return bool(signs(texts)["unknown"] > 0.0492)


# %% wrong="limit_out_of_reach"
# Waits for a share of unknown words that only tweets and news reach.
def alarm(texts):
    return bool(signs(texts)["unknown"] > 0.13)


# %% wrong="always_rings"
# Rings every day, and is switched off in the first week.
def alarm(texts):
    return True


# %% wrong="never_rings"
# Silent, whatever comes.
def alarm(texts):
    return False


# %% wrong="compares_with_known_film_texts"
# Rings when the sentences are not those of the film file: no new film sentence is.
def alarm(texts):
    return not set(texts) <= set(film.texts[:9000])


# %% wrong="falls_asleep_after_the_first_alarm"
# Keeps a note of having rung and stays silent from then on, news and tweets included.
rung_before = []


def alarm(texts):
    if signs(texts)["unknown"] > 0.075 and len(rung_before) < 3:
        rung_before.append(1)
        return True
    return False
