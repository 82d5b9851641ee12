"""Answers to pays-after, right and wrong."""

# %% right="whole_division"
# Rounds up by the double minus.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million - more_usd * 1e6     # dollars for a million calls
    if saved <= 0:
        return 0 if fixed_usd == 0 and saved == 0 else None
    return int(-(-fixed_usd * 1e6 // saved))


# %% right="break_even"
# The prompt costs its tokens a call, the adapter what serving it costs more.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    from course import break_even
    return break_even(fixed_usd, more_usd, 0,
                      tokens_saved * usd_per_million / 1e6)


# %% wrong="per_thousand"
# Reads the price as dollars for a thousand tokens.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million / 1e3 - more_usd
    return int(np.ceil(fixed_usd / saved)) if saved > 0 else None


# %% wrong="forgets_the_extra_cost"
# Serving the adapter for free.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million / 1e6
    return int(np.ceil(fixed_usd / saved)) if saved > 0 else None


# %% wrong="negative_number_of_calls"
# A loss a call gives a negative number instead of never.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million / 1e6 - more_usd
    return None if saved == 0 else int(np.ceil(fixed_usd / saved))


# %% wrong="adds_the_extra_cost"
# The extra cost makes it pay sooner.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million / 1e6 + more_usd
    return int(np.ceil(fixed_usd / saved)) if saved > 0 else None


# %% wrong="tokens_instead_of_calls"
# How many tokens the fixed cost buys.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    if tokens_saved <= 0 or tokens_saved * usd_per_million / 1e6 <= more_usd:
        return None
    return int(np.ceil(fixed_usd / usd_per_million * 1e6))


# %% wrong="half_a_call"
# Gives fractions of a call.
def pays_after(fixed_usd, tokens_saved, usd_per_million, more_usd=0):
    saved = tokens_saved * usd_per_million / 1e6 - more_usd
    return fixed_usd / saved if saved > 0 else None
