"""`python -m course.lab`: its environment and command line, and the server itself."""

import json
import os
import sys
import urllib.request
import webbrowser

import pytest

import labserver
from course import lab
from course.paths import NOTEBOOKS, ROOT, CourseError

needs_start = pytest.mark.skipif(not (NOTEBOOKS / lab.START).exists(),
                                 reason="no released notebooks: make build")


def test_environment_puts_ours_first_and_keeps_it_offline(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    scripts = ROOT / ".venv" / "bin"
    env = lab.lab_env(ROOT / ".venv" / "bin" / "python", scripts)
    assert env["PATH"] == f"{scripts}{os.pathsep}/usr/bin"
    assert env["JUPYTER_CONFIG_PATH"] == f"{lab.CONFIG}{os.pathsep}/mine"
    assert env["HF_HUB_OFFLINE"] == env["TRANSFORMERS_OFFLINE"] == "1"
    assert env["VIRTUAL_ENV"] == str(ROOT / ".venv")
    monkeypatch.delenv("PATH")
    assert lab.lab_env("python", "/conda/bin")["PATH"] == "/conda/bin"
    assert "VIRTUAL_ENV" not in lab.lab_env("python", "/conda/bin")


def test_command_line(monkeypatch):
    monkeypatch.setattr(lab, "is_root", lambda: False)
    line = lab.command("py", ["--port=9000"], browser=True)
    assert line[:3] == ["py", "-m", "jupyterlab"] and line[-1] == "--port=9000"
    assert "--log-level=WARN" in line
    assert "--log-level=WARN" not in lab.command("py", ["--debug"], browser=True)
    assert "--no-browser" not in line and "--allow-root" not in line
    monkeypatch.setattr(lab, "is_root", lambda: True)
    assert {"--no-browser", "--allow-root"} <= set(lab.command("py", [], browser=False))


def test_a_browser_is_opened_only_where_there_is_one(monkeypatch):
    monkeypatch.setattr(webbrowser, "get", lambda: object())
    assert not lab.has_browser({}, "linux"), "a text browser would take the terminal"
    assert lab.has_browser({"DISPLAY": ":0"}, "linux")
    assert lab.has_browser({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert lab.has_browser({}, "darwin") and lab.has_browser({}, "win32")

    def none():
        raise webbrowser.Error("could not locate runnable browser")
    monkeypatch.setattr(webbrowser, "get", none)
    assert not lab.has_browser({"DISPLAY": ":0"}, "linux")


def test_without_set_up_one_sentence(monkeypatch, capsys):
    def missing():
        raise CourseError("the course is not set up on this machine.")
    monkeypatch.setattr(lab, "interpreter", missing)
    assert lab.main([]) == 1
    assert capsys.readouterr().err == "error: the course is not set up on this machine.\n"


def test_without_start_here_one_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(lab, "interpreter", lambda: sys.executable)
    monkeypatch.setattr(lab, "NOTEBOOKS", tmp_path)
    assert lab.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and "START_HERE.ipynb is missing" in said


def test_help(capsys):
    assert lab.main(["--help"]) == 0
    assert "Ctrl-C ends it" in capsys.readouterr().out


def test_panels_that_need_an_exchange_are_off():
    page = json.loads((lab.CONFIG / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    off = {name for name, value in page["disabledExtensions"].items() if value}
    assert {f"@jupyter/nbgrader:{name}" for name in (
        "formgrader", "course-list", "create-assignment", "assignment-list", "menu")} <= off
    assert "@jupyterlab/apputils-extension:announcements" in off
    assert "@jupyter/nbgrader:validate-assignment" not in off
    json.loads((lab.CONFIG / "labconfig" / "default_setting_overrides.json")
               .read_text(encoding="utf-8"))


@needs_start
def test_two_at_once_from_another_folder(tmp_path):
    """Both answer, on ports of their own, with the address printed; Ctrl-C ends each with 0."""
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    servers, urls = [], []
    try:
        for log in logs:  # Jupyter finds a free port and takes it later: not in the same instant
            servers.append(labserver.start(log, "--no-browser", "--port=9310", cwd=tmp_path))
            urls.append(labserver.wait_for(lambda log=log: labserver.address(log)))
        assert len({url.split("?")[0] for url in urls}) == 2
        assert all("/lab/tree/START_HERE.ipynb?token=" in url for url in urls)
        assert all(labserver.wait_for(lambda url=url: labserver.answers(url)) == 200
                   for url in urls)
    finally:
        ends = [labserver.stop(server) for server in servers]
    assert ends == [0, 0], [log.read_text(encoding="utf-8") for log in logs]
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert "Traceback" not in text and "formgrader" not in text, text


@needs_start
def test_root_is_the_notebooks_and_answers_are_not_in_it(tmp_path):
    with labserver.serving(tmp_path, "--port=9330", cwd=tmp_path) as url:
        token = url.split("token=")[1]
        base = url.split("/lab/")[0]
        with urllib.request.urlopen(f"{base}/api/contents?token={token}") as page:
            names = {item["name"] for item in json.load(page)["content"]}
    assert "START_HERE.ipynb" in names
    assert not {"solutions", "tests", "grader"} & names
