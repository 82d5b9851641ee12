"""Training examples are calls, splits share nothing, the sealed test is the one that was sealed."""

import hashlib
import json
import re

import pytest

from course import tooldata
from course.paths import CourseError
from course.tooldata import examples, phrasings, sealed
from course.toolcalls import AGAIN, DENIED, TOOLS, call_text, parse_call

SEALED = "e757f43b99233e1fb172d0ef7aa2cc9d21edf9e5360692fc409cfccfb508b1f2"


def runs(text, n=5):
    """All runs of n words."""
    words = re.findall(r"[a-z{}']+", text.lower())
    return {tuple(words[i:i + n]) for i in range(len(words) - n + 1)}


@pytest.mark.parametrize("split", ["train", "dev"])
def test_examples_are_calls_of_every_kind(split):
    made = examples(split, 300, seed=3)
    assert made == examples(split, 300, seed=3) != examples(split, 300, seed=4)
    assert {one["tool"] for one in made} == set(TOOLS)
    assert {one["kind"] for one in made} == {"first", "stop", "go on", "error"}
    for one in made:
        assert parse_call(call_text(one["tool"], one["args"])) == (one["tool"], one["args"])
        for call, outcome in one["steps"]:
            assert parse_call(call) and outcome
        assert "{" not in one["request"]
        if one["kind"] == "stop":
            assert one["tool"] == "none"
        if one["kind"] == "error":
            call, outcome = one["steps"][-1]
            again = call_text(one["tool"], one["args"]) == call
            assert again if outcome.endswith(AGAIN) else outcome.endswith(DENIED)


def test_the_arguments_come_from_the_request():
    for one in examples("train", 400):
        text = one["request"].lower()
        if one["tool"] == "file_claim":
            assert all(value.lower() in text for value in one["args"].values())
        if one["tool"] == "calculator":
            assert set(re.findall(r"\d+", one["args"]["expression"])) - {"100"} <= set(
                re.findall(r"\d+", text))


def test_train_and_dev_share_no_phrasing_and_no_open_value():
    parts = {split: examples(split, 900) for split in ("train", "dev")}
    seen = [{one["phrasing"] for one in part} for part in parts.values()]
    assert not seen[0] & seen[1]
    assert len(phrasings("train")) + len(phrasings("dev")) == len(phrasings("all"))
    for tool, arg in (("search_handbook", "query"), ("file_claim", "item")):
        first, other = ({one["args"][arg] for one in part if one["tool"] == tool}
                        for part in parts.values())
        assert first and other and not first & other


def test_the_sealed_test_is_as_it_was_and_apart():
    assert hashlib.sha256((tooldata.FOLDER / "sealed.json").read_bytes()).hexdigest() == SEALED
    items = sealed()
    assert len(items) == 170 and {one["tool"] for one in items} == set(TOOLS)
    assert sum(bool(one["steps"]) for one in items) == 36
    for one in items:
        call_text(one["tool"], one["args"])
    said = set().union(*(runs(one["say"]) for one in phrasings("all")))
    for one in items:
        assert not runs(one["request"]) & said, one["request"]
    values = tooldata._file()["values"]
    calls = json.dumps(items)
    assert not [name for name in values["name"] if f'"to": "{name}"' in calls]
    assert not [topic for topic in values["topic"] if f'"query": "{topic}"' in calls]
    assert not [item for item in values["item"] if f'"item": "{item}"' in calls]


def test_trouble_is_said(tmp_path, monkeypatch):
    with pytest.raises(CourseError, match="A split is"):
        phrasings("test")
    monkeypatch.setattr(tooldata, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="restore it"):
        sealed()
