"""Answers to chunks, right and wrong."""

# %% right="while_loop"
# Moves a start through the words and stops when the end is in.
def cut(text, size, overlap=0):
    words, start, pieces = text.split(), 0, []
    while start < len(words):
        pieces.append(" ".join(words[start:start + size]))
        if start + size >= len(words):
            return pieces
        start += size - overlap
    return pieces


# %% right="count_first"
# Works out the number of pieces, then cuts in a comprehension.
def cut(text, size, overlap=0):
    words, step = text.split(), size - overlap
    if not words:
        return []
    count = max(0, -(-(len(words) - size) // step)) + 1
    return [" ".join(words[i * step:i * step + size]) for i in range(count)]


# %% wrong="repeats_the_tail"
# Goes on after the last word is in: the last piece holds nothing new.
def cut(text, size, overlap=0):
    words = text.split()
    return [" ".join(words[start:start + size])
            for start in range(0, len(words), size - overlap)]


# %% wrong="drops_the_rest"
# Keeps full pieces only and loses the last words.
def cut(text, size, overlap=0):
    words = text.split()
    return [" ".join(words[start:start + size])
            for start in range(0, len(words) - size + 1, size - overlap)]


# %% wrong="ignores_overlap"
# Cuts without overlap, whatever is asked.
def cut(text, size, overlap=0):
    words = text.split()
    return [" ".join(words[start:start + size])
            for start in range(0, len(words), size)]


# %% wrong="counts_characters"
# Takes size for characters.
def cut(text, size, overlap=0):
    return [text[start:start + size]
            for start in range(0, len(text), size - overlap)]


# %% wrong="empty_piece"
# A text without words gives one empty piece.
def cut(text, size, overlap=0):
    words, pieces = text.split(), []
    for start in range(0, max(len(words), 1), size - overlap):
        pieces.append(" ".join(words[start:start + size]))
        if start + size >= len(words):
            break
    return pieces


# %% wrong="keeps_white_space"
# Splits at single spaces: line ends stay inside words.
def cut(text, size, overlap=0):
    words, pieces = text.split(" "), []
    for start in range(0, len(words), size - overlap):
        pieces.append(" ".join(words[start:start + size]))
        if start + size >= len(words):
            break
    return pieces
