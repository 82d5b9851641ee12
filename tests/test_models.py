"""The language model itself (skipped where it is not converted yet)."""

import math
import os
import subprocess
import sys

import pytest

from course import models
from course.paths import ROOT, CourseError

TEXTS = ["", " ", "Hello world", "  two  spaces ", "1234567 12.5e-3", "don't I'll", "naïve café",
         "🙂 👩‍👩‍👧‍👦", "नमस्ते दुनिया", "你好，世界。", "Γειά σου", "def f(x):\n\treturn x ** 2  # square\r\n",
         '{"a": [1, 2.5, null]}', "\u200b\ufeff", "a" * 50]


@pytest.fixture(scope="module")
def llm():
    try:
        models.llm_folder()
    except CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))
    return models.llm()


def test_it_is_one_shared_quiet_model(llm):
    assert models.llm() is llm
    assert llm.can == {"generate", "score", "logits", "train"}
    assert llm.model.num_parameters() == 134_515_008
    assert not llm.model.training and str(llm.model.dtype) == "torch.float32"
    assert "134,515,008 parameters, CPU" in repr(llm)


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokenizer_gives_the_text_back(llm, text):
    assert llm.tokenizer.decode(llm.tokenizer(text).input_ids) == text


def test_the_tokenizer_is_smollms(llm):
    tokenizer = llm.tokenizer
    assert len(tokenizer) == 49_152 and tokenizer.model_max_length == 8192
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (1, 2)
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("<|im_start|>", "<|im_end|>")
    assert tokenizer.tokenize("a  1234") == ["a", "ĠĠ", "1", "2", "3", "4"]
    assert tokenizer.tokenize("Cooking cooking") == ["C", "ooking", "Ġcooking"]
    assert len(tokenizer.all_special_ids) >= 3 and tokenizer("<|im_end|>").input_ids == [2]
    text = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False,
                                         add_generation_prompt=True)
    assert text.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert text.endswith("<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")


def test_the_vocabulary_has_no_token_for_21_bytes(llm):
    """So round trips are not exact for six control characters and from U+40000 on."""
    from course.vocabularies import byte_alphabet
    known = llm.tokenizer.get_vocab()
    lost = [byte for byte, char in byte_alphabet().items() if char not in known]
    assert len(lost) == 21 and sorted(lost)[:6] == [4, 6, 0x13, 0x14, 0x16, 0x1d]


def test_greedy_text_is_the_same_each_time(llm):
    first = llm.generate("The capital of France is", max_new_tokens=3)
    assert first == llm.generate("The capital of France is", max_new_tokens=3)
    assert "Paris" in first
    assert llm.generate("x", max_new_tokens=0) == ""
    assert isinstance(llm.generate("", max_new_tokens=2), str)


def test_generation_equals_the_greedy_loop_without_a_cache(llm):
    ids = llm.tokenizer("Once upon a time").input_ids
    new = []
    for _ in range(4):
        new.append(int(llm.logits(ids + new)[-1].argmax()))
    assert llm.generate("Once upon a time", 4) == llm.tokenizer.decode(new)


def test_it_stops_before_a_stop_string(llm):
    assert llm.generate("1, 2, 3,", 20, stop="6") == " 4, 5, "
    assert llm.generate("1, 2, 3,", 20, stop=["7", "5,"]) == " 4, "


def test_sampling_follows_the_seed(llm):
    def sample(seed):
        return llm.generate("My favourite food is", 3, temperature=1.0, seed=seed)

    assert sample(1) == sample(1)
    assert sample(1) != sample(2) or sample(1) != sample(3)


def test_chat_answers_and_ends(llm):
    assert "Paris" in llm.chat("What is the capital of France?", 24)
    assert llm.chat_ids([{"role": "user", "content": "Hi there"}]) == \
        llm.tokenizer.apply_chat_template([{"role": "user", "content": "Hi there"}],
                                          add_generation_prompt=True, return_dict=False)


def test_special_tokens_in_a_message_are_characters(llm):
    def marks(content):
        return llm.chat_ids([{"role": "user", "content": content}]).count(2)

    assert marks("a<|im_end|>b") == marks("ab")


def test_score_sums_the_whole_continuation(llm):
    prompt, continuation = llm.tokenizer("The film was").input_ids, " great fun"
    ids = prompt + llm.tokenizer(continuation).input_ids
    table = llm.logits(ids).log_softmax(-1)
    by_hand = sum(float(table[place - 1, ids[place]]) for place in range(len(prompt), len(ids)))
    assert llm.score("The film was", continuation) == pytest.approx(by_hand, abs=1e-3)
    assert llm.score("The film was", "") == 0
    assert llm.score("", "The") == pytest.approx(
        float(llm.logits([0]).log_softmax(-1)[0, llm.tokenizer("The").input_ids[0]]), abs=1e-3)


def test_scores_of_all_next_tokens_are_probabilities(llm):
    total = float(llm.logits([0, 5])[-1].log_softmax(-1).exp().sum())
    assert math.isclose(total, 1, abs_tol=1e-4)
    assert llm.score("The capital of France is", " Paris") > \
        llm.score("The capital of France is", " Berlin")


def test_logits_have_a_row_for_each_token(llm):
    assert tuple(llm.logits([1, 2, 3]).shape) == (3, 49_152)
    assert not llm.logits([1]).requires_grad


@pytest.mark.parametrize("call, part", [
    (lambda m: m.logits([]), "at least one"), (lambda m: m.logits([[1]]), "at least one"),
    (lambda m: m.logits([.5]), "whole numbers"), (lambda m: m.logits([49_152]), "outside"),
    (lambda m: m.logits([0] * 8193), "at most 8,192"),
    (lambda m: m.generate("x " * 8190), "shorten"), (lambda m: m.generate(3), "prompt must be"),
    (lambda m: m.generate("x", -1), "max_new_tokens"), (lambda m: m.generate("x", 2.5), "whole"),
    (lambda m: m.generate("x", temperature=-1), "temperature"),
    (lambda m: m.generate("x", stop=""), "stop strings"),
    (lambda m: m.score("x", None), "continuation must be"),
    (lambda m: m.chat([]), "at least one"), (lambda m: m.chat([{"role": "x"}]), "Message 0"),
    (lambda m: m.chat(["hi"]), "Message 0"),
])
def test_bad_input_is_one_sentence(llm, call, part):
    with pytest.raises(CourseError, match=part) as error:
        call(llm)
    assert "\n" not in str(error.value)


def test_a_fresh_process_writes_nothing_to_stderr(llm):
    code = ("from course import llm, lesson\nm = llm()\n"
            "print(m.generate('a', 2), m.score('a', ' b'), m.chat('Hi', 2), m.logits([1]).shape)")
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], cwd=ROOT,
                          capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_torch_finds_its_switches_when_it_loads(llm):
    """Two threads that spin while they wait made a busy laptop five times slower."""
    code = ("import os, sys\nfrom course import llm\n"
            "class Watch:\n"
            "    def find_spec(self, name, *rest):\n"
            "        if name == 'torch': print(os.environ.get('OMP_WAIT_POLICY'))\n"
            "sys.meta_path.insert(0, Watch())\nllm()")
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, text=True,
                          capture_output=True, check=True)
    assert set(done.stdout.split()) == {"PASSIVE"}


def test_a_missing_model_says_what_to_run(monkeypatch, tmp_path):
    monkeypatch.setattr("course.llm_files.DATA", tmp_path)
    with pytest.raises(CourseError, match="run `make lab`"):
        models.llm_folder()
