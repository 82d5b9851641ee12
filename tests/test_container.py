"""The Dockerfile of the grader, as far as it can be tried without a container engine."""

import os
import re
import shutil
import subprocess
import sys

import pytest

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


@pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux")
def test_what_is_copied_is_enough_to_grade(tmp_path):
    """The same folders and no others, somewhere else."""
    for name in re.findall(r"^COPY (\w+) \w+$", FILE.read_text(encoding="utf-8"), re.M):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(
            "cache", "__pycache__", ".ipynb_checkpoints"))
    (tmp_path / "data" / "cache").symlink_to(ROOT / "data" / "cache")
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "notebooks/00_start/00_start.ipynb", "--store",
         str(tmp_path / "store"), "--html", str(tmp_path / "pages"), "--quiet"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "0 of 2" in done.stdout and (tmp_path / "pages" / "index.html").is_file()


def test_the_docs_and_the_grader_name_the_same_options():
    for option in ("seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"):
        assert f"--security-opt {option}" in " ".join(detect.CONTAINER.split())
        assert option in DOCS
    assert FILE.name in DOCS and "not tested" in DOCS.lower()
