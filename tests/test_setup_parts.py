"""The parts of set-up one by one: what pip says, full disks, conda, the lock file, torch's wheels."""

import errno
import os
import re
import subprocess
import sys
import time
from importlib import metadata
from types import SimpleNamespace

import pytest

from course import environment, piprun, setup, wheels
from course.paths import ROOT, CourseError

REQUIREMENTS = ROOT / "requirements"


# --- sentences --------------------------------------------------------------------------------

@pytest.mark.parametrize("said, means", [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
     "the disk is full"),
    ("OSError: [Errno 30] Read-only file system: '/x'", "cannot be written"),
    ("ERROR: [Errno 13] Permission denied: '/x'", "cannot be written"),
    ("error: externally-managed-environment", "without --here"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
    ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403", "proxy"),
    ("NewConnectionError(': Failed to establish a new connection: [Errno -3] Temporary failure "
     "in name resolution')", "could not be reached"),
    ("ReadTimeoutError(\"Read timed out.\")", "could not be reached"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "damaged"),
    ("ERROR: Could not find a version that satisfies x (from versions: none)\n"
     "ERROR: No matching distribution found for x==1", "no package index offers x==1"),
    ("ERROR: Could not find a version that satisfies x (from versions: 2)\n"
     "ERROR: No matching distribution found for x==1", "another Python"),
    ("some notes\nERROR: something new", "pip stopped with: ERROR: something new"),
    ("", "no message"),
])
def test_what_pip_says_becomes_a_sentence(said, means):
    sentence = piprun.reason(said)
    assert means in sentence and "\n" not in sentence


def test_a_failing_pip_raises_its_sentence(tmp_path):
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'ERROR: [Errno 28] No space left on device' >&2\nexit 1\n",
                    encoding="utf-8")
    fake.chmod(0o755)
    with pytest.raises(CourseError, match="the disk is full.*again.$"):
        piprun.pip(fake, ["install", "x"])


@pytest.mark.parametrize("number, means", [
    (errno.ENOSPC, "the disk is full"), (errno.EROFS, "cannot be written"),
    (errno.EACCES, "cannot be written"), (errno.EIO, "run this again")])
def test_errors_of_the_system_become_a_sentence(number, means, monkeypatch, capsys):
    def refuse(_):
        raise OSError(number, os.strerror(number), "/a/folder")
    monkeypatch.setattr(environment, "only_one", refuse)
    assert setup.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and means in said and "/a/folder" in said
    assert said.count("\n") == 1


def test_a_disk_that_is_too_small_is_refused_first(monkeypatch):
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e9))
    with pytest.raises(CourseError, match=r"needs 3.5 GB of disk and 1.0 GB are free"):
        setup.check_room()


def test_a_venv_that_fails_on_a_full_disk_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "cache", lambda: tmp_path)
    monkeypatch.setattr(setup.env, "is_ready", lambda state: False)
    monkeypatch.setattr(setup, "check_room", lambda: None)
    monkeypatch.setattr(environment.subprocess, "run", lambda *_, **__: SimpleNamespace(
        returncode=1, stdout="Error: Command ensurepip returned 1.", stderr=""))
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    assert setup.main([]) == 1
    assert "the disk is full" in capsys.readouterr().err
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e12))
    assert setup.main([]) == 1
    assert "could not make the environment" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt
    monkeypatch.setattr(setup, "set_up", stop)
    assert setup.main([]) == 130
    assert "run this again to go on" in capsys.readouterr().err


# --- which environment --------------------------------------------------------------------------

def test_conda_environment_that_fits_is_used(monkeypatch):
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    monkeypatch.setattr(setup, "missing_here", list)
    assert setup.use_here(False)
    monkeypatch.setattr(setup, "missing_here", lambda: ["torch"])
    assert not setup.use_here(False), "conda's base has no packages of ours: a venv then"
    monkeypatch.delenv("CONDA_PREFIX")
    monkeypatch.setattr(setup, "missing_here", list)
    assert not setup.use_here(False) and setup.use_here(True)


def test_conda_prefix_of_another_environment_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path))
    monkeypatch.setattr(setup, "missing_here", list)
    assert not setup.use_here(False)


def test_missing_here_names_what_is_absent_or_other(monkeypatch):
    versions = {name: sorted(pins)[0] for name, pins in setup.locked().items()} | {
        "torch": "2.13.0", "nbval": "0.1"}
    versions.pop("jupytext")

    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]
    monkeypatch.setattr(setup.metadata, "version", version)
    assert setup.missing_here() == ["nbval 0.11.0 (here 0.1)", "jupytext"]


