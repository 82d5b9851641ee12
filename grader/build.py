"""`make build`: lesson sources to solution notebooks and released notebooks, same bytes everywhere.

    python -m grader.build [LESSON...] [--check]

Outputs that an earlier `make run` stored stay with cells that did not change.
"""

import argparse
import contextlib
import os
import sys
from pathlib import Path

import nbformat

from course.paths import NOTEBOOKS, ROOT, SOLUTIONS, CourseError
from grader.release import release, text_of
from grader.source import lessons, read_lesson, source_path

START = "START_HERE"
GLOSSARY = ROOT / "docs" / "glossary.md"


def build_lesson(lesson: str) -> dict[Path, str]:
    """{file: text} of one lesson: its solution notebook and its released notebook."""
    solution = read_lesson(source_path(lesson))
    released = release(solution, lesson)
    target = SOLUTIONS / lesson / f"{lesson}.ipynb"
    files = {target: text_of(keep_outputs(solution, target)),
             NOTEBOOKS / lesson / f"{lesson}.ipynb": text_of(released)}
    reference = SOLUTIONS / lesson / "reference"
    for path in sorted(reference.glob("*")) if reference.is_dir() else []:
        if not path.name.startswith("."):
            files[NOTEBOOKS / lesson / "reference" / path.name] = path.read_bytes()
    return files


def build_start() -> dict[Path, str]:
    """START_HERE, neither assignment nor lesson, and the glossary that all lessons link to."""
    files = {NOTEBOOKS / f"{START}.ipynb": text_of(read_lesson(SOLUTIONS / f"{START}.py"))}
    if GLOSSARY.is_file():  # JupyterLab's root is notebooks/: docs/ is out of its reach
        files[NOTEBOOKS / "glossary.md"] = GLOSSARY.read_text(encoding="utf-8")
    return files


def keep_outputs(notebook, built: Path):
    """Copy outputs of an executed notebook to cells with the same id and source."""
    try:
        old = {c.id: c for c in nbformat.read(built, 4).cells if c.cell_type == "code"}
    except (OSError, ValueError, AttributeError, TypeError, KeyError, nbformat.ValidationError):
        return notebook
    for cell in notebook.cells:
        before = old.get(cell.id)
        if cell.cell_type == "code" and before is not None and before.source == cell.source:
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return notebook


def write(path: Path, content: str | bytes) -> bool:
    """Write a file whole or not at all; True when its content changed."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None
    return True


def everything(names: list[str]) -> dict[Path, str]:
    """All built files of the named lessons (all of them, and START_HERE, for none)."""
    files = {} if names else build_start()
    for lesson in names or lessons():
        files |= build_lesson(lesson)
    return files


def stale_files(names: list[str] = ()) -> list[Path]:
    """Built files on disk that differ from what the sources give now."""
    def current(path, content):
        data = content.encode("utf-8") if isinstance(content, str) else content
        return path.is_file() and path.read_bytes() == data
    return [p for p, content in everything(list(names)).items() if not current(p, content)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.build", description=__doc__.split("\n")[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 04_tokens; default all")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when something is stale")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            stale = stale_files(options.lessons)
            for path in stale:
                print(f"stale: {path}: run make build")
            return 1 if stale else 0
        files = everything(options.lessons)
        changed = [path for path, content in files.items() if write(path, content)]
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"built {len(files)} files, {len(changed)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
