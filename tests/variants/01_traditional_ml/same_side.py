"""Answers to same-side, right and wrong."""

# %% right="split_on_everything_else"
# Cuts at runs of other characters and compares a share with a share of 100.
def in_test(text, share=0.23):
    parts = [part for part in re.split(r"\W+", text.lower()) if part]
    number = zlib.crc32(bytes(" ".join(parts), "utf-8")) % 100
    return bool(number / 100 < share)


# %% right="finditer_and_crc_by_parts"
# Feeds the checksum word by word.
def in_test(text, share=0.23):
    value = 0
    for i, match in enumerate(re.finditer(r"\w+", text.lower())):
        value = zlib.crc32((" " if i else "").encode() + match[0].encode(), value)
    return value % 100 < share * 100


# %% wrong="key_is_the_raw_text"
# Takes the checksum of the text as it is, so copies with other capitals part.
def in_test(text, share=0.23):
    return zlib.crc32(text.encode()) % 100 < 100 * share


# %% wrong="ascii_letters_only"
# Drops every letter with an accent and every other alphabet.
def in_test(text, share=0.23):
    key = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    return zlib.crc32(key.encode()) % 100 < 100 * share


# %% wrong="letters_without_digits"
# Keeps letters only: "film 7" and "film 8" become the same sentence.
def in_test(text, share=0.23):
    key = " ".join(re.findall(r"[^\W\d_]+", text.lower()))
    return zlib.crc32(key.encode()) % 100 < 100 * share


# %% wrong="random_side"
# Draws the side, so that two copies part. (Seeded here, or the table of checks would waver.)
import random

sides = random.Random(3)


def in_test(text, share=0.23):
    return sides.random() < share


# %% wrong="share_is_fixed"
# Compares with 23 and looks at share only when it is 0.
def in_test(text, share=0.23):
    key = " ".join(re.findall(r"\w+", text.lower()))
    return bool(share) and zlib.crc32(key.encode()) % 100 < 23


# %% wrong="below_or_equal"
# Takes one bucket too many: <= instead of <.
def in_test(text, share=0.23):
    key = " ".join(re.findall(r"\w+", text.lower()))
    return share > 0 and zlib.crc32(key.encode()) % 100 <= 100 * share


# %% wrong="hash_of_python"
# Python's hash instead of the checksum. Of a text it has another salt in every process; here of
# the bytes, which has none, so that this answer gets the same verdict every day.
def in_test(text, share=0.23):
    key = " ".join(re.findall(r"\w+", text.lower()))
    return hash(tuple(key.encode())) % 100 < 100 * share
