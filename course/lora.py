"""LoRA: small trainable factors beside the frozen matrices of a model (Hu and others, 2021).

    layers = add_lora(model, rank=8, alpha=16)      # freezes the rest; changes nothing yet
    loss = answer_loss(model, batch(pairs, pad_id)) # pairs of (prompt ids, answer ids)
    switch(layers, on=False)                        # the old model again, bit for bit

A linear layer with weight W (outputs, inputs) becomes x -> W x + alpha/rank * B (A x), with A
(rank, inputs) random and B (outputs, rank) zero, so the sum starts as W x. Imports torch.
"""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import nn

from course.paths import CourseError

LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class LoRALinear(nn.Module):
    """A linear layer with an addition of low rank. base stays as it is; a and b learn."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float,
                 generator: torch.Generator | None = None):
        super().__init__()
        self.base, self.scale, self.on = base.requires_grad_(False), alpha / rank, True
        self.a = nn.Parameter(torch.empty(rank, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        # kaiming_uniform_ with a = sqrt(5), as peft does: uniform within 1/sqrt(inputs)
        nn.init.uniform_(self.a, -(bound := 1 / math.sqrt(base.in_features)), bound,
                         generator=generator)

    def forward(self, x):
        y = self.base(x)
        return y + self.scale * (x @ self.a.T) @ self.b.T if self.on else y


def add_lora(model: nn.Module, rank: int = 8, alpha: float = 16, names: Sequence[str] = LINEAR,
             first_layer: int = 0, seed: int = 0) -> dict[str, LoRALinear]:
    """Freeze the model and put a LoRALinear in the place of each linear layer with one of `names`.

    first_layer: the transformer's layers before it stay without. Returns {path: layer}. Raises
    CourseError when nothing fits or the model has LoRA layers already.
    """
    if lora_layers(model):
        raise CourseError("This model has LoRA layers already: take a fresh one, "
                          "llm(fresh=True).")
    generator = torch.Generator().manual_seed(seed)
    model.requires_grad_(False)
    places = [(path, module) for path, module in model.named_modules()
              if isinstance(module, nn.Linear) and path.rpartition(".")[2] in names
              and _number(path) >= first_layer]
    if not places:
        raise CourseError(f"No linear layer of this model is named {' or '.join(names)}.")
    layers = {}
    for path, module in places:
        parent, _, name = path.rpartition(".")
        layers[path] = LoRALinear(module, rank, alpha, generator)
        setattr(model.get_submodule(parent), name, layers[path])
    return layers


def _number(path: str) -> int:
    """The transformer layer that a module's path names; 0 when it names none."""
    return next((int(part) for part in path.split(".") if part.isdigit()), 0)


def lora_layers(model: nn.Module) -> dict[str, LoRALinear]:
    """The LoRA layers of a model: {path: layer}."""
    return {path: one for path, one in model.named_modules() if isinstance(one, LoRALinear)}


def remove_lora(model: nn.Module) -> None:
    """Put the old linear layers back."""
    for path, layer in lora_layers(model).items():
        parent, _, name = path.rpartition(".")
        setattr(model.get_submodule(parent), name, layer.base)


def switch(layers: Iterable[LoRALinear], on: bool) -> None:
    """Turn the additions on or off. Off, each layer gives exactly what its base gives."""
    for layer in layers:
        layer.on = on


def factors(layers: dict[str, LoRALinear]) -> dict[str, torch.Tensor]:
    """The trained numbers: {"path.a": (rank, inputs), "path.b": (outputs, rank)}, copies."""
    return {f"{path}.{name}": getattr(layer, name).detach().clone()
            for path, layer in layers.items() for name in ("a", "b")}


def batch(pairs: Sequence[tuple[list[int], list[int]]], pad_id: int) -> dict[str, torch.Tensor]:
    """Token ids for training: each row is prompt, answer, padding.

    Returns ids and mask, (rows, longest) int64, mask 1 on tokens and 0 on padding; and labels of
    the same shape: the token itself on the answer, -100 elsewhere. The loss looks at answers only.
    """
    longest = max(len(prompt) + len(answer) for prompt, answer in pairs)
    ids, labels, mask = (torch.full((len(pairs), longest), fill) for fill in (pad_id, -100, 0))
    for row, (prompt, answer) in enumerate(pairs):
        end = len(prompt) + len(answer)
        ids[row, :end] = torch.tensor(prompt + answer)
        labels[row, len(prompt):end] = torch.tensor(answer)
        mask[row, :end] = 1
    return {"ids": ids, "labels": labels, "mask": mask}


def answer_loss(model, rows: dict[str, torch.Tensor]) -> torch.Tensor:
    """Mean negative log-probability of the answers' tokens, in nats; a scalar with a gradient.

    The same number as the model's own `labels=` gives. The output layer (a fifth of this model)
    is worked out where a label stands and nowhere else.
    """
    hidden = model.get_decoder()(input_ids=rows["ids"],
                                 attention_mask=rows["mask"]).last_hidden_state
    wanted = rows["labels"][:, 1:]          # position i predicts token i + 1
    at = wanted != -100
    logits = model.get_output_embeddings()(hidden[:, :-1][at])
    return nn.functional.cross_entropy(logits, wanted[at])


def schedule(step: int, steps: int, warm: int = 5) -> float:
    """The learning rate of a step as a share of its largest: up in `warm` steps, then down
    along a half cosine."""
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


class Trainer:
    """Steps of AdamW over the LoRA factors of a model; can stop and go on (`state`, `restore`).

    rows_of(step) -> the batch of that step, as `batch` gives it.
    """

    def __init__(self, model: nn.Module, rows_of, steps: int, lr: float = 2e-3):
        self.model, self.rows_of, self.steps, self.lr, self.done = model, rows_of, steps, lr, 0
        self.layers = lora_layers(model)
        self.weights = [one for layer in self.layers.values() for one in (layer.a, layer.b)]
        self.optimizer = torch.optim.AdamW(self.weights, lr=lr, weight_decay=0)
        self.losses: list[float] = []

    def step(self) -> float:
        """One step; returns the loss before it, in nats a token."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * schedule(self.done, self.steps)
        loss = answer_loss(self.model, self.rows_of(self.done))
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimizer.step()
        self.done += 1
        self.losses.append(loss.item())
        return self.losses[-1]

    def state(self) -> dict:
        return {"done": self.done, "losses": self.losses, "factors": factors(self.layers),
                "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        for path, layer in self.layers.items():
            layer.a.data.copy_(state["factors"][f"{path}.a"])
            layer.b.data.copy_(state["factors"][f"{path}.b"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.done, self.losses = state["done"], list(state["losses"])
