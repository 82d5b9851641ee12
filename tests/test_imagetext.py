"""The emoji, the two towers and `clip()`: data as promised, training by steps, other checkpoints."""

import json
import math
import os

import numpy as np
import pytest

from course import paths
from course.engines.choice import clip_choice
from course.imagetext import data, families, load, measure
from course.imagetext.data import captions, emoji, hidden, pictures
from course.paths import CourseError
from tests.engines_support import start_afresh

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    start_afresh(monkeypatch)
    monkeypatch.delenv("COURSE_CLIP", raising=False)
    load._shared.cache_clear()
    yield
    load._shared.cache_clear()


# ---------------------------------------------------------------------------------------- data

def test_emoji_are_what_the_lesson_says():
    rows = emoji()
    assert len(rows) == len({one.code for one in rows}) == len({one.label for one in rows}) == 1900
    assert {one.group for one in rows} == set(data.GROUPS)
    assert all(one.family == families.family(one.label) for one in rows)


def test_held_out_families_are_the_published_draw():
    rows = emoji()
    drawn = families.held_out_families(one.family for one in rows)
    assert [one.held_out for one in rows] == [one.family in drawn for one in rows]
    again = families.held_out_families(one.family for one in reversed(rows))
    assert drawn == again and sum(one.held_out for one in rows) == 276


@pytest.mark.parametrize("label, name", [
    ("man running", "running"), ("woman running facing right", "running"), ("man", "person"),
    ("woman’s boot", "boot"), ("thumbs up", "thumbs"), ("flag: Chad", "flag chad")])
def test_family(label, name):
    assert families.family(label) == name


def test_half_of_the_keywords_are_hidden():
    words = {word for one in emoji() for word in one.keywords}
    assert .48 < np.mean([hidden(word) for word in words]) < .52
    assert not any(hidden(word) for one in emoji() for word in one.public)


@pytest.mark.parametrize("style", data.STYLES)
def test_pictures(style):
    made = pictures(style)
    assert made.shape == (1900, 32, 32, 3) and made.dtype == np.uint8
    assert made.std((1, 2, 3)).min() > 2, "a blank picture"
    made[:] = 0
    assert pictures(style).any(), "a caller changed the shared copy"


def test_unknown_style_and_altered_file(tmp_path, monkeypatch):
    with pytest.raises(CourseError, match="openmoji, twemoji, noto"):
        pictures("joypixels")
    (tmp_path / "emoji.json").write_text("[]")
    data.expected()
    monkeypatch.setattr(paths, "DATA", tmp_path)
    with pytest.raises(CourseError, match="not the file of the manifest"):
        data.whole("emoji.json")
    with pytest.raises(CourseError, match="cannot be read"):
        data.whole("emoji/noto.npz")


def test_captions_have_every_text_once():
    known = captions()
    assert list(known) == data.caption_texts()
    lengths = [np.linalg.norm(vector) for vector in known.values()]
    assert np.allclose(lengths, 1, atol=1e-5)
    assert known["red apple"] @ known["green apple"] > known["red apple"] @ known["umbrella"]


# ------------------------------------------------------------------------------------- measure

def test_ranks_lose_ties_and_nan():
    scores = np.array([[1., 1, 0], [0, 2, 1], [5, 0, 0]])
    assert measure.ranks(scores).tolist() == [2, 1, 3]
    assert measure.recall_at(np.full((3, 3), np.nan), 2) == 0
    assert measure.recall_at(np.zeros((4, 4)), 3) == 0


def test_hidden_queries_find_only_pictures_without_the_word():
    words, wanted = measure.hidden_queries(range(1900))
    assert len(words) == len(wanted) and all(wanted) and all(map(hidden, words))
    for word, places in zip(words[::50], wanted[::50]):
        for place in places:
            assert word in emoji()[place].keywords and word not in emoji()[place].label


def test_hits_at():
    scores = np.array([[.1, .9, .5], [.3, .2, .1]])
    assert measure.hits_at(scores, [{2}, {2}], 2).tolist() == [True, False]


