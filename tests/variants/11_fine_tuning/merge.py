"""Answers to merge, right and wrong."""

# %% right="add_into_a_clone"
# Copies first, then adds in place.
def merged(weight, a, b, alpha):
    new = weight.clone()
    new.add_(torch.matmul(b, a), alpha=alpha / len(a))
    return new


# %% right="outer_products"
# A product of matrices is a sum of outer products, one for each number in the middle.
def merged(weight, a, b, alpha):
    rank = b.shape[1]
    return weight + sum(torch.outer(b[:, i], a[i]) for i in range(rank)) * alpha / rank


# %% wrong="in_place"
# Changes the weight that it was given.
def merged(weight, a, b, alpha):
    weight += alpha / a.shape[0] * b @ a
    return weight


# %% wrong="no_scale"
# Forgets alpha and the rank.
def merged(weight, a, b, alpha):
    return weight + b @ a


# %% wrong="alpha_without_rank"
# Forgets the rank; with rank 1 nobody sees it.
def merged(weight, a, b, alpha):
    return weight + alpha * b @ a


# %% wrong="rank_is_the_number_of_inputs"
# a.shape[1] is how many numbers go in.
def merged(weight, a, b, alpha):
    return weight + alpha / a.shape[1] * b @ a


# %% wrong="transposed"
# The transpose has the shape of the old matrix only where it is square.
def merged(weight, a, b, alpha):
    return weight + alpha / a.shape[0] * (b @ a).T


# %% wrong="only_the_detour"
# Gives the change instead of the new matrix.
def merged(weight, a, b, alpha):
    return alpha / a.shape[0] * b @ a
