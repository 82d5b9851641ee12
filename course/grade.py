"""Your real score: a copy of your notebook against all checks, hidden tests included.

    python -m course.grade 04                 the notebook in notebooks/04_tokens
    python -m course.grade 04 my_copy.ipynb   another file
    python -m course.grade --list             the lessons

Your file is only read. START_HERE shows the last score.
"""

import argparse
import contextlib
import json
import sys
from pathlib import Path

from course.paths import NOTEBOOKS, CourseError


def find_lesson(name: str) -> str:
    """The id of a lesson given as 4, 04 or 04_tokens; CourseError when there is none."""
    from grader.source import lessons
    known = lessons()
    wanted = name.zfill(2) if name.isdigit() else name
    matches = [lesson for lesson in known if lesson == wanted or lesson[:2] == wanted]
    if not matches:
        raise CourseError(f"there is no lesson {name!r}; there are: {', '.join(known)}")
    return matches[0]


def report_lines(report) -> list[str]:
    """The report as lines of text, 79 columns where words allow."""
    import textwrap
    lines = [f"{report.lesson}, graded in {report.seconds:.0f} s", ""]
    for item in report.items:
        given = "  -" if item.state == "read by a person" else f"{item.points:3g}"
        lines.append(f"  {given} of {item.out_of:g}  {item.exercise}: {item.state}")
        if item.message:
            lines += textwrap.wrap(item.message, 79, initial_indent=" " * 12,
                                   subsequent_indent=" " * 12)
    by_hand = f", {report.by_hand:g} more are read by a person" if report.by_hand else ""
    lines += ["", f"{report.points:g} of {report.out_of:g} points by checks{by_hand}"]
    return lines + [f"note: {note}" for note in report.notes]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m course.grade", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="?", help="such as 04 or 04_tokens")
    parser.add_argument("notebook", nargs="?", type=Path, help="default: the one in notebooks/")
    parser.add_argument("--list", action="store_true", help="name the lessons")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        if options.list:
            from grader.source import lessons
            print("\n".join(lessons()))
            return 0
        if not options.lesson:
            parser.error("say which lesson, such as 04")
        return _grade(options)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed in this Python: use the course's own "
              "(.venv), or run make lab first", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was changed", file=sys.stderr)
        return 130


def _grade(options) -> int:
    from grader import progress, selfcheck
    lesson = find_lesson(options.lesson)
    path = options.notebook or NOTEBOOKS / lesson / f"{lesson}.ipynb"
    print(f"running a copy of {path} ...", file=sys.stderr, flush=True)
    with contextlib.redirect_stderr(None):
        report = selfcheck.grade(lesson, path)
    progress.note_score(lesson, report.points, report.out_of, report.by_hand)
    if options.json:
        print(json.dumps({
            "lesson": lesson, "points": report.points, "out_of": report.out_of,
            "by_hand": report.by_hand, "notes": report.notes,
            "items": [vars(item) for item in report.items]}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(report_lines(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
