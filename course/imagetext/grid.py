"""Pictures in rows: what a search found, with a frame around what is right."""

from collections.abc import Sequence

import numpy as np

MARGIN = 4          # pixels around each picture


def picture_grid(images: np.ndarray, rows: Sequence[Sequence[int]], names: Sequence[str],
                 wanted: Sequence[set[int]] | None = None, size: float = 0.62):
    """A figure with one line of pictures for each of `rows`, its name on the left.

    images: uint8 (n, side, side, 3). rows: row numbers into images. wanted: for each line the
    row numbers that are right; they get a thick frame. size: inches of a picture.
    """
    import matplotlib.pyplot as plt

    cell = images.shape[1] + 2 * MARGIN
    columns = max(len(row) for row in rows)
    page = np.full((len(rows) * cell, columns * cell, 3), 255, np.uint8)
    frames = []
    for line, row in enumerate(rows):
        for column, place in enumerate(row):
            top, left = line * cell + MARGIN, column * cell + MARGIN
            page[top:top + images.shape[1], left:left + images.shape[2]] = images[place]
            if wanted is not None and place in wanted[line]:
                frames.append((left - 2.5, top - 2.5))
    text = 0.092 * max(len(name) for name in names) + 0.25       # inches for the names
    fig = plt.figure(figsize=(text + columns * size, len(rows) * size), layout="none")
    ax = fig.add_axes((text / (text + columns * size), 0, 1 - text / (text + columns * size), 1))
    ax.imshow(page, interpolation="nearest")
    for corner in frames:
        ax.add_patch(plt.Rectangle(corner, cell - 4, cell - 4, fill=False, linewidth=2.4,
                                   edgecolor="#0b2f5b"))
    ax.set(xticks=[], yticks=[(line + .5) * cell for line in range(len(rows))], yticklabels=names)
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    return fig
