"""llama.cpp on the course's own model: near the default's numbers, and chosen only by name."""

import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from engines_support import need_llm, need_module, start_afresh

from course import llm_files, models
from course.engines import bench, causal, llamacpp
from course.engines.base import Lacks
from course.engines.choice import Choice
from course.paths import ROOT, CourseError

TEXTS = ["Hello world", "  two  spaces ", "1234567 12.5e-3", "a  1", "don't I'll", "naïve café",
         "🙂 👩‍👩‍👧‍👦", "नमस्ते दुनिया", "你好，世界。",
         "def f(x):\n\treturn x ** 2  # square\r\n",
         "<|im_start|>user\nHi<|im_end|>\n", "١٢٣ ²³ ½", "a" * 50]


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    start_afresh(monkeypatch)


@pytest.fixture(scope="module")
def engine():
    need_module("xllamacpp")
    need_llm()
    return llamacpp.LlamaCpp(Choice("llamacpp", "COURSE_ENGINE", "llamacpp"))


@pytest.fixture(scope="module")
def own():
    need_llm()
    start_afresh(patch := pytest.MonkeyPatch())
    yield models.llm()
    patch.undo()


def test_it_is_chosen_by_the_variable_only_and_says_so_once(engine, monkeypatch, capsys):
    assert isinstance(models.llm(), causal.LanguageModel)
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("COURSE_ENGINE", "llamacpp")
    monkeypatch.setattr(llamacpp, "LlamaCpp", lambda choice: engine)
    assert models.llm() is engine and models.llm() is engine
    out = capsys.readouterr().out
    assert out.startswith("engine: llama.cpp (xllamacpp ") and out.count("\n") == 1
    assert out.rstrip().endswith("threads") and "Q4_1.gguf" in out


def test_greedy_text_repeats_and_stops(engine):
    first = engine.generate("The capital of France is", 4)
    assert first == engine.generate("The capital of France is", 4) and "Paris" in first
    assert engine.generate("1, 2, 3,", 20, stop="6") == " 4, 5, "
    assert engine.generate("1, 2, 3,", 20, stop=["7", "5,"]) == " 4, "
    assert engine.generate("x", 0) == "" and isinstance(engine.generate("", 2), str)


def test_sampling_follows_the_seed(engine):
    def sample(seed):
        return engine.generate("My favourite food is", 4, temperature=1.0, seed=seed)
    assert sample(1) == sample(1)
    assert len({sample(seed) for seed in range(4)}) > 1


def test_a_conversation_has_the_same_tokens_as_the_defaults(engine, own):
    talk = [{"role": "system", "content": "x "}, {"role": "user", "content": " é🙂 12"},
            {"role": "assistant", "content": "a<|im_end|>b"}, {"role": "user", "content": "c"}]
    for messages in ("Hi there", talk):
        assert causal.chat_ids(engine._pieces, messages, engine._pieces.cut) == \
            own.chat_ids(messages)
    assert isinstance(engine.chat("What is the capital of France?", 8), str)


@pytest.mark.parametrize("text", TEXTS)
def test_llama_cpp_cuts_text_as_our_tokenizer_does(engine, own, text):
    ids = engine._pieces.cut(text)
    assert ids == own.cut(text)
    reply = engine._server.handle_completions({"prompt": text, "max_tokens": 1})
    assert reply["usage"]["prompt_tokens"] == len(ids)


@pytest.mark.parametrize("prompt, continuation", [
    ("The capital of France is", " Paris"), ("The capital of France is", " Berlin, not Rome"),
    ("", "The"), ("Hi", "<|im_end|>"), ("two <|im_start|>", "user"), ("x", "")])
def test_scores_are_near_the_defaults(engine, own, prompt, continuation):
    tokens = max(1, len(own.cut(continuation)))
    assert engine.score(prompt, continuation) == pytest.approx(
        own.score(prompt, continuation), abs=0.3 * tokens)


def test_a_long_text_takes_more_memory_only_when_it_comes(engine):
    before = engine._size
    assert engine.generate("1, 2, 3,", 1600, stop="6") == " 4, 5, "
    assert engine._size == 2048 >= before
    with pytest.raises(CourseError, match="8,192 in all: shorten"):
        engine.generate("x " * 8190)


