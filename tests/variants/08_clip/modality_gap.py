"""Answers to modality-gap, right and wrong."""

# %% right="sums_and_square_roots"
# Without linalg; a row without length is left as zeros.
def gap(images, texts):
    line = sum(images) / len(images) - sum(texts) / len(texts)
    return sum(v * v for v in line) ** 0.5


def centred(rows):
    middle = np.average(rows, axis=0)
    made = np.zeros(np.shape(rows))
    for i, row in enumerate(rows):
        rest = row - middle
        length = float(np.dot(rest, rest)) ** 0.5
        if length > 1e-9:
            made[i] = rest / length
    return made


# %% right="torch_tensors"
# torch throughout; normalize leaves zeros where nothing is.
def gap(images, texts):
    a, b = (torch.as_tensor(np.array(x), dtype=torch.float64) for x in (images, texts))
    return torch.dist(a.mean(0), b.mean(0)).item()


def centred(rows):
    rows = torch.as_tensor(np.array(rows), dtype=torch.float64)
    return torch.nn.functional.normalize(rows - rows.mean(0, keepdim=True), dim=1)


# %% right="where_in_divide"
# NumPy's divide with a mask.
def gap(images, texts):
    return np.sqrt(np.sum((np.mean(images, 0) - np.mean(texts, 0)) ** 2))


def centred(rows):
    rest = rows - np.mean(rows, axis=0, keepdims=True)
    length = np.sqrt((rest ** 2).sum(1, keepdims=True))
    return np.divide(rest, length, out=np.zeros_like(rest, dtype=float), where=length > 1e-12)


# %% wrong="mean_of_distances"
# Passes every visible assert: all pairs of rows, not the two means.
def gap(images, texts):
    return float(np.mean([np.linalg.norm(a - b) for a in images for b in texts]))


def centred(rows):
    rest = rows - np.mean(rows, axis=0)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return rest / np.where(length < 1e-9, 1, length)


# %% wrong="nan_for_equal_rows"
# Passes every visible assert: divides by a length of 0.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    rest = rows - np.mean(rows, axis=0)
    return rest / np.linalg.norm(rest, axis=1, keepdims=True)


# %% wrong="centred_without_length"
# Takes the mean away and stops.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    return rows - np.mean(rows, axis=0)


# %% wrong="mean_of_each_row"
# The mean over the columns: every row is centred by itself.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    rest = rows - np.mean(rows, axis=1, keepdims=True)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return rest / np.where(length < 1e-9, 1, length)


# %% wrong="changed_in_place"
# Passes every visible assert: the caller's array is changed.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    rows = np.asarray(rows, float)
    rows -= rows.mean(axis=0)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length < 1e-9, 1, length)


# %% wrong="cosine_instead_of_distance"
# One less the cosine of the two means.
def gap(images, texts):
    a, b = np.mean(images, 0), np.mean(texts, 0)
    return float(1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def centred(rows):
    rest = rows - np.mean(rows, axis=0)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return rest / np.where(length < 1e-9, 1, length)


# %% wrong="where_above_zero"
# Passes every visible assert: the mean of equal rows of 0.1 is off by 1e-17, which is above 0.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    rest = rows - np.mean(rows, axis=0, keepdims=True)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    return np.divide(rest, length, out=np.zeros_like(rest, dtype=float), where=length > 0)


# %% wrong="nan_to_num"
# Passes every visible assert: mends 0 / 0 and not 1e-17 / 1e-17.
def gap(images, texts):
    return float(np.linalg.norm(np.mean(images, 0) - np.mean(texts, 0)))


def centred(rows):
    rest = rows - np.mean(rows, axis=0, keepdims=True)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(rest / length)
