"""A causal language model in torch: the course's own, and any other transformers checkpoint."""

from collections.abc import Sequence
from pathlib import Path

from course.engines.base import Engine, before_stop, conversation, fits, settings, text
from course.engines.choice import EVERYTHING
from course.paths import CourseError
from course.quiet import quiet, set_threads


class LanguageModel(Engine):
    """A causal language model on the CPU.

    can: what it is able to do, a set of "generate", "score", "logits", "train".
    model: the torch module (eval mode, float32). tokenizer: the transformers tokenizer.
    context: how many tokens it holds at once. start_id: stands for an empty prompt.

    Text given to `generate` and `score` may contain special tokens ("<|im_start|>") and they
    count as such; use `chat` for text that others wrote, and read lesson 04 on why.
    """

    can = EVERYTHING

    def __init__(self, model, tokenizer, start_id: int, name: str = "the course's own model"):
        self.model, self.tokenizer = model.eval(), tokenizer
        self.start_id, self.name = start_id, name
        settings_ = model.config.get_text_config()
        self.context = getattr(settings_, "max_position_embeddings", None) or min(
            tokenizer.model_max_length, 1_000_000)
        self.vocabulary = model.get_output_embeddings().weight.shape[0]
        self.end_ids = _end_ids(model, tokenizer)

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
        return self._continue(self.prompt_ids(text("prompt", prompt)), max_new_tokens, stop,
                              temperature, seed)

    def chat(self, messages: str | Sequence[dict], max_new_tokens: int = 64,
             stop: str | Sequence[str] | None = None, temperature: float = 0.0,
             seed: int = 0) -> str:
        """The assistant's answer to `messages`: a str (one user message), or a list of
        {"role": "system" | "user" | "assistant", "content": str}.

        Special tokens inside a content are ordinary characters here. Without a system message
        the model's template puts its own first.
        """
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

        start = self.prompt_ids(text("prompt", prompt))
        end = self.cut(text("continuation", continuation), inside=True)
        if not end:
            return 0.0
        with torch.no_grad():
            # row i of the logits predicts token i + 1: keep the rows before the continuation's
            ids = self._tensor(start + end)
            rows = self.model(ids, logits_to_keep=len(end) + 1).logits[0, -len(end) - 1:-1]
            picked = rows.log_softmax(-1)[range(len(end)), end]
        return float(picked.double().sum())

    def logits(self, ids):
        """Logits after each token. ids: n token ids (list or 1-D tensor) -> (n, vocabulary) tensor,
        float32, without a gradient (for training, call `.model` yourself)."""
        import torch

        with torch.no_grad():
            return self.model(self._tensor(ids)).logits[0]

    def chat_ids(self, messages: str | Sequence[dict]) -> list[int]:
        """Token ids of a conversation up to where the assistant answers.

        The template's own special tokens are special; those inside a content are not.
        """
        return chat_ids(self.tokenizer, messages, self.cut)

    def cut(self, piece: str, special: bool = True, inside: bool = False) -> list[int]:
        """Token ids of a piece of text. special: whether special tokens in it count as such.
        inside: it follows other text (only tokenizers that put a space first care)."""
        return cut(self.tokenizer, piece, special)

    def prompt_ids(self, prompt: str) -> list[int]:
        """Token ids of a prompt, at least one."""
        return self.cut(prompt) or [self.start_id]

    def _tensor(self, ids):
        import torch

        ids = torch.as_tensor(ids)
        if ids.ndim != 1 or not len(ids) or ids.is_floating_point():
            raise CourseError("The model reads a list of at least one token id (whole numbers).")
        if len(ids) > self.context:
            raise CourseError(f"The model reads at most {self.context:,} tokens at once, "
                              f"and these are {len(ids):,}: shorten the text.")
        if ids.min() < 0 or ids.max() >= self.vocabulary:
            raise CourseError(f"Token ids lie between 0 and {self.vocabulary - 1}: "
                              f"{ids.tolist()[:5]}... has one outside.")
        return ids[None]

    def _continue(self, ids: list[int], max_new_tokens: int, stop, temperature: float,
                  seed: int) -> str:
        import torch

        stops = settings(max_new_tokens, stop, temperature)
        fits(len(ids), max_new_tokens, self.context)
        generator = torch.Generator().manual_seed(seed)
        new, written, past, step = [], "", None, self._tensor(ids)
        with torch.no_grad():
            while len(new) < max_new_tokens:
                out = self.model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
                past, token = out.past_key_values, _pick(out.logits[0, -1], temperature, generator)
                if token in self.end_ids:
                    break
                new.append(token)
                step = torch.tensor([[token]])
                written = self.tokenizer.decode(new, skip_special_tokens=True)
                cut_off = before_stop(written, stops)
                if cut_off is not None:
                    return cut_off
        return written.rstrip("\ufffd")  # a character of which the last bytes were not written


def load(folder: Path, tokenizer) -> LanguageModel:
    """The course's own model from its folder of safetensors."""
    quiet()
    import torch
    from transformers import AutoModelForCausalLM

    quiet()  # again: now that the libraries are there, their own switches too
    set_threads()
    model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32,
                                                 local_files_only=True)
    return LanguageModel(model, tokenizer, tokenizer.convert_tokens_to_ids("<|endoftext|>"))


def cut(tokenizer, piece: str, special: bool = True) -> list[int]:
    """Token ids of a piece, nothing added. special: whether special tokens in it count as such."""
    return tokenizer(piece, add_special_tokens=False, split_special_tokens=not special).input_ids


def chat_ids(tokenizer, messages: str | Sequence[dict], cutter) -> list[int]:
    """Ids of a conversation; cutter(piece, special, inside) cuts. See LanguageModel.chat_ids."""
    messages = conversation(messages)
    marks = [f"\ue000{place}\ue001" for place in range(len(messages))]
    try:
        frame = tokenizer.apply_chat_template(
            [message | {"content": mark} for message, mark in zip(messages, marks)],
            tokenize=False, add_generation_prompt=True)
    except Exception as error:  # jinja's own errors: what the template's author forbids
        raise CourseError(f"The model's chat template refuses these messages ({error}): "
                          "try them without a system message, and user and assistant in "
                          "turns.") from None
    ids = []
    for message, mark in zip(messages, marks):
        before, found, frame = frame.partition(mark)
        if not found:
            raise CourseError(f"The model's chat template leaves out the {message['role']} "
                              "message: put its text into the user's message.")
        ids += cutter(before, inside=bool(ids))
        ids += cutter(message["content"], special=False, inside=bool(ids))
    return ids + cutter(frame, inside=bool(ids))


def _end_ids(model, tokenizer) -> set[int]:
    """Tokens that end a text: the tokenizer's, and those of the checkpoint's generation settings
    (a chat model often has two)."""
    named = getattr(model.generation_config, "eos_token_id", None)
    named = named if isinstance(named, list) else [named]
    return {one for one in [tokenizer.eos_token_id, *named] if one is not None}


def _pick(logits, temperature: float, generator) -> int:
    """The next token: the likeliest, or drawn from softmax(logits / temperature)."""
    import torch

    if temperature == 0:
        return int(logits.argmax())
    return int(torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator))
