"""A model behind an address that speaks OpenAI's protocol: text and embeddings, nothing else.

    COURSE_LLM=http://127.0.0.1:8000/v1      the address; without a path it gets /v1
    COURSE_LLM_MODEL=name                    which of its models; not needed when it has one
    COURSE_LLM_KEY=secret                    sent as the bearer token, nowhere shown
    COURSE_LLM_TIMEOUT=120                   seconds to wait for an answer
    (COURSE_EMBEDDER_... likewise, and where one is unset, COURSE_LLM_... counts at one address)

The client is the `openai` package (requirements/engines.txt). It reaches the named address only:
its own environment variables (OPENAI_...) are not used.
"""

import math
import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from urllib.parse import urlsplit

from course.engines import choice as choices
from course.engines.base import Engine, before_stop, conversation, settings, text
from course.engines.choice import Choice
from course.paths import CourseError
from course.quiet import quiet

RETRIES = 2       # of the client: after a broken connection, 429 and 5xx, with pauses
TIMEOUT = 120.0   # seconds
INSTALL = "python -m pip install -r requirements/engines.txt"


def language_model(choice: Choice) -> "RemoteModel":
    """The model at that address. Nothing is sent before it is asked for something."""
    return RemoteModel(choice)


def embedder(choice: Choice) -> "RemoteEmbedder":
    """The embedder at that address. Nothing is sent before it is asked for something."""
    return RemoteEmbedder(choice)


class Address:
    """One address: its client, its model's name, and its troubles in sentences."""

    def __init__(self, choice: Choice):
        self.choice, self.name = choice, choice.shown
        self.client = _client(choice)
        self._model = setting(choice, "MODEL")

    def model(self) -> str:
        """COURSE_LLM_MODEL, or the only model that the address has."""
        if not self._model:
            listed = self.ask(self.client.models.list)
            names = [one.id for one in getattr(listed, "data", None) or []
                     if isinstance(getattr(one, "id", None), str)]
            if len(names) != 1:
                having = f"has {len(names)} ({', '.join(names[:5])})" if names else "names none"
                raise CourseError(f"{self.name} {having}: say which model by "
                                  f"{self.choice.variable}_MODEL.")
            self._model = names[0]
        return self._model

    def ask(self, call, **request):
        """call(**request), once more without what a 400 answer names as not allowed here."""
        openai = import_module("openai")
        try:
            return call(**request)
        except openai.BadRequestError as error:
            other = _without(request, error.param)
            if other is None:
                raise self.trouble(error) from None
            return self.ask(call, **other)
        except openai.OpenAIError as error:
            raise self.trouble(error) from None
        except (ValueError, TypeError) as error:  # a reply that is no JSON, or another shape
            raise self.garbage(error) from None

    def garbage(self, what) -> CourseError:
        said = " ".join(str(what).split())[:80]
        return CourseError(f"{self.name} answers, but not as OpenAI's protocol says ({said}): "
                           "look whether the address is right (it often ends in /v1).")

    def trouble(self, error: Exception) -> CourseError:
        """The exception of the client as one sentence."""
        openai, variable = import_module("openai"), self.choice.variable
        told = " ".join(str(getattr(error, "message", error)).split())[:160]
        code = getattr(error, "status_code", None)
        if isinstance(error, openai.APITimeoutError):
            say = (f"did not answer within {_seconds(self.choice):g} s: try a shorter text, or "
                   f"raise {variable}_TIMEOUT")
        elif isinstance(error, openai.APIConnectionError):
            say = "cannot be reached: look whether its server runs, and at the address"
        elif code == 401:
            say = f"refuses the key (401): set {variable}_KEY to a valid one"
        elif code == 403:
            say = f"forbids this to your key (403, {told}): use another key or model"
        elif code == 404:
            say = (f"does not know this path or the model {self._model!r} (404): look at the "
                   f"address and at {variable}_MODEL")
        elif code == 429:
            say = "says that it is asked too often or that the quota is used up (429): wait, or pay"
        elif code:
            say = f"answers {code} ({told}): " + (
                "try again later" if code >= 500 else "change the request")
        else:
            return self.garbage(told)
        return CourseError(f"{self.name} {say}.")


