"""`make run LESSON=NN_topic`: execute a solution notebook, store outputs, references and figures.

    python -m grader.run LESSON [--keep-references]

What was measured goes to solutions/runs.json and, readable, to docs/timings.md.
"""

import argparse
import hashlib
import json
import os
import platform
import sys
import tomllib
from pathlib import Path

from course.paths import DATA, ROOT, SOLUTIONS, CourseError
from grader import build
from grader.kernel import Run, run_notebook
from grader.release import text_of
from grader.source import KERNEL, catalogue, lessons, read_lesson, source_path

RUNS = SOLUTIONS / "runs.json"
TIMINGS = ROOT / "docs" / "timings.md"
# commands and set-up: nothing a lesson's outputs depend on
COMMANDS = {"setup", "lab", "grade", "fetch", "bundle", "wheels", "environment", "machinecheck",
            "start", "pipget", "piprun", "unpack", "stamps", "locks", "manifest"}
CHECKS = ("checkcell", "values", "explain", "card", "quiet", "mode")


def fingerprint(lesson: str) -> str:
    """Hash of what the stored outputs depend on: cells, course/, checks, shipped results, data."""
    notebook = read_lesson(source_path(lesson))
    digest = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(f"{cell.id}\0{cell.source}\0".encode())
    modules = [p for p in sorted((ROOT / "course").glob("*.py")) if p.stem not in COMMANDS]
    modules += [ROOT / "course" / "engines" / f"{name}.py" for name in ("base", "choice", "causal")]
    modules += [ROOT / "grader" / f"{name}.py" for name in CHECKS]
    for path in (p for p in modules if p.is_file()):
        digest.update(path.read_text(encoding="utf-8").replace("\r\n", "\n").encode())
    for path in sorted((DATA / "results" / lesson).glob("*.json")):
        digest.update(path.read_text(encoding="utf-8").encode())
    with open(DATA / "manifest.toml", "rb") as file:
        manifest = tomllib.load(file)
    uses = set(catalogue().get(lesson, {}).get("uses", []))
    for entries in manifest.values():
        for entry in entries if isinstance(entries, list) else []:
            if entry.get("name") in uses:
                digest.update(json.dumps(entry, sort_keys=True, default=str).encode())
    return digest.hexdigest()[:16]


def records() -> dict:
    """{lesson: what its last `make run` measured}."""
    try:
        return json.loads(RUNS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CourseError(f"{RUNS} is not JSON ({error}): restore it from git") from None


def execute(lesson: str, references=True) -> Run:
    """Run the solution strictly, in its own folder; raise CourseError on the first failure."""
    for path, content in build.build_lesson(lesson).items():
        build.write(path, content)
    notebook = read_lesson(source_path(lesson))
    switches = {"COURSE_STRICT": "1", "COURSE_SHOW_CARDS": "1"}
    if references:
        switches["COURSE_WRITE_REFERENCES"] = "1"
    run = run_notebook(notebook, SOLUTIONS / lesson, **switches)
    if run.error:
        source = next(c.source for c in notebook.cells if c.id == run.failed_cell)
        raise CourseError(f"{lesson}, cell {run.failed_cell}: {run.error}\n  {source[:200]!r}")
    if run.connections:
        raise CourseError(f"{lesson}: a cell opened a connection to {', '.join(run.connections)}; "
                          "lessons work offline")
    return run


def store(lesson: str, run: Run) -> dict:
    """Write outputs, rebuild (the release copies references), note what was measured."""
    run.notebook.metadata.update(KERNEL)
    build.write(SOLUTIONS / lesson / f"{lesson}.ipynb", text_of(run.notebook))
    for path, content in build.build_lesson(lesson).items():
        build.write(path, content)
    known = records()
    known[lesson] = measure(lesson, run)
    known = {name: known[name] for name in sorted(known) if name in lessons()}
    build.write(RUNS, json.dumps(known, indent=1, sort_keys=True) + "\n")
    build.write(TIMINGS, table(known))
    return known[lesson]


def measure(lesson: str, run: Run) -> dict:
    """The row of one run: seconds, MB, slowest cell and check, the machine."""
    notes = {c.id: c.metadata.get("course", {}) for c in run.notebook.cells}
    demos = {i: s for i, s in run.seconds.items() if notes[i].get("demo")}
    checks = {i: s for i, s in run.seconds.items() if notes[i].get("kind") == "check"}
    long = {i: s for i, s in checks.items() if notes[i].get("long")}
    cell, cell_s = _slowest(run.seconds, demos, long)
    test, test_s = _slowest(checks, long)
    return {
        "fingerprint": fingerprint(lesson), "seconds": round(run.total, 1),
        "seconds_without_demos": round(run.total - sum(demos.values()), 1),
        "peak_mb": round(run.peak_mb),
        "slowest_cell": cell, "slowest_cell_seconds": round(cell_s, 1),
        "slowest_check": test, "slowest_check_seconds": round(test_s, 2),
        "demos": {i: round(s, 1) for i, s in sorted(demos.items())},
        "long_checks": {i: round(s, 2) for i, s in long.items()},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
                   f"{platform.python_version()}",
    }


def _slowest(seconds: dict, *without: dict) -> tuple[str, float]:
    """(cell id, seconds) of the slowest cell that is in none of `without`."""
    rest = {i: s for i, s in seconds.items() if not any(i in group for group in without)}
    return max(rest.items(), key=lambda item: item[1], default=("none", 0.0))


def table(known: dict) -> str:
    """docs/timings.md: one row a lesson, beside the limits of `make check`."""
    head = ("# Measured run times\n\nWritten by `make run`; `make check` compares it with the "
            "limits (60 s a lesson, 120 s for 08 to 12; 10 s without demo cells; 2 s a check; "
            "20 s a cell, one demo of 60 s; 3,000 MB) and with the promise on each lesson's card.\n\n"
            "| lesson | whole, s | without demos, s | peak memory, MB | slowest cell, s "
            "| slowest check, s | demos, s | machine |\n|---|---|---|---|---|---|---|---|\n")
    rows = [f"| {name} | {r['seconds']} | {r['seconds_without_demos']} | {r['peak_mb']:,} | "
            f"{r['slowest_cell_seconds']} (`{r['slowest_cell']}`) | {r['slowest_check_seconds']} "
            f"(`{r['slowest_check']}`) | {' + '.join(map(str, r['demos'].values())) or 'none'} "
            f"| {r['machine']} |" for name, r in known.items()]
    return head + "\n".join(rows) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.run", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="+", help="such as 04_tokens, or all")
    parser.add_argument("--keep-references", action="store_true", help="do not rewrite reference/")
    options = parser.parse_args(arguments)
    names = lessons() if options.lesson == ["all"] else options.lesson
    try:
        for lesson in names:
            row = store(lesson, execute(lesson, references=not options.keep_references))
            print(f"{lesson}: {row['seconds']} s, {row['seconds_without_demos']} s without demos, "
                  f"{row['peak_mb']} MB, slowest check {row['slowest_check_seconds']} s")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
