"""Another embedder by transformers: COURSE_EMBEDDER names a folder or a hub's owner/name.

Any encoder serves: the mean of its last layer over the tokens, scaled to length 1. A model that
was trained with another pooling, or wants "query: " before its texts, gives weaker vectors here.
"""

from course.engines import checkpoint
from course.engines.choice import Choice
from course.minilm import LENGTH, Embedder
from course.paths import CourseError


def embedder(choice: Choice) -> "Encoder":
    """The encoder of that folder or hub id, float32 on the CPU."""
    return Encoder(choice)


class Encoder(Embedder):
    """An embedder that is not the course's own; see Embedder for `encode`."""

    def __init__(self, choice: Choice):
        checkpoint.import_transformers()
        from transformers import AutoModel

        self.name = choice.shown
        self.model, self.tokenizer = checkpoint.loaded(choice, AutoModel, _refuse_two_parts)
        if self.tokenizer.pad_token is None:  # padding is masked: which token it is is all one
            self.tokenizer.pad_token = self.tokenizer.eos_token or \
                self.tokenizer.convert_ids_to_tokens(0)
        self.tokenizer.padding_side = "right"
        config = self.model.config
        self.length = min(LENGTH, self.tokenizer.model_max_length,
                          getattr(config, "max_position_embeddings", None) or LENGTH)
        self.size = config.hidden_size

    def _batch(self, texts: list[str]):
        # a tokenizer that adds no tokens of its own finds none in an empty text: give it one
        return super()._batch([one if self.tokenizer(one).input_ids else self.tokenizer.pad_token
                               for one in texts])


def _refuse_two_parts(config, choice: Choice) -> None:
    if getattr(config, "is_encoder_decoder", False) or not hasattr(config, "hidden_size"):
        raise CourseError(f"{choice.shown} holds a {config.model_type} model, which is no plain "
                          "text encoder: give one such as BERT, MPNet or MiniLM.")
