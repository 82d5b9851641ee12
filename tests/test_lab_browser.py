"""The course in a real browser: what a learner sees after `make lab`, and Validate at work.

COURSE_SCREENSHOTS=DIR keeps the pictures for a person to look at.
"""

import os
import shutil
from pathlib import Path

import pytest

import labserver
from course.paths import NOTEBOOKS
from support import need

pytestmark = pytest.mark.slow

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
EXCHANGE = ("Formgrader", "Assignment List", "Course List", "Create Assignment", "Nbgrader")


def playwright():
    """playwright's sync_playwright; skip without the package, fail under REQUIRE_ALL=1."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sentence = "playwright is not installed: pip install -r requirements/test.txt"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return sync_playwright


@pytest.fixture
def notebooks(tmp_path):
    """A copy of the released notebooks: Validate and running save into it."""
    return shutil.copytree(NOTEBOOKS, tmp_path / "notebooks",
                           ignore=shutil.ignore_patterns(".ipynb_checkpoints"))


@pytest.fixture
def page(tmp_path):
    """A page of headless Chromium, 1400 by 900, that notes every host it asks."""
    start = playwright()
    chromium = need("chromium")
    with start() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=OPTIONS)
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.hosts = set()
        tab.on("request", lambda request: tab.hosts.add(request.url.split("/")[2]))
        yield tab
        browser.close()


def picture(page, tmp_path, name):
    folder = Path(os.environ.get("COURSE_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def run_all(page):
    """Run every cell and wait until the kernel rests."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea-output").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(
        timeout=60_000)
    page.wait_for_timeout(1000)


def palette_finds(page, words):
    """The commands that the command palette lists for these words."""
    page.keyboard.press("Control+Shift+c")
    field = page.locator(".lm-CommandPalette-input")
    field.fill(words)
    page.wait_for_timeout(500)
    found = page.locator(".lm-CommandPalette-itemLabel").all_inner_texts()
    page.keyboard.press("Escape")
    return found


def restart_and_run_all(page):
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…", exact=True).click()
    page.locator(".jp-Dialog").get_by_text("Restart", exact=True).click()
    page.wait_for_timeout(3000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(
        timeout=60_000)


def test_start_here_is_clean(page, notebooks, tmp_path):
    """START_HERE is open and runs, Validate is there, nothing that needs an exchange shows."""
    with labserver.serving(tmp_path, "--port=9350", f"--ServerApp.root_dir={notebooks}") as url:
        page.goto(url)
        page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook").wait_for(timeout=60_000)
        page.wait_for_timeout(5000)  # the news pop-up took about three seconds to come
        tabs = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel").all_inner_texts()
        menus = page.locator("#jp-MainMenu").inner_text()
        sides = [tab.get_attribute("title") or "" for tab in
                 page.locator(".jp-SideBar .lm-TabBar-tab").all()]
        toolbar = page.locator(".jp-NotebookPanel-toolbar").inner_text()
        popups = page.locator(".Toastify__toast").count() + page.locator(".jp-Dialog").count()
        commands = [name for words in EXCHANGE for name in palette_finds(page, words)]
        run_all(page)
        restart_and_run_all(page)
        picture(page, tmp_path, "start_here")
        errors = page.locator(".jp-RenderedText[data-mime-type*=stderr], .jp-OutputArea-error")
        assert errors.count() == 0, errors.all_inner_texts()
        log = (tmp_path / "lab.log").read_text(encoding="utf-8")
        shown = page.locator(".jp-OutputArea-output").all_inner_texts()
    assert any("This machine is ready." in text or "to look at." in text for text in shown), shown
    assert "WARNING" not in log and "Traceback" not in log, log
    assert tabs == ["START_HERE.ipynb"]
    assert "Validate" in toolbar
    assert popups == 0
    assert "Nbgrader" not in menus
    assert not [title for title in sides if any(words in title for words in EXCHANGE)], sides
    assert "Extension Manager" not in " ".join(sides)
    assert not [name for name in commands if any(words in name for words in EXCHANGE)], commands
    assert all(host.startswith(("127.0.0.1", "localhost")) for host in page.hosts), page.hosts


def test_validate_answers(page, notebooks, tmp_path):
    """Validate runs an untouched lesson and says that its checks do not pass yet."""
    lesson = sorted(path for path in notebooks.glob("0*/*.ipynb"))[0]
    with labserver.serving(tmp_path, "--port=9360", f"--ServerApp.root_dir={notebooks}") as url:
        page.goto(url.replace("START_HERE.ipynb", f"{lesson.parent.name}/{lesson.name}"))
        page.locator(f".lm-TabBar-tab.lm-mod-current[title*='{lesson.name}']").wait_for(
            timeout=60_000)
        bar = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-NotebookPanel-toolbar")
        bar.get_by_text("Validate", exact=True).click(timeout=60_000)
        page.locator(".jp-Dialog").first.wait_for(timeout=120_000)
        page.wait_for_timeout(1000)
        picture(page, tmp_path, "validate")
        said = page.locator(".jp-Dialog").inner_text()
    assert "Validation Results" in said and "The following cell failed" in said
    assert "not solved yet" in said.lower() or "NotSolvedYet" in said
