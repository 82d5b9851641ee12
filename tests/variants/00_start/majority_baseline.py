"""Answers to majority-baseline, right and wrong."""

# %% right="counts_with_a_dict"
# The same without Counter.
def majority_baseline(labels):
    counts = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return max(counts.values()) / len(labels) if counts else 0.0


# %% right="numpy_unique"
# NumPy's unique gives a NumPy scalar, which is as good as a Python float.
import numpy as np


def majority_baseline(labels):
    if len(labels) == 0:
        return np.float64(0)
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    return counts.max() / counts.sum()


# %% wrong="only_two_classes"
# Takes the labels for zeros and ones, or for the first label against the rest.
def majority_baseline(labels):
    if not labels:
        return 0.0
    share = sum(label == labels[0] for label in labels) / len(labels)
    return max(share, 1 - share)


# %% wrong="gives_the_count"
# Returns how many, not which share.
def majority_baseline(labels):
    return Counter(labels).most_common(1)[0][1] if labels else 0.0


# %% wrong="gives_the_label"
# Returns the most frequent label itself.
def majority_baseline(labels):
    return Counter(labels).most_common(1)[0][0] if labels else 0.0


# %% wrong="share_of_the_first_label"
# Takes the first label for the most frequent one.
def majority_baseline(labels):
    return labels.count(labels[0]) / len(labels) if labels else 0.0


# %% wrong="breaks_on_empty"
# Forgets that an empty list has no most common label.
def majority_baseline(labels):
    return Counter(labels).most_common(1)[0][1] / len(labels)


# %% wrong="skips_falsy_labels"
# Drops zeros, as if 0 meant "no label".
def majority_baseline(labels):
    counts = Counter(label for label in labels if label)
    return counts.most_common(1)[0][1] / len(labels) if counts else 0.0


# %% wrong="prints_instead_of_returns"
# Prints the number and gives back None.
def majority_baseline(labels):
    print(Counter(labels).most_common(1)[0][1] / len(labels))
