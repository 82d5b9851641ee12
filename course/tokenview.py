"""How the token visualiser draws: plain-text rows and HTML of the same content.

Boundaries never rest on colour alone: backgrounds alternate between two colours that differ for
colour-blind readers, and every token starts with a visible line. Backgrounds are translucent, so
that text keeps the theme's own colour, light or dark.
"""

from html import escape
from unicodedata import category

from course.tables import pad, table, width
from course.vocabularies import Piece, Split

SHOWN = 600  # tokens drawn per vocabulary; counts are always of the whole text
NOT_EXACT = "{}: the tokens' bytes do not give the text back."
BACKGROUNDS = ("rgba(0,114,178,.22)", "rgba(230,159,0,.30)")
_JOINERS = "\u200c\u200d"  # invisible; Hindi and emoji need them between their neighbours
_VISIBLE = {" ": "·", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽", "|": "❘"}


def visible(piece: Piece) -> str:
    """A token as readers see it: `·` for a space, `⏎` for a newline, bytes where it is a part
    of a character or cannot be seen at all, `◌` under an accent that starts a token."""
    text = piece.text
    if text is None or text and not text.strip(_JOINERS):
        return f"<{piece.bytes.hex(' ')}>"
    carrier = "◌" if text and category(text[0]).startswith("M") else ""
    return carrier + "".join(_char(char) for char in text)


def _char(char: str) -> str:
    if char in _VISIBLE:
        return _VISIBLE[char]
    if char.isprintable() or char in _JOINERS:
        return char
    return f"<{char.encode('utf-8').hex(' ')}>"


def number(piece: Piece) -> str:
    return str(piece.id)


def hexadecimal(piece: Piece) -> str:
    return piece.bytes.hex(" ")


def counts(splits: list[Split]) -> str:
    """Tokens and words per token of each vocabulary, under a line on the text itself."""
    text = splits[0].text
    rows = [[one.label, len(one.pieces),
             "-" if one.words_per_token is None else f"{one.words_per_token:.2f}"]
            for one in splits]
    return f"{measure(text)}\n\n{table(rows, ['vocabulary', 'tokens', 'words per token'])}"


def measure(text: str) -> str:
    """For example "2 words, 9 characters, 9 bytes"."""
    sizes = ((len(text.split()), "word"), (len(text), "character"),
             (len(text.encode("utf-8")), "byte"))
    return ", ".join(f"{size:,} {name}{'' if size == 1 else 's'}" for size, name in sizes)


def row(one: Split, labels: int, cell, columns: int) -> list[str]:
    """One vocabulary's tokens between bars, in lines of at most `columns` columns."""
    room = columns - labels - 2
    lines, line = [], "|"
    for piece in one.pieces[:SHOWN]:
        *parts, last = _chop(cell(piece), room - 2)
        for part in [*parts, last + "|"]:
            if width(line) + width(part) > room:
                lines.append(line)
                line = "|" if line.endswith("|") else ""  # no bar inside a token
            line += part
    lines.append(line if one.pieces else "(nothing)")
    if len(one.pieces) > SHOWN:
        lines.append(f"... and {len(one.pieces) - SHOWN:,} more")
    return [(pad(one.label if place == 0 else "", labels) + "  " + line)
            for place, line in enumerate(lines)]


def _chop(text: str, room: int) -> list[str]:
    """Parts of at most `room` columns: one for a token that fits into a line."""
    parts = [""]
    for char in text:
        if width(parts[-1] + char) > room:
            parts.append("")
        parts[-1] += char
    return parts


def html(splits: list[Split], view: str = "text") -> str:
    """Every vocabulary as a strip of tokens; view: "text", "ids" or "bytes"."""
    text = escape(measure(splits[0].text))
    strips = "".join(_strip(one, view) for one in splits)
    return f'<div style="line-height:1.5"><div style="opacity:.8">{text}</div>{strips}</div>'


def _strip(one: Split, view: str) -> str:
    size = len(one.pieces)
    rate = ("" if one.words_per_token is None
            else f" · {one.words_per_token:.2f} words per token")
    head = f"{size:,} token{'' if size == 1 else 's'}{rate}"
    tokens = "".join(_token(piece, place, view) for place, piece in
                     enumerate(one.pieces[:SHOWN]))
    if size > SHOWN:
        tokens += f" … and {size - SHOWN:,} more"
    note = "" if one.exact else f'<div>⚠ {escape(NOT_EXACT.format(one.label))}</div>'
    return (f'<div style="margin-top:.7em"><b>{escape(one.label)}</b> '
            f'<span style="opacity:.8">{head}</span></div>'
            f'<div style="font-family:var(--jp-code-font-family,monospace);line-height:1.9;'
            f'overflow-wrap:anywhere">{tokens or "<i>no tokens</i>"}</div>{note}')


def _token(piece: Piece, place: int, view: str) -> str:
    seen = {"ids": number, "bytes": hexadecimal}.get(view, visible)(piece)
    title = f"id {piece.id} · bytes {piece.bytes.hex(' ')}"
    as_bytes = seen[:1] == "<" and piece.bytes[:1] != b"<"  # and not a token such as "<b"
    size = ";font-size:.8em;white-space:nowrap" if as_bytes and len(seen) < 30 else ""
    breaks = view == "text" and piece.bytes.endswith(b"\n")  # lines of the text stay lines
    return (f'<span title="{title}" style="background:{BACKGROUNDS[place % 2]};'
            f'border-left:1px solid;padding:.15em .15em{size}">{escape(seen)}</span>'
            + ("<br>" if breaks else "<wbr>"))
