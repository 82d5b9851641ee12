"""Every test runs offline, with a user folder of its own; a connection that leaves fails the run.

`make test` runs two processes (pytest-xdist), each file in one of them. Both note connections in the log of the process that started them, which looks at the end.
"""

import importlib.util
import os
import re
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "grader" / "guard"
_scratch = tempfile.TemporaryDirectory(prefix="course-tests-")
_shared = os.environ.pop("COURSE_TESTS_LOG", None)  # gone at once: sessions that tests start are none
_worker = _shared is not None and "PYTEST_XDIST_WORKER" in os.environ
LOG = Path(_shared) if _worker else Path(_scratch.name) / "connections"
# the files that take longest, first: the second process must not wait for one that began last
LONGEST = tuple(f"test_{name}.py" for name in (
    "judge", "notebooks", "nbgrader_flow", "class", "nbgrader_variants", "cohort", "hub", "variants",
    "attacks", "lint", "setup", "sandbox", "queue", "new", "zygote", "build", "autograde", "engines",
    "grade", "models"))

os.environ["COURSE_GUARD_LOG"] = str(LOG)
if not _worker:
    os.environ["COURSE_TESTS_LOG"] = str(LOG)
os.environ["COURSE_USER_DIR"] = str(Path(_scratch.name) / "user")
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(GUARD), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", MPLBACKEND="Agg",
                  JUPYTER_PLATFORM_DIRS="1", PYTHONHASHSEED="0",
                  OMP_WAIT_POLICY="PASSIVE")  # threads that wait sleep: two runs share two cores
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes on two cores
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


def pytest_collection_modifyitems(items):
    """The longest files first; the order within a file stays. All processes must see the same names."""
    odd = [item.nodeid for item in items if re.search(r"\bat 0x[0-9A-Fa-f]{6}", item.nodeid)]
    if odd:
        raise pytest.UsageError(f"give ids to the parameters of {odd[0]}: an address is another one in "
                                "each process")
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


def pytest_sessionfinish(session, exitstatus):
    """Fail the whole run when anything tried to leave the machine."""
    if not _worker and LOG.is_file() and exitstatus in (0, 5):
        hosts = sorted(set(LOG.read_text(encoding="utf-8").split()))
        session.exitstatus = 1
        session.config.get_terminal_writer().line(
            f"\nFAILED: connections that leave the machine were tried: {', '.join(hosts)}", red=True)
