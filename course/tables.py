"""A small table that reads well as plain text, in a notebook, and in a screen reader.

>>> print(table([["gpt2", 7], ["o200k_base", 5]], ["vocabulary", "tokens"]))
vocabulary  tokens
gpt2             7
o200k_base       5
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
from numbers import Number
from unicodedata import category, east_asian_width

from course.paths import CourseError


def width(text: str) -> int:
    """Columns that `text` takes in a monospaced font (wide characters 2, combining marks 0)."""
    columns = 0
    for char in text:
        if category(char) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if east_asian_width(char) in "WF" else 1
    return columns


def pad(text: str, columns: int, right: bool = False) -> str:
    """`text` filled with spaces to `columns`; on its left side where `right` is true."""
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def shown(value) -> str:
    """A cell as text: floats with three significant digits, whole numbers with commas."""
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, Number) or isinstance(value, complex):
        return str(value)
    if not isfinite(value):
        return str(value)
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


class Table:
    """Rows under a header. `str(t)` is aligned text; a notebook shows HTML.

    rows: list of lists of str; numeric: one bool a column (numbers stand to the right).
    """

    def __init__(self, rows: list[list[str]], header: list[str], numeric: list[bool],
                 caption: str | None = None, total: bool = False):
        self.rows, self.header, self.numeric = rows, header, numeric
        self.caption, self.total = caption, total

    def __str__(self) -> str:
        lines = [self.header, *self.rows]
        sizes = [max(width(line[i]) for line in lines) for i in range(len(self.header))]
        text = ["  ".join(pad(cell, size, right) for cell, size, right
                          in zip(line, sizes, self.numeric)).rstrip() for line in lines]
        if self.total and self.rows:
            text.insert(len(text) - 1, "-" * (sum(sizes) + 2 * (len(sizes) - 1)))
        if self.caption:
            text.append(self.caption)
        return "\n".join(text)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def cells(tag, line, scope=""):
            return "".join(
                f'<{tag}{scope} style="text-align:{"right" if right else "left"}">'
                f"{escape(cell)}</{tag}>" for cell, right in zip(line, self.numeric))

        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        head = "<thead><tr>" + cells("th", self.header, ' scope="col"') + "</tr></thead>"
        body = "".join(f"<tr>{cells('td', line)}</tr>" for line in self.rows)
        return f"<table>{caption}{head}<tbody>{body}</tbody></table>"


def table(rows: Iterable[Sequence], header: Sequence[str], caption: str | None = None,
          total: bool = False) -> Table:
    """A table of `rows` (lists, tuples; any values) under `header`.

    A column of numbers stands to the right (None and "" are blanks in it). Strings are taken as
    they are, so format a value yourself where three significant digits are not what you want.
    `total=True` draws a line above the last row. Raises CourseError when a row is not as long
    as the header.
    """
    rows, header = [list(row) for row in rows], [str(name) for name in header]
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise CourseError(f"Row {number} of the table has {len(row)} cells and the header "
                              f"{len(header)}: give every row one cell for each header.")
    columns = [[row[i] for row in rows if row[i] is not None and str(row[i])]
               for i in range(len(header))]
    numeric = [bool(column) and all(map(_is_number, column)) for column in columns]
    return Table([[shown(cell) for cell in row] for row in rows], header, numeric,
                 caption, total)


def _is_number(value) -> bool:
    if isinstance(value, str):  # "0.05" and "$1,200" are numbers that someone formatted
        return re.fullmatch(r"[-+]?\$?[\d,]*\.?\d+(e[-+]?\d+)?%?", value) is not None
    return isinstance(value, Number) and not isinstance(value, bool)
