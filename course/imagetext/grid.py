"""Pictures in rows: what a search found, with a frame around what is right."""

from collections.abc import Sequence

import numpy as np


def picture_grid(images: np.ndarray, rows: Sequence[Sequence[int]], names: Sequence[str],
                 wanted: Sequence[set[int]] | None = None, size: float = 0.62):
    """A figure with one line of pictures for each of `rows`, its name on the left.

    images: uint8 (n, height, width, 3). rows: row numbers into images. wanted: for each line
    the row numbers that are right; they get a thick frame. size: inches of a picture.
    """
    import matplotlib.pyplot as plt

    columns = max(len(row) for row in rows)
    left = 0.085 * max(len(name) for name in names) + 0.2
    fig = plt.figure(figsize=(left + columns * size, len(rows) * size), layout="none")
    width, height = fig.get_size_inches()
    for line, (row, name) in enumerate(zip(rows, names)):
        bottom = (len(rows) - 1 - line) * size / height
        fig.text((left - 0.12) / width, bottom + 0.5 * size / height, name, ha="right",
                 va="center")
        for column, place in enumerate(row):
            ax = fig.add_axes(((left + (column + 0.06) * size) / width,
                               bottom + 0.06 * size / height,
                               0.88 * size / width, 0.88 * size / height))
            ax.imshow(images[place], interpolation="nearest")
            ax.grid(False)
            ax.set(xticks=[], yticks=[])
            right = wanted is not None and place in wanted[line]
            for spine in ax.spines.values():
                spine.set(visible=right, linewidth=2.6, edgecolor="#0b2f5b")
    return fig
