"""Answers to zero-shot, right and wrong."""

# %% right="loops_and_a_dict_of_means"
# One picture and one class at a time.
def zero_shot(points, prompts):
    middles = {}
    for name, rows in prompts.items():
        total = sum(np.array(row) / np.sqrt(np.sum(np.square(row))) for row in rows)
        middles[name] = total / np.sqrt(np.sum(np.square(total)))
    return [max(middles, key=lambda name: np.dot(middles[name], point)) for point in points]


# %% right="torch_instead_of_numpy"
# The same in torch.
def zero_shot(points, prompts):
    f = lambda x: torch.nn.functional.normalize(x, dim=-1)
    names = sorted(prompts)
    middle = torch.stack([f(f(torch.as_tensor(np.array(prompts[n]), dtype=torch.float64)).mean(0))
                          for n in names])
    best = (torch.as_tensor(np.array(points), dtype=torch.float64) @ middle.T).argmax(1)
    return [names[i] for i in best.tolist()]


# %% right="sum_then_unit"
# After scaling to length 1 a sum points where the mean points.
def zero_shot(points, prompts):
    names = np.array(list(prompts))
    middle = []
    for name in names:
        rows = np.asarray(prompts[name], float)
        total = (rows / np.linalg.norm(rows, axis=1)[:, None]).sum(0)
        middle.append(total / np.linalg.norm(total))
    cosine = points @ np.array(middle).T
    return names[cosine.argmax(axis=1)]


# %% wrong="lengths_count"
# No scaling at all.
def zero_shot(points, prompts):
    names = list(prompts)
    middle = np.stack([np.mean(prompts[n], axis=0) for n in names])
    return [names[i] for i in np.argmax(points @ middle.T, axis=1)]


# %% wrong="prompts_keep_their_length"
# Passes every visible assert: scales the average only.
def zero_shot(points, prompts):
    names = list(prompts)
    middle = np.stack([np.mean(prompts[n], axis=0) for n in names])
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    return [names[i] for i in np.argmax(points @ middle.T, axis=1)]


# %% wrong="average_is_not_scaled"
# Passes every visible assert: scales the prompts only, so varied classes lose.
def zero_shot(points, prompts):
    names = list(prompts)
    unit = lambda r: r / np.linalg.norm(r, axis=1, keepdims=True)
    middle = np.stack([unit(np.asarray(prompts[n])).mean(axis=0) for n in names])
    return [names[i] for i in np.argmax(points @ middle.T, axis=1)]


# %% wrong="more_prompts_win"
# Adds the prompts: a class with many is longer.
def zero_shot(points, prompts):
    names = list(prompts)
    unit = lambda r: r / np.linalg.norm(r, axis=1, keepdims=True)
    middle = np.stack([unit(np.asarray(prompts[n])).sum(axis=0) for n in names])
    return [names[i] for i in np.argmax(points @ middle.T, axis=1)]


# %% wrong="best_single_prompt"
# The nearest prompt decides, not the average.
def zero_shot(points, prompts):
    names = list(prompts)
    unit = lambda r: r / np.linalg.norm(r, axis=1, keepdims=True)
    best = np.stack([(points @ unit(np.asarray(prompts[n])).T).max(axis=1) for n in names])
    return [names[i] for i in best.argmax(axis=0)]


# %% wrong="first_prompt_only"
# Reads one prompt of each class.
def zero_shot(points, prompts):
    names = list(prompts)
    middle = np.stack([prompts[n][0] / np.linalg.norm(prompts[n][0]) for n in names])
    return [names[i] for i in np.argmax(points @ middle.T, axis=1)]


# %% wrong="numbers_instead_of_names"
# Returns the place of the class, not its name.
def zero_shot(points, prompts):
    names = list(prompts)
    unit = lambda r: r / np.linalg.norm(r, axis=-1, keepdims=True)
    middle = np.stack([unit(unit(np.asarray(prompts[n])).mean(axis=0)) for n in names])
    return np.argmax(points @ middle.T, axis=1).tolist()
