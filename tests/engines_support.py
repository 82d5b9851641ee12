"""Tiny checkpoints with random weights, and the switches of the engines' tests."""

import os
from importlib.util import find_spec

import pytest

from course import models

VARIABLES = ("COURSE_LLM", "COURSE_EMBEDDER", "COURSE_ENGINE", "NBGRADER_EXECUTION",
             "COURSE_STRICT", *(f"{name}_{part}" for name in ("COURSE_LLM", "COURSE_EMBEDDER")
                                for part in ("KEY", "MODEL", "TIMEOUT")))
WORDS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def need_module(name):
    """Skip without an optional package, fail under REQUIRE_ALL=1."""
    if find_spec(name) is None:
        sentence = f"{name} is not installed: python -m pip install -r requirements/engines.txt"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


def need_llm():
    """Skip where the course's own model is not set up, fail under REQUIRE_ALL=1."""
    try:
        models.llm_folder()
    except models.CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))


def start_afresh(patch):
    """No choice made, nothing asked for before. patch: a MonkeyPatch."""
    for name in VARIABLES:
        patch.delenv(name, raising=False)
    patch.setattr(models, "_wanted", set())


def tokenizer(space_first=False):
    """A byte-level tokenizer, or one that puts a space before every text (as Llama 2 does)."""
    from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
    from tokenizers import models as kinds
    from transformers import PreTrainedTokenizerFast

    from course.gguf_convert import build_tokenizer
    from course.vocabularies import byte_alphabet

    if not space_first:
        made = build_tokenizer([*WORDS, *byte_alphabet().values(), "ab"], [("a", "b")], WORDS)
    else:
        letters = [*WORDS, "<0x0A>", "\n", "\u2581", *"abcdefghijklmnopqrstuvwxyzUA:"]
        made = Tokenizer(kinds.BPE(vocab={one: place for place, one in enumerate(letters)},
                                   merges=[], unk_token=WORDS[0]))
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        made.decoder = decoders.Metaspace(prepend_scheme="always")
        made.add_special_tokens([AddedToken(one, special=True, normalized=False) for one in WORDS])
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token=WORDS[1], eos_token=WORDS[2],
                                   model_max_length=64)


def checkpoint(folder, kind="llama", template=None, space_first=False):
    """Save a model of that kind with random weights and its tokenizer; returns the folder."""
    import torch
    import transformers as t

    torch.manual_seed(0)
    cutter = tokenizer(space_first)
    cutter.chat_template = template
    small = {"vocab_size": len(cutter), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 64, "max_position_embeddings": 64}
    if kind == "llama":
        model = t.LlamaForCausalLM(t.LlamaConfig(**small, **shape))
    elif kind == "gpt2":
        model = t.GPT2LMHeadModel(t.GPT2Config(**small, n_positions=64, n_embd=32, n_layer=2,
                                               n_head=4))
    elif kind == "masked":
        model = t.BertForMaskedLM(t.BertConfig(**small, **shape))
    else:
        model = t.BertModel(t.BertConfig(**small, **shape))
    model.save_pretrained(folder)
    cutter.save_pretrained(folder)
    return folder
