"""What lessons import.

Data sets, models, tokenizers, figures and the money ledger live here, one module each;
`course.setup`, `course.lab` and `course.grade` are commands. Names below load their module
on first use, so that `python -m course.setup` starts on a bare Python.
"""

import importlib

_HOME = {  # public name -> module that defines it
    "llm": "models", "need_can": "models",
    "spend": "money", "cost": "money", "prices": "money", "spend_table": "money",
    "break_even": "money", "reset_spending": "money",
    "show": "figures", "dots": "figures", "style": "figures", "hatch": "figures",
    "table": "tables",
    "lesson": "session",
    "review_texts": "datasets", "nine_languages": "datasets",
    "sklearn_texts": "datasets", "library_merges": "bpe",
    "sentiment": "labelled", "reviews": "ratings", "embeddings": "vectors", "embedder": "minilm",
    "flights": "flightbase", "readonly": "sql",
    "encoding": "tokens", "llm_tokenizer": "tokens",
    "machine": "machinecheck", "progress": "start",
    "shipped": "studies",
    "score_labels": "scoring", "generate_many": "scoring",
    "adapter": "adapters", "tuned_llm": "adapters",
    "show_tokens": "visualiser", "token_table": "visualiser",
    "cuts": "visualiser",
    "clip": "imagetext.load", "emoji": "imagetext.data", "pictures": "imagetext.data",
    "captions": "imagetext.data",
    "handbook": "ternair", "questions": "ternair", "revised": "ternair", "says": "ternair",
}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"course.{_HOME[name]}"), name)
    raise AttributeError(f"module 'course' has no attribute {name!r}")


def __dir__():
    return sorted(_HOME)
