"""`clip()`: pictures and texts as points of one space, by the shipped checkpoint or another.

    model = clip()
    model.encode_image(pictures("openmoji"))       # (1900, 256), rows of length 1
    model.encode_text(["a red fruit"])             # (1, 256): their products are cosines

COURSE_CLIP=FOLDER or OWNER/NAME takes a published CLIP checkpoint instead, through transformers'
CLIPModel and its tokenizer; pictures are enlarged to what it expects.
"""

import json
from collections.abc import Sequence
from functools import cache as once

import numpy as np

from course.engines.choice import Choice, clip_choice
from course.fetch import need
from course.imagetext.data import captions, whole
from course.minilm import Embedder, checked
from course.paths import CourseError
from course.quiet import quiet, set_threads

BATCH = 256


def clip() -> "Clip":
    """The image-text model, loaded once per process.

    Raises CourseError when a shipped file was altered or COURSE_CLIP names no CLIP checkpoint.
    """
    return _shared(clip_choice())


@once
def _shared(choice: Choice) -> "Clip":
    return shipped_clip() if choice.kind == "default" else published_clip(choice)


class Clip:
    """What both kinds share: unit rows out of pictures and texts.

    name: what it is. size: numbers of a point. scale: what a cosine is multiplied with before
    the softmax (1 / temperature).
    """

    name, size, scale = "", 0, 1.

    def encode_image(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, height, width, 3) to float32 (n, size), rows of length 1."""
        import torch

        images = np.asarray(images)
        if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
            raise CourseError("encode_image reads uint8 pictures of shape (n, height, width, 3), "
                              f"not {images.dtype} of shape {images.shape}.")
        with torch.inference_mode():
            parts = [torch.nn.functional.normalize(self._image_batch(images[a:a + BATCH]), dim=1)
                     for a in range(0, len(images), BATCH)]
            return torch.cat(parts).numpy() if parts else np.zeros((0, self.size), np.float32)

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, size), rows of length 1, in the order of the texts."""
        import torch

        texts = checked(texts, BATCH)
        with torch.inference_mode():
            parts = [torch.nn.functional.normalize(self._text_batch(texts[a:a + BATCH]), dim=1)
                     for a in range(0, len(texts), BATCH)]
            return torch.cat(parts).numpy() if parts else np.zeros((0, self.size), np.float32)

    def __repr__(self) -> str:
        return f"Clip({self.name}, {self.size} numbers a picture or text)"


class TrainedHere(Clip):
    """The course's own towers. Texts go through the frozen text model first: labels and keywords
    have their vectors shipped, others are read by `embedder()`."""

    def __init__(self, model, name: str):
        self.model, self.name = model.eval(), name
        self.size = model.vision.head.out_features
        self.scale = float(model.logit_scale.detach().exp())

    def _image_batch(self, images):
        from course.imagetext.model import SIDE, pixels

        if images.shape[1:3] != (SIDE, SIDE):
            raise CourseError(f"this model reads pictures of {SIDE} x {SIDE} pixels, not "
                              f"{images.shape[1]} x {images.shape[2]}: make them smaller.")
        return self.model.get_image_features(pixels(images))

    def encode_vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors of the text model (n, 384), as `captions()` has them, to rows of length 1."""
        import torch

        with torch.inference_mode():
            made = self.model.get_text_features(torch.from_numpy(np.asarray(vectors, np.float32)))
            return torch.nn.functional.normalize(made, dim=1).numpy()

    def _text_batch(self, texts):
        import torch

        return self.model.get_text_features(torch.from_numpy(text_vectors(texts)))


def text_vectors(texts: Sequence[str]) -> np.ndarray:
    """float32 (n, 384): the text model's vectors, shipped ones where there are any."""
    known = captions()
    new = [text for text in dict.fromkeys(texts) if text not in known]
    made = {}
    if new:
        made = dict(zip(new, _own_embedder().encode(new)))
    return np.stack([known[text] if text in known else made[text] for text in texts])


@once
def _own_embedder() -> Embedder:
    """The default embedder, whatever COURSE_EMBEDDER says: the towers were trained on it."""
    return Embedder(need("embedder"))


def shipped_clip() -> TrainedHere:
    """The checkpoint in data/clip: what it was trained on and left out is in its README.md."""
    quiet()
    import torch
    from safetensors.torch import load

    from course.imagetext.model import TwoTowers

    set_threads()
    config = json.loads(whole("clip/config.json"))
    model = TwoTowers(config["widths"], config["size"], config["text"])
    weights = load(whole("clip/model.safetensors"))
    model.load_state_dict({name: value.to(torch.float32) if value.is_floating_point() else value
                           for name, value in weights.items()})
    return TrainedHere(model.eval(), config["name"])


def published_clip(choice: Choice) -> "Published":
    """The CLIP checkpoint of that folder or hub id, float32 on the CPU."""
    from course.engines import checkpoint

    checkpoint.import_transformers()
    from transformers import CLIPModel

    model, tokenizer = checkpoint.loaded(choice, CLIPModel, _refuse_other_kinds)
    return Published(model, tokenizer, choice.shown)


def _refuse_other_kinds(config, choice: Choice) -> None:
    if config.model_type != "clip":
        raise CourseError(f"{choice.shown} holds a {config.model_type} model: give a CLIP "
                          "checkpoint, whose config.json says \"model_type\": \"clip\".")


class Published(Clip):
    """A transformers CLIPModel with its tokenizer, used as it was published."""

    def __init__(self, model, tokenizer, name: str):
        from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

        self.model, self.tokenizer, self.name = model.eval(), tokenizer, name
        self.size = model.config.projection_dim
        self.scale = float(model.logit_scale.detach().exp())
        self.side = model.config.vision_config.image_size
        self.mean, self.std = OPENAI_CLIP_MEAN, OPENAI_CLIP_STD
        self.length = min(model.config.text_config.max_position_embeddings,
                          tokenizer.model_max_length)

    def _image_batch(self, images):
        import torch

        values = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2) / 255
        values = torch.nn.functional.interpolate(values, (self.side, self.side), mode="bicubic",
                                                 antialias=True).clamp(0, 1)
        mean, std = (torch.tensor(three)[:, None, None] for three in (self.mean, self.std))
        parts = [self.model.get_image_features(pixel_values=part)
                 for part in ((values - mean) / std).split(16)]      # 224 x 224 takes memory
        return torch.cat([getattr(part, "pooler_output", part) for part in parts])

    def _text_batch(self, texts):
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=self.length,
                                return_tensors="pt")
        made = self.model.get_text_features(input_ids=tokens["input_ids"],
                                            attention_mask=tokens["attention_mask"])
        return getattr(made, "pooler_output", made)
