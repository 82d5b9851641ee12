"""Trained additions to the language model that ship with the course: `adapter("tool-calls")`.

    tuned = tuned_llm()                     # a copy of the llm with the adapter in it: one line
    with tuned.adapter.off():               # inside, it is the old model, bit for bit
        tuned.generate("Hello")

An adapter is a folder data/adapters/NAME: adapter.safetensors with the factors of course/lora.py
in 16-bit floats, and card.json, which says what it was trained on, how, what it reaches and what
it must not be used for.
"""

import json
from contextlib import contextmanager
from pathlib import Path

from course.paths import DATA, CourseError

FOLDER = DATA / "adapters"
FILE, CARD = "adapter.safetensors", "card.json"


class Adapter:
    """An adapter on disk, or in one model. card: dict. parameters: how many numbers it adds."""

    def __init__(self, name: str, card: dict, factors: dict):
        self.name, self.card, self._factors, self.layers = name, card, factors, {}

    def __repr__(self) -> str:
        return f"Adapter({self.name!r}, {self.parameters:,} parameters)"

    @property
    def parameters(self) -> int:
        return sum(one.numel() for one in self._factors.values())

    def apply(self, model):
        """Put it into a `course.llm()` (best a fresh one: llm(fresh=True)); returns the model,
        which has it as `.adapter` from then on. Raises CourseError when it does not fit."""
        from course.lora import LoRALinear, lora_layers

        torch_model = need_torch(model)
        if lora_layers(torch_model):
            raise CourseError("The model has LoRA layers already: take a fresh one, "
                              "llm(fresh=True), or remove_lora(model.model) first.")
        layers = {}
        for path in sorted({key.rpartition(".")[0] for key in self._factors}):
            a, b = (self._factors[f"{path}.{one}"].float() for one in "ab")
            layers[path] = self._layer(torch_model, path, a, b, LoRALinear)
        for path, layer in layers.items():
            parent, _, name = path.rpartition(".")
            setattr(torch_model.get_submodule(parent), name, layer)
        self.layers = layers
        model.adapter = self
        torch_model.eval()
        return model

    def _layer(self, model, path: str, a, b, kind):
        from torch import nn

        try:
            base = model.get_submodule(path)
        except AttributeError:
            base = None
        if not isinstance(base, nn.Linear) or base.weight.shape != (len(b), a.shape[1]):
            raise CourseError(f"The adapter {self.name!r} was trained for the course's own model; "
                              f"this one has no such layer {path}.")
        layer = kind(base, len(a), self.card["alpha"])
        layer.a.data, layer.b.data = a, b
        return layer.requires_grad_(False)

    def switch(self, on: bool) -> None:
        """Turn it on or off in the model that has it."""
        if not self.layers:
            raise CourseError(f"The adapter {self.name!r} is in no model yet: "
                              "adapter.apply(model) first.")
        for layer in self.layers.values():
            layer.on = on

    @contextmanager
    def off(self):
        """`with adapter.off():` the model is the old one inside."""
        before = [layer.on for layer in self.layers.values()]
        self.switch(False)
        try:
            yield
        finally:
            for layer, on in zip(self.layers.values(), before):
                layer.on = on


def need_torch(model):
    """The torch module of a model that can be trained; CourseError for another engine."""
    if "train" not in getattr(model, "can", ()):
        raise CourseError("An adapter needs a torch model: unset COURSE_LLM and COURSE_ENGINE, "
                          "or use need_can(\"train\").")
    return model.model


def adapter(name: str) -> Adapter:
    """The shipped adapter of that name, with its card. Raises CourseError when it is not there."""
    from course.quiet import quiet

    quiet()
    from safetensors.torch import load_file

    folder = FOLDER / name
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return Adapter(name, card, load_file(str(folder / FILE)))
    except FileNotFoundError:
        known = sorted(one.parent.name for one in FOLDER.glob(f"*/{FILE}"))
        raise CourseError(f"There is no adapter {name!r}: the course ships "
                          f"{', '.join(known) or 'none'}.") from None
    except Exception as error:  # safetensors has its own exceptions for a damaged file
        raise CourseError(f"The adapter in {folder} cannot be read ({error}): "
                          "restore it from the repository.") from None


def tuned_llm(name: str = "tool-calls"):
    """A fresh copy of the language model (0.54 GB) with a shipped adapter in it.

    `.adapter.off()` switches back to the old model. Raises CourseError for an engine that cannot
    be trained (COURSE_LLM, COURSE_ENGINE).
    """
    from course.models import llm

    return adapter(name).apply(llm(fresh=True))


def save(name: str, factors: dict, card: dict, folder: Path = FOLDER) -> Path:
    """Write an adapter: factors as 16-bit floats and the card. Returns its folder."""
    from safetensors.torch import save_file

    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    save_file({key: one.half().contiguous() for key, one in sorted(factors.items())},
              str(place / FILE), metadata={"format": "pt"})
    (place / FILE).chmod(0o644)         # safetensors writes for the owner alone
    (place / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n",
                              encoding="utf-8")
    return place
