"""A class on one hub, over HTTP: from the first fetch to the last grade, every number compared.

COURSE_SCREENSHOTS=DIR keeps the browser's pictures for a person to look at.
"""

import csv
import datetime
import importlib.util
import io
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.paths import ROOT
from grader.release import release
from grader.source import read_lesson, source_path
from tests.cohort import three_hand_ins
from tests.hub_driver import Person, assignments, formgrader, panel
from tests.labserver import wait_for
from tests.support import need
from tests.test_lab_browser import OPTIONS, picture, playwright

HUB = ROOT / "deploy" / "hub" / "hub.py"
LESSON, COURSE, PASSWORD = "04_tokens", "labels-to-agents", "a-password-of-this-test"
ESSAY = "essay-why-bytes"
slow = pytest.mark.slow
WAIT = 120_000  # ms for a page: another process may keep both cores busy


def hub_module():
    spec = importlib.util.spec_from_file_location("hub", HUB)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("environment, says", [
    ({}, "make hub CREATE_ACCOUNTS=1"), ({"CREATE_ACCOUNTS": "1"}, "needs root")])
def test_without_what_it_needs_the_hub_says_one_sentence(environment, says, monkeypatch):
    monkeypatch.delenv("CREATE_ACCOUNTS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    sentence = hub_module().missing()
    assert sentence.count("\n") == 0 and (says in sentence or sys.platform != "linux")


@pytest.mark.parametrize("change, says", [
    ('"demo-anna"', "begin with demo-: anna"), ('"demo-ben"', "names must differ")])
def test_a_class_of_other_names_is_refused(change, says, tmp_path, monkeypatch):
    from course.paths import CourseError
    hub = hub_module()
    text = (ROOT / "deploy" / "hub" / "class.toml").read_text(encoding="utf-8")
    new = {'"demo-anna"': '"anna"', '"demo-ben"': '"demo-anna"'}[change]
    (tmp_path / "class.toml").write_text(text.replace(change, new), encoding="utf-8")
    monkeypatch.setattr(hub, "HERE", tmp_path)
    with pytest.raises(CourseError, match=says):
        hub.read_class(tmp_path)


@pytest.mark.parametrize("name, value, says", [
    ("HUB_PORT", "http", "from 1 to 65535"), ("HUB_LESSONS", "04_tokens 4_tokens", "no lesson 4_tokens;"),
    ("HUB_COHORT", "/nowhere", "no cohort's folder")])
def test_settings_that_cannot_be_are_told_before_anything_starts(name, value, says, tmp_path, monkeypatch):
    from course.paths import CourseError
    monkeypatch.setenv("HUB_PORT", "48123")
    monkeypatch.setenv(name, value)
    with pytest.raises(CourseError, match=says):
        hub_module().read_class(tmp_path)


# ---- the loop ----

class Class:
    """A running hub. people: {name: Person}, their servers up. seconds: from the command to a
    released class."""

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self.log = folder.parent / "hub-said"
        began = time.monotonic()
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with open(self.log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(HUB)], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                env={**environment, "CREATE_ACCOUNTS": "1", "HUB_DIR": str(folder), "HUB_PORT":
                     str(port), "HUB_LESSONS": f"00_start {LESSON}", "HUB_PASSWORD": PASSWORD})
        wait_for(lambda: self.process.poll() is not None or "Ctrl-C" in self.said(), 600)
        assert self.process.poll() is None, self.said()
        self.seconds, self.people = time.monotonic() - began, {}

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.address, name, PASSWORD).start()
        return self.people[name]

    def processes(self) -> list[str]:
        """What still runs of this hub, seen from outside its namespaces."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if str(self.folder).encode() in path.read_bytes():
                    found.append((path.parent / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return [line for line in found if "hub.py" not in line or "--inside" in line]


def can_run():
    """Skip where a hub cannot run; under REQUIRE_ALL=1 only where the system refuses namespaces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATE_ACCOUNTS", "1")
        sentence = hub_module().missing()
    if sentence:
        if os.environ.get("REQUIRE_ALL") == "1" and "refuses" not in sentence:
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    can_run()
    folder = tmp_path_factory.mktemp("hub") / "class"  # closed to others: the hub opens a way
    running = Class(folder)
    try:
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(120)


