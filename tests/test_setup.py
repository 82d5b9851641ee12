"""Set-up from end to end on a miniature course: first run, second, interrupted, and what goes wrong."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tiny
from course.paths import ROOT


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A miniature that is set up, in a folder with a space and an accent in its name."""
    folder = tiny.make(tmp_path_factory.mktemp("set up") / "möin welt")
    done = tiny.set_up(folder)
    assert done.returncode == 0, done.stderr + done.stdout
    (folder / "first.txt").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def fresh(tmp_path):
    return tiny.make(tmp_path / "a course")


def venv_python(folder):
    return folder / ".venv" / "bin" / "python"


def site(folder):
    return next((folder / ".venv").glob("lib/python*/site-packages"))


def one_sentence(done):
    """The run failed with one line on stderr that is a sentence for a person."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    assert lines[0].endswith("."), lines[0]
    return lines[0]


def test_first_run_installs_all_and_prints_its_parts(ready):
    assert tiny.whole(ready)
    said = (ready / "first.txt").read_text(encoding="utf-8")
    for part in ("environment (.venv)", "packages", "torch", "data", "models", "together"):
        assert f"\n  {part}" in said, said
    assert "torch 2.13.0+cpu: a CPU build" in said
    assert "fetch: here" in said and "models: here" in said


def test_second_run_takes_under_two_seconds(ready):
    start = time.monotonic()
    done = tiny.set_up(ready)
    assert time.monotonic() - start < 2
    assert done.returncode == 0 and "was there" in done.stdout
    assert "packages  " not in done.stdout


def test_other_packages_in_the_venv_do_not_matter(ready):
    (site(ready) / "extra-1.0.dist-info").mkdir()
    assert "was there" in tiny.set_up(ready).stdout
    shutil.rmtree(site(ready) / "extra-1.0.dist-info")


def test_the_makefile_finds_the_python(ready):
    done = subprocess.run([sys.executable, "-m", "course.environment", "--python"], cwd=ready,
                          env=tiny.environ(ready), capture_output=True, text=True)
    assert done.stdout.strip() == str(venv_python(ready))


def test_half_unpacked_package_is_installed_again(ready):
    (site(ready) / "alpha" / "part7.py").write_text("", encoding="utf-8")  # cut short
    (site(ready) / "beta-2.0.dist-info" / "INSTALLER").unlink()            # pip's last step
    (site(ready) / "~orch").mkdir()                                        # set aside by pip
    (ready / "data" / "cache" / "setup.json").unlink()
    done = tiny.set_up(ready)
    assert done.returncode == 0 and "2 packages half unpacked" in done.stdout
    assert tiny.whole(ready) and not (site(ready) / "~orch").exists()


def test_removed_package_is_seen_at_once(ready):
    shutil.rmtree(site(ready) / "beta")
    shutil.rmtree(site(ready) / "beta-2.0.dist-info")
    assert tiny.set_up(ready).returncode == 0
    assert tiny.whole(ready)


def test_changed_lock_is_followed(ready):
    tiny.wheel(ready / "wheels", "beta", "2.1", {"__init__.py": ""})
    lock = ready / "requirements" / "course.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("beta==2.0", "beta==2.1"),
                    encoding="utf-8")
    assert tiny.set_up(ready).returncode == 0
    assert (site(ready) / "beta-2.1.dist-info").is_dir()


def test_broken_venv_is_made_again(ready):
    venv_python(ready).unlink()
    done = tiny.set_up(ready)
    assert done.returncode == 0 and "made again" in done.stdout
    assert tiny.whole(ready)


def test_moved_folder_is_set_up_again(ready):
    """Scripts in a venv name its old place; only a new venv runs in a new one."""
    moved = ready.with_name("elsewhere")
    ready.rename(moved)
    try:
        done = tiny.set_up(moved)
        assert done.returncode == 0 and "made again" in done.stdout, done.stdout + done.stderr
        assert tiny.whole(moved)
    finally:
        moved.rename(ready)


def test_here_uses_the_running_python(ready):
    assert tiny.set_up(ready).returncode == 0
    done = subprocess.run([venv_python(ready), "-m", "course.setup", "--here"], cwd=ready,
                          env=tiny.environ(ready), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    state = json.loads((ready / "data" / "cache" / "setup.json").read_text(encoding="utf-8"))
    assert state["here"] is True and state["python"] == str(venv_python(ready))


def test_two_at_once(fresh):
    env = tiny.environ(fresh)
    runs = [subprocess.Popen(tiny.command(), cwd=fresh, env=env, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    said = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert sum("another set-up is at work" in text for text in said) == 1
    assert sum("was there" in text.split("ready.")[1] for text in said) == 1
    assert tiny.whole(fresh)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_interrupted_at_any_point_it_goes_on(fresh, name):
    """Killed after more and more time (its pip goes on alone), then run to the end."""
    for seconds in (0.3, 1.5, 2.8, 3.6):
        run = subprocess.Popen(tiny.command(), cwd=fresh, env=tiny.environ(fresh),
                               start_new_session=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        try:
            run.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            if name == "SIGINT":
                os.killpg(run.pid, signal.SIGINT)
            else:
                run.kill()
        if name == "SIGINT":
            error = run.communicate(timeout=30)[1]
            assert "Traceback" not in error or run.returncode < 0, error
            continue
        run.stderr.close()
        run.wait()
    done = tiny.set_up(fresh)
    assert done.returncode == 0, done.stderr + done.stdout
    assert tiny.whole(fresh)


def test_no_network_on_first_set_up(fresh):
    closed = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1",
              "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1"}
    assert "could not be reached" in one_sentence(tiny.set_up(fresh, **closed))
    assert not (fresh / "data" / "cache" / "setup.json").exists()
    assert tiny.set_up(fresh).returncode == 0  # the network is back
    assert tiny.whole(fresh)


def test_a_part_that_fails_says_so_itself(ready):
    for name, text in (("fetch", "import sys\nsys.exit('error: no carrier is to be had.')\n"),):
        path = ready / "course" / f"{name}.py"
        kept = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        assert "no carrier" in one_sentence(tiny.set_up(ready))
        path.write_text(kept, encoding="utf-8")


def test_file_in_the_venvs_place(fresh):
    (fresh / ".venv").write_text("notes", encoding="utf-8")
    assert "move it away" in one_sentence(tiny.set_up(fresh))
    assert (fresh / ".venv").read_text(encoding="utf-8") == "notes"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0,
                    reason="root writes anywhere; test_setup_parts has the same by a stand-in")
def test_read_only_folder(fresh):
    fresh.chmod(0o555)
    try:
        assert "cannot be written" in one_sentence(tiny.set_up(fresh))
    finally:
        fresh.chmod(0o755)


def test_no_venv_module(fresh):
    """Debian's Python without python3-venv: venv is there, ensurepip is not."""
    code = ("import importlib.util as u, sys\nfind = u.find_spec\n"
            "u.find_spec = lambda name, *a: None if name == 'ensurepip' else find(name, *a)\n"
            "from course import setup\nsys.exit(setup.main([]))")
    done = subprocess.run([*tiny.command()[:1], "-c", code], cwd=fresh, env=tiny.environ(fresh),
                          capture_output=True, text=True)
    assert "apt-get install python3" in one_sentence(done)
    assert not (fresh / ".venv").exists()


