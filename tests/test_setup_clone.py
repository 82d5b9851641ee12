"""A clean clone, set up for real and opened; needs the package index, takes minutes."""

import json
import subprocess
import sys

import pytest

from course.paths import ROOT
from support import need

pytestmark = pytest.mark.slow


def test_clean_clone_to_an_open_course(capsys):
    """Under 5 minutes to the first page, under 10 s the second time, and a clean tree after."""
    need("git")
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "setup-times"), "--json"],
                          capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    with capsys.disabled():
        for key in ("first", "second"):
            parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found[key].items())
            print(f"\n{key} start, seconds: {parts}")
    assert found["first"]["together"] < 300
    assert found["second"]["together"] < 10
    assert found["second"]["set-up"] < 2
    assert found["dirty"] == ""