class RemoteModel(Engine):
    """Text from an address. can: "generate"."""

    def __init__(self, choice: Choice):
        self.address = Address(choice)
        self.name, self.variable, self.can = choice.shown, choice.variable, choice.can
        self._only_chat = False

    def __repr__(self) -> str:
        return f"RemoteModel({self.name})"

    def generate(self, prompt: str, max_new_tokens: int = 32,
                 stop: str | Sequence[str] | None = None, temperature: float = 0.0,
                 seed: int = 0) -> str:
        """The text that follows `prompt` (`/completions`).

        An address that only chats gets the prompt as a user's message, and a line says so once.
        """
        text("prompt", prompt)
        stops = settings(max_new_tokens, stop, temperature)
        if not max_new_tokens:
            return ""
        if not self._only_chat:
            request = self._request(max_new_tokens, stops, temperature, seed) | {"prompt": prompt}
            try:
                reply = self.address.ask(self._completions, **request)
                return self._text(reply, lambda one: one.text, stops)
            except _NoSuchPath:
                pass
        answer = self.chat(prompt, max_new_tokens, stops, temperature, seed)
        if not self._only_chat:  # said only now: both paths are missing where the model is
            self._only_chat = True
            print(f"{self.name} only chats: prompts are sent to it as a user's message")
        return answer

    def chat(self, messages: str | Sequence[dict], max_new_tokens: int = 64,
             stop: str | Sequence[str] | None = None, temperature: float = 0.0,
             seed: int = 0) -> str:
        """The assistant's answer (`/chat/completions`); messages as LanguageModel.chat."""
        messages, stops = conversation(messages), settings(max_new_tokens, stop, temperature)
        if not max_new_tokens:
            return ""
        request = self._request(max_new_tokens, stops, temperature, seed)
        reply = self.address.ask(self.address.client.chat.completions.create,
                                 messages=messages, **request)
        return self._text(reply, lambda one: one.message.content, stops)

    def stream(self, messages: str | Sequence[dict], max_new_tokens: int = 64,
               temperature: float = 0.0, seed: int = 0) -> Iterator[str]:
        """The answer in pieces, as the address writes it."""
        request = self._request(max_new_tokens, settings(max_new_tokens, None, temperature),
                                temperature, seed)
        events = self.address.ask(self.address.client.chat.completions.create, stream=True,
                                  messages=conversation(messages), **request)
        openai = import_module("openai")
        try:
            for event in events:
                for one in event.choices or []:
                    if one.delta.content:
                        yield one.delta.content
        except openai.OpenAIError as error:
            raise self.address.trouble(error) from None
        except Exception as error:
            if type(error).__module__.startswith("httpx"):
                raise CourseError(f"{self.name} broke off in the middle of its answer: "
                                  "ask again.") from None
            raise self.address.garbage(error) from None

    def _completions(self, **request):
        """The client's call; 404 here means "no such path" until chat says otherwise."""
        openai = import_module("openai")
        try:
            return self.address.client.completions.create(**request)
        except openai.APIStatusError as error:
            if error.status_code in (404, 405, 501):
                raise _NoSuchPath from None
            raise

    def _request(self, max_new_tokens: int, stops: list[str], temperature: float,
                 seed: int) -> dict:
        request = {"model": self.address.model(), "max_tokens": max_new_tokens,
                   "temperature": temperature}
        if stops:
            request["stop"] = stops[:4]  # more are refused; the rest is cut here
        return request | ({"seed": seed} if temperature else {})

    def _text(self, reply, pick, stops: list[str]) -> str:
        try:
            written = pick(reply.choices[0])
        except (AttributeError, IndexError, TypeError):
            raise self.address.garbage(reply) from None
        if not isinstance(written, str | None):
            raise self.address.garbage(reply)
        cut_off = before_stop(written or "", stops)
        return (written or "") if cut_off is None else cut_off


