"""`grader autograde ASSIGNMENT`: nbgrader's submitted/ graded by us into nbgrader's gradebook.

Everything downstream (formgrader, feedback, export) finds what `nbgrader autograde` would have
left: the same rows, and notebooks in autograded/ whose check cells end without output or with
one error, the judge's sentence. Manual grades stay. Scores enter in one transaction, after a
copy of the gradebook was made.
"""

import contextlib
import os
import shutil
import sqlite3
import sys
import time
import warnings
from pathlib import Path

from course.paths import ROOT, CourseError
from grader import collected, graded, late, receive
from grader.queue import flow, pool
from grader.queue.ledger import Ledger
from grader.reports import handback, tables

BACKUPS = 5  # copies of the gradebook, the newest ...
DAYS = 60  # ... and the first of each day on which was graded, of so many days


def run(options) -> int:
    """The command."""
    from grader import commands
    folder = course_folder(options.course)
    course = open_course(folder)
    if options.cohort is None and (folder / "cohort.json").is_file():
        options.cohort = folder  # a cohort's folder is a course with checks of its own
    with Ledger(flow.store(options.store, folder), write=True) as ledger:
        running = commands.running_options(options, ledger)
        rows, whole = autograde(course, options.assignment, ledger, running,
                                students=options.student, say=commands._say(options),
                                engine=commands.engine(options))
        if not whole:
            return commands._stopped(rows)
        for line in handback.lines(course, rows):
            print(line)
    return 0


def course_folder(named: Path | None) -> Path:
    """The folder of nbgrader_config.py: the one named, this one, or the course."""
    return named or (Path.cwd() if Path("nbgrader_config.py").is_file() else ROOT)


def open_course(folder: Path):
    """(nbgrader's CourseDirectory, its configuration) of the course in `folder`."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader
    try:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        raise CourseError(f"{folder} is no nbgrader course: it has no nbgrader_config.py; name it "
                          "with --course") from None
    if "root" not in config.CourseDirectory:
        config.merge(Config(CourseDirectory={"root": str(folder)}))
    return CourseDirectory(config=config), config


def autograde(course, assignment: str, ledger, running, students=None, say=None, engine=None):
    """(rows of this run, True when it was not stopped); the gradebook is written only then.
    course: what open_course gave."""
    directory, _ = course
    book = gradebook_file(directory)
    found = collected.folders(directory, assignment, students)
    policy = late.read(Path(directory.root))  # a slip in it costs no hour of grading
    known = flow.known_lessons(running.packed)
    if assignment not in known:
        raise CourseError(f"there is no lesson {assignment!r}; there are: {', '.join(known)}")
    _warn_of_names(directory, assignment, policy, known)
    running.outputs = True
    flow._keep_days(ledger)
    number = ledger.new_run()
    for student, work in found.items():
        _take_in(ledger, number, assignment, student, work)
    whole = flow.go(ledger, number, running, say, engine)
    rows = tables.Rows(ledger, run=number)
    if running.left:  # the gradebook gets all or nothing
        raise CourseError(running.left[0])
    if whole:
        _into_gradebook(course, assignment, ledger, rows, running, book)
    return rows, whole


def _warn_of_names(directory, assignment: str, policy, known: list[str]) -> None:
    """Say which names in late.toml belong to nobody: their extension would change no score."""
    if policy is None:
        return
    from nbgrader.api import Gradebook
    everybody = set(collected.folders(directory, assignment))
    with Gradebook(directory.db_url, directory.course_id) as gb:
        everybody |= {student.id for student in gb.students}
    for sentence in policy.unknown(assignment, everybody, known):
        print(f"warning: {sentence}", file=sys.stderr)


def gradebook_file(directory) -> Path | None:
    """The file of an SQLite gradebook; None for another kind of database."""
    if not directory.db_url.startswith("sqlite:///"):
        return None
    path = Path(directory.db_url.removeprefix("sqlite:///"))
    if not path.is_file():
        if Path(directory.root).resolve() == ROOT.resolve():
            raise CourseError(f"this is the course ({ROOT}), and it has no gradebook: you are not in "
                              "your class's folder. cd there, or name it with --course (to grade "
                              "here, run nbgrader generate_assignment first)")
        raise CourseError(f"there is no gradebook {path}: run nbgrader generate_assignment first")
    return path


def _take_in(ledger, number: int, assignment: str, student: str, folder: Path) -> None:
    """Keep one original."""
    handed, told = collected.handed_in(folder, student)
    sha, size = "", 0
    if not handed.refused:
        try:
            sha, size, named = receive.keep(ledger.folder, handed)
            if handed.name != f"{assignment}.ipynb":
                handed.refused = collected.of_another_lesson(handed.name, named, assignment)
        except (CourseError, OSError) as error:
            handed.refused = str(error)
    if told and not handed.refused:
        print(f"warning: {student}: {tables.shown(told)}", file=sys.stderr)
    ledger.receive(number, student, assignment, sha, handed.name, size, handed.refused)


# --- into the gradebook --------------------------------------------------------------------

def _into_gradebook(course, assignment, ledger, rows, running, book) -> None:
    from grader.queue import packed
    plan_packed = running.packed.get(assignment)
    full = plan_packed or packed.pack(packed.read(assignment))
    directory, config = course
    if book:
        _back_up(book)
    waiting: list[tuple[Path, Path]] = []
    with _one_transaction(directory) as gb:
        keeper = graded.Keeper(gb, directory, config, assignment, full)
        keeper.refuse_another_version()
        late.enter(Path(directory.root), gb, assignment)
        for row in rows:
            result = tables.result_of(row, ledger)
            kept = ledger.outputs(row["sha"], row["checks"], row["environment"]) \
                if row["result"] else {}
            waiting.append(keeper.keep(row["learner"], result, kept))
    for part, place in waiting:
        _swap(part, place)


@contextlib.contextmanager
def _one_transaction(directory):
    """nbgrader's Gradebook whose many commits happen at once, at the end, or not at all."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning
    with Gradebook(directory.db_url, directory.course_id) as gb, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of nbgrader's way to make a submission
        commit = gb.db.commit
        gb.db.commit = gb.db.flush
        try:
            yield gb
        except BaseException:
            gb.db.rollback()
            raise
        finally:
            gb.db.commit = commit
        gb.db.commit()


def _back_up(book: Path) -> None:
    """Copy the gradebook beside itself; the last BACKUPS copies stay, and the first of each day."""
    now = time.time_ns()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9))
    target = book.with_name(f"{book.name}.before-{stamp}-{now // 1000 % 10**6:06d}")
    with contextlib.closing(sqlite3.connect(book)) as source, \
            contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    os.chmod(target, 0o600)
    copies = sorted(book.parent.glob(f"{book.name}.before-*"))
    firsts = {path.name.split("before-")[1][:8]: path for path in reversed(copies)}
    for old in set(copies[:-BACKUPS]) - set(sorted(firsts.values())[-DAYS:]):
        old.unlink()
    print(f"the gradebook was copied to {target.name} first", file=sys.stderr)


def _swap(part: Path, place: Path) -> None:
    """Put a finished folder in place of the one that was there."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        os.replace(place, old)
    os.replace(part, place)
    shutil.rmtree(old, ignore_errors=True)
