"""`python -m grader.new`: the skeleton builds, its checks pass theirs, wrong names get a sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path):
    """A course of its own with the tools and no lesson."""
    for name in ("course", "grader", "data/LICENSES", "requirements"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("solutions/START_HERE.py", "data/manifest.toml", "docs/glossary.md"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return tmp_path


def call(course, *arguments):
    env = {**os.environ, "PYTHONPATH": str(course)}
    return subprocess.run([sys.executable, "-m", *arguments], cwd=course, env=env, text=True,
                          capture_output=True, timeout=120)


def test_a_skeleton_builds_runs_and_passes(course):
    made = call(course, "grader.new", "16_topic")
    assert made.returncode == 0, made.stderr
    tried = call(course, "grader.variants", "16_topic")
    assert tried.returncode == 0, tried.stderr
    run = call(course, "grader.run", "16_topic")
    assert run.returncode == 0, run.stderr
    lint = call(course, "grader.lint", "16_topic")
    mine = [line for line in lint.stdout.splitlines() if "16_topic" in line]
    assert not mine, mine


def test_it_never_overwrites_and_names_what_is_wrong(course):
    assert call(course, "grader.new", "16_topic").returncode == 0
    before = (course / "solutions/16_topic/16_topic.py").read_bytes()
    for name, says in [("16_topic", "exists already"), ("topic", "not a lesson name"),
                       ("16_Topic", "not a lesson name"), ("04_other", "belongs to 04_tokens")]:
        again = call(course, "grader.new", name)
        assert again.returncode == 1 and says in again.stderr, again.stderr
        assert "Traceback" not in again.stderr
    assert (course / "solutions/16_topic/16_topic.py").read_bytes() == before


def test_a_planned_lesson_keeps_its_title(course):
    assert call(course, "grader.new", "14_strategy").returncode == 0
    text = (course / "course/catalogue.toml").read_text(encoding="utf-8")
    assert text.count('id = "14_strategy"') == 1 and "what 'we need AI' can mean" in text
