"""Answers to merge-pair, right and wrong."""

# %% right="looks_back"
# Builds the result and looks at what came last, with a flag for what was just glued.
def merge_pair(symbols, pair, new):
    out, glued = [], True
    for symbol in symbols:
        if not glued and (out[-1], symbol) == tuple(pair):
            out[-1] = new
            glued = True
        else:
            out.append(symbol)
            glued = False
    return out


# %% right="skips_with_an_iterator"
# A flag that skips the second half; gives a tuple.
def merge_pair(symbols, pair, new):
    out, skip = [], False
    for i, symbol in enumerate(symbols):
        if skip:
            skip = False
        elif i + 1 < len(symbols) and symbol == pair[0] and symbols[i + 1] == pair[1]:
            out.append(new)
            skip = True
        else:
            out.append(symbol)
    return tuple(out)


# %% wrong="the_draft"
# The draft as it was: loses the last symbol, keeps the right half.
def merge_pair(symbols, pair, new):
    return merge_draft(symbols, pair, new)


# %% wrong="keeps_the_right_half"
# Keeps the end, but the second symbol of the pair stays.
def merge_pair(symbols, pair, new):
    out = []
    for i, symbol in enumerate(symbols):
        if tuple(symbols[i:i + 2]) == tuple(pair):
            out.append(new)
        else:
            out.append(symbol)
    return out


# %% wrong="loses_the_end"
# Jumps right but stops one symbol early.
def merge_pair(symbols, pair, new):
    out, i = [], 0
    while i < len(symbols) - 1:
        if tuple(symbols[i:i + 2]) == tuple(pair):
            out.append(new)
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


# %% wrong="first_one_only"
# Replaces the first occurrence and copies the rest.
def merge_pair(symbols, pair, new):
    symbols = list(symbols)
    for i in range(len(symbols) - 1):
        if tuple(symbols[i:i + 2]) == tuple(pair):
            return symbols[:i] + [new] + symbols[i + 2:]
    return symbols


# %% wrong="right_to_left"
# Walks from the end: three equal letters give the wrong half.
def merge_pair(symbols, pair, new):
    out, i = [], len(symbols)
    while i > 0:
        if i > 1 and tuple(symbols[i - 2:i]) == tuple(pair):
            out.insert(0, new)
            i -= 2
        else:
            out.insert(0, symbols[i - 1])
            i -= 1
    return out


# %% wrong="in_place"
# Changes the list that it was given.
def merge_pair(symbols, pair, new):
    i = 0
    while i < len(symbols) - 1:
        if (symbols[i], symbols[i + 1]) == tuple(pair):
            symbols[i:i + 2] = [new]
        i += 1
    return symbols


# %% wrong="glues_again"
# Looks at what it has just glued once more.
def merge_pair(symbols, pair, new):
    out = []
    for symbol in symbols:
        if out and (out[-1], symbol) == tuple(pair):
            out[-1] = new
        else:
            out.append(symbol)
    return out


# %% wrong="string_replace"
# Works on one string, which numbers are not.
def merge_pair(symbols, pair, new):
    marked = "|".join(str(s) for s in symbols).replace("|".join(map(str, pair)), str(new))
    return marked.split("|")
