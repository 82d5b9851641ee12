"""Another model by transformers: a folder on this machine, or a hub's owner/name.

A hub is asked only here, only for the model that the learner named, and only for what its cache
does not hold yet. No code of a checkpoint is ever run (trust_remote_code stays off).
"""

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from course.engines.causal import LanguageModel, cut
from course.engines.choice import Choice
from course.paths import CourseError
from course.quiet import quiet, set_threads

_CAUSAL = ("CausalLM", "LMHead", "ConditionalGeneration")
_PLAIN = ("{% for m in messages %}{{ m['role'].capitalize() }}: {{ m['content'] }}\n{% endfor %}"
          "{% if add_generation_prompt %}Assistant:{% endif %}")  # for a base model


def language_model(choice: Choice) -> LanguageModel:
    """The causal language model of that folder or hub id, float32 on the CPU.

    A tokenizer without a chat template gets a plain one ("User: ...", "Assistant:").
    """
    import_transformers()
    from transformers import AutoModelForCausalLM

    model, tokenizer = loaded(choice, AutoModelForCausalLM, _refuse_other_kinds)
    if not tokenizer.chat_template:
        tokenizer.chat_template = _PLAIN
    starts = [one for one in (tokenizer.bos_token_id, tokenizer.eos_token_id, 0)
              if one is not None]
    return Checkpoint(model, tokenizer, starts[0], choice.shown)


class Checkpoint(LanguageModel):
    """A language model that is not the course's own: other tokenizers have other habits."""

    def __init__(self, model, tokenizer, start_id: int, name: str):
        super().__init__(model, tokenizer, start_id, name)
        plain, full = cut(tokenizer, "a"), tokenizer("a").input_ids
        self._head = full[:1] if len(full) > len(plain) and full[1:2] == plain[:1] else []
        self._puts_space = tokenizer.convert_ids_to_tokens(plain[0]).startswith("\u2581")

    def cut(self, piece: str, special: bool = True, inside: bool = False) -> list[int]:
        if not (inside and self._puts_space and piece):
            return super().cut(piece, special)
        # such a tokenizer puts a space before every text: cut behind a line end, drop that again
        lead = super().cut("\n")
        ids = super().cut("\n" + piece, special)
        return ids[len(lead):] if ids[:len(lead)] == lead else super().cut(piece, special)

    def prompt_ids(self, prompt: str) -> list[int]:
        """As the tokenizer does it: with its start token first, where it has one."""
        ids = self.cut(prompt)
        return (self._head if ids[:1] != self._head else []) + ids or [self.start_id]


def import_transformers() -> None:
    """Import torch and transformers quietly; they read switches when they load."""
    quiet()
    import_module("torch")
    import_module("transformers")
    quiet()
    set_threads()


def loaded(choice: Choice, kind, check=lambda config, choice: None):
    """(model, tokenizer) of a Choice by the transformers class `kind`; CourseError in a sentence.

    check(config, choice) may refuse before the weights are read.
    """
    name = str(Path(choice.value).expanduser()) if choice.kind == "checkpoint" else choice.value
    if choice.kind == "checkpoint" and not (Path(name) / "config.json").is_file():
        raise CourseError(f"{choice.shown} has no config.json, so it is no transformers "
                          "checkpoint: give the folder that `save_pretrained` wrote.")
    try:
        return _read(choice, name, kind, check, local=True)
    except CourseError:
        raise
    except Exception as error:  # every library below raises its own kinds
        if choice.kind != "hub":
            raise CourseError(_unreadable(choice, error)) from None
    try:
        with hub_allowed():
            # asked once and shortly: the loading code tries a dead line for half a minute
            import_module("huggingface_hub").model_info(name, timeout=10)
            return _read(choice, name, kind, check, local=False)
    except CourseError:
        raise
    except Exception as error:
        raise CourseError(_hub_says(choice, error)) from None


def _read(choice: Choice, name: str, kind, check, local: bool):
    from transformers import AutoConfig, AutoTokenizer

    import torch

    check(AutoConfig.from_pretrained(name, local_files_only=local), choice)
    tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=local)
    if not len(tokenizer):
        raise CourseError(f"{choice.shown} has no tokenizer: `tokenizer.save_pretrained` puts one "
                          "beside the model.")
    model, report = kind.from_pretrained(name, dtype=torch.float32, local_files_only=local,
                                         output_loading_info=True)
    absent = [key for key in report["missing_keys"] if "pooler" not in key]
    if absent or report.get("mismatched_keys"):
        raise CourseError(f"{choice.shown} lacks {len(absent) or 'fitting'} weights of a "
                          f"{type(model).__name__} ({', '.join(sorted(absent)[:2])}): it is "
                          "incomplete, or another kind of model.")
    return model.eval(), tokenizer


def _refuse_other_kinds(config, choice: Choice) -> None:
    names = getattr(config, "architectures", None) or []
    if names and not any(part in name for name in names for part in _CAUSAL) \
            or getattr(config, "is_encoder_decoder", False):
        raise CourseError(f"{choice.shown} holds {', '.join(names) or config.model_type}, which "
                          "does not continue a text: give a causal language model.")


@contextmanager
def hub_allowed():
    """Let huggingface_hub reach the hub inside, and be as offline as before after it."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    before = {name: os.environ.pop(name, None) for name in names}
    constants = import_module("huggingface_hub.constants")
    was, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = was
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _unreadable(choice: Choice, error: Exception) -> str:
    said = " ".join(str(error).split())[:160] or type(error).__name__
    return (f"{choice.shown} cannot be loaded ({said}): look whether the folder is whole and "
            "made by a version of transformers near this one.")


def _hub_says(choice: Choice, error: Exception) -> str:
    """One sentence for what went wrong between us and a hub."""
    chain, kinds = error, []
    while chain is not None and len(kinds) < 20:
        kinds.append(type(chain).__name__)
        chain = chain.__cause__ or chain.__context__
    if {"GatedRepoError"} & set(kinds):
        return (f"{choice.shown} is given only to those who accepted its terms: do so on its "
                "page and set HF_TOKEN, or choose another model.")
    if {"RepositoryNotFoundError"} & set(kinds):
        return (f"{choice.shown} is neither a folder here nor a model that the hub knows: "
                "look at its spelling.")
    if any("Connect" in kind or "Timeout" in kind or "Offline" in kind
           or kind in ("LocalEntryNotFoundError", "OSError", "gaierror") for kind in kinds):
        return (f"{choice.shown} is no folder here, and the hub cannot be reached: connect, give "
                "the folder of a checkpoint, or unset it to use the course's own model.")
    return _unreadable(choice, error).replace("the folder is", "the model is")
