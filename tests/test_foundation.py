"""Lesson 07's data, tasks and batched scores: the rows of lesson 01, and the same numbers as one
prompt at a time."""

import json
import os

import numpy as np
import pytest

from course import embeddings, models, reviews, sentiment, shipped
from course.labelled import in_test
from course.paths import SOLUTIONS, CourseError
from course.studies import foundation, foundation_tasks, scoring
from tests.fetch_support import fetched


@pytest.fixture(scope="module")
def model():
    try:
        models.llm_folder()
    except CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))
    return models.llm()


# -------------------------------------------------------------------------- labelled sentences

@pytest.mark.parametrize("source, count, held", [
    ("film", 10_043, 2_250), ("product", 2_943, 679), ("tweet", 3_362, 764), ("news", 2_788, 666)])
def test_counts_and_split(source, count, held):
    fetched("reviews-texts"), fetched("ratings")
    data = sentiment(source)
    assert len(data) == count and data.test.sum() == held
    assert data.texts.shape == data.y.shape == data.test.shape == (count,)
    assert set(data.y.tolist()) == {0, 1} and data.vectors.shape == (count, 384)
    whole = reviews(source)
    place = whole.texts.index(data.texts[7])
    assert (data.vectors[7] == embeddings(source)[place]).all()
    assert data.y[7] == (whole.mean[place] > 0)


def test_the_rows_are_those_of_lesson_01():
    fetched("reviews-texts"), fetched("ratings")
    folder = SOLUTIONS / "01_traditional_ml" / "reference"
    labels = np.load(folder / "labels.npy")
    sides = np.load(folder / "sides.npz")["film"]
    film = sentiment("film")
    assert (film.y == labels[labels >= 0]).all()
    assert (film.test == sides[labels >= 0]).all()


def test_sides_and_trouble():
    assert in_test("A warm film") and in_test("  a WARM film!!") and not in_test("A dull film!")
    with pytest.raises(CourseError, match="no reviews from"):
        sentiment("films")


# ----------------------------------------------------------------------------------- the tasks

def test_ten_tasks_of_forty_different_questions():
    made = foundation_tasks.tasks()
    again = [task.pairs for task in foundation_tasks.tasks()]
    assert len(made) == 10 and [task.pairs for task in made] == again
    for task in made:
        questions = [question for question, _ in task.pairs]
        assert len(task.questions) == 40 and len(set(questions)) == 43, task.name
        assert all(answer for _, answer in task.pairs), task.name


def test_code_solves_what_has_code():
    for task in foundation_tasks.tasks():
        if task.code is not None:
            assert all(foundation_tasks.right(task.code(question), answer)
                       for question, answer in task.questions), task.name


def test_prompt_and_marks():
    task = foundation_tasks.Task("t", "Q:", "A:", [("a", "1|one"), ("b", "2"), ("c", "3"),
                                                   ("d", "4")])
    assert task.prompt("d") == "Q: a\nA: 1\n\nQ: b\nA: 2\n\nQ: c\nA: 3\n\nQ: d\nA:"
    assert foundation_tasks.right(" One. ", "1|one") and not foundation_tasks.right("", "1|one")
    assert not foundation_tasks.right("one two", "1|one")


# --------------------------------------------------------------------------------- the studies

@pytest.mark.parametrize("prefix", ["", "Review: A fine film.\nSentiment: positive"])
def test_batches_score_like_one_prompt_at_a_time(model, prefix):
    gap = "\n\n" if prefix else ""
    rests = [f"{gap}Review: {text}\nSentiment:" for text in ("Bad.", "I laughed, and how!")]
    labels = [" negative", " positive"]
    one = [[model.score(prefix + rest, label) for label in labels] for rest in rests]
    assert np.allclose(scoring.label_scores(model, prefix, rests, labels), one, atol=1e-3)


def test_labels_of_several_tokens_are_refused(model):
    with pytest.raises(ValueError, match="is 2 tokens"):
        scoring.label_scores(model, "", ["Stars:"], [" 1", " 5"])


def test_answers_are_those_of_generate(model):
    prompts = ["Word: hot\nOpposite: cold\n\nWord: up\nOpposite:", "The capital of Japan is"]
    one = [model.generate(prompt, 5).strip().split("\n")[0].strip() for prompt in prompts]
    assert scoring.answers(model, prompts, 5) == one


def test_judged_counts_ties_as_half():
    found = foundation.judged(np.array([1., -1., 2., 2.]), np.array([1, 0, 1, 0]))
    assert found == {"accuracy": .75, "auc": .625, "good": .75}


def test_what_ships_holds_rates_and_none_of_the_sentences():
    texts = set(sentiment("film").texts) | set(sentiment("product").texts)
    for path in ("sources", "wordings", "orders", "draws"):
        words = json.dumps(shipped(f"07_foundation_models/{path}"))
        assert not any(text in words for text in texts if len(text) > 20), path
    sources = shipped("07_foundation_models/sources")
    assert np.mean(sources["film"]["right"]) == pytest.approx(sources["film"]["accuracy"])
