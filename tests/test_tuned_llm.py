"""The tuned language model itself (skipped where the llm is not converted yet)."""

import os

import pytest

from course import models
from course.paths import CourseError
from course.toolcalls import parse_call
from course.toolwrite import write_call

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def tuned():
    try:
        models.llm_folder()
    except CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))
    from course import tuned_llm

    return tuned_llm()


@pytest.mark.parametrize("request_, tool", [
    ("What is 12 times 30?", "calculator"), ("What are the rules for skis?", "search_handbook"),
    ("Thank you, goodbye!", "none")])
def test_plain_requests_get_their_tool(tuned, request_, tool):
    assert parse_call(write_call(tuned, request_))[0] == tool


def test_off_is_the_old_model_bit_for_bit(tuned):
    ids = tuned.cut("Two bags, one of them lost.")
    with tuned.adapter.off():
        off = tuned.logits(ids)
    assert torch.equal(off, models.llm().logits(ids))
    assert not torch.equal(off, tuned.logits(ids))
