"""Writing calls: the grammar, the shortest ending, a model of letters that is held to it."""

import types

import pytest

from course.toolcalls import TOOLS, call_text, parse_call
from course.toolwrite import CALL, begins_call, closed, rates, write_call, write_calls

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("name", TOOLS)
def test_every_beginning_of_a_call_is_one_and_can_be_closed(name):
    text = call_text(name, TOOLS[name].example[1])
    assert CALL.fullmatch(text)
    for end in range(len(text) + 1):
        assert begins_call(text[:end])
        parse_call(closed(text[:end]))
    assert closed(text) == text


@pytest.mark.parametrize("text", [
    "Sure", '{"tool": "shell', '{"tool": "none", "args": {"x', '{"tool":"none"',
    '{"tool": "calendar_add", "args": {"title": "x", "day": "y", "hour": "',
    '{"tool": "calendar_add", "args": {"title": "x", "day": "y", "hour": 07',
    '{"tool": "send_email", "args": {"to": "a\n', '{"tool": "none", "args": {}} '])
def test_what_is_no_beginning(text):
    assert not begins_call(text)


def test_escapes_are_allowed_in_texts():
    text = call_text("send_email", {"to": 'Bo "the van"', "body": "a\\b"})
    assert CALL.fullmatch(text) and begins_call(text[:-5])


class Letters:
    """A "model" that wants to write one text, letter by letter, whatever it reads.

    Its vocabulary: the characters below 128; 0 ends the text.
    """

    end_ids, pad_token_id = {0}, 0

    def __init__(self, wants):
        self.wants, self.tokenizer, self.read = wants, self, []

    def cut(self, piece, special=True, inside=False):
        return [ord(one) % 128 for one in piece]

    def decode(self, ids, skip_special_tokens=True):
        return "".join(chr(one) for one in ids if one)

    def model(self, ids, past_key_values=None, use_cache=True, logits_to_keep=1, **more):
        count = past_key_values or Count()
        if count.prompt:
            self.read.append(ids.tolist())
            count.prompt = False
            count.at = 0
        else:
            count.at += 1
        logits = torch.zeros(len(ids), 1, 128)
        logits[:, 0, 32:127] += torch.linspace(.5, 0, 95)   # else: the first allowed letter
        logits[:, 0, ord(self.wants[count.at]) if count.at < len(self.wants) else 0] = 5
        return types.SimpleNamespace(logits=logits, past_key_values=count)


class Count:
    """Stands for the key-value cache: how many letters were written."""

    def __init__(self):
        self.prompt, self.at = True, 0

    def batch_repeat_interleave(self, rows):
        self.rows, self.prompt = rows, True


def test_a_model_that_knows_writes_freely_and_constrained_the_same():
    text = call_text("none", {})
    assert write_call(Letters(text), "Bye!") == text
    assert write_call(Letters(text), "Bye!", constrained=True) == text


def test_a_model_that_rambles_is_held_to_the_grammar():
    assert write_call(Letters("Sure, I can"), "Bye!") == "Sure, I can"
    for wants in ("Sure, I can", '{"tool": "shell"', "\x01\x02", "{" * 90):
        parse_call(write_call(Letters(wants), "Bye!", constrained=True))


def test_prompts_of_similar_length_are_read_together_filled_up_on_the_left():
    model = Letters(call_text("none", {}))
    asked = [{"request": text, "steps": []} for text in ("aaa", "b", "ccc", "ddd", "e")]
    assert len(write_calls(model, asked, rows=2)) == 5
    assert [len(rows) for rows in model.read] == [2, 2, 1]
    first, second = model.read[1]
    assert len(first) == len(second) and first[0] == ord("<")


def test_rows_together_write_what_each_writes_alone():
    """On a real transformer with random weights, before-tokens and left padding included."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    model = Letters("")
    net = LlamaForCausalLM(LlamaConfig(
        vocab_size=128, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, initializer_range=.4)).eval()
    model.model = net
    asked = [{"request": text, "steps": []} for text in ("a", "bbbbbbbb", "cc", "dddd")]
    for before in ([], [65, 66, 67, 68]):
        alone = [write_calls(model, [one], before=before)[0] for one in asked]
        assert write_calls(model, asked, before=before) == alone
        assert len(set(alone)) > 1


def test_what_stands_before_is_read_once():
    model = Letters(call_text("none", {}))
    write_calls(model, [{"request": text, "steps": []} for text in ("a", "bb")], before=[65, 66])
    assert model.read[0] == [[65, 66]] and len(model.read) == 2


def test_rates_are_lists_of_verdicts():
    want = [{"tool": "none", "args": {}}] * 2
    got = rates(want, [call_text("none", {}), "no"])
    assert got == {"json": [True, False], "call": [True, False], "tool": [True, False],
                   "exact": [True, False]}
