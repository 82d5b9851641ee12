"""Who made what we ship and fetch, and under which terms: `python -m grader.licences`.

    --write-notice    write NOTICE out of data/manifest.toml

`faults()` is a rule of `make check`. What counts as shipped data: every file under data/ (but
the manifest and the licence texts), everything in a folder named reference/, and pictures,
arrays, weights, tables and archives wherever they lie. Notebooks and code are under LICENSE and
LICENSE-text as they are. What counts as fetched: the manifest's entries, every name that code
asks for by `need("name")`, every name in the catalogue's `uses`, every folder of data/cache.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from course.paths import ROOT, CourseError

SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".npy", ".npz", ".parquet",
            ".csv", ".tsv", ".jsonl", ".db", ".sqlite", ".safetensors", ".gguf", ".pt", ".onnx",
            ".zip", ".gz", ".tar", ".whl", ".woff2", ".ttf", ".pdf", ".mp4"}
NEEDED = ("title", "about", "licence", "licence_texts", "attribution", "not_for")
NEEDED_FETCHED = ("name", "cite", "lessons", "file", "carrier")
NEEDED_SHIPPED = ("files",)
QUOTES = 20                # film and product sentences that one file may quote
SPDX = re.compile(r"(LicenseRef-)?[A-Za-z0-9.+-]+( (AND|OR|WITH) (LicenseRef-)?[A-Za-z0-9.+-]+)*")
STATE = {"setup.json", "setup.lock"}  # what set-up notes of itself beside the data


def read_manifest(root: Path = ROOT) -> dict:
    """{"entry": [...], "shipped": [...]}: the manifest's tables as they are."""
    path = root / "data" / "manifest.toml"
    try:
        with open(path, "rb") as file:
            manifest = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None
    return {"entry": manifest.get("entry", []), "shipped": manifest.get("shipped", [])}