def test_settings_that_misdirect_pip_are_dropped(monkeypatch):
    for name in ("PIP_TARGET", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    env = environment.child_env()
    assert not {"PIP_TARGET", "PYTHONPATH", "PYTHONHOME"} & set(env)
    assert env["PIP_USER"] == "0"


def test_not_set_up_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(environment, "read_state", dict)
    assert environment.main(["--python"]) == 1
    assert "python3 -m course.setup" in capsys.readouterr().err
    assert environment.main([]) == 2


def test_a_damaged_state_counts_as_none(monkeypatch, tmp_path):
    state = tmp_path / "setup.json"
    monkeypatch.setattr(environment, "state_file", lambda: state)
    for text in ("", "{", "[1]", "\x00"):
        state.write_text(text, encoding="utf-8")
        assert environment.read_state() == {}
        assert not environment.is_ready(environment.read_state())


@pytest.mark.skipif(os.name == "nt", reason="Windows programs do not inherit the lock")
def test_the_next_set_up_waits_for_what_a_killed_one_left_running(tmp_path):
    """kill -9 of set-up while its pip runs: the lock is held until that pip has ended."""
    code = ("import subprocess, sys, pathlib\nfrom course import environment as e\n"
            f"e.cache = lambda: pathlib.Path({str(tmp_path)!r})\n"
            "with e.only_one(print):\n"
            "    subprocess.run(['sleep', '2'], close_fds=False)\n")
    first = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while not (tmp_path / "setup.lock").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    first.kill()
    first.wait()
    start, said = time.monotonic(), []
    second = subprocess.run([sys.executable, "-c", code.replace("'2'", "'0'")], cwd=ROOT,
                            capture_output=True, text=True)
    said = second.stdout
    assert "waiting for it to end" in said and second.returncode == 0
    assert time.monotonic() - start > 1


def test_link_project_is_an_installed_project_without_a_build(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "ROOT", tmp_path / "the ropö")
    (tmp_path / "the ropö").mkdir()
    (tmp_path / "the ropö" / "pyproject.toml").write_text(
        '[project]\nname = "labels-to-agents"\nversion = "0.2"\n'
        '[project.entry-points."jupyter_client.kernel_provisioners"]\nsafe = "grader.safe:Safe"\n',
        encoding="utf-8")
    site = tmp_path / "site"
    (site / "labels_to_agents-0.1.dist-info").mkdir(parents=True)
    environment.link_project(site)
    assert [p.name for p in site.glob("*.dist-info")] == ["labels_to_agents-0.2.dist-info"]
    (dist,) = metadata.distributions(path=[str(site)])
    (entry,) = dist.entry_points
    assert (entry.group, entry.name) == ("jupyter_client.kernel_provisioners", "safe")
    assert environment.is_whole(site / "labels_to_agents-0.2.dist-info")
    code = f"import site, sys; site.addsitedir({str(site)!r}); print(*sys.path, sep='\\n')"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True)
    assert str(tmp_path / "the ropö") in done.stdout.decode().splitlines()


# --- torch's wheels -------------------------------------------------------------------------------

CPU = ["filelock", "typing-extensions>=4.10.0", "setuptools>=77.0.3", "sympy>=1.13.3",
       "networkx>=2.5.1", "jinja2", "fsspec>=0.8.5", 'optree>=0.13.0; extra == "optree"']
GPU = [*CPU,
       'cuda-toolkit[cublas,cudart]==13.0.3; platform_system == "Linux"',
       'cuda-bindings<14,>=13.0.3; platform_system == "Linux" and python_version < "3.15"',
       'nvidia-cudnn-cu13==9.20.0.48; platform_system == "Linux"',
       'triton==3.7.1; platform_system == "Linux" and python_version < "3.15"']
HAVE = ["filelock", "typing_extensions", "setuptools", "sympy", "networkx", "Jinja2", "fsspec"]
LINUX = {"platform_system": "Linux", "python_version": "3.12"}
MAC = {"platform_system": "Darwin", "python_version": "3.12"}


def test_a_cpu_build_needs_nothing_beyond_the_lock():
    assert wheels.decide(CPU, HAVE, LINUX) == wheels.Plan("cpu", [])
    assert wheels.decide(None, [], LINUX) == wheels.Plan("cpu", [])


def test_a_build_for_nvidia_cards_is_known_by_its_requirements():
    plan = wheels.decide(GPU, HAVE, LINUX)
    assert plan.build == "gpu"
    assert plan.missing == ["cuda-bindings", "cuda-toolkit", "nvidia-cudnn-cu13", "triton"]


def test_the_same_wheel_text_is_a_cpu_build_on_a_mac():
    assert wheels.decide(GPU, HAVE, MAC).build == "cpu"


def test_a_build_that_needs_something_new_gets_its_dependencies():
    assert wheels.decide([*CPU, "newthing"], HAVE, LINUX) == wheels.Plan("other", ["newthing"])


@pytest.fixture
def pip_calls(monkeypatch):
    """wheels.pip and wheels.report replaced; returns (calls, set_metadata)."""
    calls, chosen = [], {}

    def report(arguments, say=print):
        item = {"metadata": {"version": chosen["version"], "requires_dist": chosen["requires"]},
                "download_info": {"url": "file:///nowhere/torch.whl"}}
        return [item] if "--no-deps" in arguments else [item] * 14
    monkeypatch.setattr(wheels, "pip", lambda python, arguments, **_: calls.append(arguments))
    monkeypatch.setattr(wheels, "report", report)
    monkeypatch.setattr(wheels, "is_complete", lambda need: False)
    monkeypatch.setattr(wheels, "installed_names", lambda: HAVE)
    monkeypatch.setattr(wheels, "applicable", lambda lines, environment=None, real=wheels.applicable:
                        real(lines, LINUX))
    return calls, chosen


