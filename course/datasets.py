"""The texts of the course: film reviews, product reviews, tweets, editorials; nine languages;
code, documentation and tables out of scikit-learn.

Everything is read from data/cache, where set-up put it, once per process. The reviews' texts
belong to their writers: use them here, quote a film or product sentence, publish no collection.
"""

import ast
import json
import re
from functools import cache as once
from importlib.util import find_spec
from pathlib import Path

from course.fetch import need
from course.paths import CourseError
from course.pofile import messages

FILES = {  # source -> (file stem, number of texts)
    "film": ("movieReviewSnippets", 10_605),
    "product": ("amazonReviewSnippets", 3_708),
    "tweet": ("tweets", 4_200),
    "news": ("nytEditorialSnippets", 5_190),
}
SOURCES = tuple(FILES)

# the catalogue's code of each language, in the order they are shown
_CODES = {"French": "fr", "German": "de", "Polish": "pl", "Russian": "ru", "Chinese": "zh_CN",
          "Japanese": "ja", "Greek": "el", "Hindi": "hi"}
LANGUAGES = ("English", *_CODES)
# catalogues of Django, in reading order
_PARTS = ("conf", "admin", "auth", "comments", "flatpages", "admindocs", "gis", "localflavor")


def parse_rows(path: Path, count: int, columns: int = 3) -> list[list[str]]:
    """The rows of a tab-separated file, each a list of `columns` texts.

    The files come from a Windows program: a byte-order mark in some, CRLF between lines, and
    characters inside texts that str.splitlines would take for line ends.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = file.read().split("\r\n")
    rows = [line.split("\t", columns - 1) for line in lines if line]
    if len(rows) != count or any(len(row) != columns for row in rows):
        raise CourseError(f"{path} has {len(rows)} rows instead of {count}, or a damaged one: "
                          "run `python -m course.fetch`.")
    return rows


def parse_texts(path: Path, count: int) -> list[str]:
    """The third column of a tab-separated file: id, mean rating, text."""
    return [row[2] for row in parse_rows(path, count)]


@once
def _texts(source: str) -> tuple[str, ...]:
    stem, count = FILES[source]
    return tuple(parse_texts(need("reviews-texts") / f"{stem}_GroundTruth.txt", count))


def review_texts(source: str = "film") -> list[str]:
    """All texts of "film" (10,605), "product" (3,708), "tweet" (4,200) or "news" (5,190), in
    the order of the file. Each is one sentence or a little more."""
    if source not in FILES:
        raise CourseError(f"there are no reviews from {source!r}: "
                          f"choose among {', '.join(SOURCES)}.")
    return list(_texts(source))


def _plain_sentence(text: str) -> bool:
    """A whole sentence, without placeholders, markup, line breaks or format patterns."""
    return not re.search(r"%[(\w]|[{}<>&\n]|[xX]{2}", text)


def aligned(catalogues: dict[str, dict], words: int = 4) -> list[list[str]]:
    """Rows [English, then one text per catalogue] of the sentences that all catalogues have.

    catalogues: language -> {message: translation}. Kept: English with at least `words` words
    and a full stop, question or exclamation mark; no placeholder in any language. Sorted by
    the English text.
    """
    shared = set.intersection(*(set(catalogue) for catalogue in catalogues.values()))
    rows = [[english, *(catalogue[english] for catalogue in catalogues.values())]
            for english in sorted(shared)
            if len(english.split()) >= words and english.endswith((".", "!", "?"))]
    return [row for row in rows if all(map(_plain_sentence, row))]


@once
def _nine_languages() -> tuple[tuple[str, ...], ...]:
    folder, rows, seen = need("nine-languages"), [], set()
    for part in _PARTS:
        catalogues = {language: messages((folder / f"{code}-{part}.po").read_text("utf-8"))
                      for language, code in _CODES.items()}
        for row in aligned(catalogues):
            if row[0] not in seen:         # the same sentence in two parts of Django
                seen.add(row[0])
                rows.append(tuple(text.strip() for text in row))
    return tuple(rows)


def nine_languages() -> dict[str, list[str]]:
    """Language -> sentences; sentence i says the same in all of them. English comes first.

    Real interface sentences of Django 1.5, at least four words long in English, translated by
    people, as its catalogues have them (entries marked fuzzy left out).
    """
    return {language: list(column)
            for language, column in zip(LANGUAGES, zip(*_nine_languages()))}


_WINE = ("alcohol malic_acid ash alcalinity magnesium phenols flavanoids other_phenols "
         "proanthocyanins color hue od280 proline kind").split()


def sklearn_texts() -> dict[str, list[str]]:
    """Four kinds of text out of the installed scikit-learn (BSD-3): kind -> texts.

    "docs": the docstrings of its k-means module; "code": that module without them, a text for
    each top-level part; "JSON": the wine table, one record a text; "numbers": the same rows as
    bare numbers.
    """
    folder = Path(find_spec("sklearn").submodule_search_locations[0])
    docs, code = _docs_and_code((folder / "cluster" / "_kmeans.py").read_text(encoding="utf-8"))
    table = (folder / "datasets" / "data" / "wine_data.csv").read_text(encoding="utf-8")
    rows = [row.split(",") for row in table.split()[1:]]
    return {"docs": docs, "code": code,
            "JSON": [json.dumps(dict(zip(_WINE, map(float, row)))) for row in rows],
            "numbers": [" ".join(row) for row in rows]}


def _docs_and_code(source: str) -> tuple[list[str], list[str]]:
    """(docstrings of a module, the rest of its lines, cut at two empty lines)."""
    docs, lines = [], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            if ast.get_docstring(node):
                docs.append(ast.get_docstring(node))
                lines |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    rest = [line for i, line in enumerate(source.splitlines(), 1) if i not in lines]
    return docs, "\n".join(rest).split("\n\n\n")
