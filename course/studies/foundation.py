"""Studies of lesson 07: one small language model for many tasks, and how steady its answers are.

Each takes minutes, since the model reads thousands of prompts. No sentence of the reviews is kept,
only counts and rates.
"""

from itertools import permutations

import numpy as np

from course import llm
from course.labelled import sentiment
from course.studies import study
from course.studies.foundation_tasks import right, tasks
from course.studies.scoring import answers, label_scores

# (what stands around a sentence, the label for bad, the label for good); the first is the one
# that is used wherever one wording has to do
WORDINGS = [
    ("Review: {}\nSentiment:", " negative", " positive"),
    ("Review: {}\nSentiment:", " Negative", " Positive"),
    ("Is this review positive or negative? {}\nAnswer:", " negative", " positive"),
    ("Classify the sentiment of the review as positive or negative.\nReview: {}\nSentiment:",
     " negative", " positive"),
    ("{}\nOverall, the reviewer's opinion is", " negative", " positive"),
    ("{}\nIn short, the film is", " bad", " good"),
    ("{}\nThe film was", " terrible", " great"),
    ("Review: {}\nDid the reviewer like the film? Answer yes or no:", " no", " yes"),
]
PRAISE = ["good", "funny", "moving", "clever", "beautiful", "honest", "charming", "exciting",
          "original", "witty", "touching", "elegant"]
BLAME = ["bad", "dull", "boring", "silly", "stupid", "ugly", "predictable", "annoying", "clumsy",
         "shallow", "tedious", "awful"]
# (a sentence with a gap, whether it turns the meaning of the word in the gap round)
FRAMES = [("The film is {}.", False), ("The film is not {}.", True), ("It is never {}.", True),
          ("There is nothing {} about this film.", True), ("It is hardly {}.", True),
          ("Nobody could call this film {}.", True)]
SHOTS = 4        # examples of a few-shot prompt, half of them good


def balanced(y, rows, each: int, seed: int) -> np.ndarray:
    """Row numbers: `each` good and `each` bad ones of `rows`, drawn by seed."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.choice(rows[y[rows] == label], each, replace=False)
                           for label in (0, 1)])


def shots_and_questions(questions: int = 100, seed: int = 0):
    """(texts, labels) of the examples, from training rows, and of the questions, from test rows."""
    film = sentiment("film")
    shots = balanced(film.y, np.flatnonzero(~film.test), SHOTS // 2, seed)
    asked = balanced(film.y, np.flatnonzero(film.test), questions // 2, 0)
    return ((list(film.texts[shots]), film.y[shots]),
            (list(film.texts[asked]), film.y[asked]))


def margins(wording, texts, examples=()) -> np.ndarray:
    """log P(good label) - log P(bad label) for each text, after the examples (text, label)."""
    around, bad, good = wording
    shown = "\n\n".join(around.format(text) + (bad, good)[label] for text, label in examples)
    rests = [("\n\n" if shown else "") + around.format(text) for text in texts]
    scores = label_scores(llm(), shown, rests, [bad, good])
    return scores[:, 1] - scores[:, 0]


def judged(margin: np.ndarray, y: np.ndarray) -> dict:
    """accuracy at 0, share answered good, and auc: does a good text get the larger margin?"""
    good, bad = margin[y == 1], margin[y == 0]
    above = (good[:, None] > bad).mean() + (good[:, None] == bad).mean() / 2
    return {"accuracy": float(((margin > 0) == y).mean()), "auc": float(above),
            "good": float((margin > 0).mean())}


@study(seconds=90)
def scorecard():
    """Ten tasks, 40 questions each: how often one language model, and a few lines of code, are
    right; and what the model said to the first questions that it got wrong."""
    model, card = llm(), []
    for task in tasks():
        said = answers(model, [task.prompt(q) for q, _ in task.questions], task.new)
        marks = [right(one, answer) for one, (_, answer) in zip(said, task.questions)]
        wrong = [[q, one, answer.split("|")[0]]
                 for (q, answer), one, mark in zip(task.questions, said, marks) if not mark]
        code = None if task.code is None else float(
            np.mean([right(task.code(q), answer) for q, answer in task.questions]))
        card.append({"task": task.name, "right": float(np.mean(marks)), "n": len(marks),
                     "code": code, "wrong": wrong[:4]})
    return card


@study(seconds=120)
def sources():
    """No labels: the first wording on 200 balanced test sentences of each source.

    rows: which sentences of `sentiment(name)` they were; right: 1 where the model was.
    """
    found = {}
    for name in ("film", "product", "tweet", "news"):
        data = sentiment(name)
        rows = balanced(data.y, np.flatnonzero(data.test), 100, 0)
        margin = margins(WORDINGS[0], list(data.texts[rows]))
        found[name] = judged(margin, data.y[rows]) | {
            "rows": rows.tolist(), "right": ((margin > 0) == data.y[rows]).astype(int).tolist()}
    return found


@study(seconds=200)
def wordings():
    """Eight wordings on 100 film sentences: without examples, and after the same four."""
    (shots, shot_y), (texts, y) = shots_and_questions()
    examples = [(shots[k], shot_y[k]) for k in (0, 2, 1, 3)]     # bad, good, bad, good
    return [{"wording": around, "labels": [bad, good],
             "none": judged(margins((around, bad, good), texts), y),
             "four": judged(margins((around, bad, good), texts, examples), y)}
            for around, bad, good in WORDINGS]


@study(seconds=250)
def orders():
    """The same four examples in all 24 orders, on the same 100 film sentences."""
    (shots, shot_y), (texts, y) = shots_and_questions()
    return [{"order": "".join("bg"[shot_y[k]] for k in order)}
            | judged(margins(WORDINGS[0], texts, [(shots[k], shot_y[k]) for k in order]), y)
            for order in permutations(range(SHOTS))]


@study(seconds=30)
def turned():
    """Frames with and without a turning word, filled with words of praise and of blame: how often
    the first wording gives each sentence its right label."""
    found = []
    for frame, turns in FRAMES:
        row = {"frame": frame}
        for name, words, label in (("praise", PRAISE, 1), ("blame", BLAME, 0)):
            margin = margins(WORDINGS[0], [frame.format(word) for word in words])
            row[name] = float(((margin > 0) == (label != turns)).mean())
        found.append(row)
    return found


@study(seconds=130)
def draws():
    """Twelve draws of four examples, bad, good, bad, good, on the same 100 film sentences."""
    found = []
    for seed in range(12):
        (shots, shot_y), (texts, y) = shots_and_questions(seed=seed)
        examples = [(shots[k], shot_y[k]) for k in (0, 2, 1, 3)]
        found.append(judged(margins(WORDINGS[0], texts, examples), y))
    return found
