"""The learner's surface: every public name is there, and no module of that name can hide it."""

import importlib

import pytest

import course
from course.paths import ROOT


@pytest.mark.parametrize("name", dir(course))
def test_every_public_name_is_found(name):
    assert getattr(importlib.import_module(f"course.{course._HOME[name]}"), name) \
        is getattr(course, name)


@pytest.mark.parametrize("name", dir(course))
def test_no_module_hides_a_public_name(name):
    """`import course.reviews` would put the module where `from course import reviews` looks."""
    folder = ROOT / "course"
    assert not (folder / f"{name}.py").exists() and not (folder / name).is_dir()


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'ratings_of'"):
        course.ratings_of
