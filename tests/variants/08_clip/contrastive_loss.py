"""Answers to contrastive-loss, right and wrong."""

# %% right="log_softmax_and_diagonals"
# Both log-softmaxes written out, diagonals averaged.
def contrastive_loss(images, texts, scale):
    a = images / images.norm(dim=1, keepdim=True)
    b = texts / texts.norm(dim=1, keepdim=True)
    logits = scale * (a @ b.T)
    rows = logits.log_softmax(dim=1).diagonal()
    columns = logits.log_softmax(dim=0).diagonal()
    return -(rows + columns).mean() / 2


# %% right="logsumexp_loop"
# One question at a time with logsumexp.
def contrastive_loss(images, texts, scale):
    unit = lambda x: x / x.norm(dim=1, keepdim=True).clamp(min=1e-12)
    a, b, total = unit(images), unit(texts), 0
    for i in range(len(a)):
        total = total + torch.logsumexp(scale * (b @ a[i]), 0) - scale * (a[i] @ b[i])
        total = total + torch.logsumexp(scale * (a @ b[i]), 0) - scale * (a[i] @ b[i])
    return total / (2 * len(a))


# %% right="einsum_and_cosine_similarity"
# The library's cosine, broadcast over all pairs.
def contrastive_loss(images, texts, scale):
    logits = scale * torch.nn.functional.cosine_similarity(
        images[:, None, :], texts[None, :, :], dim=2)
    target = torch.tensor(list(range(logits.shape[0])))
    loss = torch.nn.CrossEntropyLoss()
    return 0.5 * loss(logits, target) + 0.5 * loss(torch.transpose(logits, 0, 1), target)


# %% wrong="one_direction_only"
# Passes the visible asserts: their two directions are equal. Asks the pictures only.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits = scale * a @ b.T
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(logits)))


# %% wrong="rows_keep_their_length"
# Products instead of cosines.
def contrastive_loss(images, texts, scale):
    logits = scale * images @ texts.T
    own = torch.arange(len(logits))
    f = torch.nn.functional.cross_entropy
    return (f(logits, own) + f(logits.T, own)) / 2


# %% wrong="sum_of_both_directions"
# Forgets to halve: ln 2 becomes 2 ln 2.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits = scale * a @ b.T
    own = torch.arange(len(logits))
    f = torch.nn.functional.cross_entropy
    return f(logits, own) + f(logits.T, own)


# %% wrong="exp_without_care"
# Passes the visible asserts; exp(100) does not fit into float32.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    e = torch.exp(scale * a @ b.T)
    rows = -torch.log(torch.diag(e) / e.sum(1)).mean()
    columns = -torch.log(torch.diag(e) / e.sum(0)).mean()
    return (rows + columns) / 2


# %% wrong="no_gradient"
# The right number, made in NumPy: nothing can learn from it.
def contrastive_loss(images, texts, scale):
    a, b = images.detach().numpy(), texts.detach().numpy()
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    logits = torch.tensor(float(scale) * a @ b.T)
    own = torch.arange(len(logits))
    f = torch.nn.functional.cross_entropy
    return (f(logits, own) + f(logits.T, own)) / 2


# %% wrong="softmax_over_all_pairs"
# One softmax over the whole matrix: ln 4 for two equal pairs.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits = scale * a @ b.T
    return -(torch.diagonal(logits) - torch.logsumexp(logits.flatten(), 0)).mean()


# %% wrong="divides_by_scale"
# Takes the scale for a temperature.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits = a @ b.T / scale
    own = torch.arange(len(logits))
    f = torch.nn.functional.cross_entropy
    return (f(logits, own) + f(logits.T, own)) / 2


# %% wrong="log_of_a_softmax"
# Passes the visible asserts: at scale 100 a share of exp(-200) is 0 and its logarithm infinite.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits = scale * a @ b.T
    rows = -torch.log(torch.softmax(logits, dim=1).diagonal()).mean()
    columns = -torch.log(torch.softmax(logits, dim=0).diagonal()).mean()
    return (rows + columns) / 2

# %% wrong="scale_made_a_number"
# Passes every visible assert: a scale that learns is cut off from its gradient.
def contrastive_loss(images, texts, scale):
    a = torch.nn.functional.normalize(images, dim=1)
    b = torch.nn.functional.normalize(texts, dim=1)
    logits, target = float(scale) * a @ b.T, torch.arange(len(a))
    loss = torch.nn.functional.cross_entropy
    return (loss(logits, target) + loss(logits.T, target)) / 2
