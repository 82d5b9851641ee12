"""Two towers that meet: a small convolutional one for pictures, a projection for text vectors.

The text model (MiniLM) is frozen and stays outside: what comes in here is its vector of 384
numbers. This is "locked-image tuning" (Zhai and others 2022) turned round: there the picture
tower is kept and the text tower learns; here language is kept and we learn to see.
"""

import numpy as np
import torch
from torch import nn

SIZE = 256          # numbers of a point in the shared space
TEXT = 384          # numbers of a vector of the text model
SIDE = 32           # pixels of a picture, each way
WIDTHS = (32, 64, 128, 256)


class ConvTower(nn.Module):
    """Pictures (n, 3, 32, 32), values about -1 to 1, to (n, size), not scaled to length 1.

    A stem of stride 2, then one stage for each further width: halve the side, look twice.
    1.3 million parameters with WIDTHS.
    """

    def __init__(self, widths=WIDTHS, size: int = SIZE):
        super().__init__()
        stages = [_convolution(3, widths[0], 2)]
        for before, width in zip(widths, widths[1:]):
            stages += [_convolution(before, width, 2), _convolution(width, width, 1)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(widths[-1], size)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.head(self.stages(pixels).mean((2, 3)))


def _convolution(before: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, width, 3, stride, 1, bias=False),
                         nn.BatchNorm2d(width), nn.ReLU())


class TwoTowers(nn.Module):
    """Picture tower, text projection and one temperature. `centre` is the mean text vector of
    training, taken away before the projection; it is stored with the weights."""

    def __init__(self, widths=WIDTHS, size: int = SIZE, text: int = TEXT):
        super().__init__()
        self.vision = ConvTower(widths, size)
        self.text_projection = nn.Linear(text, size, bias=False)
        self.register_buffer("centre", torch.zeros(text))
        self.logit_scale = nn.Parameter(torch.tensor(np.log(1 / .07), dtype=torch.float32))

    def get_image_features(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """(n, 3, 32, 32) to (n, size), as transformers' CLIPModel names it."""
        return self.vision(pixel_values)

    def get_text_features(self, vectors: torch.Tensor) -> torch.Tensor:
        """(n, text) vectors of the frozen text model to (n, size)."""
        return self.text_projection(vectors - self.centre)


def pixels(images: np.ndarray) -> torch.Tensor:
    """uint8 (n, 32, 32, 3), 0 to 255, to float32 (n, 3, 32, 32), -1 to 1, white = 1."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2) / 127.5 - 1
