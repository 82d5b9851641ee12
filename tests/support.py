"""Helpers shared by the tests."""

import os
import shutil

import pytest


def need(tool: str) -> str:
    """Path of a command-line tool; skip when it is missing, fail under REQUIRE_ALL=1."""
    path = shutil.which(tool)
    if path:
        return path
    sentence = f"{tool} is not installed: scripts/system-packages installs it"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(sentence)
    pytest.skip(sentence)
