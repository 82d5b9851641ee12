"""Answers to shot-turns, right and wrong."""

# %% right="comprehension"
# One list made of three, with a comprehension over pairs and roles.
def turns(rule, examples, text):
    shown = [{"role": role, "content": part} for pair in examples
             for role, part in zip(("user", "assistant"), pair)]
    first = [{"role": "system", "content": rule}] if rule else []
    return first + shown + [dict(role="user", content=text)]


# %% right="generator_and_tuple"
# Yields messages and gives them back as a tuple.
def turns(rule, examples, text):
    def each():
        if rule != "":
            yield {"content": rule, "role": "system"}
        for i in range(len(examples)):
            yield {"content": examples[i][0], "role": "user"}
            yield {"content": examples[i][1], "role": "assistant"}
        yield {"content": text, "role": "user"}
    return tuple(each())


# %% wrong="examples_inside_one_message"
# Writes the examples into the user's text: no turns.
def turns(rule, examples, text):
    shown = "".join(f"{asked}\n{answer}\n\n" for asked, answer in examples)
    messages = [{"role": "system", "content": rule}] if rule else []
    return messages + [{"role": "user", "content": shown + text}]


# %% wrong="empty_system_message"
# Sends a system message even when there is no rule.
def turns(rule, examples, text):
    messages = [{"role": "system", "content": rule}]
    for asked, answer in examples:
        messages += [{"role": "user", "content": asked},
                     {"role": "assistant", "content": answer}]
    return messages + [{"role": "user", "content": text}]


# %% wrong="answers_are_the_users"
# Lets the user give the answers of the examples.
def turns(rule, examples, text):
    messages = [{"role": "system", "content": rule}] if rule else []
    for asked, answer in examples:
        messages += [{"role": "user", "content": asked}, {"role": "user", "content": answer}]
    return messages + [{"role": "user", "content": text}]


# %% wrong="newest_example_first"
# Turns the order of the examples round.
def turns(rule, examples, text):
    messages = [{"role": "system", "content": rule}] if rule else []
    for asked, answer in reversed(examples):
        messages += [{"role": "user", "content": asked},
                     {"role": "assistant", "content": answer}]
    return messages + [{"role": "user", "content": text}]


# %% wrong="remembers_the_last_chat"
# A list as default value grows from call to call.
def turns(rule, examples, text, messages=[]):
    if rule:
        messages.append({"role": "system", "content": rule})
    for asked, answer in examples:
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": answer})
    messages.append({"role": "user", "content": text})
    return messages


# %% wrong="eats_the_examples"
# Takes the examples out of the list that it was given.
def turns(rule, examples, text):
    messages = [{"role": "system", "content": rule}] if rule else []
    while examples:
        asked, answer = examples.pop(0)
        messages += [{"role": "user", "content": asked},
                     {"role": "assistant", "content": answer}]
    return messages + [{"role": "user", "content": text}]


# %% wrong="only_the_first_example"
# Returns inside the loop.
def turns(rule, examples, text):
    messages = [{"role": "system", "content": rule}] if rule else []
    for asked, answer in examples[:1]:
        messages += [{"role": "user", "content": asked},
                     {"role": "assistant", "content": answer}]
    return messages + [{"role": "user", "content": text}]