# ------------------------------------------------------------------------------------ training

def small_trainer(**more):
    from course.imagetext.training import Trainer

    return Trainer(8, rows=range(0, 1900, 30), widths=(8, 16), batch=32, **more)


def test_training_starts_near_ln_n_and_falls():
    trainer = small_trainer()
    losses = [trainer.step() for _ in range(8)]
    assert abs(losses[0] - math.log(32)) < .5 and losses[-1] < losses[0]


def test_training_repeats_and_resumes(tmp_path):
    whole, first, second = small_trainer(), small_trainer(), small_trainer()
    losses = [whole.step() for _ in range(6)]
    assert [first.step() for _ in range(3)] == losses[:3]
    first.save(tmp_path / "state.pt")
    second.resume(tmp_path / "state.pt")
    assert second.done == 3
    assert np.allclose([second.step() for _ in range(3)], losses[3:], atol=1e-5)


def test_augmentation_keeps_shape_and_white():
    from course.imagetext.model import pixels
    from course.imagetext.training import augmented

    images = pixels(pictures("noto")[:40])
    made = augmented(images, torch.Generator().manual_seed(0))
    assert made.shape == images.shape and made.max() <= 1.0001
    assert not torch.equal(made, images)
    white = torch.ones(3, 3, 32, 32)
    assert torch.allclose(augmented(white, torch.Generator().manual_seed(0)), white)


def test_loss_is_that_of_transformers():
    from transformers.models.clip.modeling_clip import image_text_contrastive_loss as theirs

    from course.imagetext.training import clip_loss

    torch.manual_seed(0)
    a, b = (torch.nn.functional.normalize(torch.randn(9, 5), dim=1) for _ in range(2))
    assert torch.allclose(clip_loss(3 * a, b, torch.tensor(14.)), theirs(14. * b @ a.T), atol=1e-5)


# ------------------------------------------------------------------------------------- clip()

def test_the_shipped_checkpoint_finds_what_it_was_trained_on():
    model = load.clip()
    rows = np.flatnonzero([not one.held_out for one in emoji()])
    points = model.encode_image(pictures("openmoji"))
    assert points.shape == (1900, model.size) and np.allclose(np.linalg.norm(points, axis=1), 1,
                                                              atol=1e-4)
    got = measure.report(points, model.encode_vectors, rows)
    assert got["R@10"] > .75 and got["hidden hit@5"] > .15
    card = (paths.DATA / "clip" / "README.md").read_text(encoding="utf-8")
    assert f"| openmoji | trained on | {len(rows):,} |" in card and "CC BY-SA 4.0" in card


def test_shipped_files_are_small():
    sizes = {path.name: path.stat().st_size for path in (paths.DATA / "clip").iterdir()}
    assert sum(sizes.values()) < 15e6
    assert all(path.stat().st_size < 4e6 for path in (paths.DATA / "emoji").iterdir())


