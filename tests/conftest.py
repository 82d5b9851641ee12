"""Every test runs offline, with a user folder of its own; a connection that leaves fails the run."""

import importlib.util
import os
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "grader" / "guard"
_scratch = tempfile.TemporaryDirectory(prefix="course-tests-")
LOG = Path(_scratch.name) / "connections"

os.environ["COURSE_GUARD_LOG"] = str(LOG)
os.environ["COURSE_USER_DIR"] = str(Path(_scratch.name) / "user")
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(GUARD), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", MPLBACKEND="Agg",
                  JUPYTER_PLATFORM_DIRS="1", PYTHONHASHSEED="0",
                  OMP_WAIT_POLICY="PASSIVE")  # threads that wait sleep: two runs share two cores
for _name in ("COURSE_STRICT", "COURSE_WRITE_REFERENCES", "COURSE_SHOW_CARDS", "COURSE_DATA",
              "NBGRADER_EXECUTION", "COURSE_PROGRESS", "COURSE_LLM", "COURSE_LLM_MODEL",
              "COURSE_LLM_KEY", "COURSE_EMBEDDER", "COURSE_ENGINE"):
    os.environ.pop(_name, None)


def _install_guard():
    """The same guard in this process that sitecustomize installs in every child."""
    spec = importlib.util.spec_from_file_location("course_guard", GUARD / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


_install_guard()


@pytest.fixture(autouse=True)
def plain_mode():
    """Each test begins as a learner's session does, whatever an earlier one left behind."""
    for name in ("COURSE_STRICT", "NBGRADER_EXECUTION"):  # nbgrader sets the second in its process
        os.environ.pop(name, None)
    yield


@pytest.fixture
def user_dir(tmp_path, monkeypatch):
    """A fresh user folder (progress) for one test."""
    monkeypatch.setenv("COURSE_USER_DIR", str(tmp_path / "user"))
    return tmp_path / "user"


def pytest_sessionfinish(session, exitstatus):
    """Fail the whole run when anything tried to leave the machine."""
    if LOG.is_file() and exitstatus in (0, 5):
        hosts = sorted(set(LOG.read_text(encoding="utf-8").split()))
        session.exitstatus = 1
        session.config.get_terminal_writer().line(
            f"\nFAILED: connections that leave the machine were tried: {', '.join(hosts)}", red=True)
