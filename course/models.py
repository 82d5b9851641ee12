"""The language model behind a small interface: `llm()`.

    model = llm()
    model.generate("The capital of France is", max_new_tokens=8)
    model.score("The film was", " great")          # log-probability in nats

The model is SmolLM2-135M-Instruct: 134,515,008 parameters, float32, CPU, at most 8,192 tokens.
`python -m course.models --prepare` converts the fetched file once; lessons then load the copy.
Another one is chosen by COURSE_LLM or COURSE_ENGINE (docs/engines.md).
"""

from collections.abc import Iterable
from functools import cache as once
from importlib import import_module
from pathlib import Path

from course import llm_files, tokens
from course.engines import causal
from course.engines.base import Engine
from course.engines.causal import LanguageModel
from course.engines.choice import EVERYTHING, Choice, llm_choice
from course.paths import CourseError
from course.quiet import quiet

_wanted: set[str] = set()  # what need_can asked for in this process


def llm_folder() -> Path:
    """The folder with the model as safetensors and its tokenizer.

    Raises CourseError saying what to run when it is not there or not whole.
    """
    return llm_files.ready()


def llm(fresh: bool = False) -> Engine:
    """The language model, loaded once per process (under a second after the imports).

    fresh=True loads another copy, 0.54 GB, for training: the shared one stays as it was.
    `.can` says what it is able to do: everything, unless COURSE_LLM or COURSE_ENGINE chose
    another one. Raises CourseError when the model is not on this machine.
    """
    choice = usable_choice()
    return _load(choice) if fresh else _shared(choice)


def need_can(*abilities: str) -> Engine:
    """The language model for a part that needs these of "generate", "score", "logits", "train".

    When the chosen one lacks some, says so in a line, and from then on `llm()` gives the
    course's own model in this process.
    """
    said = fall_back(abilities)
    if said:
        print(said)
    return llm()


def fall_back(abilities: Iterable[str]) -> str:
    """Let `llm()` be the course's own model where the chosen one lacks some of the abilities;
    returns the line that says so, "" when nothing changes."""
    unknown = set(abilities) - EVERYTHING
    if unknown:
        raise CourseError(f"There is no ability {', '.join(sorted(unknown))}: "
                          f"they are {', '.join(sorted(EVERYTHING))}.")
    before = usable_choice()
    _wanted.update(abilities)
    if usable_choice() == before:
        return ""
    lacking = ", ".join(sorted(set(abilities) - before.can))
    return f"{before.shown} does not offer {lacking}, needed here: the course's own model is used"


def usable_choice() -> Choice:
    """What `llm()` loads: the learner's choice, or the default where that lacks an ability
    which `need_can` asked for."""
    choice = llm_choice()
    return choice if _wanted <= choice.can else Choice()


@once
def _shared(choice: Choice) -> Engine:
    return _load(choice)


def _load(choice: Choice) -> Engine:
    quiet()  # before torch comes in, with the tokenizer already: it reads its switches once
    if choice.kind == "default":
        return causal.load(llm_folder(), tokens.llm_tokenizer())
    home = {"remote": "remote", "llamacpp": "llamacpp"}.get(choice.kind, "checkpoint")
    return import_module(f"course.engines.{home}").language_model(choice)


if __name__ == "__main__":
    import sys

    sys.exit(llm_files.main())
