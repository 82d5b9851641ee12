"""What can be said about deploy/ without the services it is for."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from course.paths import ROOT

yaml = pytest.importorskip("yaml")


def test_the_workflows_commands_do_what_they_say(tmp_path):
    told = yaml.safe_load((ROOT / "deploy" / "classroom" / "grade.yml").read_text(encoding="utf-8"))
    assert told["permissions"] == {"contents": "read"}
    steps = {step.get("name"): step.get("run", "") for step in told["jobs"]["checks"]["steps"]}
    file = shutil.copytree(ROOT / "notebooks" / "00_start", tmp_path / "00_start") / "00_start.ipynb"
    line = steps["what the visible checks say, and what would be repaired"].replace(
        ".venv/bin/python", shlex.quote(sys.executable)).replace(
            "notebooks/[0-9]*/*.ipynb", shlex.quote(str(file)))
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT)
    assert "majority-baseline: not solved yet" in done.stdout and done.returncode == 1


def test_the_dev_container_sets_up_and_the_hub_is_pinned():
    told = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert told["onCreateCommand"] == "python -m course.setup"
    wanted = (ROOT / "requirements" / "hub.txt").read_text(encoding="utf-8")
    pins = [line for line in wanted.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line) for line in pins)
    assert {line.split("==")[0] for line in pins} >= {"jupyterhub", "configurable-http-proxy"}


def test_the_image_copies_no_secret_and_sets_the_course_up():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"grading", "submitted", "gradebook.db*", ".git"} <= set(ignored)
    said = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "python -m course.setup" in said and "USER learner" in said


def test_the_helm_values_are_yaml():
    text = (ROOT / "deploy" / "kubernetes.md").read_text(encoding="utf-8")
    (values,) = re.findall(r"```yaml\n# values.yaml\n(.*?)```", text, re.S)
    told = yaml.safe_load(values)
    assert told["singleuser"]["memory"]["limit"] and told["proxy"]["service"]["type"] == "ClusterIP"