def test_bad_input_is_refused_in_a_sentence():
    model = load.clip()
    with pytest.raises(CourseError, match="uint8"):
        model.encode_image(np.zeros((2, 32, 32, 3)))
    with pytest.raises(CourseError, match="32 x 32"):
        model.encode_image(np.zeros((2, 64, 64, 3), np.uint8))
    with pytest.raises(CourseError, match="brackets"):
        model.encode_text("a cat")
    assert model.encode_text([]).shape == (0, model.size)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder of a tiny CLIP as `save_pretrained` writes it: random weights, its tokenizer."""
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("clip")
    letters = [chr(code) for code in range(97, 123)]
    pieces = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>",
              "<|endoftext|>"]
    CLIPTokenizer(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[],
                  model_max_length=16).save_pretrained(folder)
    tower = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    text = dict(tower, vocab_size=len(pieces), max_position_embeddings=16,
                bos_token_id=len(pieces) - 2, eos_token_id=len(pieces) - 1,
                pad_token_id=len(pieces) - 1)
    torch.manual_seed(0)
    CLIPModel(CLIPConfig(text_config=text, projection_dim=12, vision_config=dict(
        tower, image_size=24, patch_size=8))).save_pretrained(folder)
    return folder


def test_a_published_clip_serves_the_same_calls(published, monkeypatch):
    monkeypatch.setenv("COURSE_CLIP", str(published))
    model = load.clip()
    assert str(published) in repr(model)
    points = model.encode_image(pictures("openmoji")[:5])
    words = model.encode_text(["a red apple", "dog", "a red apple", "x" * 99])
    assert points.shape == (5, 12) and words.shape == (4, 12)
    for rows in (points, words):
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(words[0], words[2], atol=1e-5) and not np.allclose(words[0], words[1])
    assert model.scale == pytest.approx(math.exp(2.6592), rel=1e-3)


def test_padding_does_not_change_a_published_text(published, monkeypatch):
    monkeypatch.setenv("COURSE_CLIP", str(published))
    model = load.clip()
    assert np.allclose(model.encode_text(["cat"])[0], model.encode_text(["cat", "a long text"])[0],
                       atol=1e-5)


def test_published_pictures_go_through_its_own_scaling(published, monkeypatch):
    """Same as transformers on pixel values that were made by hand: white has one known value."""
    from transformers import CLIPModel
    from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

    monkeypatch.setenv("COURSE_CLIP", str(published))
    white = np.full((1, 40, 40, 3), 255, np.uint8)
    value = (1 - torch.tensor(OPENAI_CLIP_MEAN)) / torch.tensor(OPENAI_CLIP_STD)
    with torch.no_grad():
        out = CLIPModel.from_pretrained(published).get_image_features(
            pixel_values=value[None, :, None, None].expand(1, 3, 24, 24).contiguous())
    want = torch.nn.functional.normalize(out.pooler_output, dim=1).numpy()
    assert np.allclose(load.clip().encode_image(white), want, atol=1e-5)


def test_a_graded_run_takes_the_default(published, monkeypatch):
    monkeypatch.setenv("COURSE_CLIP", str(published))
    monkeypatch.setenv("COURSE_STRICT", "1")
    assert clip_choice().kind == "default" and load.clip().name == "emoji-clip"


def test_other_choices_are_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CLIP", "https://example.org/v1")
    with pytest.raises(CourseError, match="is an address"):
        load.clip()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    monkeypatch.setenv("COURSE_CLIP", str(tmp_path))
    with pytest.raises(CourseError, match="holds a bert model"):
        load.clip()
    monkeypatch.setenv("COURSE_CLIP", str(tmp_path / "gone"))
    with pytest.raises(CourseError, match="no folder"):
        load.clip()


# ---------------------------------------------------------------------------------------- grid

def test_grid_frames_what_is_right():
    from course.imagetext.grid import picture_grid

    fig = picture_grid(pictures("noto"), [[1, 2], [3, 4]], ["one", "two"], [{2}, set()])
    (ax,) = fig.axes
    assert len(ax.patches) == 1 and ax.patches[0].get_x() > 32, "the second picture has the frame"
    assert [text.get_text() for text in ax.get_yticklabels()] == ["one", "two"]
    import matplotlib.pyplot as plt

    plt.close(fig)


# -------------------------------------------------------------------------------------- lesson

def test_the_lesson_runs_with_another_clip(published):
    """Every cell but the demos: checks are about the learner's code, whatever the model."""
    from course.paths import SOLUTIONS
    from grader.kernel import is_demo
    from grader.replay import Replay
    from grader.source import read_lesson, source_path

    with Replay(SOLUTIONS / "08_clip") as replay:
        os.environ.update(COURSE_STRICT="0", COURSE_CLIP=str(published))
        for cell in read_lesson(source_path("08_clip")).cells:
            if cell.cell_type == "code" and not is_demo(cell):
                assert replay.run(cell.id, cell.source) is None, cell.source
        assert str(published) in repr(replay.names["model"])
