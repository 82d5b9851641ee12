"""Links of lessons and docs: each goes to a file that exists, each anchor to a heading."""

import re
from collections.abc import Iterator
from pathlib import Path

from course.paths import NOTEBOOKS, ROOT, SOLUTIONS
from grader.source import read_lesson, source_path

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
WEB = re.compile(r"[a-z]+://|mailto:")


def broken_links(names: list[str]) -> Iterator[str]:
    """Dead links and anchors in lessons, START_HERE, README and docs."""
    for lesson in names:
        text = _markdown_of(source_path(lesson))
        yield from _check(text, NOTEBOOKS / lesson, f"solutions/{lesson}")
    start = SOLUTIONS / "START_HERE.py"
    if start.is_file():
        yield from _check(_markdown_of(start), NOTEBOOKS, "solutions/START_HERE.py")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if path.is_file():
            yield from _check(path.read_text(encoding="utf-8"), path.parent,
                              str(path.relative_to(ROOT)))


def _markdown_of(source: Path) -> str:
    cells = read_lesson(source).cells
    return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")


def _check(text: str, folder: Path, where: str) -> Iterator[str]:
    prose = re.sub(r"`[^`\n]*`", "", _without_code(text))
    for target in dict.fromkeys(LINK.findall(prose)):
        if WEB.match(target):
            continue
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve() if name else None
        if path is not None and not path.exists():
            yield f"{where}: the link to {target} goes nowhere"
        elif path and where.startswith("solutions/") and NOTEBOOKS not in path.parents:
            yield (f"{where}: {target} lies outside notebooks/, where JupyterLab cannot go; the "
                   "glossary is ../glossary.md")
        elif anchor and (path is None or path.suffix == ".md"):
            headings = anchors(path.read_text(encoding="utf-8") if path else text)
            if anchor not in headings:
                yield f"{where}: {target}: there is no such heading"


def anchors(markdown: str) -> set[str]:
    """The anchors that GitHub gives: lower case, spaces to hyphens, punctuation dropped."""
    found = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", _without_code(markdown), re.M):
        words = re.sub(r"[^\w -]", "", heading).lower()
        found.add(words.replace(" ", "-"))
    return found


def _without_code(markdown: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.S | re.M)
