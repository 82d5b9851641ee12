"""A model behind an address: a real server on loopback, the standard client, every trouble."""

import socket

import numpy as np
import pytest
from engines_support import need_llm, need_module, start_afresh
from openai_server import serve

from course import minilm, models
from course.agentcases import TASKS, calls_of, solved
from course.agentloop import run_agent
from course.agentmodels import NONE, Prompted, agent_model
from course.agentworld import Office
from course.engines import remote
from course.engines.base import Lacks
from course.paths import CourseError


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    need_module("openai")
    start_afresh(monkeypatch)
    monkeypatch.setattr(remote, "RETRIES", 0)  # or each trouble takes seconds


@pytest.fixture
def server(monkeypatch):
    with serve(embed=lambda texts: [[len(one), 2.0, 1.0] for one in texts]) as running:
        monkeypatch.setenv("COURSE_LLM", running.address)
        monkeypatch.setenv("COURSE_EMBEDDER", running.address + "/v1")
        yield running


def paths(server):
    return [path for path, _, _ in server.asked]


def request(server):
    return server.asked[-1][1]


# ------------------------------------------------------------------------------------ what works

def test_text_comes_from_the_address(server):
    llm = models.llm()
    assert llm.can == {"generate"} and llm is models.llm() and server.asked == []
    assert llm.generate("say this", 7) == " after this"
    assert request(server) == {"model": "tiny", "prompt": "say this", "max_tokens": 7,
                               "temperature": 0}
    assert llm.generate("a", 5, stop="t", temperature=0.5, seed=3) == " af"
    assert request(server)["stop"] == ["t"] and request(server)["seed"] == 3
    assert llm.chat("hi") == "you said hi"
    assert llm.chat([{"role": "system", "content": "x"}, {"role": "user", "content": "y"}],
                    9, stop=["y"]) == "you said "[:0]  # the first y is that of "you"
    assert paths(server) == ["/models", "/completions", "/completions",
                             "/chat/completions", "/chat/completions"]
    assert llm.generate("x", 0) == llm.chat("x", 0) == "" and len(server.asked) == 5


def test_answers_can_be_read_as_they_are_written(server):
    pieces = list(models.llm().stream("one two"))
    assert len(pieces) == 4 and "".join(pieces) == "you said one two"