def test_cpu_build_is_installed_as_it_is(pip_calls):
    calls, chosen = pip_calls
    chosen.update(version="2.13.0+cpu", requires=CPU)
    said = []
    wheels.install_torch(said.append)
    assert calls == [["install", "--no-deps", "torch==2.13.0"]]
    assert "a CPU build" in said[0]


def test_gpu_build_is_installed_with_its_dependencies_after_its_size(pip_calls, monkeypatch):
    calls, chosen = pip_calls
    chosen.update(version="2.13.0", requires=GPU)
    monkeypatch.setattr(wheels, "size_of", lambda url: 200e6)
    monkeypatch.setattr(wheels, "check_room", lambda size, free: calls.append(("room", size)))
    said = []
    wheels.install_torch(said.append)
    assert calls == [("room", 2.8), ["install", "-c", str(wheels.LOCK), "torch==2.13.0"]]
    assert "14 packages, about 2.8 GB" in said[0] and "PIP_EXTRA_INDEX_URL" in said[0]


def test_gpu_build_is_refused_where_it_does_not_fit():
    wheels.check_room(2.8, 50)
    with pytest.raises(CourseError, match="8 GB of disk and 6.0 GB are free.*PIP_EXTRA_INDEX_URL"):
        wheels.check_room(2.8, 6)


def test_size_is_told_or_guessed(tmp_path):
    path = tmp_path / "a b.whl"
    path.write_bytes(b"x" * 1000)
    item = {"download_info": {"url": path.as_uri()}}
    gone = {"download_info": {"url": (tmp_path / "gone.whl").as_uri()}}
    assert wheels.size_of(path.as_uri()) == 1000
    assert wheels.gigabytes([item, item]) == 2e-6
    assert wheels.gigabytes([item, gone]) == wheels.WHEN_UNTOLD


def test_an_installed_torch_that_lacks_a_requirement_is_not_complete(monkeypatch):
    torch = SimpleNamespace(version="2.13.0+cpu", requires=CPU)
    monkeypatch.setattr(wheels.metadata, "distribution", lambda name: torch)
    monkeypatch.setattr(wheels, "installed_names", lambda: HAVE)
    assert wheels.is_complete(wheels.wanted())
    monkeypatch.setattr(wheels, "installed_names", lambda: HAVE[1:])
    assert not wheels.is_complete(wheels.wanted())
    torch.version = "2.12.0"
    assert not wheels.is_complete(wheels.wanted())


def test_torch_that_cannot_be_had_is_one_sentence(monkeypatch, capsys):
    def refuse(say):
        raise CourseError("the disk is full.")
    monkeypatch.setattr(wheels, "install_torch", refuse)
    assert wheels.main() == 1
    assert capsys.readouterr().err == "error: torch could not be installed: the disk is full.\n"


# --- requirements/ and environment.yml ------------------------------------------------------------

def pins(path):
    """{name: set of versions} of the lines NAME==VERSION in a requirements file."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        if match:
            found.setdefault(wheels.canonical(match[1]), set()).add(match[2])
    return found


def test_the_lock_has_every_direct_name_at_its_pin():
    lock = pins(REQUIREMENTS / "course.lock")
    assert set(setup.direct_names()) - {"torch"} <= set(lock)
    for name, versions in pins(REQUIREMENTS / "course.in").items():
        assert lock[name] == versions, name
    assert "torch" not in lock


def test_every_line_of_the_lock_is_pinned_and_names_no_address():
    for path in REQUIREMENTS.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "://" not in text and "index-url" not in text, path.name
    for line in (REQUIREMENTS / "course.lock").read_text(encoding="utf-8").splitlines():
        assert re.match(r"[a-z0-9._-]+==[^\s;]+( ; .+)?$", line), line


def test_conda_and_pip_get_the_same_versions():
    import yaml
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lock = pins(REQUIREMENTS / "course.lock")
    (torch,) = pins(REQUIREMENTS / "torch.txt")["torch"]
    assert set(conda["channels"]) == {"conda-forge", "nodefaults"}
    named = [item for item in conda["dependencies"] if isinstance(item, str)]
    for item in named:
        name, version, build = (item.split("=") + ["", ""])[:3]
        if name == "pytorch":
            assert version == torch and build.startswith("cpu")
        elif name == "python":
            assert tuple(map(int, version.split("."))) >= (3, 11)
        elif version:
            assert version in lock[name], item
    assert "pytorch" in " ".join(named)
    # all other direct names come by the lock itself, so they cannot differ
    assert conda["dependencies"][-1] == {"pip": ["-r requirements/course.lock"]}
    assert (ROOT / "requirements" / "course.lock").is_file()


def test_what_is_installed_here_is_what_the_lock_says():
    from course.machinecheck import packages
    ok, sentence = packages()
    assert ok, sentence
