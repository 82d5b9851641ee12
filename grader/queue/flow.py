"""`grade PATH...` from the first file to the last result: keep, name the lesson, grade, count."""

import itertools
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from course.paths import ROOT, CourseError
from grader import receive, whose
from grader.others import Others
from grader.queue import pool, retention
from grader.queue.ledger import Ledger
from grader.words import cause

PORTION = 200  # files taken in at a time, in one transaction


def store(folder: Path | None = None, course: Path | None = None) -> Path:
    """The grading folder: the one named, COURSE_GRADING, grading/ in a cohort's folder (`course`, or
    the one we are in), or grading/ in the course."""
    import os
    if folder is not None:
        return folder
    if os.environ.get("COURSE_GRADING"):
        return Path(os.environ["COURSE_GRADING"]).expanduser()
    here = course or Path.cwd()
    return (here if (here / "cohort.json").is_file() else ROOT) / "grading"


def known_lessons(packed: dict | None = None) -> list[str]:
    """Lessons that can be graded here, without importing what reads them."""
    from course.paths import SOLUTIONS
    found = {p.parent.name for p in SOLUTIONS.glob("[0-9][0-9]_*/*.py") if p.stem == p.parent.name}
    return sorted(found | set(packed or ()))


def take_in(ledger: Ledger, run: int, paths: list[Path], known: list[str], lesson: str = "",
            others: Others | None = None) -> int:
    """Receive everything in `paths` into the ledger; how many files. others: gets what is no
    notebook. A learner whose only files say no lesson belongs to the one lesson of this run, if it
    has one: otherwise nobody would find their zero in that lesson's scores."""
    count, found, lost = 0, receive.handed_in(paths, known, others), []
    lessons: dict[str, set[str]] = {}  # of each learner
    while some := list(itertools.islice(found, PORTION)):
        with ledger.transaction():
            for handed in some:
                kept = _take_one(ledger, run, handed, known, lesson)
                lessons.setdefault(handed.learner, set()).add(kept)
                if not kept:
                    lost.append(handed)
        count += len(some)
    there = set().union(*lessons.values()) - {""}
    with ledger.transaction():
        for handed in lost:
            alone = len(there) == 1 and lessons[handed.learner] == {""}
            ledger.receive(run, handed.learner, *there if alone else ("",), *handed.kept,
                           handed.refused)
    return count


def _take_one(ledger: Ledger, run: int, handed, known: list[str], lesson: str) -> str:
    """Keep one file and note it under its lesson; "" when it has none and waits for a note."""
    sha, size, named = "", 0, set()
    if not handed.refused:
        try:
            sha, size, named = receive.keep(ledger.folder, handed)
        except CourseError as error:
            handed.refused = str(error)
        except OSError as error:
            handed.refused = f"{handed.name} could not be kept ({cause(error)}): grade it again"
    name = lesson or whose.lesson_of(handed.name, named, known)
    if not name and not handed.refused:
        handed.refused = (f"{handed.name} does not say which lesson it is: grade it again "
                          "with --lesson")
    handed.kept = (sha, handed.name, size)
    if name:
        ledger.receive(run, handed.learner, name, *handed.kept, handed.refused)
    return name


def grade(ledger: Ledger, paths: list[Path], options: pool.Options, lesson: str = "",
          say: Callable[[str], None] | None = None, engine=None,
          others: Others | None = None) -> tuple[int, bool]:
    """(number of this run, True when everything in it has a result). engine: grade_lesson of
    pool (default) or of dask_pool."""
    known = known_lessons(options.packed)
    check_lesson(lesson, known)
    _keep_days(ledger)
    run = ledger.new_run()
    if take_in(ledger, run, paths, known, lesson, others) == 0:
        raise CourseError("no file was found to grade")
    return run, go(ledger, run, options, say, engine)


def check_lesson(lesson: str | None, known: list[str]) -> None:
    """CourseError for a lesson that does not exist; "" and None are all of them."""
    if lesson and lesson not in known:
        raise CourseError(f"there is no lesson {lesson!r}; there are: {', '.join(known)}")


def go(ledger: Ledger, run: int, options: pool.Options, say=None, engine=None) -> bool:
    """Grade what is pending of a run; False when Ctrl-C stopped it. A lesson that cannot be graded
    here costs the others nothing: its reason goes to options.left. CourseError when none can."""
    engine = engine or pool.grade_lesson
    with Stop() as stop:
        names, failed = ledger.lessons_in(run), []
        for name in names:
            if stop():
                break
            try:
                engine(ledger, run, name, options, Progress(name, say), stop)
            except pool.Stopped:
                break
            except CourseError as error:
                failed.append(error)
                options.left.append(f"{name}: {error}")
    if failed and len(failed) == len(names):
        raise failed[0]
    return not stop.asked


def _keep_days(ledger: Ledger) -> None:
    days = ledger.setting("keep_days")
    if days:
        retention.forget_older(ledger, float(days))


class Stop:
    """Ctrl-C (and a polite kill) asks to stop; what is at work is dropped, never half kept."""

    def __init__(self):
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self):
        self.before = {}
        for name in (signal.SIGINT, signal.SIGTERM):
            try:
                self.before[name] = signal.signal(name, self._ask)
            except ValueError:  # not the main thread: Ctrl-C goes elsewhere
                continue
        return self

    def _ask(self, *_):
        if self.asked:  # asked twice: now
            raise KeyboardInterrupt
        self.asked = True

    def __exit__(self, *_):
        for name, handler in self.before.items():
            signal.signal(name, handler)


class Progress:
    """`12 of 300 graded, about 4 min left` on stderr, at most twice a second, one line."""

    def __init__(self, lesson: str, say: Callable[[str], None] | None):
        self.lesson, self.say = lesson, say
        self.began, self.first, self.last = time.monotonic(), None, 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        self.first = done if self.first is None else self.first
        if self.say is None or (done < total and now - self.last < 0.5):
            return
        self.last = now
        self.say(f"{self.lesson}: {done} of {total} graded"
                 + left(done - self.first, total - done, now - self.began))


def left(done: int, todo: int, seconds: float) -> str:
    """The time left in words, once something was done."""
    if not todo or done < 1:
        return ""
    guess = seconds / done * todo
    words = f"{guess:.0f} s" if guess < 90 else f"{guess / 60:.0f} min" if guess < 5400 else \
        f"{guess / 3600:.1f} h"
    return f", about {words} left"


def on_one_line(text: str) -> None:
    """Print progress on stderr: over itself on a terminal, line by line every 10 s elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{text:<78}", end="", file=sys.stderr, flush=True)
    elif text != on_one_line.text and (
            "left" not in text or time.monotonic() - on_one_line.last > 10):
        on_one_line.last, on_one_line.text = time.monotonic(), text
        print(text, file=sys.stderr, flush=True)


on_one_line.last, on_one_line.text = 0.0, ""
