"""Conversion of the language model: the same weights, whole or not at all, one at a time."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from course import gguf_convert, llm_files, quiet
from course.paths import ROOT, CourseError
from course.vocabularies import byte_alphabet

quiet.quiet()  # before torch loads: see there on threads that spin
SHAPE = {"layers": 2, "width": 32, "inner": 64, "heads": 4, "kv": 2, "context": 64}
NAMES = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *byte_alphabet().values(), "ab"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder of its own."""
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(llm_files, "DATA", tmp_path)
    monkeypatch.setattr(llm_files, "cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def write_gguf(path, weights, pre="smollm", architecture="llama"):
    """A tiny GGUF file with the weights of a llama (transformers' names)."""
    import gguf

    out = gguf.GGUFWriter(str(path), architecture)
    out.add_block_count(SHAPE["layers"])
    out.add_context_length(SHAPE["context"])
    out.add_embedding_length(SHAPE["width"])
    out.add_feed_forward_length(SHAPE["inner"])
    out.add_head_count(SHAPE["heads"])
    out.add_head_count_kv(SHAPE["kv"])
    out.add_rope_freq_base(10000.0)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(len(NAMES))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre(pre)
    out.add_token_list(NAMES)
    out.add_token_types([3, 3, 3] + [1] * (len(NAMES) - 3))
    out.add_token_merges(["a b"])
    for kind, number in (("bos", 1), ("eos", 2), ("unk", 0), ("pad", 2)):
        getattr(out, f"add_{kind}_token_id")(number)
    out.add_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    for name, values in weights.items():
        out.add_tensor(name, values)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


def permuted(weight, heads):
    """GGUF's order of rotary rows: halves become pairs (the inverse of `unpermute`)."""
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(weight.shape)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """(a random llama, its GGUF file)."""
    torch = pytest.importorskip("torch")
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(NAMES), hidden_size=SHAPE["width"], intermediate_size=SHAPE["inner"],
        num_hidden_layers=SHAPE["layers"], num_attention_heads=SHAPE["heads"],
        num_key_value_heads=SHAPE["kv"], max_position_embeddings=SHAPE["context"],
        rms_norm_eps=1e-5, tie_word_embeddings=True)).eval()
    state = {name: value.numpy() for name, value in model.state_dict().items()
             if name != "lm_head.weight"}
    weights = {"token_embd.weight": state["model.embed_tokens.weight"],
               "output_norm.weight": state["model.norm.weight"]}
    for layer in range(SHAPE["layers"]):
        for ours, theirs in gguf_convert._BLOCK.items():
            values = state[f"model.layers.{layer}.{theirs}.weight"]
            if ours in ("attn_q", "attn_k"):
                values = permuted(values, SHAPE["heads" if ours == "attn_q" else "kv"])
            weights[f"blk.{layer}.{ours}.weight"] = values.copy()
    folder = tmp_path_factory.mktemp("gguf")
    return model, write_gguf(folder / "tiny.gguf", weights)


def test_a_converted_model_is_the_model(tiny, home):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, source = tiny
    lines = []
    folder = llm_files.prepare(source, lines.append)
    copy = AutoModelForCausalLM.from_pretrained(folder)
    for name, value in model.state_dict().items():
        assert torch.equal(copy.state_dict()[name], value), name
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(copy(ids).logits, model(ids).logits)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.decode(tokenizer("ab  12 é🙂").input_ids) == "ab  12 é🙂"
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("<|im_start|>", "<|im_end|>")
    assert tokenizer.apply_chat_template([{"role": "user", "content": "x"}], tokenize=False) == "x"
    assert any("100 %" in line for line in lines) and len(lines) <= 12
    assert llm_files.ready() == folder and os.listdir(home).count(llm_files.NAME) == 1


