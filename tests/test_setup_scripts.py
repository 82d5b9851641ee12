"""scripts/ and .ci/run with stand-ins for the commands they call."""

import os
import shutil
import subprocess
import sys

import pytest

from course.paths import ROOT
from support import need

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts for Debian and Ubuntu")


@pytest.fixture
def tools(tmp_path):
    """A folder for PATH with the few real commands the scripts use; `add` puts stand-ins there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "env", "dirname", "printf", "cat", "sh"):
        (folder / name).symlink_to(need(name))
    return folder


def add(folder, name, body):
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def run(script, tools, *arguments, cwd=ROOT):
    return subprocess.run([shutil.which("bash"), str(script), *arguments], cwd=cwd,
                          env={"PATH": str(tools)}, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)


# --- scripts/system-packages ----------------------------------------------------------------------

PACKAGES = ROOT / "scripts" / "system-packages"


def debian(tools, missing, user=0):
    """Stand-ins: dpkg-query that lacks `missing`, an apt-get that notes what it is asked."""
    cases = " ".join(f"*{name}*) exit 1;;" for name in missing)
    add(tools, "dpkg-query", f'case "$*" in {cases} esac\nprintf installed')
    add(tools, "id", f"echo {user}")
    add(tools, "apt-get", f'echo "apt-get $*" >> "{tools}/asked"')


def asked(tools):
    path = tools / "asked"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_nothing_is_asked_when_all_is_here(tools):
    debian(tools, [])
    done = run(PACKAGES, tools)
    assert done.returncode == 0 and "all here" in done.stdout and asked(tools) == []


def test_what_is_missing_is_installed(tools):
    debian(tools, ["chromium"])
    done = run(PACKAGES, tools)
    assert done.returncode == 0, done.stderr
    assert asked(tools)[0].startswith("apt-get update")
    assert asked(tools)[1].endswith(" chromium")


def test_check_names_and_installs_nothing(tools):
    debian(tools, ["python3-venv"])
    done = run(PACKAGES, tools, "--check")
    assert done.returncode == 1 and "python3-venv" in done.stdout and asked(tools) == []


def test_without_root_and_sudo_it_says_what_to_type(tools):
    debian(tools, ["make"], user=1000)
    done = run(PACKAGES, tools)
    assert done.returncode == 1 and "apt-get install make" in done.stderr
    add(tools, "sudo", 'exec "$@"')
    assert run(PACKAGES, tools).returncode == 0 and len(asked(tools)) == 2


def test_a_failing_apt_is_said(tools):
    debian(tools, ["git"])
    add(tools, "apt-get", 'case "$*" in update*) exit 0;; esac; exit 100')
    done = run(PACKAGES, tools)
    assert done.returncode == 1 and "could not install git" in done.stderr


def test_other_systems_are_told_what_to_do(tools):
    done = run(PACKAGES, tools)
    assert done.returncode == 1
    assert "Debian and Ubuntu only" in done.stderr and "course.setup" in done.stderr


# --- .ci/run --------------------------------------------------------------------------------------

@pytest.fixture
def ci(tmp_path, tools):
    """A folder with .ci/run and stand-ins for all that it calls."""
    folder = tmp_path / "clone"
    for name in (".ci", "scripts", ".venv/bin", "requirements"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    add(folder / "scripts", "system-packages", "echo packages")
    add(folder / ".venv" / "bin", "python", 'echo "pip: $*"')
    add(tools, "python3", 'echo "python3: $*"')
    add(tools, "make", 'echo "make: $* REQUIRE_ALL=$REQUIRE_ALL"')
    return folder


def test_ci_runs_everything_and_prints_times(ci, tools):
    done = run(ci / ".ci" / "run", tools, cwd="/")
    assert done.returncode == 0, done.stderr
    for line in ("packages", "python3: -m course.setup", "make: test REQUIRE_ALL=1",
                 "make: test-slow REQUIRE_ALL=1", "pip: -m pip install --quiet --no-deps"):
        assert line in done.stdout, done.stdout
    assert done.stdout.count(" s\n") == 6 and "FAILED" not in done.stdout


def test_ci_fails_when_a_tier_fails_and_still_runs_the_other(ci, tools):
    add(tools, "make", 'echo "make: $*"; [ "$1" != test ]')
    done = run(ci / ".ci" / "run", tools)
    assert done.returncode == 1 and "make: test-slow" in done.stdout
    assert "== FAILED: [make test]" in done.stdout
    add(tools, "make", 'echo "make: $*"; [ "$1" = test ]')
    assert run(ci / ".ci" / "run", tools).returncode == 1


def test_ci_stops_where_set_up_fails(ci, tools):
    add(tools, "python3", "exit 3")
    done = run(ci / ".ci" / "run", tools)
    assert done.returncode == 1 and "make:" not in done.stdout
    assert "set-up: 0 s, FAILED (3)" in done.stdout


# --- scripts/lock, scripts/setup-times ------------------------------------------------------------

def test_lock_without_uv_is_one_sentence(tmp_path):
    code = ("import importlib.util as u, runpy, sys\nu.find_spec = lambda *a: None\n"
            f"sys.argv = ['lock']\nrunpy.run_path({str(ROOT / 'scripts' / 'lock')!r}, "
            "run_name='__main__')")
    done = subprocess.run([sys.executable, "-c", code], env={"PATH": str(tmp_path)},
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: uv is not installed") and done.stderr.count("\n") == 1


def test_lock_that_fails_leaves_the_lock_as_it_was(tmp_path):
    add(tmp_path, "uv", "exit 1")
    before = (ROOT / "requirements" / "course.lock").read_bytes()
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "lock")],
                          env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1 and "is unchanged" in done.stderr
    assert (ROOT / "requirements" / "course.lock").read_bytes() == before


def test_setup_times_usage():
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "setup-times"), "--nonsense"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "usage:" in done.stderr


def test_setup_times_document_was_written_by_the_script():
    text = (ROOT / "docs" / "setup-times.md").read_text(encoding="utf-8")
    for part in ("Written by `scripts/setup-times`", "Machine: ", "| packages |", "| torch |",
                 "| together |", "Bar: under 300 s.", "Bar: under 10 s."):
        assert part in text


def test_hub_times_usage():
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "hub-times"), "--nonsense"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "usage:" in done.stderr


def test_hub_times_document_was_written_by_the_script():
    text = (ROOT / "docs" / "hub-times.md").read_text(encoding="utf-8")
    for part in ("Written by `scripts/hub-times`", "Machine: ", "| packages |", "| lessons released |",
                 "| together |", "Bar: under 480 s.", "no process of it was left"):
        assert part in text
