"""nbgrader as instructors know it: from generate to CSV, every score compared."""

import csv
import http.cookiejar
import json
import os
import signal
import subprocess
import sys
import urllib.request

import nbformat
import pytest

from grader.kernel import is_demo
from grader.release import release, text_of
from grader.source import lessons, read_lesson, source_path
from tests.cohort import hand_ins, lesson_text, nbgrader_course
from tests.labserver import wait_for
from tests.madeup import LESSON, made_up, put

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange there"),
    pytest.mark.filterwarnings("ignore")]  # nbgrader's own, of sqlalchemy and traitlets
FIRST = lessons()[0]
TOKEN = "a-token-of-this-test"


class Walk:
    """One course walked through: who handed in what, and what each step said."""

    def __init__(self, lesson, folder, monkeypatch):
        self.lesson, self.folder = lesson, folder
        text = lesson_text(lesson, folder / "course")
        self.course = nbgrader_course(folder / "course", {lesson: text}, monkeypatch)
        self.solution = read_lesson(source_path(lesson))
        self.released = release(self.solution, lesson)
        self.handed, self.logs = hand_ins(lesson, self.solution, self.released), {}
        for cell in self.handed["perfect"][0].cells:
            if cell.metadata.get("course", {}).get("kind") == "essay":
                cell.source = "An answer for a person to read."

    def go(self):
        """Generate and release; each student fetches, answers, submits; collect; autograde."""
        course, lesson = self.course, self.lesson
        course.do(course.api.generate_assignment(lesson))
        course.do(course.api.release_assignment(lesson))
        for student, (notebook, _) in self.handed.items():
            home = self.folder / student
            home.mkdir()
            course.as_student(student, lesson, home, "ExchangeFetchAssignment")
            path = home / lesson / f"{lesson}.ipynb"
            assert path.read_text(encoding="utf-8") == text_of(self.released)
            nbformat.write(notebook, path)
            course.as_student(student, lesson, home, "ExchangeSubmit")
        course.do(course.api.collect(lesson))
        for student in self.handed:
            self.logs[student] = course.api.autograde(lesson, student)
        return self

    def scores(self):
        return {student: self.course.score(self.lesson, student) for student in self.handed}

    def expected(self):
        return {student: points for student, (_, points) in self.handed.items()}

    def graded(self, student):
        """{cell id: cell} of what nbgrader executed."""
        path = self.course.root / "autograded" / student / self.lesson / f"{self.lesson}.ipynb"
        return {c.id: c for c in nbformat.read(path, 4).cells}


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The walk that all quick tests look at, once: a made-up lesson with two exercises."""
    folder = tmp_path_factory.mktemp("walk")
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = made_up(folder / "made", monkeypatch)
        reference = made.solution.parent / "reference"
        put(reference / "numbers.json", "[0, 2, 4, 6, 8]")
        put(reference / "curve.json", "[3, 2, 1]")
        return Walk(LESSON, folder, monkeypatch).go()


def test_every_score_is_the_expected_one(walk):
    assert walk.expected() == {
        "perfect": 4.5, "empty": 0, "half": 3, "wrong": 1, "hidden": 1, "tampered": 1,
        "warns": 4.5, "crashes": None}  # one part of double-it is met by many
    assert {**walk.scores(), "crashes": None} == walk.expected()


def test_a_dead_kernel_gives_no_grade_and_is_named(walk):
    """nbgrader stops with an error and grades the others; it leaves nothing half graded."""
    answer = walk.logs["crashes"]
    assert not answer["success"]
    assert "kernel died" in (answer["log"] + answer.get("error", "")).lower()
    assert not (walk.course.root / "autograded" / "crashes" / LESSON / f"{LESSON}.ipynb").exists()
    assert walk.course.score(LESSON, "crashes") == 0  # and "autograded" is false in formgrader
    assert all(a["success"] for student, a in walk.logs.items() if student != "crashes")


def test_the_students_own_check_cells_do_not_count(walk):
    """nbgrader puts its own check cells back before it grades."""
    graded = walk.graded("tampered")
    for cell in walk.solution.cells:
        if cell.metadata.get("course", {}).get("kind") == "check":
            assert graded[cell.id].source == cell.source
    assert graded["check-double-it"].outputs[0].output_type == "error"


def test_a_failing_check_ends_with_its_one_sentence(walk):
    graded = walk.graded("hidden")
    error = graded["check-double-it"].outputs[0]
    assert error.ename == "CheckFailed" and error.evalue.endswith("look at its sign")
    assert graded["check-double-it-text"].outputs == []


def test_points_stand_cell_by_cell_and_an_untouched_essay_needs_nobody(walk):
    with walk.course.api.gradebook as book:
        grades = book.find_submission_notebook(LESSON, LESSON, "half").grades
        assert {g.name: g.score for g in grades} == {
            "check-double-it": 2, "check-double-it-text": 1, "check-count-words": 0,
            "essay-why-small": 0}
        assert not any(g.needs_manual_grade for g in grades)
        (essay,) = [g for g in book.find_submission_notebook(LESSON, LESSON, "perfect").grades
                    if g.name == "essay-why-small"]
        assert essay.needs_manual_grade and essay.max_score == 1


def test_references_are_restored_over_what_a_student_sends(walk):
    folder = walk.course.root / "autograded" / "half" / LESSON
    assert json.loads((folder / "reference" / "numbers.json").read_text())[1] == 2
    assert not list(folder.rglob("*.py"))


def test_feedback_is_made_and_released(walk):
    course = walk.course
    course.do(course.api.generate_feedback(LESSON))
    made = {p.parts[-3] for p in (course.root / "feedback").rglob(f"{LESSON}.html")}
    assert made == set(walk.handed) - {"crashes"}
    page = course.root / "feedback" / "hidden" / LESSON / f"{LESSON}.html"
    assert "look at its sign" in page.read_text(encoding="utf-8")
    course.do(course.api.release_feedback(LESSON))
    outbox = course.root / "exchange" / "labels-to-agents" / "feedback"
    assert len(list(outbox.glob("*.html"))) == len(made)


def test_export_gives_a_line_for_each_student(walk):
    from nbgrader.plugins import CsvExportPlugin
    path = walk.course.root / "grades.csv"
    plugin = CsvExportPlugin(config=walk.course.config)
    plugin.to = str(path)
    with walk.course.api.gradebook as book:
        plugin.export(book)
    with open(path, newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(walk.handed)
    for student, points in walk.expected().items():
        row = rows[student]
        assert row["assignment"] == LESSON and float(row["max_score"]) == 5.5
        assert float(row["score"] or 0) == (points or 0)


@pytest.fixture(scope="module")
def browser(walk, tmp_path_factory):
    """A function that opens a page of the course's formgrader, logged in by its token."""
    folder = tmp_path_factory.mktemp("server")
    log, info = folder / "log", folder / "runtime"
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(info), "HOME": str(folder),
                   "JUPYTER_CONFIG_DIR": str(folder / "config")}
    with open(log, "w", encoding="utf-8") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root",
             "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}",
             "--LanguageServerManager.autodetect=False"],
            cwd=walk.course.root, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        found = wait_for(lambda: server.poll() is None and list(info.glob("jpserver-*.json")))
        base = json.loads(found[0].read_text(encoding="utf-8"))["url"]
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        opener = urllib.request.build_opener(jar)

        def status():
            try:
                return opener.open(f"{base}api?token={TOKEN}", timeout=5).status
            except OSError:
                return None
        wait_for(status)
        opener.open(f"{base}tree?token={TOKEN}", timeout=30).read()  # logs in, keeps a cookie

        def get(page, as_stranger=False):
            use = urllib.request.build_opener() if as_stranger else opener
            with use.open(base + page, timeout=30) as answer:
                return answer.url, answer.read().decode("utf-8")
        yield get
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def test_formgrader_lists_the_assignment(walk, browser):
    _, page = browser("formgrader/manage_assignments")
    assert "formgrader/static" in page and "Manage Assignments" in page
    (entry,) = json.loads(browser("formgrader/api/assignments")[1])
    assert (entry["name"], entry["status"], entry["num_submissions"]) == (LESSON, "released", 8)
    assert entry["max_score"] == 5.5
    status = json.loads(browser("formgrader/api/status")[1])
    assert status["status"] is True


