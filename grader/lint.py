"""`make check`: every rule about lessons, notebooks and data that a program can see.

    python -m grader.lint [LESSON...]

Each rule is a function that yields sentences; tests/test_lint.py breaks each one once.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

from course.paths import NOTEBOOKS, ROOT, SOLUTIONS, CourseError
from grader import build, links, run, trusted, variants
from grader.judge.gate import refused_by_judge
from grader.release import release
from grader.source import catalogue, lessons, read_lesson, source_path

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS",
           "BEGIN MARK SCHEME", "END MARK SCHEME")
LONG = {f"{n:02d}" for n in range(8, 13)}  # lessons that may run 120 s
CELL, TRAINING, CHECK, LONG_CHECK, MEMORY, NO_DEMOS = 20, 60, 2, 20, 3000, 10
LINES, COLUMNS = 30, 79


def stale_notebooks(names: list[str]) -> Iterator[str]:
    """Built files that the sources no longer give; stored outputs of other code."""
    for path in build.stale_files():
        yield f"{path.relative_to(ROOT)} is stale: run make build"
    known = run.records()
    if run.TIMINGS.is_file() and run.TIMINGS.read_text(encoding="utf-8") != run.table(known):
        yield "docs/timings.md is not what solutions/runs.json says: make run writes both"
    for lesson in names:
        record = known.get(lesson)
        if record is None:
            yield f"{lesson} was never executed: make run LESSON={lesson}"
        elif record["fingerprint"] != run.fingerprint(lesson):
            yield f"{lesson} changed since its outputs were made: make run LESSON={lesson}"


def stray_notebooks(names: list[str]) -> Iterator[str]:
    """Files in notebooks/ that no source made; sources beside a release."""
    made = set(build.everything([]))
    for path in sorted(p for p in NOTEBOOKS.rglob("*") if p.is_file()):
        if path not in made and ".ipynb_checkpoints" not in path.parts:
            yield f"{path.relative_to(ROOT)} is not made by make build: remove it"


def solution_markers(names: list[str]) -> Iterator[str]:
    """A solution or a hidden test that reached the released notebooks."""
    for path in sorted(NOTEBOOKS.rglob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for marker in MARKERS:
            if f"### {marker}" in text:
                yield f"{path.relative_to(ROOT)} contains a '{marker}' marker"


def assert_messages(names: list[str]) -> Iterator[str]:
    """Every assert of a check cell says what to look at."""
    for lesson, cell in _cells(names, "check"):
        for node in ast.walk(_tree(lesson, cell)):
            if isinstance(node, ast.Assert) and not getattr(node.msg, "value", node.msg):
                yield f"{lesson}, {cell.id}: `{ast.unparse(node)[:60]}` has no message"


def check_shape(names: list[str]) -> Iterator[str]:
    """A check cell is one `with check(id[, part])` that does not read its own result."""
    for lesson, cell in _cells(names, "check"):
        course = cell.metadata["course"]
        tree = _tree(lesson, cell)
        want = [course["exercise"]] + ([course["part"]] if "part" in course else [])
        heads = [n.items[0].context_expr for n in tree.body if isinstance(n, ast.With)]
        if len(tree.body) != 1 or not heads or not _calls(heads[0], "check", want):
            yield f"{lesson}, {cell.id}: must be one `with check({', '.join(map(repr, want))}):`"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "result":
                if node.args and getattr(node.args[0], "value", None) == course["exercise"]:
                    yield f"{lesson}, {cell.id}: a check reads `result` of its own exercise"


def _calls(node, name: str, arguments: list[str]) -> bool:
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != name:
        return False
    given = [getattr(a, "value", None) for a in node.args]
    given += [getattr(k.value, "value", None) for k in node.keywords]
    return given == arguments


def exercises_whole(names: list[str]) -> Iterator[str]:
    """Each exercise has contract, check, hints and variants, and an id of its own."""
    owner: dict[str, str] = {}
    for lesson in lessons():
        kinds: dict[str, set] = {}
        for cell in read_lesson(source_path(lesson)).cells:
            course = cell.metadata.get("course", {})
            if "exercise" in course:
                kinds.setdefault(course["exercise"], set()).add(course["kind"])
        for name, found in kinds.items():
            if "exercise" in found and owner.setdefault(name, lesson) != lesson:
                yield f"{lesson}: exercise {name} exists in {owner[name]} too"
            if lesson not in names or "essay" in found:
                continue
            for missing in sorted({"exercise", "check", "contract", "hints"} - found):
                yield f"{lesson}: exercise {name} has no {missing} cell"
            if "exercise" in found:
                yield from _variants_exist(lesson, name)


def _variants_exist(lesson: str, name: str) -> Iterator[str]:
    try:
        variants.read_variants(lesson, name)
    except CourseError as error:
        yield str(error)


def stubs_run(names: list[str]) -> Iterator[str]:
    """An untouched answer cell defines things; it does not stop *Run All Cells*."""
    for lesson in names:
        for cell in release(read_lesson(source_path(lesson)), lesson).cells:
            if cell.metadata.get("course", {}).get("kind") == "exercise":
                if any(isinstance(node, ast.Raise) for node in _tree(lesson, cell).body):
                    yield (f"{lesson}, {cell.id}: the untouched cell stops the notebook: put "
                           "what is to be written into a function")


def code_layout(names: list[str]) -> Iterator[str]:
    """Code cells of at most 30 lines and 79 columns (answers and checks: columns only)."""
    for lesson in names:
        for cell in read_lesson(source_path(lesson)).cells:
            if cell.cell_type != "code":
                continue
            lines = cell.source.splitlines()
            if cell.metadata.get("course", {}).get("kind") not in ("check", "exercise"):
                if len(lines) > LINES:
                    yield f"{lesson}, {cell.id}: {len(lines)} lines in a code cell, at most {LINES}"
            for line in lines:
                if len(line) > COLUMNS:
                    yield f"{lesson}, {cell.id}: a line of {len(line)} columns: {line[:40]!r}"


def table_rows(names: list[str]) -> Iterator[str]:
    """A `<|mark|>` in a row of a markdown table ends the cell: write such marks outside tables."""
    for lesson in names:
        for cell in read_lesson(source_path(lesson)).cells:
            if cell.cell_type == "markdown":
                for row in re.sub(r"(?ms)^```.*?^```", "", cell.source).splitlines():
                    if row.lstrip().startswith("|") and re.search(r"<\||\|>", row):
                        yield (f"{lesson}, {cell.id}: a table row with <| or |>, which cuts it "
                               f"into cells: {row.strip()[:40]!r}")


def tables_shown(names: list[str]) -> Iterator[str]:
    """A notebook shows the last line of a cell only: a table or a trace before it is lost."""
    for lesson in names:
        for cell in read_lesson(source_path(lesson)).cells:
            if cell.cell_type == "code":
                for line in _tree(lesson, cell).body[:-1]:
                    call = line.value if isinstance(line, ast.Expr) else None
                    name = getattr(getattr(call, "func", None), "id", "")
                    if name in ("table", "show_trace"):
                        yield (f"{lesson}, {cell.id}: {name}(...) is not the last line of its "
                               "cell, so nobody sees it")


def figure_texts(names: list[str]) -> Iterator[str]:
    """Every picture says in words what it shows: stored outputs and markdown."""
    for lesson in names:
        for cell in _stored(lesson).cells:
            if cell.cell_type == "markdown":
                if re.search(r"!\[\s*\]\(", cell.source) or _bare_image(cell.source):
                    yield f"{lesson}, {cell.id}: an image without alt text"
                continue
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                alt = output.get("metadata", {}).get("image/png", {}).get("alt")
                if "image/png" in data and "text/html" not in data and not alt:
                    yield f"{lesson}, {cell.id}: a figure without alt text: use course.show"
                if _bare_image("".join(data.get("text/html", ""))):
                    yield f"{lesson}, {cell.id}: an <img> without alt text"


def _bare_image(text: str) -> bool:
    return any(not re.search(r'\balt="[^"]{10,}"', tag) for tag in re.findall(r"<img\b[^>]*>", text))


def check_outputs(names: list[str]) -> Iterator[str]:
    """No stderr and no error in any stored check cell."""
    for lesson in names:
        for cell in _stored(lesson).cells:
            if cell.metadata.get("course", {}).get("kind") != "check":
                continue
            for output in cell.outputs:
                if output.output_type == "error" or output.get("name") == "stderr":
                    yield f"{lesson}, {cell.id}: writes to stderr or fails: nbgrader gives zero"


def budgets(names: list[str]) -> Iterator[str]:
    """Seconds and memory of the last `make run` against the limits and the card's promise."""
    known = run.records()
    for lesson in names:
        r = known.get(lesson)
        if r is None:
            continue
        promise = catalogue().get(lesson, {}).get("seconds", 0)
        long_checks, demos = r["long_checks"], r.get("demos", {})
        long_demos = [s for s in demos.values() if s > CELL]
        if len(long_checks) > 1:
            yield f"{lesson}: {len(long_checks)} long checks; a lesson may have one"
        if len(long_demos) > 1:
            yield f"{lesson}: {len(long_demos)} demo cells over {CELL} s; a lesson may have one"
        for what, value, limit in [
                ("whole notebook, s", r["seconds"], 120 if lesson[:2] in LONG else 60),
                ("its card's promise, s", r["seconds"], promise),
                ("without demo cells, s", r["seconds_without_demos"]
                 - sum(long_checks.values()), NO_DEMOS),
                ("peak memory, MB", r["peak_mb"], MEMORY),
                (f"cell {r['slowest_cell']}, s", r["slowest_cell_seconds"], CELL),
                (f"check {r['slowest_check']}, s", r["slowest_check_seconds"], CHECK),
                *((f"demo {i}, s", s, TRAINING) for i, s in demos.items()),
                *((f"long check {i}, s", s, LONG_CHECK) for i, s in long_checks.items())]:
            if value > limit:
                yield f"{lesson}: {what}: {value:g} is over the limit of {limit:g}"


