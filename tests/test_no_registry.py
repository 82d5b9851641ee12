"""No file names the host of a package registry: set-up takes what pip is configured for."""

import re
import subprocess

import pytest

from course.paths import ROOT

# written in two pieces, or this file would be found
HOSTS = re.compile("|".join(re.escape(a + b) for a, b in (
    ("pypi", ".org"), ("python", "hosted.org"), ("download.py", "torch.org"), ("registry.npm", "js.org"),
    ("conda.ana", "conda.org"), ("repo.ana", "conda.com"))))


def test_no_registry_is_named():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone: nobody can tell which files are ours")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and HOSTS.search(path.read_bytes().decode("utf-8", "ignore")):
            found.append(name)
    assert found == []