def test_formgrader_shows_the_scores(walk, browser):
    rows = {r["student"]: r for r in json.loads(browser(f"formgrader/api/submissions/{LESSON}")[1])}
    assert set(rows) == set(walk.handed)
    for student, points in walk.expected().items():
        assert rows[student]["autograded"] is (points is not None), student
        assert rows[student]["score"] == (points or 0), student
    _, page = browser(f"formgrader/gradebook/{LESSON}/{LESSON}")
    assert "gradebook_notebook_submissions.js" in page and f"{LESSON}" in page
    graded = json.loads(browser(f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")[1])
    scores = sorted(row["score"] for row in graded if row["student"] != "crashes")
    assert scores == sorted(p for p in walk.expected().values() if p is not None)
    assert any(row["failed_tests"] for row in graded)


def test_formgrader_shows_one_submission(walk, browser):
    graded = json.loads(browser(f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")[1])
    hidden = next(row for row in graded if row["student"] == "hidden")
    _, page = browser(f"formgrader/submissions/{hidden['id']}")
    assert "look at its sign" in page


def test_formgrader_refuses_strangers(browser):
    for page in ("formgrader/api/assignments", "formgrader/manage_assignments"):
        address, text = browser(page, as_stranger=True)
        assert "/login" in address and LESSON not in text


# ---- the real lessons ----

def test_the_first_lesson_in_short(tmp_path, monkeypatch):
    """Perfect, hidden and a program that ends itself, on the lesson that learners meet first."""
    walk = Walk(FIRST, tmp_path, monkeypatch)
    quits = nbformat.from_dict(walk.handed["empty"][0])
    answer = next(c for c in quits.cells if c.metadata.get("course", {}).get("kind") == "exercise")
    answer.source = "import sys\nsys.exit(1)"
    walk.handed = {"perfect": walk.handed["perfect"], "hidden": walk.handed["hidden"],
                   "quits": (quits, 0)}
    assert walk.expected() == {"perfect": 2, "hidden": 0, "quits": 0}
    assert walk.go().scores() == walk.expected()
    assert all(answer["success"] for answer in walk.logs.values()), "sys.exit ends only its cell"


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lessons())
def test_all_eight_submissions_on_a_real_lesson(lesson, tmp_path, monkeypatch):
    walk = Walk(lesson, tmp_path, monkeypatch)
    for notebook, _ in walk.handed.values():  # a demo takes a minute, eight times
        notebook.cells = [c for c in notebook.cells if not is_demo(c)]
    walk.go()
    assert {**walk.scores(), "crashes": None} == walk.expected()
    assert not walk.logs["crashes"]["success"]
    full = sum(c.metadata["nbgrader"]["points"] for c in walk.solution.cells
               if c.metadata.get("course", {}).get("kind") == "check")
    expected = walk.expected()
    assert expected["perfect"] == expected["warns"] == full
    assert expected["empty"] == 0
    assert max(expected["wrong"], expected["hidden"], expected["tampered"]) < full
    exercises = [c for c in walk.solution.cells
                 if c.metadata.get("course", {}).get("kind") == "exercise"]
    assert 0 < expected["half"] < full or len(exercises) == 1
