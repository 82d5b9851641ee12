"""LoRA layers on tiny modules: no effect at the start, only factors learn, off is the old model."""

import copy

import pytest

from course.paths import CourseError

torch = pytest.importorskip("torch")

from course import adapters, lora  # noqa: E402


@pytest.fixture
def tiny():
    """A Llama of 8,000 parameters with random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=61, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True)).eval()


IDS = torch.tensor([[5, 6, 7, 8, 9]])
ROWS = lora.batch([([1, 2, 3], [4, 5]), ([6], [7, 8, 9])], pad_id=0)


def test_zero_effect_at_the_start_and_off_is_bit_for_bit(tiny):
    before = tiny(IDS).logits
    layers = lora.add_lora(tiny, rank=3, alpha=6)
    assert len(layers) == 14 and torch.equal(tiny(IDS).logits, before)
    for layer in layers.values():
        torch.nn.init.normal_(layer.b)
    assert not torch.allclose(tiny(IDS).logits, before)
    lora.switch(layers.values(), on=False)
    assert torch.equal(tiny(IDS).logits, before)
    lora.remove_lora(tiny)
    assert not lora.lora_layers(tiny) and torch.equal(tiny(IDS).logits, before)


def test_only_factors_learn_and_the_loss_falls(tiny):
    frozen = {name: one.clone() for name, one in tiny.named_parameters()}
    lora.add_lora(tiny)
    trainer = lora.Trainer(tiny, lambda step: ROWS, steps=30, lr=2e-2)
    losses = [trainer.step() for _ in range(30)]
    assert losses[-1] < losses[0] - .1
    learn = {name for name, one in tiny.named_parameters() if one.requires_grad}
    assert learn and all(name.endswith((".a", ".b")) for name in learn)
    lora.remove_lora(tiny)
    assert all(torch.equal(one, frozen[name]) for name, one in tiny.named_parameters())


def test_the_loss_is_the_models_own(tiny):
    theirs = tiny(input_ids=ROWS["ids"], attention_mask=ROWS["mask"], labels=ROWS["labels"]).loss
    assert lora.answer_loss(tiny, ROWS).item() == pytest.approx(theirs.item(), abs=1e-5)
    assert ROWS["labels"].tolist() == [[-100, -100, -100, 4, 5], [-100, 7, 8, 9, -100]]
    assert ROWS["mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]


def test_training_that_was_stopped_goes_on_as_if_it_had_not_been(tiny):
    other = copy.deepcopy(tiny)
    whole, stopped = (lora.Trainer(one, lambda step: ROWS, steps=6) for one in (
        _with(tiny), _with(other)))
    for _ in range(6):
        whole.step()
    for _ in range(3):
        stopped.step()
    again = copy.deepcopy(other)
    for layer in lora.lora_layers(again).values():
        layer.b.data.zero_()
    goes_on = lora.Trainer(again, lambda step: ROWS, steps=6)
    goes_on.restore(stopped.state())
    for _ in range(3):
        goes_on.step()
    assert goes_on.losses == whole.losses


def _with(model):
    lora.add_lora(model, seed=1)
    return model


def test_trouble_is_said(tiny):
    with pytest.raises(CourseError, match="No linear layer of this model is named c_attn"):
        lora.add_lora(tiny, names=("c_attn",))
    lora.add_lora(tiny, first_layer=1)
    assert all(".1." in path for path in lora.lora_layers(tiny))
    with pytest.raises(CourseError, match="already"):
        lora.add_lora(tiny)


class Engine:
    """As much of a `course.llm()` as an adapter needs."""

    can = {"train"}

    def __init__(self, model):
        self.model = model


@pytest.fixture
def shipped(tiny, tmp_path, monkeypatch):
    """A small adapter on disk under the name "small"; returns the model that it was trained on."""
    layers = lora.add_lora(tiny, rank=2, alpha=4)
    for layer in layers.values():
        torch.nn.init.normal_(layer.b)
    adapters.save("small", lora.factors(layers), {"alpha": 4}, tmp_path)
    monkeypatch.setattr(adapters, "FOLDER", tmp_path)
    trained = tiny(IDS).logits
    lora.remove_lora(tiny)
    return tiny, trained


def test_an_adapter_is_saved_applied_and_switched(shipped):
    model, trained = shipped
    before = model(IDS).logits
    engine = adapters.adapter("small").apply(Engine(model))
    assert torch.allclose(model(IDS).logits, trained, atol=.02), "16-bit floats, no more"
    with engine.adapter.off():
        assert torch.equal(model(IDS).logits, before)
        engine.adapter.switch(False)
    assert not torch.equal(model(IDS).logits, before), "on again after the with"
    with pytest.raises(CourseError, match="has LoRA layers already"):
        adapters.adapter("small").apply(engine)
    lora.remove_lora(model)
    adapters.adapter("small").apply(engine)
    assert torch.allclose(model(IDS).logits, trained, atol=.02), "a cell that is run again"


def test_adapters_that_cannot_serve_say_so(shipped, tmp_path):
    model, _ = shipped
    with pytest.raises(CourseError, match="no adapter 'big': the course ships small"):
        adapters.adapter("big")
    with pytest.raises(CourseError, match="needs a torch model"):
        adapters.adapter("small").apply(object())
    with pytest.raises(CourseError, match="in no model yet"):
        adapters.adapter("small").switch(True)
    one = Engine(torch.nn.Sequential(torch.nn.Linear(2, 2)))
    with pytest.raises(CourseError, match="no such layer"):
        adapters.adapter("small").apply(one)
    (tmp_path / "small" / adapters.FILE).write_bytes(b"half")
    with pytest.raises(CourseError, match="restore it"):
        adapters.adapter("small")


def test_the_shipped_adapter_is_what_its_card_says():
    from course.tooltrain import RECIPE

    shipped = adapters.adapter("tool-calls")
    place = adapters.FOLDER / "tool-calls" / adapters.FILE
    assert place.stat().st_size <= 5_000_000
    assert shipped.parameters == shipped.card["parameters"] == 2_442_240
    assert shipped.card["recipe"] == RECIPE and shipped.card["licence"] == "Apache-2.0"
    assert shipped.card["not_for"] and shipped.card["dev"]["json"] >= .95
    assert all(torch.isfinite(one).all() for one in shipped._factors.values())


def test_batches_hold_every_example_once_an_epoch():
    from course.tooltrain import batches

    pairs = [([1] * (i % 7 + 1), [i]) for i in range(22)]
    made = batches(pairs, 4, 2, seed=5)
    assert made == batches(pairs, 4, 2, seed=5) and len(made) == 12
    assert sorted(row[1][0] for rows in made for row in rows) == sorted([*range(22)] * 2)
