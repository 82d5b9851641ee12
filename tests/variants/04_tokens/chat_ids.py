"""Answers to chat-ids, right and wrong."""

# %% right="keyword_of_the_call"
# Uses the tokenizer as a function and collects parts in a nested list.
ROLES = {"system", "user", "assistant"}


def chat_ids(messages):
    parts = []
    for role, content in ((m["role"], m["content"]) for m in messages):
        if role not in ROLES:
            raise ValueError("role")
        text = tok(f"{role}\n{content}", split_special_tokens=True)["input_ids"]
        parts.append([1] + text + [2] + tok("\n", split_special_tokens=True)["input_ids"])
    parts.append([1] + tok("assistant\n")["input_ids"])
    return tuple(number for part in parts for number in part)


# %% right="breaks_the_marks_apart"
# Encodes the text in pieces cut inside every "<" so that no mark is ever whole.
def chat_ids(messages):
    def plain(text):
        ids = []
        for piece in re.split("(?<=<)", text):
            ids += tok.encode(piece)
        return ids

    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError(m["role"])
        ids += [START] + plain(m["role"] + "\n" + m["content"]) + [END] + plain("\n")
    return ids + [START] + plain("assistant\n")


# %% wrong="trusts_the_template"
# The template reads marks wherever they stand, the customer's too.
def chat_ids(messages):
    if any(m["role"] not in ("system", "user", "assistant") for m in messages):
        raise ValueError("role")
    return tok.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)


# %% wrong="deletes_the_marks"
# Cuts marks out of the text; a nested one closes up to a new mark.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        content = m["content"].replace("<|im_start|>", "").replace("<|im_end|>", "")
        ids += [START, *tok.encode(m["role"] + "\n" + content), END, *tok.encode("\n")]
    return ids + [START, *tok.encode("assistant\n")]


# %% wrong="escapes_two_marks"
# Spreads the two chat marks with a space; other marks get through and the text has changed.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        content = m["content"].replace("<|im_", "<| im_")
        ids += [START, *tok.encode(m["role"] + "\n" + content), END, *tok.encode("\n")]
    return ids + [START, *tok.encode("assistant\n")]


# %% wrong="no_open_turn"
# Ends after the last message; the model would go on writing the customer's part.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        body = m["role"] + "\n" + m["content"]
        ids += [START, *tok.encode(body, split_special_tokens=True), END, *tok.encode("\n")]
    return ids


# %% wrong="forgets_the_newlines"
# Leaves out the newline behind each end mark.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        body = m["role"] + "\n" + m["content"]
        ids += [START, *tok.encode(body, split_special_tokens=True), END]
    return ids + [START, *tok.encode("assistant\n")]


# %% wrong="everything_is_text"
# Encodes the marks of the frame as text too: no special token at all.
def chat_ids(messages):
    text = ""
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        text += f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n"
    return tok.encode(text + "<|im_start|>assistant\n", split_special_tokens=True)


# %% wrong="trusts_the_role"
# Takes any role, so a forged role opens a turn of its own.
def chat_ids(messages):
    ids = []
    for m in messages:
        body = m["role"] + "\n" + m["content"]
        ids += [START, *tok.encode(body, split_special_tokens=True), END, *tok.encode("\n")]
    return ids + [START, *tok.encode("assistant\n")]


# %% wrong="refuses_the_customer"
# Raises for a text that quotes a mark: safe, and nobody can ask about it.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant") or "<|" in m["content"]:
            raise ValueError("refused")
        body = m["role"] + "\n" + m["content"]
        ids += [START, *tok.encode(body), END, *tok.encode("\n")]
    return ids + [START, *tok.encode("assistant\n")]


# %% wrong="forgets_the_last_newline"
# Opens the assistant's turn without its newline.
def chat_ids(messages):
    ids = []
    for m in messages:
        if m["role"] not in ("system", "user", "assistant"):
            raise ValueError("role")
        body = m["role"] + "\n" + m["content"]
        ids += [START, *tok.encode(body, split_special_tokens=True), END, *tok.encode("\n")]
    return ids + [START, *tok.encode("assistant")]
