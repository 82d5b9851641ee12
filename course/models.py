"""The language model behind a small interface: `llm()`.

    model = llm()
    model.generate("The capital of France is", max_new_tokens=8)
    model.score("The film was", " great")          # log-probability in nats

The model is SmolLM2-135M-Instruct: 134,515,008 parameters, float32, CPU, at most 8,192 tokens.
`python -m course.models --prepare` converts the fetched file once; lessons then load the copy.
"""

from collections.abc import Sequence
from functools import cache as once
from pathlib import Path

from course import llm_files, tokens
from course.paths import CourseError
from course.quiet import quiet, set_threads


def llm_folder() -> Path:
    """The folder with the model as safetensors and its tokenizer.

    Raises CourseError saying what to run when it is not there or not whole.
    """
    return llm_files.ready()


@once
def _shared() -> "LanguageModel":
    return LanguageModel(llm_folder())


def llm(fresh: bool = False) -> "LanguageModel":
    """The language model, loaded once per process (under a second after the imports).

    fresh=True loads another copy, 0.54 GB, for training: the shared one stays as it was.
    Raises CourseError when the model is not on this machine.
    """
    return LanguageModel(llm_folder()) if fresh else _shared()


class LanguageModel:
    """A causal language model on the CPU.

    can: what it is able to do, a set of "generate", "score", "logits", "train".
    model: the torch module (eval mode, float32). tokenizer: the transformers tokenizer.

    Text given to `generate` and `score` may contain special tokens ("<|im_start|>") and they
    count as such; use `chat` for text that others wrote, and read lesson 04 on why.
    """

    can = frozenset({"generate", "score", "logits", "train"})

    def __init__(self, folder: Path):
        quiet()
        import torch
        from transformers import AutoModelForCausalLM

        quiet()  # again: now that the libraries are there, their own switches too
        set_threads()
        self.tokenizer = tokens.llm_tokenizer()
        self.model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.float32, local_files_only=True).eval()
        self.context = self.model.config.max_position_embeddings
        self.start_id = self.tokenizer.convert_tokens_to_ids("<|endoftext|>")

    def __repr__(self) -> str:
        return f"LanguageModel({self.model.num_parameters():,} parameters, CPU, float32)"

    def generate(self, prompt: str, max_new_tokens: int = 32,
                 stop: str | Sequence[str] | None = None, temperature: float = 0.0,
                 seed: int = 0) -> str:
        """The text that follows `prompt`, without the prompt.

        Ends at the model's end token, before the first `stop` string, or after max_new_tokens.
        temperature 0 takes the likeliest token each time: the same text in every run on one
        machine with one number of threads. Above 0 it samples; the same seed, the same text.
        """
        return self._continue(self._ids(_text("prompt", prompt)), max_new_tokens, stop,
                              temperature, seed)

    def chat(self, messages: str | Sequence[dict], max_new_tokens: int = 64,
             stop: str | Sequence[str] | None = None, temperature: float = 0.0,
             seed: int = 0) -> str:
        """The assistant's answer to `messages`: a str (one user message), or a list of
        {"role": "system" | "user" | "assistant", "content": str}.

        Special tokens inside a content are ordinary characters here. Without a system message
        the model's template puts its own first.
        """
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        return self._continue(self.chat_ids(messages), max_new_tokens, stop, temperature, seed)

    def score(self, prompt: str, continuation: str) -> float:
        """log P(continuation | prompt) in nats, summed over all tokens of the continuation.

        Where the two meet: each is cut into tokens by itself, so no token spans the border and
        the prompt's tokens are the same for every continuation. A continuation that is a new
        word therefore brings its own space (" great"), and the prompt ends without one.
        An empty prompt stands for the start of a document (`<|endoftext|>`); an empty
        continuation has probability 1, score 0.
        """
        import torch

        start = self._ids(_text("prompt", prompt))
        end = self._cut(_text("continuation", continuation))
        if not end:
            return 0.0
        with torch.no_grad():
            # row i of the logits predicts token i + 1: keep the rows before the continuation's
            ids = self._tensor(start + end)
            rows = self.model(ids, logits_to_keep=len(end) + 1).logits[0, :-1]
            picked = rows.log_softmax(-1)[range(len(end)), end]
        return float(picked.double().sum())

    def logits(self, ids):
        """Logits after each token. ids: n token ids (list or 1-D tensor) -> (n, vocabulary) tensor,
        float32, without a gradient (for training, call `.model` yourself)."""
        import torch

        with torch.no_grad():
            return self.model(self._tensor(ids)).logits[0]

    def chat_ids(self, messages: Sequence[dict]) -> list[int]:
        """Token ids of a conversation up to where the assistant answers.

        The template's own special tokens are special; those inside a content are not.
        """
        messages = _checked(messages)
        marks = [f"\ue000{place}\ue001" for place in range(len(messages))]
        frame = self.tokenizer.apply_chat_template(
            [message | {"content": mark} for message, mark in zip(messages, marks)],
            tokenize=False, add_generation_prompt=True)
        ids = []
        for message, mark in zip(messages, marks):
            before, _, frame = frame.partition(mark)
            ids += self._cut(before) + self._cut(message["content"], special=False)
        return ids + self._cut(frame)

    def _cut(self, text: str, special: bool = True) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False,
                              split_special_tokens=not special).input_ids

    def _ids(self, prompt: str) -> list[int]:
        return self._cut(prompt) or [self.start_id]

    def _tensor(self, ids):
        import torch

        ids = torch.as_tensor(ids)
        if ids.ndim != 1 or not len(ids) or ids.is_floating_point():
            raise CourseError("The model reads a list of at least one token id (whole numbers).")
        if len(ids) > self.context:
            raise CourseError(f"The model reads at most {self.context:,} tokens at once, "
                              f"and these are {len(ids):,}: shorten the text.")
        size = self.model.config.vocab_size
        if ids.min() < 0 or ids.max() >= size:
            raise CourseError(f"Token ids lie between 0 and {size - 1}: {ids.tolist()[:5]}... "
                              "has one outside.")
        return ids[None]

    def _continue(self, ids: list[int], max_new_tokens: int, stop, temperature: float,
                  seed: int) -> str:
        import torch

        _check_lengths(len(ids), max_new_tokens, self.context)
        stops = [stop] if isinstance(stop, str) else list(stop or [])
        if temperature < 0 or not all(isinstance(one, str) and one for one in stops):
            raise CourseError("generate needs a temperature of 0 or more, "
                              "and stop strings that are not empty.")
        generator = torch.Generator().manual_seed(seed)
        new, text, past, step = [], "", None, self._tensor(ids)
        with torch.no_grad():
            while len(new) < max_new_tokens:
                out = self.model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
                past, token = out.past_key_values, _pick(out.logits[0, -1], temperature, generator)
                if token == self.tokenizer.eos_token_id:
                    break
                new.append(token)
                step = torch.tensor([[token]])
                text = self.tokenizer.decode(new, skip_special_tokens=True)
                found = [text.find(one) for one in stops if one in text]
                if found:
                    return text[:min(found)]
        return text.rstrip("\ufffd")  # a character of which the last bytes were not written


def _pick(logits, temperature: float, generator) -> int:
    """The next token: the likeliest, or drawn from softmax(logits / temperature)."""
    import torch

    if temperature == 0:
        return int(logits.argmax())
    return int(torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator))


def _check_lengths(size: int, more: int, context: int) -> None:
    if not isinstance(more, int) or more < 0:
        raise CourseError(f"max_new_tokens is a whole number of 0 or more, not {more!r}.")
    if size + more > context:
        raise CourseError(f"The prompt has {size:,} tokens and {more:,} more are asked for; the "
                          f"model holds {context:,} in all: shorten the prompt.")


def _text(name: str, value) -> str:
    if not isinstance(value, str):
        raise CourseError(f"{name} must be a str, not {type(value).__name__}.")
    return value


def _checked(messages: Sequence[dict]) -> list[dict]:
    roles = ("system", "user", "assistant")
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in roles \
                or not isinstance(message.get("content"), str):
            raise CourseError(f"Message {place} must be {{\"role\": one of {', '.join(roles)}, "
                              "\"content\": a str}.")
    if not messages:
        raise CourseError("chat needs at least one message.")
    return [dict(message) for message in messages]


if __name__ == "__main__":
    import sys

    sys.exit(llm_files.main())
