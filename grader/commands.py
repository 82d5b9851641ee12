"""What each command does, with the options that cli.py parsed. Exit codes: see cli.main."""

import sys
from pathlib import Path

from course.paths import CourseError
from grader.cli import UNSAFE
from grader.others import Others
from grader.queue import flow, pool, retention
from grader.queue.ledger import Ledger
from grader.reports import tables
from grader.words import counted


def grade(options) -> int:
    _refuse_before_work(options)
    if options.cohort is None and Path("cohort.json").is_file():
        options.cohort = Path.cwd()  # as grader autograde does
    with Ledger(flow.store(options.store, options.cohort), write=True) as ledger:
        running, others = running_options(options, ledger), Others()
        run, whole = flow.grade(ledger, options.paths, running, options.lesson or "",
                                _say(options), engine(options), others)
        rows = tables.Rows(ledger, run=run)
        if not whole:
            return _stopped(rows)
        code = _tell(options, ledger, rows)
        for sentence in others.told():
            print(sentence, file=sys.stderr)
        for sentence in running.left:
            print(f"error: {sentence}", file=sys.stderr)
        if not code and not running.left and not any(row["result"] for row in rows):
            print("error: nothing could be graded: the sentences beside the files say why",
                  file=sys.stderr)
            return 2
        return 2 if running.left else code


def _refuse_before_work(options) -> None:
    """What would fail after an hour of grading fails now."""
    for name in (options.json, options.csv):
        if name and name != "-" and not Path(name).resolve().parent.is_dir():
            raise CourseError(f"there is no folder for {name}: make it first")
    if options.html and options.html.exists() and not options.html.is_dir():
        raise CourseError(f"{options.html} is not a folder: give --html another name")
    if options.json == "-" and options.csv == "-":
        raise CourseError("--json and --csv cannot both go to the screen: give one a FILE")


def running_options(options, ledger) -> pool.Options:
    """The pool's options from the command line; a warning for --unsafe."""
    if options.unsafe:
        print(UNSAFE, file=sys.stderr)
    if options.keep_days:
        ledger.setting("keep_days", str(options.keep_days))
    running = pool.Options(level="none" if options.unsafe else options.sandbox,
                           budget={"notebook": options.notebook_seconds})
    running.jobs = options.jobs or running.jobs
    if options.memory_mb:
        running.limits = {"memory_mb": options.memory_mb}
    if options.cohort:
        from grader import cohort_release
        running.packed = cohort_release.packed_lessons(options.cohort)
        if other := cohort_release.another_version(options.cohort):
            print(f"warning: {other}", file=sys.stderr)
    return running


def engine(options):
    """Who grades: this machine, or dask's workers."""
    if not options.dask:
        return pool.grade_lesson
    from grader.queue import dask_pool
    return dask_pool.engine(options.dask)


def _say(options):
    return None if options.quiet else flow.on_one_line


def _stopped(rows) -> int:
    done = sum(1 for row in rows if row["result"])
    print(f"\nstopped: {done} of {len(rows)} are graded and kept; run the same command again to "
          "go on", file=sys.stderr)
    return 130


def _tell(options, ledger, rows) -> int:
    if options.json:
        tables.write(options.json, tables.as_json(rows))
    if options.csv:
        tables.write(options.csv, tables.as_csv(rows))
    if options.html:
        from grader.reports import pages
        count = pages.write_all(ledger, rows, options.html)
        print(f"wrote {counted(count, 'page')} to {options.html}; index.html is for you, not for learners",
              file=sys.stderr)
    if "-" not in (options.json, options.csv):
        for line in tables.lines(rows):
            print(line)
    return 1 if options.least and _below(rows, *options.least) else 0


def _below(rows, least: float, percent: bool) -> bool:
    low, count, most = 0, 0, set()
    for row in rows:
        points, out_of = tables.score(row)
        no_result = not row["result"] and least > 0  # a refused file has nothing to be a share of
        low += no_result or points < (least * out_of / 100 if percent else least) - 1e-9
        count += 1
        most |= {out_of} - {0}
    if low:
        bound = f"{least:g}%" if percent else f"{least:g} points" if len(most) != 1 else \
            f"{least:g} of {most.pop():g} points"
        print(f"{low} of {counted(count, 'score')} {'is' if low == 1 else 'are'} below {bound}",
              file=sys.stderr)
    return low > 0


