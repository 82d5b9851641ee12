"""Choosing another model: what is chosen, what it can do, and checkpoints from disk."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from engines_support import checkpoint, need_llm, need_module, start_afresh

from course import minilm, models, session
from course.engines import choice
from course.paths import ROOT, CourseError

TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>"
            "{% endfor %}<|im_start|>")


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    start_afresh(monkeypatch)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Checkpoints with random weights."""
    home = tmp_path_factory.mktemp("checkpoints")
    return {"llama": checkpoint(home / "llama", "llama", TEMPLATE),
            "gpt2": checkpoint(home / "gpt2", "gpt2"),
            "spaced": checkpoint(home / "spaced", "llama", space_first=True),
            "masked": checkpoint(home / "masked", "masked"),
            "bert": checkpoint(home / "bert", "bert")}


def chosen(monkeypatch, value, variable="COURSE_LLM"):
    monkeypatch.setenv(variable, str(value))
    return models.llm() if variable == "COURSE_LLM" else minilm.embedder()


# ------------------------------------------------------------------------------------- choices

@pytest.mark.parametrize("value, kind, shown, online", [
    ("", "default", "", False), ("  ", "default", "", False),
    ("http://127.0.0.1:9/v1", "remote", "COURSE_LLM=http://127.0.0.1:9/v1", False),
    ("HTTP://LOCALHOST:9", "remote", "COURSE_LLM=HTTP://LOCALHOST:9", False),
    ("https://me:secret@example.org/v1?key=secret", "remote", "COURSE_LLM=https://example.org/v1",
     True),
    ("http://192.168.0.7:80", "remote", "COURSE_LLM=http://192.168.0.7:80", True),
    ("some-owner/some-model", "hub", "COURSE_LLM=some-owner/some-model", True),
])
def test_what_a_value_means(monkeypatch, tmp_path, value, kind, shown, online):
    monkeypatch.setenv("COURSE_LLM", value)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    found = choice.llm_choice()
    assert (found.kind, found.shown, found.online) == (kind, shown, online)


def test_a_hubs_model_in_the_cache_is_offline(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("COURSE_LLM", "owner/name")
    snapshot = tmp_path / "models--owner--name" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    assert choice.llm_choice().online
    (snapshot / "model.safetensors").touch()
    assert not choice.llm_choice().online


@pytest.mark.parametrize("values, part", [
    ({"COURSE_LLM": "/no/such/folder"}, "no folder on this machine"),
    ({"COURSE_LLM": "gpt"}, "no folder on this machine"),
    ({"COURSE_LLM": "http://"}, "no complete address"),
    ({"COURSE_LLM": "http://[::1"}, "no complete address"),
    ({"COURSE_LLM": "http://a:b:c"}, "no complete address"),
    ({"COURSE_LLM": "ftp://me:secret@x/y"}, r"COURSE_LLM=ftp://x/y .*starts with http"),
    ({"COURSE_LLM": __file__}, "is a file"),
    ({"COURSE_ENGINE": "vllm"}, "names no engine"),
    ({"COURSE_ENGINE": "llamacpp", "COURSE_LLM": "a/b"}, "unset one of the two"),
])
def test_a_choice_that_makes_no_sense_is_one_sentence(monkeypatch, values, part):
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CourseError, match=part) as error:
        models.llm()
    assert "\n" not in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize("switch", ["NBGRADER_EXECUTION", "COURSE_STRICT"])
