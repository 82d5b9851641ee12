"""A clean clone to a class with released lessons: `make hub` as typed; needs root and the package index."""

import json
import subprocess
import sys

import pytest

from course.paths import ROOT
from tests.support import need
from tests.test_hub import can_run

pytestmark = pytest.mark.slow


def test_clean_clone_to_a_class(capsys):
    """Under 8 minutes, every lesson in a learner's list, and nothing runs after Ctrl-C."""
    need("git"), need("make")
    can_run()
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "hub-times"), "--json"],
                          capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    with capsys.disabled():
        print("\nto a class, seconds: " + ", ".join(f"{name} {s:.1f}" for name, s in found["parts"].items()))
    assert found["parts"]["together"] < 480
    assert found["seen"] == found["lessons"] and len(found["seen"]) > 8
    assert found["left"] == []
