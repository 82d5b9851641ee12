"""Contrastive training by steps: every picture of a batch must find its own caption.

    trainer = Trainer(steps=400)
    for _ in range(400):
        loss = trainer.step()
    trainer.model

Learners' demo, the studies and the shipped checkpoint run this code. The text model is frozen,
so its vectors come ready from `captions()`; what learns is the picture tower, one projection and
the temperature.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from course.imagetext.data import captions, emoji, pictures
from course.imagetext.model import SIDE, WIDTHS, TwoTowers, pixels

STEPS = 300         # length of the run in class: under a minute on one core
LOOKS = (0, 40, 80, 150, 300)   # steps at which the lesson and the studies look at it
LABEL = 0.5         # how often the caption is the label; else one of the public keywords
SHIFT = 3           # pixels that augmentation moves a picture at most


def clip_loss(images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The symmetric contrastive loss of a batch in nats (Radford and others 2021).

    images, texts: (n, size), of any length; row i of one belongs to row i of the other.
    """
    logits = scale * F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T     # (n, n)
    own = torch.arange(len(logits))
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def augmented(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """The pictures, each shifted by up to SHIFT pixels and with colours 30 % stronger or weaker.

    images: (n, 3, SIDE, SIDE), -1 to 1, white = 1. Nothing is mirrored: letters and arrows are
    not the same seen from behind.
    """
    n = len(images)
    padded = F.pad(images, (SHIFT,) * 4, value=1.)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, n, 1, 1, 1), generator=rng)
    side = torch.arange(SIDE)
    moved = padded[torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None],
                   down + side[:, None], right + side]
    strength = 1 + .3 * (2 * torch.rand(n, 3, 1, 1, generator=rng) - 1)
    return 1 - (1 - moved) * strength


def half_outlines(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Half of the pictures reduced to what is nearly black in them: no colour, no filled areas.

    A `redraw` for Trainer. images: (n, 3, SIDE, SIDE), -1 to 1.
    """
    lines = torch.where(images.mean(1, keepdim=True) < -.3, -1., 1.).expand_as(images)
    return torch.where(torch.rand(len(images), 1, 1, 1, generator=rng) < .5, images, lines)


class Trainer:
    """A training run; `step()` takes one step and returns its loss.

    steps: length of the whole run (the learning rate rises for a tenth of it, then falls to 0).
    rows: row numbers of `emoji()` to train on (default: all). styles: drawing styles, one drawn
    at random for each picture. augment: shift and recolour. redraw(images, generator): change
    the pictures of a batch before that. known: other text vectors than `captions()`.
    Seeded: the same run again gives the same losses on the same machine.
    """

    def __init__(self, steps: int, rows: Sequence[int] | None = None,
                 styles: Sequence[str] = ("openmoji",), augment: bool = True, seed: int = 0,
                 batch: int = 256, rate: float = 2e-3, widths: Sequence[int] = WIDTHS,
                 known: dict[str, np.ndarray] | None = None, redraw: Callable | None = None):
        torch.manual_seed(seed)
        self.model = TwoTowers(widths).train()
        self.rows = np.arange(len(emoji())) if rows is None else np.asarray(rows)
        self.augment, self.redraw = augment, redraw
        self.batch, self.done = min(batch, len(self.rows)), 0
        self._images = torch.stack([pixels(pictures(style)) for style in styles])
        known = captions() if known is None else known
        self._texts = [np.stack([known[text] for text in (one.label, *one.public)])
                       for one in emoji()]     # what training may use of each, label first
        self.model.centre.copy_(torch.from_numpy(
            np.concatenate([self._texts[row] for row in self.rows]).mean(0)))
        self._numbers, self._random = np.random.default_rng(seed), torch.Generator()
        self._random.manual_seed(seed)
        self._order = np.array([], int)
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        self._optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": .05},
                                             {"params": others, "weight_decay": 0.}],
                                            lr=rate, betas=(.9, .98))
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, rate, steps,
                                                             pct_start=.1)

    def step(self) -> float:
        """One batch: its loss before the step, in nats. ln(batch) is the loss of a guess."""
        images, texts = self._draw()
        model = self.model.train()
        scale = model.logit_scale.exp().clamp(max=100)
        loss = clip_loss(model.get_image_features(images), model.get_text_features(texts), scale)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self._schedule.step()
        self.done += 1
        return loss.item()

    def _draw(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Different emoji, each with one picture (n, 3, 32, 32) and one caption vector (n, 384)."""
        if len(self._order) < self.batch:
            self._order = self._numbers.permutation(self.rows)
        rows, self._order = self._order[:self.batch], self._order[self.batch:]
        style = self._numbers.integers(len(self._images), size=len(rows))
        images = self._images[torch.from_numpy(style), torch.from_numpy(rows)]
        if self.redraw:
            images = self.redraw(images, self._random)
        if self.augment:
            images = augmented(images, self._random)
        texts = np.stack([self._caption(self._texts[row]) for row in rows])
        return images, torch.from_numpy(texts)

    def _caption(self, vectors: np.ndarray) -> np.ndarray:
        """The label's vector or, as often, one of the public keywords'."""
        if len(vectors) == 1 or self._numbers.random() < LABEL:
            return vectors[0]
        return vectors[self._numbers.integers(1, len(vectors))]

    def save(self, path: Path) -> None:
        """Everything that the run needs to go on, for `resume`. For maintainers' long runs."""
        torch.save({"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict(),
                    "schedule": self._schedule.state_dict(), "done": self.done,
                    "order": torch.from_numpy(self._order), "random": self._random.get_state(),
                    "numbers": self._numbers.bit_generator.state}, path)

    def resume(self, path: Path) -> None:
        """Go on where `save` stopped; the trainer must have been made with the same arguments."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._order, self.done = state["order"].numpy(), state["done"]
        self._random.set_state(state["random"])
        self._numbers.bit_generator.state = state["numbers"]