def test_a_second_run_has_nothing_to_do(tiny, home):
    folder = llm_files.prepare(tiny[1], lambda line: None)
    before = (folder / "model.safetensors").stat().st_mtime_ns
    lines = []
    llm_files.prepare(tiny[1], lines.append)
    assert lines == ["llm: ready"]
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize("harm", ["cut", "delete", "version", "note"])
def test_a_damaged_copy_is_noticed_and_made_again(tiny, home, harm, monkeypatch):
    folder = llm_files.prepare(tiny[1], lambda line: None)
    if harm == "cut":
        os.truncate(folder / "model.safetensors", 100)
    elif harm == "delete":
        (folder / "tokenizer.json").unlink()
    elif harm == "version":
        monkeypatch.setattr(llm_files, "VERSION", 99)
    else:
        (folder / llm_files.NOTE).write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="not ready on this machine: run `make lab`"):
        llm_files.ready()
    llm_files.prepare(tiny[1], lambda line: None)
    assert llm_files.ready() == folder


def test_what_is_not_smollm_is_refused_and_leaves_nothing(home, tmp_path):
    import numpy as np

    text = tmp_path / "a.gguf"
    text.write_bytes(b"GGUF" + bytes(10))
    other = write_gguf(tmp_path / "b.gguf", {"token_embd.weight": np.zeros((4, 4), "f4")}, "qwen2")
    for source in (text, other, tmp_path / "none.gguf"):
        with pytest.raises(CourseError) as error:
            llm_files.prepare(source, lambda line: None)
        assert "\n" not in str(error.value)
    assert [name for name in os.listdir(home) if not name.startswith(".")] == []


def test_a_cut_file_is_refused(tiny, home, tmp_path):
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny[1].read_bytes()[:-5000])
    with pytest.raises(CourseError, match="not a readable GGUF file"):
        llm_files.prepare(cut, lambda line: None)


def test_a_full_disk_is_said_before_anything_is_written(tiny, home, monkeypatch):
    monkeypatch.setattr(llm_files, "ROOM", 10**18)
    with pytest.raises(CourseError, match="MB of free disk"):
        llm_files.prepare(tiny[1], lambda line: None)
    assert not (home / llm_files.NAME).exists()


def test_a_disk_that_fills_up_leaves_nothing(tiny, home, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gguf_convert, "write_weights", full)
    with pytest.raises(CourseError, match="No space left"):
        llm_files.prepare(tiny[1], lambda line: None)
    assert [name for name in os.listdir(home) if not name.startswith(".")] == []


def _slow(source, home, started, done):
    llm_files.DATA, llm_files.cache = home.parent, lambda: home
    convert = gguf_convert.convert

    def late(*args):
        started.put(os.getpid())
        time.sleep(.4)
        convert(*args)

    gguf_convert.convert = late
    llm_files.prepare(source, lambda line: None)
    done.put(llm_files.ready().name)


def test_two_at_once_convert_once(tiny, home):
    context = multiprocessing.get_context("spawn")
    started, done = context.Queue(), context.Queue()
    workers = [context.Process(target=_slow, args=(tiny[1], home, started, done))
               for _ in range(2)]
    for worker in workers:
        worker.start()
    assert [done.get(timeout=60) for _ in workers] == [llm_files.NAME] * 2
    for worker in workers:
        worker.join()
    assert started.get() and started.empty()


def test_killed_in_the_middle_it_starts_over(tiny, home):
    context = multiprocessing.get_context("spawn")
    started, done = context.Queue(), context.Queue()
    worker = context.Process(target=_slow, args=(tiny[1], home, started, done))
    worker.start()
    started.get(timeout=60)
    worker.kill()
    worker.join()
    assert list(home.glob("*.tmp"))
    with pytest.raises(CourseError):
        llm_files.ready()
    llm_files.prepare(tiny[1], lambda line: None)
    assert llm_files.ready() and not list(home.glob("*.tmp"))


def test_the_command_says_what_is_wrong_and_ends_with_1(home, capsys, monkeypatch):
    monkeypatch.setattr(llm_files, "gguf_file", lambda: home / "none.gguf")
    assert llm_files.main([]) == llm_files.main(["--prepare"]) == 1
    out, err = capsys.readouterr()
    assert err.count("error: ") == 2 and "Traceback" not in err
    done = subprocess.run([sys.executable, "-m", "course.models", "--bogus"], cwd=ROOT,
                          capture_output=True)
    assert done.returncode == 2


def test_safetensors_header_is_aligned(tiny, home):
    folder = llm_files.prepare(tiny[1], lambda line: None)
    data = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name[0] != "_"]
    assert size % 8 == 0 and len(data) == 8 + size + max(ends)
