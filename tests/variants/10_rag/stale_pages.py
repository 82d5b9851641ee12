"""Answers to stale-pages, right and wrong."""

# %% right="sets_of_pairs"
# Pages with their fingerprints as pairs: two differences of sets.
def to_do(indexed, pages):
    was = set(indexed.items())
    now = {(page, fingerprint(text)) for page, text in pages.items()}
    return {page for page, _ in now - was}, {page for page, _ in was - now}


# %% right="three_groups"
# New, gone and changed pages, one loop each.
def to_do(indexed, pages):
    new = [page for page in pages if page not in indexed]
    gone = [page for page in indexed if page not in pages]
    changed = [page for page in pages if page in indexed
               and fingerprint(pages[page]) != indexed[page]]
    return new + changed, gone + changed


# %% wrong="old_vectors_stay"
# Drops what is gone, but lets the old vector of a changed page answer on.
def to_do(indexed, pages):
    embed_ = [page for page, text in pages.items()
              if indexed.get(page) != fingerprint(text)]
    return embed_, [page for page in indexed if page not in pages]


# %% wrong="embeds_everything"
# Builds the whole index anew.
def to_do(indexed, pages):
    return list(pages), list(indexed)


# %% wrong="new_pages_only"
# Compares ids: a page with the same name counts as known.
def to_do(indexed, pages):
    return ([page for page in pages if page not in indexed],
            [page for page in indexed if page not in pages])


# %% wrong="known_texts_anywhere"
# Asks whether the fingerprint is known, on whatever page.
def to_do(indexed, pages):
    now = {page: fingerprint(text) for page, text in pages.items()}
    known, there = set(indexed.values()), set(now.values())
    return ([page for page in now if now[page] not in known],
            [page for page in indexed if indexed[page] not in there])


# %% wrong="forgets_what_is_gone"
# Looks at today's pages only.
def to_do(indexed, pages):
    embed_ = [page for page, text in pages.items()
              if indexed.get(page) != fingerprint(text)]
    return embed_, [page for page in embed_ if page in indexed]


# %% wrong="the_two_swapped"
# Gives back what goes first.
def to_do(indexed, pages):
    now = {page: fingerprint(text) for page, text in pages.items()}
    embed_ = [page for page in now if indexed.get(page) != now[page]]
    drop = [page for page in indexed if now.get(page) != indexed[page]]
    return drop, embed_
