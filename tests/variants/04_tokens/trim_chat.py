"""Answers to trim-chat, right and wrong."""

# %% right="tries_longer_and_longer_tails"
# Drops one message after the other from a copy until it fits.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while sum(map(message_tokens, kept)) + OPEN_TURN + reply > window:
        if len(kept) <= 2:
            raise ValueError("too large")
        del kept[1]
    return kept


# %% right="cumulative_sums"
# Sums from the end with NumPy; gives a tuple.
def trim_chat(messages, window, reply):
    sizes = np.array([message_tokens(m) for m in messages])
    tails = np.cumsum(sizes[:0:-1]) + sizes[0] + OPEN_TURN + reply
    fits = int((tails <= window).sum())
    if fits == 0:
        raise ValueError("system, newest and reply do not fit")
    return (messages[0], *messages[len(messages) - fits:])


# %% wrong="drops_the_system_message"
# Keeps the newest messages, whatever they are.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while kept and sum(map(message_tokens, kept)) + OPEN_TURN + reply > window:
        kept.pop(0)
    if not kept:
        raise ValueError("too large")
    return kept


# %% wrong="keeps_the_oldest"
# Fills from the front and loses the question.
def trim_chat(messages, window, reply):
    kept, used = [], reply + OPEN_TURN
    for m in messages:
        used += message_tokens(m)
        if used > window:
            break
        kept.append(m)
    if not kept:
        raise ValueError("too large")
    return kept


# %% wrong="forgets_the_reply"
# Fills the window to the brim; there is no room for the answer.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while sum(map(message_tokens, kept)) + OPEN_TURN > window:
        if len(kept) <= 2:
            raise ValueError("too large")
        del kept[1]
    return kept


# %% wrong="forgets_the_open_turn"
# Counts messages and reply, but not the tokens that open the assistant's turn.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while sum(map(message_tokens, kept)) + reply > window:
        if len(kept) <= 2:
            raise ValueError("too large")
        del kept[1]
    return kept


# %% wrong="less_than_the_window"
# Refuses an exact fit.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while sum(map(message_tokens, kept)) + OPEN_TURN + reply >= window:
        if len(kept) <= 2:
            raise ValueError("too large")
        del kept[1]
    return kept


# %% wrong="skips_what_is_too_large"
# Goes on behind a message that does not fit, so the chat gets a hole.
def trim_chat(messages, window, reply):
    left = window - reply - OPEN_TURN - message_tokens(messages[0]) - message_tokens(messages[-1])
    if left < 0:
        raise ValueError("too large")
    kept = [messages[-1]]
    for m in reversed(messages[1:-1]):
        if message_tokens(m) <= left:
            left -= message_tokens(m)
            kept.insert(0, m)
    return [messages[0]] + kept


# %% wrong="never_raises"
# Gives back a chat that is too large when nothing can be dropped any more.
def trim_chat(messages, window, reply):
    kept = list(messages)
    while len(kept) > 2 and sum(map(message_tokens, kept)) + OPEN_TURN + reply > window:
        del kept[1]
    return kept


# %% wrong="changes_the_callers_list"
# Deletes from the list that it was given.
def trim_chat(messages, window, reply):
    while sum(map(message_tokens, messages)) + OPEN_TURN + reply > window:
        if len(messages) <= 2:
            raise ValueError("too large")
        del messages[1]
    return messages


# %% wrong="counts_words"
# Counts words and trusts the rule of 0.75.
def trim_chat(messages, window, reply):
    def size(m):
        return len(m["content"].split()) / 0.75
    kept = list(messages)
    while sum(map(size, kept)) + OPEN_TURN + reply > window:
        if len(kept) <= 2:
            raise ValueError("too large")
        del kept[1]
    return kept


# %% wrong="newest_first"
# The right messages in reverse order.
def trim_chat(messages, window, reply):
    left = window - reply - OPEN_TURN - message_tokens(messages[0])
    kept = [messages[0]]
    for m in reversed(messages[1:]):
        left -= message_tokens(m)
        if left < 0:
            break
        kept.append(m)
    if len(kept) == 1:
        raise ValueError("too large")
    return kept
