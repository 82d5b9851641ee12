"""Read a lesson source (jupytext percent) and expand its one-line headers to nbgrader metadata.

A header is what stands after `# %%`: `exercise="x"`, `check="x" points=2`, `essay="x" points=1`,
`locked="x"`, `contract="x" difficulty=2 minutes=8`, `hints="x"`, or the bare words `demo`, `card`, `plan`,
`long` (the one check of a lesson that may take 20 s).
"""

import hashlib
import re
import tomllib
from pathlib import Path

import jupytext
import nbformat

from course.paths import CATALOGUE, SOLUTIONS, CourseError

SCHEMA = 3  # nbgrader's metadata schema
WORDS = {"demo", "card", "long", "plan"}
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HIDDEN = re.compile(r"^[^\n]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.M | re.S)
RUBRIC = re.compile(
    r"### END SOLUTION\s*### BEGIN MARK SCHEME\n(.*?)### END MARK SCHEME", re.S)
KINDS = ("exercise", "check", "essay", "locked", "contract", "hints")
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def catalogue() -> dict:
    """{lesson id: its entry in course/catalogue.toml}, in order."""
    try:
        with open(CATALOGUE, "rb") as file:
            return {entry["id"]: entry for entry in tomllib.load(file)["lesson"]}
    except (OSError, ValueError, KeyError) as error:
        raise CourseError(f"{CATALOGUE} cannot be read ({error!r}): restore it from git") from None


def lessons() -> list[str]:
    """Ids of the lessons that have a source, in order."""
    return sorted(p.parent.name for p in SOLUTIONS.glob("[0-9][0-9]_*/*.py")
                  if p.stem == p.parent.name)


def source_path(lesson: str) -> Path:
    """The source of a lesson; CourseError when there is none."""
    path = SOLUTIONS / lesson / f"{lesson}.py"
    if not path.is_file():
        known = ", ".join(lessons()) or "none yet"
        raise CourseError(f"there is no lesson {lesson!r} in solutions/; lessons: {known}")
    return path


def read_lesson(path: Path):
    """The lesson as a notebook: no outputs, stable ids, fixed kernelspec, nbgrader metadata.

    Raises CourseError, with the cell's header, for a header that is not understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None
    raw = jupytext.reads(text, fmt="py:percent")
    seen: dict[str, int] = {}
    cells = [_cell(cell, path.stem, seen, text) for cell in raw.cells]
    _refuse_repeats(cells, path)  # nbformat would give them random ids
    metadata = {**KERNEL, "course": {"lesson": path.stem}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)


def visible(source: str) -> str:
    """A check cell without its hidden tests, as learners get it."""
    return HIDDEN.sub("", source)


def with_rubric(source: str) -> str:
    """An essay's mark scheme moved to the end of its model answer.

    nbgrader allows mark schemes in task cells only, and takes its checksum before it drops them:
    an untouched essay would wait for a person instead of getting 0.
    """
    return RUBRIC.sub(r"\n**Mark scheme**\n\n\1### END SOLUTION", source)


def _cell(cell, lesson: str, seen: dict, text: str):
    header = {k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"}
    words = set(str(header.pop("title", "")).split())
    words |= {word for word in WORDS if word in header and header.pop(word) is None}
    tags = header.pop("tags", [])
    if unknown := (words - WORDS) | (set(header) - {*KINDS, "points", "part", "difficulty", "minutes"}):
        raise CourseError(f"solutions/{lesson}: the cell header has unknown words "
                          f"{sorted(unknown)} above: {cell.source[:60]!r}")
    kinds = [kind for kind in KINDS if kind in header]
    if len(kinds) > 1:
        raise CourseError(f"solutions/{lesson}: one cell cannot be both {' and '.join(kinds)}")
    metadata, grade_id = _metadata(cell, lesson, header, words, kinds[0] if kinds else None)
    if tags:
        metadata["tags"] = list(tags)
    source = with_rubric(cell.source) if "essay" in header else cell.source
    source = fill_card(source, lesson, text) if "card" in words else source
    source = fill_plan(source) if "plan" in words else source
    if cell.cell_type == "code":
        new = nbformat.v4.new_code_cell(source, metadata=metadata)
    else:
        new = nbformat.v4.new_markdown_cell(source, metadata=metadata)
    new.id = grade_id or _stable_id(lesson, cell.cell_type, cell.source, seen)
    return new


def _metadata(cell, lesson, header, words, kind):
    """(cell metadata, nbgrader grade id or None) of one header."""
    note = {word: True for word in sorted(words)}
    if kind is None:
        return ({"course": note} if note else {}), None
    name = header[kind]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise CourseError(f"solutions/{lesson}: {kind}={name!r} is not a name like pair-counts")
    need = {"exercise": "code", "check": "code", "contract": "markdown", "hints": "markdown",
            "essay": "markdown"}.get(kind, cell.cell_type)
    if cell.cell_type != need:
        raise CourseError(f"solutions/{lesson}: {kind}={name!r} must be a {need} cell")
    note |= {"kind": kind, "exercise": name}
    note |= {key: header[key] for key in ("part", "difficulty", "minutes") if key in header}
    if kind in ("contract", "hints"):
        return {"course": note}, None
    if kind in ("check", "essay") and not _points(header.get("points")):
        raise CourseError(f"solutions/{lesson}: {kind}={name!r} needs points=N")
    grade_id = {"check": f"check-{name}", "essay": f"essay-{name}"}.get(kind, name)
    grade_id += f"-{header['part']}" if "part" in header else ""
    graded, answer = kind in ("check", "essay"), kind in ("exercise", "essay")
    nbgrader = {"grade": graded, "solution": answer, "locked": not answer, "task": False,
                "schema_version": SCHEMA, "grade_id": grade_id, "cell_type": cell.cell_type}
    if graded:
        nbgrader["points"] = header["points"]
    if kind == "locked" and cell.cell_type == "code":
        del note["exercise"]
    return {"course": note, "nbgrader": nbgrader}, grade_id


def _points(value) -> bool:
    """A number of points; 0 for a stretch exercise that nobody grades."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _stable_id(lesson: str, kind: str, source: str, seen: dict) -> str:
    digest = hashlib.sha256(f"{lesson}\0{kind}\0{source}".encode()).hexdigest()[:12]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _refuse_repeats(cells: list, path: Path) -> None:
    ids = [cell.id for cell in cells]
    for name in ids:
        if ids.count(name) > 1:
            raise CourseError(f"{path}: two cells have the id {name!r}; give one a part=\"...\"")


def fill_card(source: str, lesson: str, text: str) -> str:
    """The lesson's card: `{minutes}` and its like filled from the catalogue and, by the lesson's
    text, from its checks."""
    entry = catalogue().get(lesson)
    if entry is None or "minutes" not in entry:
        raise CourseError(f"course/catalogue.toml has no minutes for {lesson}")
    rows = [
        ("Time", f"about {entry['minutes']} minutes"),
        ("Points", points_in(text)),
        ("Before this", ", ".join(entry["needs"]) or "nothing"),
        ("Runs in", f"under {entry['seconds']} s on 2 CPU cores, offline"),
        ("Data and models", _uses(entry["uses"])),
    ]
    body = "\n".join(f"| **{name}** | {value} |" for name, value in rows)
    table = "| | |\n|---|---|\n" + body
    return source.replace("{card}", table) if "{card}" in source else f"{source}\n\n{table}"


def fill_plan(source: str) -> str:
    """START_HERE's list of lessons: those with a source link to their notebook."""
    written, planned = [], []
    for name, entry in catalogue().items():
        title = f"{name[:2]} · {entry['title']}"
        if "minutes" in entry and (SOLUTIONS / name / f"{name}.py").is_file():
            written.append(f"| [{title}]({name}/{name}.ipynb) | {entry['minutes']} "
                           f"| {points_in(source_path(name).read_text(encoding='utf-8'))} |")
        else:
            planned.append(title)
    table = "\n".join(["| lesson | minutes | points |", "|---|---|---|", *written])
    return source.replace("{plan}", f"{table}\n\nPlanned, not written yet: {'; '.join(planned)}.")


def _uses(names: list[str]) -> str:
    from course.paths import DATA
    if not names:
        return "none"
    with open(DATA / "manifest.toml", "rb") as file:
        manifest = tomllib.load(file)
    entries = {e.get("name"): e for e in manifest.get("entry", manifest.get("dataset", []))}
    missing = [name for name in names if name not in entries]
    if missing:
        raise CourseError(f"data/manifest.toml has no entry named {missing[0]!r}")
    def words(licence: str) -> str:  # an SPDX expression as people read it
        return licence.replace("LicenseRef-", "").replace(" AND ", ", ")
    return "<br>".join(f"{entries[n]['title']} ({words(entries[n]['licence'])})" for n in names)


def points_in(text: str) -> str:
    """Points by check and by hand, read from the headers of a source."""
    count = {kind: sum(float(p) for p in re.findall(rf'^# %%.* {kind}="[^"]*".* points=([\d.]+)',
                                                    text, re.M)) for kind in ("check", "essay")}
    words = f"{count['check']:g} by checks"
    return words + (f", {count['essay']:g} read by a person" if count["essay"] else "")
