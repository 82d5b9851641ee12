"""Two courses on one hub, set up by the very lines of deploy/hub/README.md: who sees and grades what."""

import json
import os
import signal
import subprocess
import sys
import urllib.error

import pytest

from course.paths import ROOT
from grader.release import release
from grader.source import read_lesson, source_path
from tests.cohort import three_hand_ins
from tests.hub_driver import Person, assignments, formgrader, panel
from tests.labserver import wait_for
from tests.support import need
from tests.test_hub import can_run, hub_module
from tests.test_lab_browser import OPTIONS, picture, playwright

LESSON, PASSWORD = "00_start", "a-password-of-this-test"  # those of two_courses.py


@pytest.fixture
def people(tmp_path):
    """people(name): one who is logged in at a hub with the courses autumn and spring."""
    can_run()
    folder, said = tmp_path / "class", tmp_path / "said"
    folder.mkdir()
    port = hub_module()._free()
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("PYTHONPATH", "JUPYTER_PLATFORM_DIRS")}  # looks elsewhere for settings
    with open(said, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
             "--kill-child=SIGKILL", "--mount-proc", sys.executable, "-m", "tests.two_courses",
             str(folder), str(port)], cwd=ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            env=environment)
    try:
        wait_for(lambda: process.poll() is not None or "up\n" in said.read_text("utf-8"), 180)
        assert process.poll() is None, said.read_text("utf-8")
        yield lambda name: Person(f"http://127.0.0.1:{port}", name, PASSWORD)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(120)


def refused(person, course):
    with pytest.raises(urllib.error.HTTPError) as error:
        person.at(course)
    return error.value.code == 403


def hand_in(person, course, notebook):
    panel(person, "fetch", course, LESSON)
    person.write(f"{course}/{LESSON}/{LESSON}.ipynb", json.loads(json.dumps(notebook)))
    panel(person, "submit", course, LESSON)


def scores(boss):
    return {row["student"]: row["score"] for row in boss.get(f"formgrader/api/submissions/{LESSON}")
            if row["autograded"]}


def look(hub, tmp_path):
    """An instructor's way in a browser: Course List, the course's Lab behind it, formgrader's page."""
    with playwright()() as tool:
        browser = tool.chromium.launch(executable_path=need("chromium"), args=OPTIONS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(120_000)  # another process may keep both cores busy
        page.goto(f"{hub}/hub/login")
        page.fill("input[name=username]", "anna")
        page.fill("input[name=password]", PASSWORD)
        page.click("[type=submit]")
        page.goto(f"{hub}/user/anna/lab")
        page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        page.get_by_role("menuitem", name="Course List", exact=True).click()
        link = page.locator(".lm-DockPanel a", has_text="autumn").first
        link.wait_for()
        picture(page, tmp_path, "course-list")
        page.goto(link.get_attribute("href"))
        page.locator(".jp-DirListing-item", has_text="gradebook.db").wait_for()
        picture(page, tmp_path, "course-lab")
        assert page.locator("iframe").count() == page.locator(".Toastify__toast").count() == 0
        page.goto(f"{hub}/services/autumn/formgrader/manage_assignments")
        page.wait_for_selector(f"text={LESSON}")
        picture(page, tmp_path, "course-formgrader")
        browser.close()


@pytest.mark.slow
def test_two_courses_keep_apart_what_is_theirs(people, tmp_path):
    solution = read_lesson(source_path(LESSON))
    handed = three_hand_ins(LESSON, solution, release(solution, LESSON))
    (right, full), (wrong, some) = handed["perfect"], handed["wrong"]
    anna, ben, chen, dora = map(people, ("anna", "ben", "chen", "dora"))
    wait_for(lambda: anna.at("autumn") and ben.at("spring"), 60)  # services start after the hub
    assert refused(anna, "spring") and refused(ben, "autumn")
    assert refused(chen, "autumn") and refused(dora, "spring")
    for person, courses in ((chen, ["autumn"]), (dora, ["autumn", "spring"]), (ben, ["spring"])):
        person.start()
        assert sorted(person.get("courses")["value"]) == courses
        assert [one for one in ("autumn", "spring") if assignments(person, one)] == courses
    found = ben.get("formgraders")["value"]
    assert [(one["course_id"], one["url"].split("?")[0]) for one in found] == [
        ("spring", f"{ben.hub}/services/spring/lab")]
    look(anna.hub, tmp_path)

    hand_in(chen, "autumn", right)
    hand_in(dora, "autumn", wrong)
    hand_in(dora, "spring", right)
    expected = {"autumn": {"chen": full, "dora": some}, "spring": {"dora": full}}
    for boss, course in ((anna.at("autumn"), "autumn"), (ben.at("spring"), "spring")):
        formgrader(boss, f"assignment/{LESSON}/collect")
        code, said = boss.shell(f"python -m grader autograde {LESSON} --jobs 1 --store ~/record && "
                                f"python -m grader feedback {LESSON} --store ~/record")
        assert code == 0 and "no sandbox" not in said, said
        assert scores(boss) == expected[course], said
        formgrader(boss, f"assignment/{LESSON}/release_feedback")
    for course, points in (("autumn", some), ("spring", full)):
        panel(dora, "fetch_feedback", course, LESSON)
        (stamp,) = dora.get(f"api/contents/{course}/{LESSON}/feedback")["content"]
        page = dora.read(f"{stamp['path']}/{LESSON}.html")
        assert f"{points:g} of {full:g} points" in page, course
