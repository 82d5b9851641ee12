"""Studies of lesson 08: the class run with more seeds, and the runs that leave something out."""

import numpy as np

from course.imagetext import measure
from course.imagetext.data import STYLES, captions, emoji, pictures
from course.imagetext.load import TrainedHere
from course.imagetext.model import TEXT
from course.imagetext.training import LOOKS, STEPS, Trainer, half_outlines
from course.quiet import quiet, set_threads
from course.studies import study

SEEDS = (0, 1)


@study(seconds=90)
def known() -> dict:
    """The class run, all 1,900 OpenMoji pictures, two seeds: what it finds in each style."""
    return {"styles": list(STYLES), "runs": [_class_run(seed) for seed in SEEDS]}


@study(seconds=45)
def unseen() -> dict:
    """The same run without the held-out families: curves of what it saw and what it did not."""
    return {"looks": list(LOOKS), "runs": [_curve(seed, augment=True) for seed in SEEDS[:1]]}


@study(seconds=45)
def unaltered() -> dict:
    """As `unseen`, but every picture always the same: no shift, no other colours."""
    return {"looks": list(LOOKS), "runs": [_curve(seed, augment=False) for seed in SEEDS[:1]]}


@study(seconds=45)
def without_language() -> dict:
    """As `known`, but a text's vector is random: words differ, and what they mean is gone.

    One seed: what it shows is no matter of a few points.
    """
    rng = np.random.default_rng(0)
    random = {text: vector / np.linalg.norm(vector) for text, vector in zip(
        captions(), rng.normal(size=(len(captions()), TEXT)).astype(np.float32))}
    return {"runs": [_class_run(seed, ("openmoji",), random) for seed in SEEDS[:1]]}


@study(seconds=45)
def outlines() -> dict:
    """As `known`, but half of the pictures of every batch are reduced to their black lines."""
    return {"runs": [_class_run(seed, redraw=half_outlines) for seed in SEEDS[:1]]}


def _class_run(seed: int, styles=STYLES, known=None, redraw=None) -> dict:
    """Style -> the numbers of measure.report over all emoji, after the run of the class."""
    quiet()
    set_threads()
    trainer, rows = Trainer(STEPS, seed=seed, known=known, redraw=redraw), np.arange(len(emoji()))
    for _ in range(STEPS):
        trainer.step()
    model = TrainedHere(trainer.model, "class run")
    return {style: measure.report(model.encode_image(pictures(style)), model.encode_vectors, rows,
                                  known) for style in styles}


def _curve(seed: int, augment: bool) -> dict:
    """At each of LOOKS: mean loss since the last look, and recall on both sides of the split.

    Recall of the trained side is measured on as many pictures as are held out, so that both
    have the same chance.
    """
    quiet()
    set_threads()
    held_out = np.array([one.held_out for one in emoji()])
    seen, new = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    some = np.random.default_rng(seed).permutation(seen)[:len(new)]
    trainer, losses, curve = Trainer(STEPS, seen, augment=augment, seed=seed), [], []
    for step in range(STEPS + 1):
        if step in LOOKS:
            model = TrainedHere(trainer.model, "class run")
            points = model.encode_image(pictures("openmoji"))
            both = [measure.report(points, model.encode_vectors, rows) for rows in (some, new)]
            curve.append({"step": step, "loss": float(np.mean(losses)) if losses else None,
                          "trained on": both[0], "never seen": both[1]})
            losses = []
        if step < STEPS:
            losses.append(trainer.step())
    return {"seed": seed, "curve": curve}
