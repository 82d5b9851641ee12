"""Answers to nine-bills, right and wrong."""

# %% right="numpy_and_algebra"
# NumPy means, and the crossing solved by hand instead of break_even.
def monthly_bill(texts, name, usd, fee, items):
    lengths = [len(ids) for ids in encoding(name).encode_ordinary_batch(texts)]
    return np.mean(lengths) * items * (usd / 1e6) + fee


def decide(nine):
    choice = dict(zip(nine, np.where(
        [monthly_bill(t, "o200k_base", 3.6, 40, 1e6) < monthly_bill(t, "cl100k_base", 3.0, 0, 1e6)
         for t in nine.values()], "B", "A")))
    saved = (monthly_bill(nine["Hindi"], "cl100k_base", 3.0, 0, 1)
             - monthly_bill(nine["Hindi"], "o200k_base", 3.6, 0, 1))
    switch_at = np.ceil(40 / saved)
    return choice, switch_at


# %% right="search"
# Finds the switch by bisection over whole bills.
def monthly_bill(texts, name, usd, fee, items):
    total = sum(len(encoding(name).encode_ordinary(t)) for t in texts)
    return fee + total * items * usd / len(texts) / 1_000_000


def decide(nine):
    choice = {}
    for language in nine:
        a = monthly_bill(nine[language], "cl100k_base", 3.0, 0, 10**6)
        b = monthly_bill(nine[language], "o200k_base", 3.6, 40, 10**6)
        choice[language] = "AB"[b < a]
    low, switch_at = 0, 10**7
    while switch_at - low > 1:
        mid = (low + switch_at) // 2
        if (monthly_bill(nine["Hindi"], "o200k_base", 3.6, 40, mid)
                <= monthly_bill(nine["Hindi"], "cl100k_base", 3.0, 0, mid)):
            switch_at = mid
        else:
            low = mid
    return choice, switch_at


# %% right="takes_the_fee_off_again"
# Uses the offers as they are given and subtracts the fee from the bill of one message.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts)
    return fee + usd / 1e6 * items * (tokens / len(texts))


def decide(nine):
    choice = {}
    for lang, texts in nine.items():
        bills = {"A": monthly_bill(texts, items=10**6, **A),
                 "B": monthly_bill(texts, items=10**6, **B)}
        choice[lang] = min(bills, key=bills.get)
    hindi = nine["Hindi"]
    return choice, break_even(
        fixed_new=B["fee"], item_new=monthly_bill(hindi, items=1, **B) - B["fee"],
        fixed_old=A["fee"], item_old=monthly_bill(hindi, items=1, **A))


# %% wrong="fee_in_the_item_too"
# Leaves the fee in the price of one message, so that B never pays.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    return choice, break_even(B["fee"], monthly_bill(nine["Hindi"], items=1, **B),
                              A["fee"], monthly_bill(nine["Hindi"], items=1, **A))


# %% wrong="sum_instead_of_mean"
# Takes all texts together as one message.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    switch_at = 443_685
    return choice, switch_at


# %% wrong="per_thousand"
# Divides the price by a thousand.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e3


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    switch_at = 443_685
    return choice, switch_at


# %% wrong="fee_for_each_message"
# Adds the fee to every message.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return items * (fee + tokens * usd / 1e6)


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    switch_at = 443_685
    return choice, switch_at


# %% wrong="cheapest_token_wins"
# Looks only at the price per token, so A wins everywhere.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "A" for lang in nine}
    switch_at = 443_685
    return choice, switch_at


# %% wrong="forgets_the_fee"
# Compares dollars per message only.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "B" if monthly_bill(t, "o200k_base", 3.6, 0, 1e6)
              < monthly_bill(t, "cl100k_base", 3.0, 0, 1e6) else "A" for lang, t in nine.items()}
    switch_at = break_even(40, monthly_bill(nine["Hindi"], "o200k_base", 3.6, 0, 1),
                           0, monthly_bill(nine["Hindi"], "cl100k_base", 3.0, 0, 1))
    return choice, switch_at


# %% wrong="same_price_for_both"
# Lets B have A's price per token.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    switch_at = break_even(40, monthly_bill(nine["Hindi"], "o200k_base", 3.0, 0, 1),
                           0, monthly_bill(nine["Hindi"], "cl100k_base", 3.0, 0, 1))
    return choice, switch_at


# %% wrong="break_even_turned_round"
# Puts A first, so that break_even finds no number.
def monthly_bill(texts, name, usd, fee, items):
    tokens = sum(len(encoding(name).encode_ordinary(t)) for t in texts) / len(texts)
    return fee + items * tokens * usd / 1e6


def decide(nine):
    choice = {lang: "B" if lang in ("Greek", "Hindi") else "A" for lang in nine}
    switch_at = break_even(0, monthly_bill(nine["Hindi"], "cl100k_base", 3.0, 0, 1),
                           40, monthly_bill(nine["Hindi"], "o200k_base", 3.6, 0, 1))
    return choice, switch_at
