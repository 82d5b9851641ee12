"""The Dockerfile of the grader, as far as it can be tried without a container engine."""

import re

from course.paths import ROOT
from grader.sandbox import detect

FILE = ROOT / "deploy" / "Dockerfile.grader"
DOCS = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")


def test_everything_that_is_copied_is_there_and_nobodys_work_is():
    text = FILE.read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY (.+)$", text, re.M) for name in line.split()[:-1]]
    assert copied and all((ROOT / name).exists() for name in copied), copied
    ignored = FILE.with_name(f"{FILE.name}.dockerignore").read_text(encoding="utf-8").split()
    private = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
               if line.startswith("/")]
    assert set(private) <= set(ignored), set(private) - set(ignored)
    assert {".venv", "data/cache", ".git"} <= set(ignored)


def test_code_that_grading_needs_is_copied():
    """The packages that pyproject.toml names, and the folders that the grader reads."""
    text = FILE.read_text(encoding="utf-8")
    for name in ("course", "grader", "data", "solutions", "requirements"):
        assert re.search(rf"^COPY {name} {name}$", text, re.M), name


def test_the_docs_and_the_grader_name_the_same_options():
    for option in ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"):
        assert f"--security-opt {option}" in " ".join(detect.CONTAINER.split())
        assert option in DOCS
    assert FILE.name in DOCS and "not tested" in DOCS.lower()