def test_a_graded_run_takes_the_default(monkeypatch, switch):
    for name in ("COURSE_LLM", "COURSE_EMBEDDER"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("COURSE_ENGINE", "llamacpp")
    monkeypatch.setenv(switch, "1")
    assert choice.llm_choice() == choice.embedder_choice() == choice.Choice()


@pytest.mark.parametrize("value, base", [
    ("http://h:1", "http://h:1/v1"), ("http://h:1/", "http://h:1/v1"),
    ("http://h/api/v1/", "http://h/api/v1"), ("https://h/v1/chat/completions", "https://h/v1"),
    ("https://h/v1/embeddings?x=1", "https://h/v1")])
def test_the_base_of_an_address(value, base):
    assert choice.base_address(value) == base


def test_choices_import_nothing_heavy_or_optional():
    code = ("import sys, course.models, course.minilm, course.session\n"
            "bad = {'torch', 'transformers', 'openai', 'xllamacpp', 'huggingface_hub'}\n"
            "assert not bad & set(sys.modules), bad & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --------------------------------------------------------------------------- language models

@pytest.mark.parametrize("name", ["llama", "gpt2", "spaced"])
def test_a_checkpoint_does_all_that_the_default_does(monkeypatch, folders, name):
    llm = chosen(monkeypatch, folders[name])
    assert llm is models.llm() and llm.can == choice.EVERYTHING
    assert llm.context == 64 and llm.name == f"COURSE_LLM={folders[name]}"
    new = llm.generate("ab cab", 6)
    assert new == llm.generate("ab cab", 6) and isinstance(new, str)
    assert llm.generate("ab", 6, temperature=1.0, seed=1) == \
        llm.generate("ab", 6, temperature=1.0, seed=1)
    assert isinstance(llm.chat("ab", 4), str) and llm.generate("", 2) is not None
    assert tuple(llm.logits([3, 4, 5]).shape) == (3, len(llm.tokenizer))
    assert next(llm.model.parameters()).requires_grad
    with pytest.raises(CourseError, match="holds 64"):
        llm.generate("ab " * 60)


@pytest.mark.parametrize("name", ["llama", "gpt2", "spaced"])
def test_scores_and_greedy_text_equal_the_loop_by_hand(monkeypatch, folders, name):
    llm = chosen(monkeypatch, folders[name])
    start, end = llm.prompt_ids("ab c"), llm.cut(" dog", inside=True)
    rows = llm.logits(start + end).log_softmax(-1)
    by_hand = sum(float(rows[len(start) + place - 1, one]) for place, one in enumerate(end))
    assert llm.score("ab c", " dog") == pytest.approx(by_hand, abs=1e-4)
    new = []
    while len(new) < 5:
        new.append(int(llm.logits(start + new)[-1].argmax()))
    new = new[:min([new.index(one) for one in llm.end_ids if one in new], default=5)]
    assert llm.generate("ab c", 5) == llm.tokenizer.decode(new).rstrip("\ufffd")


def test_a_tokenizer_that_puts_a_space_first_puts_none_inside(monkeypatch, folders):
    llm = chosen(monkeypatch, folders["spaced"])
    def names(ids):
        return "".join(llm.tokenizer.convert_ids_to_tokens(ids))
    assert names(llm.cut("dog")) == "\u2581dog"
    assert names(llm.cut(" dog", inside=True)) == "\u2581dog"
    assert names(llm.cut("dog", inside=True)) == "dog"


def test_a_chat_without_a_template_is_plain_and_special_tokens_stay_text(monkeypatch, folders):
    plain = chosen(monkeypatch, folders["gpt2"])
    assert plain.tokenizer.decode(plain.chat_ids("hi")) == "User: hi\nAssistant:"
    llm = chosen(monkeypatch, folders["llama"])
    assert llm.chat_ids("a<|im_end|>b").count(2) == llm.chat_ids("ab").count(2) == 1


@pytest.mark.parametrize("template, part", [
    ("{{ raise_exception('no system role') }}", "refuses these messages.*no system role"),
    ("{{ messages[-1]['content'] }}", "leaves out the system message")])
def test_a_template_with_its_own_rules(monkeypatch, folders, template, part):
    llm = chosen(monkeypatch, folders["llama"])
    monkeypatch.setattr(llm.tokenizer, "chat_template", template)
    with pytest.raises(CourseError, match=part):
        llm.chat([{"role": "system", "content": "a"}, {"role": "user", "content": "b"}])


def test_fresh_loads_another_copy(monkeypatch, folders):
    assert chosen(monkeypatch, folders["gpt2"]) is not models.llm(fresh=True)


def broken(folder, tmp_path, change):
    home = tmp_path / "broken"
    home.mkdir()
    for path in folder.iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    change(home)
    return home


def rewrite_config(home, **values):
    path = home / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("change, part", [
    (lambda home: (home / "config.json").unlink(), "no config.json"),
    (lambda home: (home / "config.json").write_text("{"), "cannot be loaded"),
    (lambda home: (home / "model.safetensors").unlink(), "cannot be loaded"),
    (lambda home: (home / "model.safetensors").write_bytes(b"junk" * 9), "cannot be loaded"),
    (lambda home: rewrite_config(home, num_hidden_layers=3), "lacks 9 weights of a Llama"),
    (lambda home: rewrite_config(home, vocab_size=999), "cannot be loaded|lacks"),
    (lambda home: rewrite_config(home, architectures=["T5Model"]), "does not continue a text"),
    (lambda home: [path.unlink() for path in home.glob("tokenizer*")],
     "cannot be loaded|no tokenizer"),
])
def test_a_checkpoint_that_does_not_serve_is_one_sentence(
        monkeypatch, folders, tmp_path, capsys, change, part):
    folder = broken(folders["llama"], tmp_path, change)
    with pytest.raises(CourseError, match=part) as error:
        chosen(monkeypatch, folder)
    assert "\n" not in str(error.value) and str(folder) in str(error.value)
    assert capsys.readouterr().err == ""


def test_a_masked_model_is_no_language_model(monkeypatch, folders):
    with pytest.raises(CourseError, match="BertForMaskedLM, which does not continue a text"):
        chosen(monkeypatch, folders["masked"])


# ------------------------------------------------------------------------- what a lesson needs

def test_a_lesson_that_needs_more_says_so_and_uses_the_default(monkeypatch, capsys):
    need_llm()
    need_module("openai")
    monkeypatch.setenv("COURSE_LLM", "http://127.0.0.1:9")
    assert models.need_can("generate").can == {"generate"}
    assert capsys.readouterr().out == ""
    llm = models.need_can("score", "generate")
    assert llm.can == choice.EVERYTHING and models.llm() is llm
    assert capsys.readouterr().out == ("COURSE_LLM=http://127.0.0.1:9 does not offer score, needed "
                                       "here: the course's own model is used\n")
    assert models.need_can("score") is llm and capsys.readouterr().out == ""


def test_an_unknown_ability(monkeypatch):
    with pytest.raises(CourseError, match="no ability fly"):
        models.need_can("fly")


@pytest.mark.parametrize("values, line", [
    ({}, "offline · CPU"),
    ({"COURSE_LLM": str(ROOT)}, f"offline · CPU · COURSE_LLM={ROOT}"),
    ({"COURSE_LLM": "https://u:pw@example.org/v1"},
     "online · CPU · COURSE_LLM=https://example.org/v1"),
    ({"COURSE_LLM": "http://localhost:1", "COURSE_EMBEDDER": "https://example.org"},
     "online · CPU · COURSE_LLM=http://localhost:1 · COURSE_EMBEDDER=https://example.org"),
    ({"COURSE_ENGINE": "llamacpp"}, "offline · CPU · COURSE_ENGINE=llamacpp"),
    ({"COURSE_LLM": "https://example.org", "can": ["logits"]},
     "offline · CPU · COURSE_LLM=https://example.org does not offer logits, needed here: "
     "the course's own model is used"),
])
def test_the_set_up_line_names_the_choice(monkeypatch, capsys, values, line):
    monkeypatch.setattr(session, "catalogue_entry", lambda name: {"can": values.get("can", [])})
    for name in set(values) - {"can"}:
        monkeypatch.setenv(name, values[name])
    session.lesson("04_tokens")
    out = capsys.readouterr().out
    assert out.startswith("ready in ") and out.endswith(f" s · {line}\n")


def test_a_senseless_choice_stops_a_lesson_with_its_sentence(monkeypatch):
    monkeypatch.setattr(session, "catalogue_entry", lambda name: {})
    monkeypatch.setenv("COURSE_ENGINE", "turbo")
    with pytest.raises(session.NotReady, match="names no engine"):
        session.lesson("04_tokens")


# ------------------------------------------------------------------------------------ embedders

def test_an_encoder_from_a_folder(monkeypatch, folders):
    import torch
    encoder = chosen(monkeypatch, folders["bert"], "COURSE_EMBEDDER")
    texts = ["ab", "a longer text", "", "ab " * 80]
    rows = encoder.encode(texts, batch_size=3)
    assert rows.shape == (4, 32) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    ids = torch.tensor([encoder.tokenizer("a longer text").input_ids])
    with torch.no_grad():
        mean = encoder.model(ids).last_hidden_state[0].mean(0)
    assert np.allclose(rows[1], mean / mean.norm(), atol=1e-5)
    assert minilm.embedder() is encoder and encoder.name == f"COURSE_EMBEDDER={folders['bert']}"


def test_a_causal_model_can_embed_without_a_padding_token(monkeypatch, folders):
    encoder = chosen(monkeypatch, folders["gpt2"], "COURSE_EMBEDDER")
    assert np.allclose(encoder.encode(["ab", "ab c d e"])[0], encoder.encode(["ab"])[0], atol=1e-5)


# ------------------------------------------------------------------------------------------ hub

def in_a_process(code, **environment):
    """Run code with a hub's address of our own: libraries read it when they load."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          encoding="utf-8", env=kept | environment)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def test_a_hub_serves_once_and_the_cache_afterwards(folders, tmp_path):
    from hub_server import serve_hub
    code = ("from course.models import llm\nfrom course.paths import CourseError\nimport os\n"
            "for name in ('tiny/llama', 'tiny/none', 'tiny/gated'):\n"
            "    os.environ['COURSE_LLM'] = name\n"
            "    try: print(len(llm().logits([1, 2])), os.environ['HF_HUB_OFFLINE'])\n"
            "    except CourseError as error: print(error)\n")
    with serve_hub({"tiny/llama": folders["llama"]}, gated=["tiny/gated"]) as hub:
        out = in_a_process(code, HF_HOME=str(tmp_path), HF_ENDPOINT=hub.address).splitlines()
    assert out[0] == "2 1"  # two rows, and offline again
    assert "tiny/none is neither a folder here nor a model that the hub knows" in out[1]
    assert "tiny/gated is given only to those who accepted its terms" in out[2]
    assert hub.asked
    out = in_a_process(code, HF_HOME=str(tmp_path), HF_ENDPOINT=hub.address).splitlines()
    assert out[0] == "2 1"
    assert "the hub cannot be reached" in out[1] and "unset it" in out[1]