def licences_whole(names: list[str]) -> Iterator[str]:
    """Every shipped and fetched file has a manifest entry, licence text and attribution."""
    from grader import licences
    yield from licences.faults()


def _cells(names: list[str], kind: str):
    for lesson in names:
        for cell in read_lesson(source_path(lesson)).cells:
            if cell.metadata.get("course", {}).get("kind") == kind:
                yield lesson, cell


def _tree(lesson: str, cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        raise CourseError(f"{lesson}, {cell.id}: not plain Python in line {error.lineno} "
                          f"({error.msg})") from None


def _stored(lesson: str):
    path = SOLUTIONS / lesson / f"{lesson}.ipynb"
    try:
        return nbformat.read(path, 4)
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise CourseError(f"{path} cannot be read ({str(error)[:80]}): make build") from None


RULES = (stale_notebooks, stray_notebooks, solution_markers, assert_messages, check_shape,
         trusted.untrusted_names, refused_by_judge,
         exercises_whole, stubs_run, code_layout, table_rows, tables_shown, figure_texts,
         check_outputs, budgets, links.broken_links, licences_whole)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.lint", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="such as 04_tokens; default all")
    options = parser.parse_args(arguments)
    found = 0
    for rule in RULES:
        try:
            names = [source_path(n).stem for n in options.lesson] or lessons()
            for sentence in rule(names):
                found += 1
                print(f"{rule.__name__}: {sentence}")
        except CourseError as error:
            found += 1
            print(f"{rule.__name__}: {error}")
    print(f"{len(RULES)} rules, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
