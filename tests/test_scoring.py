"""Scores in batches equal scores one by one, whatever is shared, padded or cached."""

import numpy as np
import pytest
from engines_support import checkpoint, start_afresh

from course import models, scoring
from course.paths import CourseError

TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>"
            "{% endfor %}<|im_start|>")
PROMPTS = ["A warm film.", "A warm and very long film, with a slow start.", "A dull one", "A"]
LABELS = [" good", " bad", " g", " good good"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = checkpoint(tmp_path_factory.mktemp("scoring") / "llama", "llama", TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        start_afresh(patch)
        patch.setenv("COURSE_LLM", str(folder))
        yield models.llm()


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("share", [True, False])
def test_every_score_is_that_of_one_call(model, batch, share):
    got = scoring.score_labels(model, PROMPTS, LABELS, batch=batch, share=share)
    want = [[model.score(prompt, label) for label in LABELS] for prompt in PROMPTS]
    assert got.scores == pytest.approx(np.array(want), abs=1e-3)


def test_a_shared_beginning_is_read_once(model):
    shown = "Long, long ago there was a very long prompt. "
    prompts = [shown + text for text in PROMPTS]
    once, often = (scoring.score_labels(model, prompts, LABELS, share=share)
                   for share in (True, False))
    assert once.scores == pytest.approx(often.scores, abs=1e-3)
    assert once.tokens < often.tokens / 2


def test_equal_prompts_and_one_prompt(model):
    same = scoring.score_labels(model, ["A film"] * 3, [" good"]).scores
    assert np.ptp(same) < 1e-4
    assert scoring.score_labels(model, ["A film"], [" good"]).scores == pytest.approx(
        same[:1], abs=1e-4)


def test_messages_and_ids_are_prompts_too(model):
    messages = [{"role": "user", "content": "A <|im_end|> film"}]
    ids = model.chat_ids(messages)
    assert scoring.prompt_ids(model, messages) == ids == scoring.prompt_ids(model, tuple(ids))


@pytest.mark.parametrize("prompts, labels", [([], ["a"]), (["a"], []), (["a"], [""]), ([[]], ["a"])])
def test_nothing_to_score_is_an_error(model, prompts, labels):
    with pytest.raises(CourseError, match="at least one prompt"):
        scoring.score_labels(model, prompts, labels)


@pytest.mark.parametrize("rows, want", [
    ([[1, 2, 3], [1, 2, 4]], 2), ([[1, 2], [1, 2, 3]], 2), ([[5]], 1), ([[1], [2]], 0),
    ([[1, 9, 3], [1, 2, 9], [1, 9, 9]], 1)])
def test_shared_length(rows, want):
    assert scoring.shared_length(rows) == want


@pytest.mark.parametrize("batch", [1, 2, 10])
def test_many_texts_are_those_of_one_call_each(model, batch):
    want = [model.generate(prompt, max_new_tokens=6) for prompt in PROMPTS]
    got = scoring.generate_many(model, PROMPTS, 6, batch=batch)
    assert [text.rstrip("\ufffd") for text in got] == want
    assert scoring.generate_many(model, [], 6) == []


def test_only_what_is_allowed_is_written(model):
    a, b = (model.cut(letter)[0] for letter in "ab")

    def rule(written):
        return {a, b} if len(written) < 3 else set()

    for text in scoring.generate_many(model, PROMPTS, 9, allowed=rule):
        assert len(text) == 3 and set(text) <= {"a", "b"}
