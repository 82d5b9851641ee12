"""What every language model of the course offers, and the checks of what it is given."""

from collections.abc import Sequence

from course.paths import CourseError

_MEANS = {"generate": "write text", "score": "score a text (log-probabilities)",
          "logits": "show logits and tokens", "train": "be trained (there is no torch module)"}


class Lacks(CourseError, AttributeError):
    """This engine does not offer that. (An AttributeError too, so that `hasattr` is False.)"""


class _Lacking:
    """Stands for a method or attribute that an engine does not have: reading it says so."""

    def __init__(self, ability: str):
        self.ability = ability

    def __get__(self, engine, kind=None):
        if engine is None:
            return self
        raise Lacks(f"{engine.name} cannot {_MEANS[self.ability]}, only "
                    f"{' and '.join(_MEANS[one] for one in sorted(engine.can))}: "
                    f"unset {engine.variable} to use the course's own model, which can.")


class Engine:
    """The base of all: `can` names what an engine is able to do, the rest says what is missing.

    generate(prompt, max_new_tokens=32, stop=None, temperature=0.0, seed=0) -> str
    chat(messages, max_new_tokens=64, stop=None, temperature=0.0, seed=0) -> str
    score(prompt, continuation) -> float   log-probability in nats            ("score")
    logits(ids) -> (n, vocabulary) tensor; tokenizer                          ("logits")
    model: the torch module                                                   ("train")
    """

    name = "the engine"          # in sentences
    variable = "COURSE_LLM"      # what to unset to be back at the default
    can: frozenset[str] = frozenset()

    generate = _Lacking("generate")
    chat = _Lacking("generate")
    score = _Lacking("score")
    logits = _Lacking("logits")
    tokenizer = _Lacking("logits")
    model = _Lacking("train")


def text(name: str, value) -> str:
    """`value`, which must be a str."""
    if not isinstance(value, str):
        raise CourseError(f"{name} must be a str, not {type(value).__name__}.")
    return value


def conversation(messages: str | Sequence[dict]) -> list[dict]:
    """Checked copies of the messages; a str is one user's message."""
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    roles = ("system", "user", "assistant")
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in roles \
                or not isinstance(message.get("content"), str):
            raise CourseError(f"Message {place} must be {{\"role\": one of {', '.join(roles)}, "
                              "\"content\": a str}.")
    if not messages:
        raise CourseError("chat needs at least one message.")
    return [dict(message) for message in messages]


def settings(max_new_tokens: int, stop, temperature: float) -> list[str]:
    """The stop strings as a list; CourseError for a setting that makes no sense."""
    if not isinstance(max_new_tokens, int) or max_new_tokens < 0:
        raise CourseError("max_new_tokens is a whole number of 0 or more, "
                          f"not {max_new_tokens!r}.")
    stops = [stop] if isinstance(stop, str) else list(stop or [])
    if temperature < 0 or not all(isinstance(one, str) and one for one in stops):
        raise CourseError("generate needs a temperature of 0 or more, "
                          "and stop strings that are not empty.")
    return stops


def fits(size: int, more: int, context: int) -> None:
    """CourseError when a prompt of `size` tokens and `more` new ones exceed the context."""
    if size + more > context:
        raise CourseError(f"The prompt has {size:,} tokens and {more:,} more are asked for; the "
                          f"model holds {context:,} in all: shorten the prompt.")


def before_stop(written: str, stops: list[str]) -> str | None:
    """The text before the first stop string, None when none occurs."""
    found = [written.find(one) for one in stops if one in written]
    return written[:min(found)] if found else None
