"""Leave the outputs out of a large notebook file before its JSON is read into objects."""

import re
from pathlib import Path

from course.paths import CourseError
from grader import intake

SMALL = 2_000_000  # bytes: below, the JSON is read whole
# a string that breaks off counts to the end: looking for its end from every quote inside would
# take the square of its length
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.S)
KEY = re.compile(r"\s*:\s*\[")


def without_outputs(path: Path, name: str) -> tuple[str, int]:
    """(the text of a notebook file, characters of outputs left out); CourseError for bytes that
    are not UTF-8, or when it is too large even so."""
    text = intake.text_of(path, name, intake.LARGEST_RAW)
    if len(text) < SMALL:
        return text, 0
    slim = "".join(_pieces(text))
    if len(slim) > intake.LARGEST:
        raise CourseError(f"{name} has {len(slim) // 10**6} MB without its outputs: a notebook of "
                          "this course has less than 1 MB")
    return slim, len(text) - len(slim)


def _pieces(text: str):
    """The text with every `"outputs": [...]` emptied; brackets in strings are not brackets."""
    kept, skipping, depth = 0, False, 0
    for token in TOKEN.finditer(text):
        word = token[0]
        if skipping:
            if word in "[{":
                depth += 1
            elif word in "]}":
                depth -= 1
                if depth == 0:
                    skipping, kept = False, token.start()
        elif word == '"outputs"' and (after := KEY.match(text, token.end())):
            yield text[kept:after.end()]
            skipping, depth = True, 0
    if skipping:  # it breaks off inside: the reader of JSON says so
        return
    yield text[kept:]