def autograde(options) -> int:
    from grader import autograde as work
    return work.run(options)


def feedback(options) -> int:
    from grader.autograde import course_folder, gradebook_file, open_course
    from grader.reports import handback
    folder = course_folder(options.course)
    with Ledger(flow.store(options.store, folder)) as ledger:
        course = open_course(folder)
        gradebook_file(course[0])  # nbgrader would make an empty one
        count = handback.write_all(course, ledger, options.assignment)
    print(f"wrote {counted(count, 'page')} to feedback/; hand them out: nbgrader release_feedback "
          f"{options.assignment}")
    return 0


def release(options) -> int:
    from grader import cohort_release
    from grader.source import lessons, source_path
    seed = cohort_release.seed_of(options.out) if options.seed is None else options.seed
    names = list(dict.fromkeys(source_path(name).stem for name in options.lesson)) or (
        lessons() if seed is None else cohort_release.all_lessons())
    for line in cohort_release.release_cohort(names, seed, options.name, options.out,
                                              options.against or [], options.tag, options.force):
        print(line, flush=True)
    return 0


def status(options) -> int:
    if options.named and options.lesson and options.named != options.lesson:
        raise CourseError(f"name one lesson, not both {options.named} and {options.lesson}")
    with Ledger(flow.store(options.store)) as ledger:
        lesson = _lesson(ledger, options.named or options.lesson)
        for line in tables.summary(ledger, tables.Rows(ledger, lesson=lesson)):
            print(line)
    return 0


def _lesson(ledger, named: str | None) -> str:
    """A lesson that exists here or in the record (a class may have its own); "" for all."""
    there = {row["lesson"] for row in ledger.rows()} - {""} if named else set()
    flow.check_lesson(named, sorted(there | set(flow.known_lessons())))
    return named or ""


def report(options) -> int:
    with Ledger(flow.store(options.store), write=bool(options.html)) as ledger:
        rows = tables.Rows(ledger, lesson=_lesson(ledger, options.lesson),
                           learner=options.learner or "")
        if not len(rows):
            raise CourseError("there is nothing to report" + (
                f" about {options.learner}" if options.learner else "")
                + ": `grader status` shows what there is")
        if options.html:
            from grader.reports import pages
            count = pages.write_all(ledger, rows, options.html, whole_class=not options.learner)
            print(f"wrote {counted(count, 'page')} to {options.html}")
        elif options.json:
            tables.write(options.json, tables.as_json(rows))
        else:
            for line in tables.lines(rows, details=bool(options.learner)):
                print(line)
    return 0


def export(options) -> int:
    from grader.reports import lms
    if options.form == "moodle" and not options.lesson:
        raise CourseError("Moodle takes in one assignment at a time: add --lesson")
    with Ledger(flow.store(options.store)) as ledger:
        rows = tables.Rows(ledger, lesson=_lesson(ledger, options.lesson))
        if not len(rows):
            raise CourseError("there is nothing to export"
                              + (f" of {options.lesson}" if options.lesson else "")
                              + ": `grader status` shows what there is")
        made = {"csv": lambda: tables.as_csv(rows), "jsonl": lambda: tables.as_json_lines(rows),
                "canvas": lambda: lms.canvas(rows, options.roster),
                "moodle": lambda: lms.moodle(rows, options.roster)}[options.form]()
        tables.write(options.output, made)
        for sentence in lms.told(options.form, rows, options.roster, options.output):
            print(sentence, file=sys.stderr)
    return 0


def forget(options) -> int:
    if bool(options.learner) == bool(options.older_than):
        raise CourseError("name one learner, or use --older-than DAYS")
    with Ledger(flow.store(options.store), write=True) as ledger:
        gone = retention.forget(ledger, options.learner) if options.learner else \
            retention.forget_older(ledger, options.older_than)
    if not gone["submissions"]:
        raise CourseError(f"nothing is kept about {options.learner}" if options.learner else
                          "nothing is that old")
    print(f"forgot {counted(gone['submissions'], 'submission')}, "
          f"{counted(gone['originals'], 'original')} and {counted(gone['pages'], 'page')}; "
          "gradebook.db and files you copied elsewhere are yours to delete")
    return 0