@pytest.mark.parametrize("call", [lambda m: m.logits([1]), lambda m: m.model])
def test_what_it_lacks_is_said(engine, call):
    with pytest.raises(Lacks, match="COURSE_ENGINE=llamacpp cannot .*only write text and score "
                                    "a text .*unset COURSE_ENGINE"):
        call(engine)
    assert engine.can == {"generate", "score"} and not hasattr(engine, "logits")
    assert engine.tokenizer("a").input_ids == engine._pieces.cut("a")


@pytest.mark.parametrize("call, part", [
    (lambda m: m.generate(3), "prompt must be"), (lambda m: m.generate("x", -1), "max_new_tokens"),
    (lambda m: m.generate("x", temperature=-1), "temperature"),
    (lambda m: m.generate("x", stop=""), "stop strings"),
    (lambda m: m.score("x", None), "continuation must be"), (lambda m: m.chat([]), "at least one")])
def test_bad_input_is_one_sentence(engine, call, part):
    with pytest.raises(CourseError, match=part):
        call(engine)


def test_its_port_answers_nobody_else(engine):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(engine._server.listening_address + "/v1/completions", b"{}")


def test_a_file_that_is_no_model(tmp_path, monkeypatch):
    need_module("xllamacpp")
    path = tmp_path / "model.gguf"
    path.write_bytes(b"junk")
    monkeypatch.setattr(llm_files, "gguf_file", lambda: path)
    monkeypatch.setenv("COURSE_ENGINE", "llamacpp")
    with pytest.raises(CourseError, match="llama.cpp cannot load .*course.fetch --check llm"):
        models.llm(fresh=True)


def test_without_the_extra_the_sentence_says_how_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setattr(llm_files, "gguf_file", lambda: tmp_path / "model.gguf")
    monkeypatch.setenv("COURSE_ENGINE", "llamacpp")
    with pytest.raises(CourseError, match="not installed: run `python -m pip install -r "
                                          "requirements/engines.txt`, or unset COURSE_ENGINE"):
        models.llm(fresh=True)


def test_it_needs_neither_torch_nor_transformers_and_writes_no_stderr(engine, monkeypatch):
    monkeypatch.setenv("COURSE_ENGINE", "llamacpp")
    code = ("import sys\nfrom course import llm\nm = llm()\n"
            "m.generate('a', 2), m.score('a', ' b'), m.chat('Hi', 2)\n"
            "assert not {'torch', 'transformers'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], cwd=ROOT,
                          capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.count("\n") == 1


# ----------------------------------------------------------------------------- the measurement

FOUND = {"transformers": {"load": 3.2, "speed": 20.4, "cpu_speed": 19, "reading": 300, "peak": 1e9},
         "llamacpp": {"load": 1.1, "speed": 90, "cpu_speed": 88, "reading": 310, "peak": 2e8},
         "faster": [4.1, 4.4, 5.0], "faster_cpu": [4.6], "smaller": 5.0, "apart": 0.031,
         "rounds": 3}


def test_the_measured_table_goes_between_its_marks(tmp_path, monkeypatch):
    page = tmp_path / "engines.md"
    monkeypatch.setattr(bench, "PAGE", page)
    page.write_text(f"before\n{bench.MARKS[0]}\nold\n{bench.MARKS[1]}\nafter\n", encoding="utf-8")
    bench.write(bench.table(FOUND))
    made = page.read_text(encoding="utf-8")
    assert made.startswith("before\n") and made.endswith("\nafter\n") and "old" not in made
    assert "| llamacpp | 1.1 s | 90 | 88 | 310 | 200 MB |" in made
    assert "4.4 times the tokens per second (4.1 to 5.0 over 3 rounds" in made
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(CourseError, match="lost its marks"):
        bench.write("x")
    assert page.read_text(encoding="utf-8") == "no marks"


def test_the_measurement_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(bench, "ENGINES", {"transformers": {"COURSE_ENGINE": "turbo"}})
    need_llm()
    assert bench.main(["--rounds", "1"]) == 1
    out = capsys.readouterr()
    assert out.err.startswith("error: COURSE_ENGINE=turbo names no engine") and out.out == ""


def test_the_page_holds_a_measurement():
    page = bench.PAGE.read_text(encoding="utf-8")
    made = page.partition(bench.MARKS[0])[2].partition(bench.MARKS[1])[0]
    assert all(f"| {name} |" in made for name in bench.ENGINES) and "times the tokens" in made
