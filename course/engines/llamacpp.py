"""The course's own model run by llama.cpp: COURSE_ENGINE=llamacpp, an optional extra.

The same fetched GGUF file, still quantised: several times the tokens per second in a fraction of
the memory. llama.cpp also quantises what flows between the layers, so texts and scores are close
to the default's, not equal. The package is xllamacpp (requirements/engines.txt).
"""

import json
import os
import secrets
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module, metadata

from course import llm_files, tokens
from course.engines.base import Engine, before_stop, conversation, fits, settings, text
from course.engines.causal import chat_ids
from course.engines.choice import Choice
from course.paths import CourseError
from course.quiet import quiet, threads

CONTEXT = 8192     # tokens, as the default model
SMALL = 1024       # what is reserved at first; twice as much, and again, when a text needs it
INSTALL = "python -m pip install -r requirements/engines.txt"
_FORCE = 1e4       # added to a token's logit, so that it is surely the one taken


def language_model(choice: Choice) -> "LlamaCpp":
    """The engine, loaded in about a second. Prints one line saying which it is."""
    model = LlamaCpp(choice)
    print(f"engine: llama.cpp (xllamacpp {metadata.version('xllamacpp')}) · "
          f"{model.path.name} · {threads()} threads")
    return model


class LlamaCpp(Engine):
    """llama.cpp in this process. can: "generate", "score".

    Scores are those of the quantised model. There are no logits: llama.cpp's server gives
    probabilities of tokens, not the numbers before the softmax.
    """

    def __init__(self, choice: Choice):
        self.name, self.variable, self.can = choice.shown, choice.variable, choice.can
        self.path, self._size, self._server = llm_files.gguf_file(), 0, None
        self._serve(SMALL)

    def __repr__(self) -> str:
        return f"LlamaCpp({self.path.name}, CPU)"

    @cached_property
    def tokenizer(self):
        """The transformers tokenizer of the model (loaded when asked for)."""
        return tokens.llm_tokenizer()

    @cached_property
    def _pieces(self) -> "Pieces":
        return Pieces(llm_files.ready())

    def generate(self, prompt: str, max_new_tokens: int = 32,
                 stop: str | Sequence[str] | None = None, temperature: float = 0.0,
                 seed: int = 0) -> str:
        """The text that follows `prompt`; arguments as LanguageModel.generate."""
        short = text("prompt", prompt) and len(prompt.encode()) < 2 * SMALL
        # llama.cpp cuts text as our tokenizer does, which is loaded only where ids are needed
        return self._continue(prompt if short else self._ids(prompt), max_new_tokens, stop,
                              temperature, seed)

    def chat(self, messages: str | Sequence[dict], max_new_tokens: int = 64,
             stop: str | Sequence[str] | None = None, temperature: float = 0.0,
             seed: int = 0) -> str:
        """The assistant's answer; arguments as LanguageModel.chat."""
        ids = chat_ids(self._pieces, conversation(messages), self._pieces.cut)
        return self._continue(ids, max_new_tokens, stop, temperature, seed)

    def score(self, prompt: str, continuation: str) -> float:
        """log P(continuation | prompt) in nats by the quantised model; see LanguageModel.score.

        Each token of the continuation is forced in turn; the server reports its probability
        before the forcing, and keeps what it computed for the tokens before.
        """
        ids, total = self._ids(text("prompt", prompt)), 0.0
        for token in self._pieces.cut(text("continuation", continuation)):
            fits(len(ids), 1, CONTEXT)
            total += self._log_probability(ids, token)
            ids = ids + [token]
        return total

    def _log_probability(self, ids: list[int], token: int) -> float:
        reply = self._ask(ids, max_tokens=1, temperature=0, logprobs=1,
                          logit_bias=[[token, _FORCE]])
        listed = (reply["logprobs"] or {}).get("content")
        if not listed:  # a token that ends the text is not listed: force another, list them all
            reply = self._ask(ids, max_tokens=1, temperature=0, logprobs=self._pieces.size,
                              logit_bias=[[self._pieces.cut("a")[0], _FORCE]])
            listed = reply["logprobs"]["content"][0]["top_logprobs"]
        found = [one["logprob"] for one in listed if one["id"] == token]
        if not found:
            raise CourseError(f"{self.name} gives no probability of token {token}: "
                              f"unset {self.variable} for scores.")
        return found[0]

    def _ids(self, prompt: str) -> list[int]:
        return self._pieces.cut(prompt) or self._pieces.cut("<|endoftext|>")

    def _continue(self, prompt: str | list[int], max_new_tokens: int, stop, temperature: float,
                  seed: int) -> str:
        stops = settings(max_new_tokens, stop, temperature)
        fits(len(prompt), max_new_tokens, CONTEXT)
        if not max_new_tokens:  # the server would write one token
            return ""
        # the default samples from the whole distribution, so these are switched off
        reply = self._ask(prompt, max_tokens=max_new_tokens, temperature=temperature, seed=seed,
                          stop=stops, top_k=0, top_p=1.0, min_p=0.0)
        cut_off = before_stop(reply["text"], stops)
        return reply["text"].rstrip("\ufffd") if cut_off is None else cut_off

    def _ask(self, prompt: str | list[int], **request) -> dict:
        """The first choice of llama.cpp's answer to a text or token ids."""
        # a text has no more tokens than bytes
        needed = len(prompt.encode() if isinstance(prompt, str) else prompt)
        needed, size = needed + request["max_tokens"], self._size
        while size < min(needed, CONTEXT):
            size *= 2
        if size > self._size:
            self._serve(size)
        reply = self._server.handle_completions({"prompt": prompt, **request})
        if "choices" not in reply:
            said = reply.get("error", reply)
            raise CourseError(f"{self.name}: llama.cpp refuses ({said.get('message', said)}): "
                              f"unset {self.variable} to use the course's own engine.")
        return reply["choices"][0]

    def _serve(self, context: int) -> None:
        self._server = None  # the old one goes before the new one needs memory
        self._server, self._size = _server(self.path, context, self), context