class _NoSuchPath(Exception):
    """The address has no /completions."""


class RemoteEmbedder:
    """Embeddings from an address: `.encode(texts) -> (n, width) float32`, unit rows."""

    def __init__(self, choice: Choice):
        self.address, self.name = Address(choice), choice.shown

    def __repr__(self) -> str:
        return f"RemoteEmbedder({self.name})"

    def encode(self, texts: list[str], batch_size: int = 64):
        """One row per text. An empty list gives shape (0, 0): the width is not known before."""
        import numpy as np

        texts, rows = import_module("course.minilm").checked(texts, batch_size), []
        for start in range(0, len(texts), batch_size):
            part = [one or " " for one in texts[start:start + batch_size]]  # "" is refused by many
            reply = self.address.ask(self.address.client.embeddings.create, input=part,
                                     model=self.address.model(), encoding_format="float")
            rows += self._rows(reply, len(part))
        if len({len(row) for row in rows}) > 1:
            raise self.address.garbage("rows of different widths")
        matrix = np.asarray(rows, dtype=np.float32).reshape(len(rows), -1 if rows else 0)
        return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)

    def _rows(self, reply, count: int) -> list[list[float]]:
        try:
            rows = [one.embedding for one in sorted(reply.data, key=lambda one: one.index)]
            right = len(rows) == count and all(
                row and all(math.isfinite(number) for number in row) for row in rows)
        except (AttributeError, TypeError):
            right = False
        if not right:
            raise self.address.garbage(f"no {count} embeddings")
        return rows


def setting(choice: Choice, name: str) -> str:
    """COURSE_LLM_KEY and its like for that choice. An embedder at the llm's own host takes the
    llm's key (never another host's), but not its model."""
    value = os.environ.get(f"{choice.variable}_{name}", "").strip()
    if value or choice.variable == choices.LLM or name == "MODEL":
        return value
    llm = urlsplit(os.environ.get(choices.LLM, ""))
    same = (llm.scheme, llm.netloc) == urlsplit(choice.value)[:2]
    return os.environ.get(f"{choices.LLM}_{name}", "").strip() if same else ""


def _seconds(choice: Choice) -> float:
    value = setting(choice, "TIMEOUT")
    try:
        seconds = float(value or TIMEOUT)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 1e6:
        raise CourseError(f"{choice.variable}_TIMEOUT={value} is no number of seconds.")
    return seconds


def _client(choice: Choice):
    quiet()
    try:
        openai = import_module("openai")
    except ModuleNotFoundError as error:
        raise CourseError(f"{choice.shown} needs the package {error.name}, which is not "
                          f"installed: run `{INSTALL}`.") from None
    base = choices.base_address(choice.value)
    unset = {name: openai.Omit() for name in ("OpenAI-Organization", "OpenAI-Project")}
    return openai.OpenAI(
        base_url=base, api_key=setting(choice, "KEY") or "none", max_retries=RETRIES,
        timeout=_seconds(choice), default_headers=unset,
        # a proxy for the world must not see what stays on this machine
        http_client=openai.DefaultHttpxClient(
            trust_env=not choices.is_loopback(urlsplit(base).hostname)))


def _without(request: dict, refused: str | None) -> dict | None:
    """The request without a setting that this address refuses, None when there is no way."""
    if refused == "max_tokens" and "max_tokens" in request:
        rest = {name: value for name, value in request.items() if name != "max_tokens"}
        return rest | {"max_completion_tokens": request["max_tokens"]}
    if refused in ("temperature", "seed", "stop") and refused in request:
        return {name: value for name, value in request.items() if name != refused}
    return None