@pytest.fixture(scope="module")
def handed():
    """{what: (notebook as learners save it, expected points)}, essays written where one answers."""
    solution = read_lesson(source_path(LESSON))
    return three_hand_ins(LESSON, solution, release(solution, LESSON))


def submit(person, notebook):
    if assignments(person, COURSE)[LESSON]["status"] == "released":
        panel(person, "fetch", COURSE, LESSON)
    person.write(f"{LESSON}/{LESSON}.ipynb", json.loads(json.dumps(notebook)))
    panel(person, "submit", COURSE, LESSON)
    return datetime.datetime.now(datetime.timezone.utc)


def graded(boss):
    """{learner: (score, late penalty)} as formgrader shows it."""
    return {row["student"]: row for row in boss.get(f"formgrader/api/submissions/{LESSON}")}


def read_essay(boss, student, points, comment):
    rows = boss.get(f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")
    (row,) = [r for r in rows if r["student"] == student]
    for kind, change in (("grade", {"manual_score": points}), ("comment", {"manual_comment": comment})):
        (entry,) = [e for e in boss.get(f"formgrader/api/{kind}s?submission_id={row['id']}")
                    if e["name"] == ESSAY]
        boss.post(f"formgrader/api/{kind}/{entry['id']}", change, "PUT")


@slow
def test_from_the_first_fetch_to_the_last_grade(school, handed, tmp_path):
    print(f"\nfrom the command to a released class of two lessons: {school.seconds:.0f} s")
    full, wrong, half = (handed[what][1] for what in ("perfect", "wrong", "half"))
    anna, ben, chen, eva = (school.person(f"demo-{who}") for who in ("anna", "ben", "chen", "eva"))
    submit(anna, handed["perfect"][0])
    submit(ben, handed["wrong"][0])
    submit(eva, handed["wrong"][0])
    time.sleep(1.5)
    due = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(1.5)
    submit(eva, handed["half"][0])  # twice, the second late, with an extension
    submit(chen, handed["perfect"][0])  # late
    # demo-dora never hands in

    boss = school.person("demo-instructor")
    boss.post(f"api/contents/{COURSE}/late.toml", {
        "type": "file", "format": "text", "content":
        f"lost_per_day = 0.2\n[due]\n{LESSON} = {due.isoformat()}\n[[extension]]\n"
        f'learner = "demo-eva"\nlesson = "{LESSON}"\nhours = 24\n'}, "PUT")
    formgrader(boss, f"assignment/{LESSON}/collect")
    code, said = boss.shell(f"cd {COURSE} && python -m grader autograde {LESSON} --jobs 1 --store ~/record")
    assert code == 0, said
    assert "no sandbox" not in said
    rows = graded(boss)
    assert {who: row["score"] for who, row in rows.items() if row["autograded"]} == {
        "demo-anna": full, "demo-ben": wrong, "demo-chen": full, "demo-eva": half}  # before penalties
    assert all(rows[who]["needs_manual_grade"] for who in ("demo-anna", "demo-ben", "demo-eva"))

    beside = boss.read(f"{COURSE}/instructor/{LESSON}.md").split(f"### `{ESSAY.removeprefix('essay-')}`")[1]
    assert "**Model answer.** Loss per token" in beside and "**Rubric.** 1 point" in beside
    for student, points, comment in (("demo-anna", 2, "All there."), ("demo-ben", 0.5, "And why?"),
                                     ("demo-chen", 1, ""), ("demo-eva", 1.5, "Nearly.")):
        read_essay(boss, student, points, comment)
    code, said = boss.shell(f"cd {COURSE} && python -m grader autograde {LESSON} --jobs 1 --store ~/record "
                            f"&& python -m grader feedback {LESSON} --store ~/record "
                            "&& python -m nbgrader export")
    assert code == 0, said
    expected = {"demo-anna": full + 2, "demo-ben": wrong + 0.5,
                "demo-chen": round((full + 1) * 0.8, 4), "demo-eva": half + 1.5}
    assert {who: row["score"] for who, row in graded(boss).items() if row["autograded"]} == \
        {**expected, "demo-chen": full + 1}
    table = list(csv.DictReader(io.StringIO(boss.read(f"{COURSE}/grades.csv"))))
    got = {row["student_id"]: row for row in table if row["assignment"] == LESSON}
    assert {who: float(got[who]["score"]) for who in expected} == expected
    assert float(got.get("demo-dora", {"score": 0})["score"] or 0) == 0
    assert float(got["demo-chen"]["late_submission_penalty"]) == pytest.approx((full + 1) * 0.2)
    formgrader(boss, f"assignment/{LESSON}/release_feedback")

    for name, points in expected.items():
        person = school.person(name)
        panel(person, "fetch_feedback", COURSE, LESSON)
        folder = f"{LESSON}/feedback"
        stamps = person.get(f"api/contents/{folder}")["content"]
        page = person.read(f"{sorted(e['path'] for e in stamps)[-1]}/{LESSON}.html")
        assert f"In all {points:g} of {full + 2:g} points" in page, name
        assert "HIDDEN" not in page and "assert " not in page
    assert "And why?" in page_of(school.person("demo-ben"))
    assert "taken off for handing in late" in page_of(school.person("demo-chen"))


def page_of(person):
    stamps = person.get(f"api/contents/{LESSON}/feedback")["content"]
    return person.read(f"{sorted(e['path'] for e in stamps)[-1]}/{LESSON}.html")


@slow
def test_learners_see_neither_answers_nor_each_other(school):
    anna = school.person("demo-anna")
    code, said = anna.shell(f"ls {ROOT}/solutions {ROOT}/tests {ROOT}/docs/instructor | wc -l")
    assert code == 0 and not re.search(r"_start|_tokens", said)
    for closed in (school.folder / "home" / "demo-ben", school.folder / "home" / "demo-instructor",
                   school.folder / "run", school.folder / "exchange" / COURSE / "inbound"):
        code, said = anna.shell(f"ls {closed}")
        assert code != 0 and "ermission denied" in said, closed
    code, said = anna.shell("""python -c 'from course import lesson; lesson("04_tokens")'""")
    assert code == 0 and "Traceback" not in said, said


@slow
def test_a_learner_clicks(school, tab, tmp_path):
    """Fetch, Validate, run (the kernel answers through the proxy), Submit; then look at feedback."""
    school.person("demo-dora")
    page = assignment_list(tab, school, "demo-dora")
    picture(page, tmp_path, "learner-list")
    page.locator("#released_assignments_list .list_item", has_text="00_start").get_by_text("Fetch").click()
    page.wait_for_selector("#fetched_assignments_list >> text=00_start")
    lesson = page.context.new_page()
    lesson.set_default_timeout(WAIT)
    lesson.goto(f"{school.address}/user/demo-dora/lab/tree/00_start/00_start.ipynb")
    bar = lesson.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-NotebookPanel-toolbar")
    bar.get_by_text("Validate", exact=True).click()  # the lesson's own text says Validate, too
    lesson.locator(".jp-Dialog").first.wait_for()
    lesson.wait_for_selector("text=Validation Results")
    picture(lesson, tmp_path, "learner-validate")
    lesson.locator(".jp-Dialog button", has_text=re.compile("OK|Ok|Close")).first.click()
    lesson.get_by_role("menuitem", name="Run", exact=True).click()
    lesson.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    card = lesson.locator(".jp-OutputArea-output").get_by_text(re.compile("not solved yet", re.I)).first
    card.wait_for()
    lesson.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    card.scroll_into_view_if_needed()
    picture(lesson, tmp_path, "learner-ran")
    lesson.close()
    row = page.locator("#fetched_assignments_list .list_item", has_text="00_start").first
    row.get_by_text("Submit").first.click()
    page.wait_for_selector("#submitted_assignments_list >> text=00_start")
    picture(page, tmp_path, "learner-submitted")
    school.person("demo-anna")
    page = assignment_list(tab, school, "demo-anna")
    page.wait_for_selector("#submitted_assignments_list >> text=/feedback/i")
    page.locator("#submitted_assignments_list .list_item").get_by_text("Fetch Feedback").first.click()
    page.wait_for_selector("text=view feedback")
    picture(page, tmp_path, "learner-feedback")


@slow
def test_an_instructor_clicks(school, tab, tmp_path):
    """Formgrader's lists, and points and a comment for an essay on its page of one submission."""
    boss, page = school.person("demo-instructor"), tab("demo-instructor")
    home = f"{school.address}/user/demo-instructor"
    page.goto(f"{home}/lab")
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    assert "Formgrader" not in page.locator(".lm-Menu-itemLabel").all_inner_texts(), "it is a frame"
    page.goto(re.search(r"formgrader: (\S+)", school.said())[1])
    page.wait_for_selector(f"text={LESSON}")
    picture(page, tmp_path, "instructor-assignments")
    page.goto(f"{home}/formgrader/gradebook/{LESSON}/{LESSON}")
    page.click("text=Submission #1")
    points = page.locator(f"input[id='{ESSAY}']")
    points.scroll_into_view_if_needed()
    points.fill("0.25")  # nobody has that yet
    points.press("Tab")
    wait_for(lambda: 0.25 in essay_points(boss))
    picture(page, tmp_path, "instructor-essay")
    page.goto(f"{home}/lab/tree/{COURSE}/instructor/{LESSON}.md")
    page.locator(".cm-content").get_by_text("For the instructor").first.wait_for()
    picture(page, tmp_path, "instructor-rubric")


def essay_points(boss):
    """What the instructor gave for the essay, a number for each submission."""
    return [entry["manual_score"]
            for row in boss.get(f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")
            for entry in boss.get(f"formgrader/api/grades?submission_id={row['id']}")
            if entry["name"] == ESSAY]


@pytest.fixture
def tab(school):
    """tab(name): a page of headless Chromium in which that person is logged in."""
    chromium = need("chromium")
    with playwright()() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=OPTIONS)

        def opened(name):
            page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
            page.set_default_timeout(WAIT)
            log_in(page, school.address, name)
            return page
        yield opened
        browser.close()


def assignment_list(tab, school, name):
    page = tab(name)
    page.goto(f"{school.address}/user/{name}/lab")
    page.wait_for_selector(".jp-Launcher")
    page.click("text=Nbgrader")
    page.click("text=Assignment List")
    page.wait_for_selector(f"text={LESSON}")
    return page


def log_in(page, address, name):
    page.goto(f"{address}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url(re.compile("/user/|/hub/(home|spawn)"))


@slow
def test_stopping_it_leaves_no_process_and_no_account(school):
    assert school.processes()
    school.process.send_signal(signal.SIGTERM)
    assert school.process.wait(120) == 0, school.said()
    wait_for(lambda: not school.processes(), 60)
    assert not [entry for entry in pwd.getpwall() if entry.pw_name.startswith("demo-")]
    assert "accounts are gone" in school.said() and "Traceback" not in school.said()


@slow
def test_a_restart_keeps_the_files_and_even_a_kill_leaves_no_process(school):
    assert school.process.poll() is not None, "the test before this one stops the hub"
    again = Class(school.folder)
    assert "released" not in again.said(), "what is out stays out"
    assert (school.folder / "home" / "demo-anna" / LESSON / f"{LESSON}.ipynb").is_file()
    again.process.kill()
    again.process.wait(60)
    wait_for(lambda: not again.processes(), 60)