def test_an_agent_runs_on_the_model_of_an_address(server):
    """COURSE_LLM in lesson 12: the tools stand in the prompt, what the model writes is the call."""
    task = TASKS[12]
    wanted = calls_of(task.plan)

    class Planned:
        def chat(self, messages, *_):
            asked = 1 + max(place for place, one in enumerate(messages)
                            if one["content"].endswith(task.request))
            return [*wanted, NONE][len(messages[asked:]) // 2]

    server.model, office = Planned(), Office()
    writer = agent_model()
    trace = run_agent(writer, task.request, office.tools())
    assert isinstance(writer, Prompted) and solved(task, office, trace), trace
    assert [one["role"] for one in request(server)["messages"]][:2] == ["system", "user"]
    assert all(name in request(server)["messages"][0]["content"] for name in office.tools())


def test_a_stream_that_breaks_off(server):
    server.faults["stream"] = "cut"
    with pytest.raises(CourseError, match="COURSE_LLM=http"):
        list(models.llm().stream("one two"))


def test_the_key_is_sent_to_that_address_and_shown_nowhere(server, monkeypatch):
    server.key = "s3cret"
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    with pytest.raises(CourseError, match="refuses the key .401.: set COURSE_LLM_KEY") as error:
        models.llm(fresh=True).chat("hi")
    monkeypatch.setenv("COURSE_LLM_KEY", "s3cret")
    llm = models.llm(fresh=True)
    assert llm.chat("hi") == "you said hi"
    headers = {name.lower(): value for name, value in server.asked[-1][2].items()}
    assert headers["authorization"] == "Bearer s3cret"
    assert "another" not in str(server.asked) and "openai-organization" not in headers
    assert "s3cret" not in repr(llm) + str(error.value)


def test_an_embedder_at_another_host_does_not_get_the_llms_key(server, monkeypatch):
    monkeypatch.setenv("COURSE_LLM_KEY", "s3cret")
    minilm.embedder().encode(["a"])
    assert "s3cret" in str(server.asked[-1])
    with serve(embed=lambda texts: [[1.0]] * len(texts)) as other:
        monkeypatch.setenv("COURSE_EMBEDDER", other.address)
        minilm.embedder().encode(["a"])
        assert "s3cret" not in str(other.asked)


def test_several_models_need_a_name(server, monkeypatch):
    server.models = ["one", "two"]
    with pytest.raises(CourseError, match=r"has 2 \(one, two\): say which .*COURSE_LLM_MODEL"):
        models.llm().generate("x")
    monkeypatch.setenv("COURSE_LLM_MODEL", "two")
    models.llm(fresh=True).generate("x")
    assert request(server)["model"] == "two"


def test_an_address_that_only_chats(server, capsys):
    server.faults["/completions"] = 404
    llm = models.llm()
    assert llm.generate("x y") == "you said x y" and llm.generate("z") == "you said z"
    assert capsys.readouterr().out.count("only chats") == 1
    assert paths(server).count("/completions") == 1


def test_settings_that_an_address_refuses_are_left_out(server):
    server.refuses = ("max_tokens", "temperature")
    assert models.llm().chat("hi", 5) == "you said hi"
    assert request(server)["max_completion_tokens"] == 5 and "temperature" not in request(server)


def test_the_client_tries_again_when_asked_too_often(server, monkeypatch):
    monkeypatch.setattr(remote, "RETRIES", 2)
    server.faults["/chat/completions"] = [429, 503]
    assert models.llm().chat("hi") == "you said hi"


def test_a_proxy_is_not_asked_for_this_machine(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert models.llm(fresh=True).chat("hi") == "you said hi"


def test_embeddings_come_in_order_as_unit_rows(server):
    rows = minilm.embedder().encode(["a", "bbb", ""], batch_size=2)
    assert rows.shape == (3, 3) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows[1, 0] > rows[0, 0] == rows[2, 0]
    assert paths(server).count("/embeddings") == 2
    assert minilm.embedder().encode([]).shape == (0, 0)


def test_the_courses_own_model_over_http_says_the_same(monkeypatch):
    need_llm()
    own = models.llm()
    with serve(own) as running:
        monkeypatch.setenv("COURSE_LLM", running.address)
        away = models.llm()
        assert away is not own
        assert away.generate("1, 2, 3,", 8, stop="6") == own.generate("1, 2, 3,", 8, stop="6")
        assert away.chat("What is the capital of France?", 8) == \
            own.chat("What is the capital of France?", 8)


# ----------------------------------------------------------------------------------- what does not

@pytest.mark.parametrize("call", [
    lambda llm: llm.score("a", "b"), lambda llm: llm.logits([1]), lambda llm: llm.model,
    lambda llm: llm.tokenizer])
def test_what_it_cannot_do_is_said(server, call):
    with pytest.raises(Lacks, match="COURSE_LLM=http.* cannot .*, only write text: unset "
                                    "COURSE_LLM to use the course's own model, which can"):
        call(models.llm())
    assert not hasattr(models.llm(), "score") and server.asked == []


@pytest.mark.parametrize("fault, part", [
    (401, r"refuses the key \(401\)"), (403, r"forbids .*403, .*scripted"),
    (404, r"does not know this path or the model 'tiny' \(404\).*COURSE_LLM_MODEL"),
    (429, r"asked too often .*429"), (500, r"answers 500 .*try again later"),
    (400, r"answers 400 .*scripted trouble.*change the request"),
    (b"<html>hello</html>", "not as OpenAI's protocol says"), (b"", "not as OpenAI's protocol"),
    (b"{}", "not as OpenAI's protocol"), (b"[]", "not as OpenAI's protocol"),
    (b'{"choices": []}', "not as OpenAI's protocol"),
    (b'{"choices": [{"message": null}]}', "not as OpenAI's protocol"),
    (b'{"choices": [{"message": {"content": 7}}]}', "not as OpenAI's protocol"),
    (b'"hello"', "not as OpenAI's protocol"), (b"\xff\xfe", "not as OpenAI's protocol"),
    ("hang up", "cannot be reached"),
])
def test_trouble_is_one_sentence(server, fault, part):
    server.faults["/chat/completions"] = fault
    with pytest.raises(CourseError, match=part) as error:
        models.llm().chat("hi")
    said = str(error.value)
    assert "\n" not in said and said.startswith("COURSE_LLM=http://127.0.0.1") and len(said) < 330
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_model_that_no_path_knows(server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_LLM_MODEL", "huge")
    with pytest.raises(CourseError, match="the model 'huge' .404.*COURSE_LLM_MODEL"):
        models.llm().generate("hi")
    assert capsys.readouterr().out == ""


def test_silence_ends(server, monkeypatch):
    monkeypatch.setenv("COURSE_LLM_TIMEOUT", "0.3")
    server.faults["/chat/completions"] = "slow"
    with pytest.raises(CourseError, match=r"did not answer within 0.3 s.*COURSE_LLM_TIMEOUT"):
        models.llm(fresh=True).chat("hi")


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan"])
def test_a_timeout_that_is_no_number(server, monkeypatch, value):
    monkeypatch.setenv("COURSE_LLM_TIMEOUT", value)
    with pytest.raises(CourseError, match=f"COURSE_LLM_TIMEOUT={value} is no number"):
        models.llm(fresh=True)


def test_nobody_listens(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        monkeypatch.setenv("COURSE_LLM", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(CourseError, match="cannot be reached: look whether its server runs"):
            models.llm().generate("hi")


@pytest.mark.parametrize("reply", [
    b"{}", b'{"data": []}', b'{"data": [{"index": 0, "embedding": []}]}',
    b'{"data": [{"index": 0, "embedding": ["x"]}]}', b'{"data": [{"index": 0}]}',
    b'{"data": [{"index": 0, "embedding": [1e999]}]}'])
def test_embeddings_that_are_none(server, reply):
    server.faults["/embeddings"] = reply
    with pytest.raises(CourseError, match="COURSE_EMBEDDER=http.*not as OpenAI's protocol"):
        minilm.embedder().encode(["a"])


@pytest.mark.parametrize("call, part", [
    (lambda llm: llm.generate(3), "prompt must be"), (lambda llm: llm.chat([]), "at least one"),
    (lambda llm: llm.generate("x", -1), "max_new_tokens"),
    (lambda llm: llm.chat("x", stop=""), "stop strings")])
def test_bad_input_is_refused_before_anything_is_sent(server, call, part):
    with pytest.raises(CourseError, match=part):
        call(models.llm())
    assert server.asked == []


def test_bad_texts_are_refused_before_anything_is_sent(server):
    for wrong in ("one text", [1]):
        with pytest.raises(CourseError, match="encode reads"):
            minilm.embedder().encode(wrong)
    assert server.asked == []


def test_without_the_package_the_sentence_says_how_to_install(server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(CourseError, match="not installed: run `python -m pip install -r "
                                          "requirements/engines.txt`"):
        models.llm(fresh=True)