class Pieces:
    """The model's tokenizer and chat template without transformers, whose import alone takes
    more memory than llama.cpp and the model."""

    def __init__(self, folder):
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(os.fspath(folder / "tokenizer.json"))
        self._settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))

    def cut(self, piece: str, special: bool = True, inside: bool = False) -> list[int]:
        """Token ids of a piece; see LanguageModel.cut."""
        self._tokenizer.encode_special_tokens = not special
        return self._tokenizer.encode(piece, add_special_tokens=False).ids

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self._tokenizer.get_vocab_size()

    def apply_chat_template(self, messages, **options) -> str:
        """The conversation as the model's template writes it."""
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(
            self._settings["chat_template"])
        return template.render(messages=messages, add_generation_prompt=True)


def _server(path, context: int, engine: LlamaCpp):
    quiet()  # before the library loads: threads that wait are to sleep
    try:
        library = import_module("xllamacpp")
    except ImportError as error:
        why = "which is not installed" if isinstance(error, ModuleNotFoundError) else \
            f"which does not load here ({error})"
        raise CourseError(f"{engine.name} needs the package xllamacpp, {why}: run `{INSTALL}`, or "
                          f"unset {engine.variable}.") from None
    settings_ = library.CommonParams()
    settings_.model.path = os.fspath(path)
    settings_.n_ctx, settings_.n_parallel = context, 1
    settings_.n_batch = settings_.n_ubatch = 128  # as fast as 512 on a CPU, in less memory
    for pool in (settings_.cpuparams, settings_.cpuparams_batch):
        pool.n_threads = threads()
    settings_.verbosity = -1
    settings_.warmup = settings_.ui = False
    settings_.cache_ram_mib = 0  # or it would keep gigabytes of old prompts
    # the library also listens on a port of this machine: nobody else has the key
    settings_.api_keys = [secrets.token_hex(16)]
    try:
        return library.Server(settings_)
    except (RuntimeError, ValueError, OSError) as error:
        raise CourseError(f"{engine.name}: llama.cpp cannot load {path} ({error}): run "
                          f"`python -m course.fetch --check llm`, or unset {engine.variable}."
                          ) from None
