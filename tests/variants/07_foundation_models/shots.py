"""Answers to shots, right and wrong."""

# %% right="adds_up_a_string"
# Grows one string and uses re for the white space.
import re


def few_shot(examples, text, names=("negative", "positive")):
    prompt = ""
    for shown, label in examples:
        clean = re.sub(r"\s+", " ", shown).strip()
        prompt += "Review: " + clean + "\nSentiment: " + names[label] + "\n\n"
    return prompt + "Review: " + re.sub(r"\s+", " ", text).strip() + "\nSentiment:"


# %% right="answers_beside_texts"
# The last text is an example whose name is missing.
def few_shot(examples, text, names=("negative", "positive")):
    rows = [(shown, " " + names[label]) for shown, label in examples] + [(text, "")]
    return "\n\n".join("Review: %s\nSentiment:%s" % (" ".join(one.split()), name)
                       for one, name in rows)


# %% wrong="space_at_the_end"
# Ends with a space: the answer's own space then comes twice.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"Review: {' '.join(t.split())}\nSentiment: {names[v]}" for t, v in examples]
    return "\n\n".join([*blocks, f"Review: {' '.join(text.split())}\nSentiment: "])


# %% wrong="text_opens_a_block"
# Strips both ends only, so a text can bring its own answer. Passes the visible asserts.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"Review: {t.strip()}\nSentiment: {names[v]}" for t, v in examples]
    return "\n\n".join([*blocks, f"Review: {text.strip()}\nSentiment:"])


# %% wrong="format_reads_braces"
# str.format on texts that hold braces.
def few_shot(examples, text, names=("negative", "positive")):
    made = "".join("Review: " + " ".join(t.split()) + "\nSentiment: " + names[v] + "\n\n"
                   for t, v in examples)
    return (made + "Review: {}\nSentiment:").format(" ".join(text.split()))


# %% wrong="names_fixed"
# Ignores `names`.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"Review: {' '.join(t.split())}\nSentiment: {('negative', 'positive')[v]}"
              for t, v in examples]
    return "\n\n".join([*blocks, f"Review: {' '.join(text.split())}\nSentiment:"])


# %% wrong="one_line_end_between"
# No empty line between blocks.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"Review: {' '.join(t.split())}\nSentiment: {names[v]}" for t, v in examples]
    return "\n".join([*blocks, f"Review: {' '.join(text.split())}\nSentiment:"])


# %% wrong="bad_ones_first"
# Sorts the examples by label.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"Review: {' '.join(t.split())}\nSentiment: {names[v]}"
              for t, v in sorted(examples, key=lambda pair: (pair[1], pair[0]))]
    return "\n\n".join([*blocks, f"Review: {' '.join(text.split())}\nSentiment:"])


# %% wrong="starts_with_an_empty_line"
# Puts the separator before each block, the first included.
def few_shot(examples, text, names=("negative", "positive")):
    blocks = [f"\n\nReview: {' '.join(t.split())}\nSentiment: {names[v]}" for t, v in examples]
    return "".join(blocks) + f"\n\nReview: {' '.join(text.split())}\nSentiment:"
