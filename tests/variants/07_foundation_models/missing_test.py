"""Answers to missing-test, right and wrong."""

# %% right="not_boring"
# The plainest form of the finding: her own frame with words of blame.
def missing_test():
    return "The film is not {}.", ["boring", "dull", "bad", "stupid", "tedious", "ugly", "silly"]


# %% right="nothing_about_it"
# Another turning word, in another place of the sentence, a list in place of a tuple.
def missing_test():
    return ["There is nothing {} about this film.",
            ["awful", "clumsy", "shallow", "tedious", "boring", "predictable"]]


# %% right="hardly_annoying"
# A weaker turning word.
def missing_test():
    return "It is hardly {}.", ("annoying", "dull", "boring", "stupid", "tedious", "silly")


# %% right="was_not"
# A short form of the turning word.
def missing_test():
    return "The film wasn't {}.", ["boring", "dull", "bad", "stupid", "tedious", "silly"]


# %% wrong="not_only"
# Its turning word turns nothing round: the error is the test's. Passes every visible assert.
def missing_test():
    return "Not only is the film {}.", [
        "good", "moving", "clever", "beautiful", "honest", "charming"]


# %% wrong="her_own_test"
# Negated praise: the shortcut gives the right answer there.
def missing_test():
    return "The film is not {}.", ["good", "funny", "moving", "clever", "honest", "witty"]


# %% wrong="topic"
# A sad topic: the probe is not led astray by it.
def missing_test():
    return "A film about a funeral, and it is {}.", [
        "good", "funny", "moving", "clever", "beautiful", "charming"]


# %% wrong="frame_decides"
# An unfair frame: it says that the film is bad, whatever stands in the gap.
def missing_test():
    return "The worst film ever, never {}.", [
        "dull", "boring", "bad", "stupid", "tedious", "annoying"]


# %% wrong="unfair_frame_for_praise"
# Fails the probe with a frame full of blame.
def missing_test():
    return "A terrible awful waste of time, pretending to be {}.", [
        "good", "moving", "clever", "beautiful", "honest", "charming"]


# %% wrong="words_it_does_not_know"
# Words that mean nothing to the probe say nothing about its frames.
def missing_test():
    return "The film is not {}.", ["blue", "tepid", "short", "French", "early", "modern", "wet"]


# %% wrong="too_few_words"
# One word six times is one word.
def missing_test():
    return "The film is not {}.", ["boring"] * 6


# %% wrong="mixed_words"
# Praise and blame in one list: the right answer does not follow.
def missing_test():
    return "The film is not {}.", ["good", "funny", "moving", "dull", "boring", "bad"]