def test_old_python_gets_one_sentence(fresh):
    code = "import sys; sys.version_info = (3, 8, 18, 'final', 0); import course.setup"
    done = subprocess.run([sys.executable, "-c", code], cwd=fresh, env=tiny.environ(fresh),
                          capture_output=True, text=True)
    assert "needs Python 3.11 or newer and this is Python 3.8" in one_sentence(done)


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_a_real_old_python(fresh, version):
    places = [shutil.which(f"python{version}"),
              *Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    works = [place for place in places
             if place and subprocess.run([place, "-c", ""], capture_output=True).returncode == 0]
    if not works:
        pytest.skip(f"no Python {version} on this machine")
    old = works[0]
    done = subprocess.run([old, "-m", "course.setup"], cwd=fresh, env=tiny.environ(fresh),
                          capture_output=True, text=True)
    assert f"this is Python {version}" in one_sentence(done)


@pytest.mark.parametrize("name", ["__init__", "setup"])
def test_old_pythons_can_read_it(name):
    """What runs before the version is looked at has nothing newer than Python 3.6 in it."""
    text = (ROOT / "course" / f"{name}.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))


def test_usage(fresh):
    done = tiny.set_up(fresh, "--nonsense")
    assert done.returncode == 2 and "usage:" in done.stderr
