"""Answers to copy-only, right and wrong."""

# %% right="walks_along"
# Compares token by token instead of slicing.
def may_follow(source, written, end):
    allowed = set()
    for start in range(len(source)):
        fits = all(start + j < len(source) and source[start + j] == token
                   for j, token in enumerate(written))
        if fits and start + len(written) < len(source):
            allowed.add(source[start + len(written)])
    return allowed | ({end} if written else set())


# %% right="narrowing_places"
# Keeps the places that are still possible, one written token at a time.
def may_follow(source, written, end):
    places = range(len(source))
    for token in written:
        places = [p + 1 for p in places
                  if p < len(source) and source[p] == token]
    follow = {source[p] for p in places if p < len(source)}
    return follow | {end} if written else follow


# %% right="tuples"
# Windows as tuples.
def may_follow(source, written, end):
    n = len(written)
    allowed = {source[i] for i in range(n, len(source))
               if tuple(source[i - n:i]) == tuple(written)}
    if n:
        allowed.add(end)
    return allowed


# %% wrong="any_token_of_the_source"
# Allows every token of the source at any time: a salad of its words.
def may_follow(source, written, end):
    return set(source) | ({end} if written else set())


# %% wrong="first_place_only"
# Looks at the first place only.
def may_follow(source, written, end):
    if not written:
        return set(source)
    n = len(written)
    for i in range(len(source) - n):
        if source[i:i + n] == written:
            return {source[i + n], end}
    return {end}


# %% wrong="last_token_only"
# Looks at the last written token and forgets the others.
def may_follow(source, written, end):
    if not written:
        return set(source)
    return {end} | {b for a, b in zip(source, source[1:]) if a == written[-1]}


# %% wrong="never_ends"
# Does not allow the end while the source goes on.
def may_follow(source, written, end):
    if not written:
        return set(source)
    n = len(written)
    found = {source[i + n] for i in range(len(source) - n)
             if source[i:i + n] == written}
    return found or {end}


# %% wrong="may_end_at_once"
# Lets an empty answer end.
def may_follow(source, written, end):
    n = len(written)
    return {end} | {source[i + n] for i in range(len(source) - n)
                    if source[i:i + n] == written}


# %% wrong="runs_past_the_end"
# Asks for the token after the last one.
def may_follow(source, written, end):
    if not written:
        return set(source)
    n = len(written)
    return {end} | {source[i + n] for i in range(len(source))
                    if source[i:i + n] == written}


# %% wrong="compares_as_text"
# Looks for the numbers as text: 1 is found in 12.
def may_follow(source, written, end):
    if not written:
        return set(source)
    n, text = len(written), " ".join(map(str, written))
    return {end} | {source[i + n] for i in range(len(source) - n)
                    if " ".join(map(str, source[i:])).startswith(text)}
