"""The grader's commands; `grader --help`. Each is short: what it does lives in grader/queue,
grader/reports and grader/autograde."""

import argparse
import re
import sys
from pathlib import Path

from course.paths import CourseError

ABOUT = """\
Grade learners' notebooks: sandboxed, judged from outside, resumable.

  grader grade PATH...              a notebook, a folder of them, or a zip from Canvas or Moodle
  grader autograde 04_tokens        nbgrader's submitted/ into nbgrader's gradebook
  grader status                     what is graded and what is not
  grader report --html pages/       a page for each learner and one for the class
  grader export canvas -o up.csv    grades in the form that Canvas or Moodle takes in
  grader feedback 04_tokens         the same pages where nbgrader hands feedback out from
  grader release --seed S ...       lessons for one cohort, with other constants and contracts
  grader forget LEARNER             delete everything that is kept about a learner

Stop with Ctrl-C at any time; the same command goes on where it stopped. Learners' code runs
without a network, in a sandbox; where this machine has none, grading refuses and says why.
"""
UNSAFE = ("warning: --unsafe: learners' code runs without a sandbox. It can read and change all "
          "that you can (the gradebook, other submissions, your files), use the network, and "
          "leave programs running")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; argparse puts all options in front of it."""

    def error(self, message):
        self.exit(2, f"error: {message} ({self.prog} --help tells more)\n")


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="grader", description=ABOUT,
                 formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_grade(commands)
    _add_autograde(commands)
    _add_reading(commands)
    _add_feedback(commands)
    _add_release(commands)
    forget = _command(commands, "forget", "delete what is kept about a learner: rows, originals, "
                      "results, written pages")
    forget.add_argument("learner", nargs="?", help="the learner's id, as `grader status` shows it")
    forget.add_argument("--older-than", type=_positive, metavar="DAYS",
                        help="instead: everything received more than DAYS days ago")
    return top


def _command(commands, name: str, about: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    command.add_argument("--store", type=Path, metavar="DIR", help="the grading folder (default: "
                         "COURSE_GRADING, or grading/ in a cohort's folder or the course)")
    return command


def _add_running(command) -> None:
    command.add_argument("--jobs", type=_count, metavar="N",
                         help="submissions at a time (default: one a processor core)")
    command.add_argument("--dask", metavar="ADDRESS", help="grade on dask workers, such as "
                         "tcp://10.0.0.5:8786")
    command.add_argument("--sandbox", default="best", choices=("best", "namespaces", "bubblewrap",
                         "landlock"), help="the level to use (default: the best there is)")
    command.add_argument("--unsafe", action="store_true", help="grade without a sandbox; only for "
                         "notebooks you trust as your own")
    command.add_argument("--notebook-seconds", type=_positive, default=300, metavar="S",
                         help="time that one notebook may take (default: 300)")
    command.add_argument("--memory-mb", type=_count, metavar="MB",
                         help="memory that one notebook may use (default: 4096)")
    command.add_argument("--keep-days", type=_positive, metavar="N", help="from now on forget "
                         "submissions N days after they came")
    command.add_argument("--cohort", type=Path, metavar="DIR", help="the folder that grader release "
                         "made: grade against that cohort's checks")
    command.add_argument("--quiet", action="store_true", help="no progress")


def _add_grade(commands) -> None:
    grade = _command(commands, "grade", "grade notebooks, folders and zip files")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    grade.add_argument("--lesson", help="such as 04_tokens, when the files do not say")
    _add_running(grade)
    grade.add_argument("--json", nargs="?", const="-", metavar="FILE",
                       help="every score and message as JSON (to the screen without FILE)")
    grade.add_argument("--csv", nargs="?", const="-", metavar="FILE", help="a line a submission")
    grade.add_argument("--html", type=Path, metavar="DIR", help="a page for each learner, and "
                       "index.html for the class")
    grade.add_argument("--min", metavar="SCORE", dest="least", type=_score,
                       help="exit with 1 when a score is below SCORE (points, or 80%%)")


def _add_autograde(commands) -> None:
    auto = _command(commands, "autograde", "grade nbgrader's submitted/ into nbgrader's gradebook")
    auto.add_argument("assignment", help="such as 04_tokens")
    auto.add_argument("--course", type=Path, metavar="DIR", help="the folder of "
                      "nbgrader_config.py (default: here, or the course)")
    auto.add_argument("--student", action="append", metavar="ID", help="only this one (may be "
                      "given several times)")
    _add_running(auto)


def _add_reading(commands) -> None:
    status = _command(commands, "status", "say what is graded and what is not")
    status.add_argument("named", nargs="?", metavar="LESSON", help="such as 04_tokens")
    status.add_argument("--lesson", help="the same, as with the other commands")
    report = _command(commands, "report", "write pages, or print one learner's result")
    report.add_argument("learner", nargs="?")
    report.add_argument("--lesson")
    report.add_argument("--html", type=Path, metavar="DIR")
    report.add_argument("--json", nargs="?", const="-", metavar="FILE")
    export = _command(commands, "export", "write grades as CSV for Canvas, Moodle or a table; or "
                      "the whole record as JSON lines")
    export.add_argument("form", choices=("canvas", "moodle", "csv", "jsonl"))
    export.add_argument("--lesson", help="one lesson (moodle needs it; canvas gets "
                        "a column for each lesson without it)")
    export.add_argument("-o", "--output", default="-", metavar="FILE")
    export.add_argument("--roster", type=Path, metavar="FILE", help="the file that Canvas or "
                        "Moodle gave out; its names are put beside the ids")


def _add_feedback(commands) -> None:
    feedback = _command(commands, "feedback", "write learners' pages into nbgrader's feedback/")
    feedback.add_argument("assignment", help="such as 04_tokens")
    feedback.add_argument("--course", type=Path, metavar="DIR", help="the folder of "
                          "nbgrader_config.py (default: here, or the course)")


def _add_release(commands) -> None:
    release = commands.add_parser("release", help="make lessons for one cohort", description="Make "
                                  "lessons whose constants, data and contracts a seed chose, in a "
                                  "folder of their own.")
    release.add_argument("lesson", nargs="*", help="such as 04_tokens; default: all that have versions")
    release.add_argument("--seed", help="any text; keep it and the folder private. Without it the "
                         "folder's own seed counts; a new folder gets the lessons as they are")
    release.add_argument("--name", required=True, type=_name, help="what notebooks call the cohort, "
                         "such as autumn-2027; it says nothing about the seed")
    release.add_argument("--out", required=True, type=Path, metavar="DIR",
                         help="the cohort's folder, outside the course")
    release.add_argument("--against", action="append", metavar="SEED", help="count how many reference "
                         "answers of that seed pass (may be given several times)")
    release.add_argument("--force", action="store_true", help="write a lesson again that is in the "
                         "folder already")
    release.add_argument("--tag", action="store_true", help="tag the course in git as cohort-NAME")


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise argparse.ArgumentTypeError("lower-case words and numbers with hyphens, such as "
                                         "autumn-2027")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**6:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return value


def _score(text: str) -> tuple[float, bool]:
    """(number, whether it is percent) of `7.5` or `80%`."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError("must be points such as 7.5, or percent such as 80%")
    if value > 100 and text.endswith("%"):
        raise argparse.ArgumentTypeError(f"{text} is more than all: at most 100%")
    return value, text.endswith("%")


def main(arguments: list[str] | None = None) -> int:
    """0: done. 1: a score is below --min. 2: wrong input or no grading here. 130: stopped."""
    options = parser().parse_args(arguments)
    try:
        from grader import commands
        return getattr(commands, options.command)(options)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `grader status | head`
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"error: {error.filename or 'the system'}: {error.strerror or error}",
              file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
