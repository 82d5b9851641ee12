"""A course in miniature for the set-up tests: the real commands and the real pip, three wheels.

The wheels are written by hand, a few bytes each, into a folder that pip is pointed at; nothing
comes from a network. A whole set-up takes about five seconds.
"""

import base64
import ensurepip
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile

from course.paths import ROOT

MODULES = ("__init__", "paths", "environment", "piprun", "setup", "wheels", "lab")
STANDIN = '"""Stands in for course.{0}."""\nprint("{0}: here")\n'


def wheel(folder, name, version, files, requires=()):
    """Write NAME-VERSION-py3-none-any.whl into `folder`."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    members = {f"{name}/{path}": text for path, text in files.items()}
    members |= {
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {r}\n" for r in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
                         "Tag: py3-none-any\n"}
    rows = []
    for path, text in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text.encode())}")
    members[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)


def make(folder):
    """The miniature in `folder` (made here); returns it."""
    (folder / "course").mkdir(parents=True)
    for name in MODULES:
        shutil.copy(ROOT / "course" / f"{name}.py", folder / "course")
    for name in ("fetch", "models"):
        (folder / "course" / f"{name}.py").write_text(STANDIN.format(name), encoding="utf-8")
    needs = folder / "requirements"
    needs.mkdir()
    pip = f"pip=={ensurepip.version()}"
    (needs / "course.in").write_text("alpha\nbeta  # comment\npip\n", encoding="utf-8")
    (needs / "course.lock").write_text(
        f"alpha==1.0\nbeta==2.0 ; python_version >= '3.0'\n"
        f"gamma==9.9 ; sys_platform == 'never'\n{pip}\n", encoding="utf-8")
    (needs / "torch.txt").write_text("# comment\ntorch==2.13.0\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "labels-to-agents"\nversion = "0.1.0"\n', encoding="utf-8")
    wheels = folder / "wheels"
    wheels.mkdir()
    wheel(wheels, "alpha", "1.0", {"__init__.py": "", **{f"part{i}.py": "x = 1\n" * 50
                                                         for i in range(40)}})
    wheel(wheels, "beta", "2.0", {"__init__.py": ""})
    wheel(wheels, "torch", "2.13.0+cpu", {"__init__.py": ""}, ["alpha>=1"])
    return folder


def environ(folder, **more):
    """An environment in which pip sees the miniature's wheels and nothing else."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("PIP_") and name not in ("PYTHONPATH", "CONDA_PREFIX")}
    return env | {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1",
                  "PIP_FIND_LINKS": (folder / "wheels").as_uri()} | more


def command(*arguments):
    """`python -m course.setup` by the interpreter that a bare machine would have."""
    return [getattr(sys, "_base_executable", sys.executable), "-m", "course.setup", *arguments]


def set_up(folder, *arguments, **more):
    """Run set-up there; the CompletedProcess, output as text."""
    return subprocess.run(command(*arguments), cwd=folder, env=environ(folder, **more),
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


def whole(folder):
    """True when all the miniature's packages are there to the last file."""
    code = ("import alpha, beta, torch, course, importlib\n"
            "for i in range(40): assert importlib.import_module(f'alpha.part{i}').x == 1\n")
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return subprocess.run([python, "-I", "-c", code], cwd="/" if os.name != "nt" else None,
                          capture_output=True).returncode == 0