def tracked(root: Path = ROOT) -> list[str]:
    """Files that git has or would take, relative with slashes; all files where git is not."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, encoding="utf-8") if (root / ".git").exists() else None
    if listed is not None and listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:
        names = [path.relative_to(root).as_posix() for path in root.rglob("*")
                 if not any(part.startswith(".") for part in path.relative_to(root).parts)
                 and not path.is_relative_to(root / "data" / "cache")]
    return sorted({name for name in names if name and (root / name).is_file()})


# ---------------------------------------------------------------------------------------- faults

def _label(table: dict) -> str:
    return table.get("name") or ", ".join(table.get("files", ())) or "an entry without a name"


def incomplete(manifest: dict, root: Path) -> Iterator[str]:
    """Entries that do not say what they are, whose they are, or what they are not for."""
    for kind, more in (("entry", NEEDED_FETCHED), ("shipped", NEEDED_SHIPPED)):
        for table in manifest[kind]:
            for key in NEEDED + more:
                if not table.get(key) and not (key == "title" and kind == "shipped"):
                    yield f"data/manifest.toml: {_label(table)} has no {key}"
            if not SPDX.fullmatch(table.get("licence", "")):
                yield f"data/manifest.toml: {_label(table)}: its licence is no SPDX expression"
            for file in table.get("file", ()):
                if not re.fullmatch("[0-9a-f]{64}", str(file.get("sha256"))) \
                        or not isinstance(file.get("bytes"), int):
                    yield (f"data/manifest.toml: {_label(table)}: {file.get('name')} has no "
                           "sha256 or no size in bytes")


def texts(manifest: dict, root: Path) -> Iterator[str]:
    """Licence texts that are missing, and texts that nothing refers to."""
    folder, used = root / "data" / "LICENSES", set()
    for table in manifest["entry"] + manifest["shipped"]:
        for name in table.get("licence_texts", ()):
            used.add(name)
            if not (folder / name).is_file() or (folder / name).stat().st_size < 200:
                yield f"data/LICENSES/{name}, the licence text of {_label(table)}, is missing"
    for path in sorted(folder.glob("*")):
        if path.name not in used:
            yield f"data/LICENSES/{path.name} belongs to no entry of data/manifest.toml"


def is_data(name: str) -> bool:
    """Does this tracked file need an entry? `name`: relative, with slashes."""
    parts = name.split("/")
    if parts[0] == "data":
        return name != "data/manifest.toml" and parts[1] != "LICENSES"
    return "reference" in parts[:-1] or os.path.splitext(name)[1].lower() in SUFFIXES


def matches(name: str, pattern: str) -> bool:
    """Folder by folder: a star stays within one folder."""
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def unlisted(manifest: dict, root: Path) -> Iterator[str]:
    """Shipped data without an entry, and fetched files that were committed."""
    patterns = [pattern for table in manifest["shipped"] for pattern in table.get("files", ())]
    secret = {(file.get("bytes"), file.get("sha256")): file.get("name")
              for table in manifest["entry"] for file in table.get("file", ())}
    sizes = {size for size, _ in secret}
    for name in tracked(root):
        if name.startswith("data/cache/"):
            yield f"{name} is in git: what is fetched is never committed"
        elif is_data(name) and not any(matches(name, pattern) for pattern in patterns):
            yield f"{name} is shipped without a [[shipped]] entry in data/manifest.toml"
        size = (root / name).stat().st_size
        if size in sizes:
            key = size, hashlib.sha256((root / name).read_bytes()).hexdigest()
            if key in secret:
                yield f"{name} has the bytes of {secret[key]}, which is fetched, never committed"


def unknown_names(manifest: dict, root: Path) -> Iterator[str]:
    """Data that code, the catalogue or the cache names and the manifest does not."""
    known = {table.get("name") for table in manifest["entry"]}
    asked = re.compile(r"""\bneed\(\s*["']([^"']+)["']""")
    for path in [*root.glob("course/*.py"), *root.glob("solutions/*/*.py")]:
        for name in asked.findall(path.read_text(encoding="utf-8")):
            if name not in known:
                yield f"{path.relative_to(root).as_posix()} needs {name!r}, which has no entry"
    catalogue = root / "course" / "catalogue.toml"
    if catalogue.is_file():
        for lesson in tomllib.loads(catalogue.read_text(encoding="utf-8")).get("lesson", ()):
            for name in set(lesson.get("uses", ())) - known:
                yield f"course/catalogue.toml: {lesson.get('id')} uses {name!r}, without an entry"


def strange_in_cache(manifest: dict, root: Path) -> Iterator[str]:
    """Files that were fetched or made under data/cache without an entry to answer for them.

    A folder made out of an entry's files is named after it: "llm-safetensors" is of "llm".
    """
    files = {table.get("name"): {file.get("name") for file in table.get("file", ())}
             for table in manifest["entry"]}
    for path in sorted((root / "data" / "cache").glob("[!.]*")):
        if path.name in files:
            for inner in sorted(path.glob("[!.]*")):
                if inner.name not in files[path.name] and inner.suffix != ".tmp":
                    yield f"data/cache/{path.name}/{inner.name} was fetched without an entry"
        elif path.name not in STATE and not any(path.name.startswith(f"{n}-") for n in files):
            yield f"data/cache/{path.name} belongs to no entry of data/manifest.toml"


def copied_texts(manifest: dict, root: Path) -> Iterator[str]:
    """Fetched sentences that came to lie in tracked files (looked for where they are fetched).

    Single film or product sentences may be quoted, tweets and editorials not at all.
    """
    start, own = 40, {}                    # sentences are known by their first 40 characters
    for path in sorted((root / "data" / "cache" / "reviews-texts").glob("*_GroundTruth.txt")):
        free = path.name.startswith(("movie", "amazon"))
        for line in path.read_text(encoding="utf-8-sig").split("\n"):
            text = line.split("\t")[-1].strip()
            if len(text) >= start:
                own[text[:start]] = (text, free)
    for name in tracked(root) if own else ():
        if name.startswith("data/LICENSES/") or is_binary(root / name):
            continue
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        found = [own[text[i:i + start]] for i in range(len(text) - start + 1)
                 if text[i:i + start] in own]
        if any(not free for _, free in found):
            yield f"{name} quotes a fetched tweet or editorial, which is never committed"
        if len({quoted for quoted, _ in found}) > QUOTES:
            yield f"{name} holds more than {QUOTES} fetched sentences, which is a collection"


def is_binary(path: Path) -> bool:
    with open(path, "rb") as file:
        return b"\0" in file.read(1024)


def stale_notice(manifest: dict, root: Path) -> Iterator[str]:
    """The three files at the top that a reader looks for."""
    for name, phrase in (("LICENSE", "Apache License"), ("LICENSE-text", "CC-BY-4.0")):
        path = root / name
        if not path.is_file() or phrase not in path.read_text(encoding="utf-8"):
            yield f"{name} is missing or is not the licence it should be ({phrase})"
    try:
        current = (root / "NOTICE").read_text(encoding="utf-8")
    except OSError:
        current = ""
    if current != notice(manifest):
        yield "NOTICE is out of date: python -m grader.licences --write-notice"


RULES = (incomplete, texts, unlisted, unknown_names, strange_in_cache, copied_texts)


def faults(root: Path = ROOT) -> Iterator[str]:
    """One sentence for each thing that is shipped or fetched without saying whose it is."""
    manifest = read_manifest(root)
    found = [sentence for rule in RULES for sentence in rule(manifest, root)]
    yield from found
    if not any(sentence.startswith("data/manifest.toml") for sentence in found):
        yield from stale_notice(manifest, root)      # an incomplete entry has no notice to print


# ---------------------------------------------------------------------------------------- notice

HEADER = """\
Labels to Agents
Copyright 2026 the authors of Labels to Agents

Code is licensed under Apache-2.0 (LICENSE), texts and figures under CC BY 4.0 (LICENSE-text).
The works below are by others or need a word of their own. Licence texts: data/LICENSES/.
This file is written by `python -m grader.licences --write-notice` out of data/manifest.toml."""


def _paragraph(label: str, text: str) -> str:
    return textwrap.fill(f"{label}: {' '.join(text.split())}", 95,
                         initial_indent="  ", subsequent_indent="    ",
                         break_long_words=False, break_on_hyphens=False)


def _section(table: dict) -> str:
    lines = [table.get("title") or ", ".join(table["files"]),
             _paragraph("What", table["about"]),
             _paragraph("Licence", f"{table['licence']} ({', '.join(table['licence_texts'])})"),
             _paragraph("By", table["attribution"])]
    if table.get("cite"):
        lines.append(_paragraph("Cite", table["cite"]))
    if "carrier" in table:
        packages = list(dict.fromkeys(f"{c['package']} {c['version']}" for c in table["carrier"]))
        lines.append(_paragraph("Carried by", ", ".join(packages)))
    return "\n".join([*lines, _paragraph("Not for", table["not_for"])])


def notice(manifest: dict) -> str:
    """The text of NOTICE."""
    parts = [HEADER, "Fetched at set-up, not part of this repository\n" + "=" * 46,
             *map(_section, manifest["entry"]), "Part of this repository\n" + "=" * 23,
             *map(_section, manifest["shipped"])]
    return "\n\n".join(parts) + "\n"


def write_notice(root: Path = ROOT) -> None:
    """Write NOTICE, whole or not at all; CourseError when an entry is not complete."""
    manifest = read_manifest(root)
    for sentence in incomplete(manifest, root):
        raise CourseError(sentence)
    part = root / "NOTICE.tmp"
    try:
        part.write_text(notice(manifest), encoding="utf-8", newline="\n")
        os.replace(part, root / "NOTICE")
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CourseError(f"NOTICE cannot be written: {error}") from None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.licences",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("--write-notice", action="store_true", help="write NOTICE, then check")
    options = parser.parse_args(arguments)
    try:
        if options.write_notice:
            write_notice()
        sentences = list(faults())
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for sentence in sentences:
        print(sentence)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
