"""What a score depends on besides the submission: the checks, and the environment they ran in."""

import functools
import hashlib
import json
import sys
from dataclasses import asdict

from course.paths import ROOT, SOLUTIONS

DECIDES = ("grader/*.py", "grader/judge/*.py", "grader/engine/*.py", "grader/queue/grading.py",
           "grader/queue/result.py", "grader/queue/slim.py", "course/**/*.py",
           "requirements/course.lock", "requirements/torch.txt")
NOT = {"cli.py", "__main__.py", "autograde.py", "receive.py", "lint.py", "build.py", "new.py"}


@functools.cache
def environment(safe: bool = True, bounds: str = "") -> str:
    """A hash of Python, the locked packages and the course's and the grader's code. Scores made
    without a sandbox have an environment of their own, and so have those made with other bounds
    on time and memory: who ran out of them is graded again when there is more."""
    digest = hashlib.sha256(repr((sys.version, sys.platform, safe, bounds)).encode())
    for pattern in DECIDES:
        for path in sorted(ROOT.glob(pattern)):
            if path.name not in NOT:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def bounds(budget: dict, limits: dict) -> str:
    """Time and memory that differ from what is usual, as a text."""
    from grader.sandbox.contract import Budget, Limits
    usual = asdict(Budget()) | asdict(Limits())
    return repr(sorted((k, v) for k, v in {**budget, **limits}.items() if usual[k] != v))


def lesson(name: str) -> str:
    """A hash of a lesson's source, stored values and shipped results: while it stands, its checks
    are the same."""
    digest = hashlib.sha256(environment().encode())
    folder = SOLUTIONS / name
    for path in (folder / f"{name}.py", *sorted((folder / "reference").glob("*")),
                 *sorted((ROOT / "data" / "results" / name).glob("*.json"))):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def package(packed: dict) -> str:
    """The same for a lesson that came as one package (packed.pack)."""
    return text(json.dumps(packed, sort_keys=True) + environment())


def text(words: str) -> str:
    """A hash of a text."""
    return hashlib.sha256(words.encode()).hexdigest()[:24]
