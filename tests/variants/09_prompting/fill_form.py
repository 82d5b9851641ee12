"""Answers to fill-form, right and wrong."""

# %% right="place_counter"
# Keeps a place in `written` instead of eating it.
def allowed(form, written, safe, close):
    at = 0
    for part in form:
        if isinstance(part, int):
            used = 0
            while at + used < len(written) and written[at + used] != close:
                used += 1
            if at + used == len(written):
                return ({close} | set(safe)) if used < part else {close}
            at += used + 1
        else:
            tail = tuple(written[at:])
            ended = [o for o in part if tuple(o) == tail[:len(o)]]
            if ended:
                at += len(ended[0])
            else:
                return {o[len(tail)] for o in part if tuple(o[:len(tail)]) == tail}
    return set()


def longest(form):
    total = 0
    for part in form:
        total += part + 1 if isinstance(part, int) else max(len(o) for o in part)
    return total


# %% right="recursion"
# The first part eats what it can, the rest of the form gets the rest.
def allowed(form, written, safe, close):
    if not form:
        return set()
    part, written = form[0], list(written)
    if isinstance(part, int):
        if close in written:
            return allowed(form[1:], written[written.index(close) + 1:], safe, close)
        return set(safe) | {close} if len(written) < part else {close}
    for option in part:
        if written[:len(option)] == list(option):
            return allowed(form[1:], written[len(option):], safe, close)
    return {option[len(written)] for option in part
            if list(option[:len(written)]) == written}


def longest(form):
    if not form:
        return 0
    first = form[0] + 1 if isinstance(form[0], int) else max(map(len, form[0]))
    return first + longest(form[1:])


# %% right="one_token_at_a_time"
# A machine with a state: part, tokens written in the part.
def allowed(form, written, safe, close):
    place, inside = 0, []
    for token in [*written, None]:
        while True:
            if place == len(form):
                may = set()
            elif isinstance(form[place], int):
                may = {close} | (set(safe) if len(inside) < form[place] else set())
            else:
                may = {o[len(inside)] for o in form[place]
                       if o[:len(inside)] == inside and len(o) > len(inside)}
                if not may:
                    place, inside = place + 1, []
                    continue
            break
        if token is None:
            return may
        inside = inside + [token]
        if isinstance(form[place], int) and token == close:
            place, inside = place + 1, []


def longest(form):
    return sum([part + 1 for part in form if isinstance(part, int)]
               + [max(len(o) for o in part) for part in form if not isinstance(part, int)])


# %% wrong="first_option_only"
# Follows the first option that is alive: the others can never be written.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {alive[0][len(rest)]}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="any_token_of_any_option"
# Allows the tokens of this place of all options, whatever was written before.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        full = [o for o in part if o == rest[:len(o)]]
        if not full:
            return {o[len(rest)] for o in part if len(o) > len(rest)}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="free_text_without_end"
# Never counts the free text: a budget will cut it off.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="one_free_token_too_many"
# Compares with "more than n" where "n reached" is meant.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) > part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="longest_forgets_the_close"
# The machine is right, the budget is a token short for each free part.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="longest_of_the_first_options"
# Takes the first option's length instead of the longest one's.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else len(p[0]) for p in form)


# %% wrong="last_close_instead_of_first"
# Looks for the last close of the text: the second free part is never seen.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            last = len(rest) - 1 - rest[::-1].index(close)
            rest = rest[last + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)


# %% wrong="note_may_not_be_empty"
# Wants at least one token of free text.
def allowed(form, written, safe, close):
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                if not rest:
                    return set(safe) or {close}
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [o for o in part if o[:len(rest)] == rest[:len(o)]]
        full = [o for o in alive if len(o) <= len(rest)]
        if not full:
            return {o[len(rest)] for o in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form):
    return sum(p + 1 if isinstance(p, int) else max(map(len, p)) for p in form)
