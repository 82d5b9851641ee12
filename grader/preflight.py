"""Is this notebook ready to hand in? What is missing or changed, and the points it would get.

    python -m grader.preflight FILE                look, and run the visible checks on a copy
    python -m grader.preflight FILE --heal OUT     also write a copy with what can be mended

Your file is only read. Hidden tests are not run here: the estimate is an upper bound.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course.paths import NOTEBOOKS, CourseError
from grader import build, given_out, intake
from grader.intake import Finding
from grader.release import text_of

CELL_SECONDS = 60


@dataclass
class Preflight:
    """What was found. items: per check (exercise, points, out_of, state, message). whose: words
    for the version that it was compared with."""

    lesson: str
    findings: list[Finding]
    items: list = field(default_factory=list)
    ran: bool = False
    whose: str = ""

    @property
    def ready(self) -> bool:
        """Nothing stands in the way of grading and every visible check passes."""
        return not any(f.blocks for f in self.findings) and all(
            item.state in ("solved", "read by a person") for item in self.items)


def known_lessons() -> list[str]:
    """Lessons whose released notebook is here."""
    return sorted(p.parent.name for p in NOTEBOOKS.glob("[0-9][0-9]_*/*.ipynb")
                  if p.stem == p.parent.name)


def preflight(path: Path, lesson: str | None = None, run: bool = True) -> tuple[Preflight, object]:
    """(the report, the healed copy) of a notebook file, which is only read."""
    from grader import selfcheck
    notebook, found = intake.read(path)
    lesson = lesson or intake.lesson_of(notebook, path, known_lessons())
    if lesson not in known_lessons():
        raise CourseError(f"there is no lesson {lesson!r} in {NOTEBOOKS}: choose one of "
                          + ", ".join(known_lessons()))
    given = given_out.find(notebook, path, lesson)
    found += given.findings(notebook)
    healed = intake.heal(notebook, given.notebook)
    report = Preflight(lesson, found, whose=given.whose)
    if run:
        report.items = selfcheck.run_checks(lesson, healed, given.notebook, CELL_SECONDS,
                                            given.reference).items
        report.ran = True
    return report, healed


def lines(report: Preflight) -> list[str]:
    """The report as text."""
    out = [report.lesson + report.whose]
    if not report.findings:
        out.append("  every cell of the course is there, once, unchanged and in order")
    for finding in report.findings:
        mend = " · --heal OUT mends it in a copy" if finding.healed else ""
        out.append(f"  - {finding.sentence}{mend}")
    if report.ran:
        points = sum(item.points for item in report.items)
        total = sum(i.out_of for i in report.items if i.state != "read by a person")
        hand = sum(i.out_of for i in report.items if i.state == "read by a person")
        out.append(f"  visible checks: {points:g} of {total:g} points"
                   + (f", {hand:g} more are read by a person" if hand else ""))
        out += [f"      {i.exercise}: {i.state}" + (f" ({i.message})" if i.message else "")
                for i in report.items if i.state not in ("solved", "read by a person")]
        out.append("  hidden tests are not run here: your score can be lower, not higher")
    out.append("ready to hand in" if report.ready else "not ready: see above")
    return out


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grader.preflight", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lesson", help="such as 04_tokens, when the file does not say")
    parser.add_argument("--heal", type=Path, metavar="OUT", help="write a mended copy")
    parser.add_argument("--no-run", action="store_true", help="only look, run nothing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        _refuse_overwriting(options)
        report, healed = preflight(options.file, options.lesson, not options.no_run)
        if options.heal:
            build.write(options.heal, text_of(healed))
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(asdict(report) | {"ready": report.ready}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(report)))
        if options.heal:
            print(f"wrote {options.heal}; {options.file} is as it was")
    return 0 if report.ready else 1


def _refuse_overwriting(options) -> None:
    if options.heal and options.heal.exists():
        same = options.heal.resolve() == options.file.resolve()
        raise CourseError(f"{options.heal} " + ("is your own file" if same else "exists already")
                          + ": give --heal a new name, so that no work is lost")


if __name__ == "__main__":
    sys.exit(main())
