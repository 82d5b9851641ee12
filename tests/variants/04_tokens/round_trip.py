"""Answers to round-trip, right and wrong."""

# %% right="lowest_rank_first"
# Asks again and again which present pair was learned first; recursive decode.
def encode(data, merges):
    rank = {tuple(pair): i for i, pair in enumerate(merges)}
    ids = list(data)
    while True:
        present = [p for p in zip(ids, ids[1:]) if p in rank]
        if not present:
            return ids
        best = min(present, key=rank.get)
        ids = list(merge_pair(ids, best, 256 + rank[best]))


def decode(ids, merges):
    def spell(i):
        if i < 256:
            return bytes([i])
        left, right = merges[i - 256]
        return spell(left) + spell(right)
    return b"".join(map(spell, ids))


# %% right="numpy_and_bytearray"
# Gives an array of numbers; decodes into a bytearray turned to bytes.
def encode(data, merges):
    ids = list(data)
    for new, pair in enumerate(merges, 256):
        ids = merge_pair(ids, tuple(pair), new)
    return np.array(ids, dtype=int)


def decode(ids, merges):
    table = {i: bytes([i]) for i in range(256)}
    for new, (left, right) in enumerate(merges, 256):
        table[new] = table[left] + table[right]
    out = bytearray()
    for i in ids:
        out += table[int(i)]
    return bytes(out)


# %% wrong="longest_match"
# Takes from the left the longest token that fits, as many people think BPE does.
def encode(data, merges):
    ranks = {part: i for i, part in enumerate(vocabulary(merges))}
    ids, start = [], 0
    while start < len(data):
        end = len(data)
        while data[start:end] not in ranks:
            end -= 1
        ids.append(ranks[data[start:end]])
        start = end
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids)


# %% wrong="newest_merge_first"
# Goes through the recipe from its end.
def encode(data, merges):
    ids = list(data)
    for rank in reversed(range(len(merges))):
        ids = merge_pair(ids, merges[rank], 256 + rank)
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids)


# %% wrong="leftmost_pair_first"
# Glues the first pair from the left that has a merge, whichever was learned earlier.
def encode(data, merges):
    rank = {tuple(pair): 256 + i for i, pair in enumerate(merges)}
    ids, i = list(data), 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) in rank:
            ids[i:i + 2] = [rank[ids[i], ids[i + 1]]]
            i = 0
        else:
            i += 1
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids)


# %% wrong="single_bytes_only"
# Encodes without using the merges at all.
def encode(data, merges):
    return list(data)


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids)


# %% wrong="one_merge_each"
# Replaces each pair once, so that a second occurrence stays.
def encode(data, merges):
    ids = list(data)
    for rank, pair in enumerate(merges):
        for i in range(len(ids) - 1):
            if (ids[i], ids[i + 1]) == tuple(pair):
                ids[i:i + 2] = [256 + rank]
                break
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids)


# %% wrong="decodes_one_level"
# Knows the two bytes of a merge, but not merges of merges.
def encode(data, merges):
    ids = list(data)
    for rank, pair in enumerate(merges):
        ids = merge_pair(ids, pair, 256 + rank)
    return ids


def decode(ids, merges):
    out = b""
    for i in ids:
        out += bytes([i]) if i < 256 else bytes([b % 256 for b in merges[i - 256]])
    return out


# %% wrong="decodes_through_text"
# Makes text on the way, which loses bytes that are no whole characters.
def encode(data, merges):
    ids = list(data)
    for rank, pair in enumerate(merges):
        ids = merge_pair(ids, pair, 256 + rank)
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids).decode("utf-8", "replace").encode("utf-8")


# %% wrong="decodes_to_text"
# Gives a str.
def encode(data, merges):
    ids = list(data)
    for rank, pair in enumerate(merges):
        ids = merge_pair(ids, pair, 256 + rank)
    return ids


def decode(ids, merges):
    parts = vocabulary(merges)
    return b"".join(parts[i] for i in ids).decode()
