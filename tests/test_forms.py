"""Forms: the machine, its longest text, and that a library means the same form."""

import json
import random

import pytest
from engines_support import need_llm

from course import forms

SAFE, CLOSE = {8, 9}, 7
FORM = [[[1, 2], [1, 3, 4]], 1]


@pytest.mark.parametrize("written, want", [
    ([], {1}), ([1], {2, 3}), ([1, 3], {4}), ([1, 2], {7, 8, 9}), ([1, 2, 9], {7}),
    ([1, 2, 7], set()), ([1, 2, 9, 7], set())])
def test_what_may_come_next(written, want):
    before = list(written)
    assert forms.allowed(FORM, written, SAFE, CLOSE) == want and written == before


def test_the_longest_text():
    assert forms.longest(FORM) == 5 and forms.longest([]) == 0


@pytest.fixture(scope="module")
def tokenizer():
    need_llm()
    from course import llm_tokenizer
    return llm_tokenizer()


def walk(form, close, safe, seed):
    rng, written = random.Random(seed), []
    while may := forms.allowed(form, written, safe, close):
        written.append(rng.choice(sorted(may)))
    return written


@pytest.mark.parametrize("natural", [True, False])
def test_random_tickets_parse_and_fit(tokenizer, natural):
    safe = forms.safe_ids(tokenizer)
    form, close = forms.ticket_form(tokenizer, natural=natural)
    for seed in range(50):
        written = walk(form, close, safe, seed)
        assert len(written) <= forms.longest(form)
        assert forms.judged(tokenizer.decode(written)) == {"valid": True, "form": True}


def test_the_library_allows_what_the_machine_allows(tokenizer):
    pytest.importorskip("llguidance")
    safe = sorted(forms.safe_ids(tokenizer))[::50]
    form, close = forms.ticket_form(tokenizer)
    after = forms.library_allowed(tokenizer, forms.schema(note=1000))
    for seed in range(3):
        written = walk(form, close, set(safe), seed)
        for n in range(len(written)):
            assert forms.allowed(form, written[:n], set(safe), close) <= after(written[:n])
        assert after(written) == set()


def test_verdicts():
    ticket = {"topic": "refund", "order": 4471}
    good = json.dumps({"topic": "refund", "order": 4471, "note": ""})
    assert all(forms.judged(good, ticket).values())
    wrong = forms.judged(good.replace("4471", "4472"), ticket)
    assert wrong == {"valid": True, "form": True, "topic": True, "order": False}
    for text in ("", "Sure! " + good, good[:-1]):
        assert not any(forms.judged(text, ticket).values())
    for text in ("[]", '{"topic": "refund"}', good.replace("4471", "true"),
                 good.replace("refund", "money"), good.replace("4471", '"4471"')):
        assert forms.judged(text) == {"valid": True, "form": False}


def test_the_tickets_are_sound():
    data = forms.tickets()
    texts = [one["text"] for one in data["shown"] + data["test"]]
    assert len(data["test"]) == 40 and len(set(texts)) == 44
    for one in data["shown"] + data["test"]:
        assert one["topic"] in data["topics"] and str(one["order"]) in one["text"]
    assert {topic: sum(one["topic"] == topic for one in data["test"])
            for topic in data["topics"]} == dict.fromkeys(data["topics"], 10)
