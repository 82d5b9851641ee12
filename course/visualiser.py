"""The token visualiser: one text, cut by several vocabularies, side by side.

`show_tokens` is a widget where the notebook can show one, and the same content as HTML or plain
text where it cannot. `token_table` is the plain text alone.
"""

from textwrap import wrap as wrap_words

from course import tokenview
from course.vocabularies import NAMES, Split, split, vocabularies

COLUMNS = 79


def token_table(text: str, encodings=NAMES, special: bool = False) -> str:
    """How each vocabulary cuts `text`: boundaries, then ids, then bytes; at most 79 columns.

    text: any str. encodings: names ("gpt2", "cl100k_base", "o200k_base", "llm") or objects with
    encode(text) -> ids and decode_bytes(ids) -> bytes; pairs (label, object) name an object.
    special: take "<|endoftext|>" in the text as a special token, not as ordinary characters.
    A space shows as ·, a newline as ⏎, a tab as ⇥; a token that is not whole characters as its
    bytes, <f0 9f>. Raises CourseError for an unknown name or a vocabulary that fails.
    """
    return plain([split(label, encoding, text, special)
                  for label, encoding in vocabularies(encodings)])


def cuts(text: str, encoding: str) -> str:
    """The tokens of a text in one line, joined by |, as token_table shows them.

    >>> cuts("Cooking a", "gpt2")
    'Cook|ing|·a'
    """
    (label, found), = vocabularies([encoding])
    return "|".join(map(tokenview.visible, split(label, found, text).pieces))


def plain(splits: list[Split]) -> str:
    """The plain-text view of splits of one text (see token_table)."""
    labels = max(len(one.label) for one in splits)
    lines = tokenview.counts(splits).splitlines()
    for title, cell in (("boundaries", tokenview.visible), ("ids", tokenview.number),
                        ("bytes", tokenview.hexadecimal)):
        lines += ["", title]
        for one in splits:
            lines += tokenview.row(one, labels, cell, COLUMNS)
    for one in splits:
        if not one.exact:
            lines += ["", *wrap_words(tokenview.NOT_EXACT.format(one.label), COLUMNS)]
    return "\n".join(lines)


class TokenView:
    """A text cut by vocabularies. A notebook shows HTML, a terminal plain text."""

    def __init__(self, text: str, encodings=NAMES, special: bool = False, view: str = "text"):
        self.view = view
        self.splits = [split(label, encoding, text, special)
                       for label, encoding in vocabularies(encodings)]

    def __repr__(self) -> str:
        return plain(self.splits)

    def _repr_html_(self) -> str:
        return tokenview.html(self.splits, self.view)


def show_tokens(text: str = "", encodings=NAMES, special: bool = False) -> None:
    """Show how each vocabulary cuts `text`; arguments as in token_table.

    In JupyterLab: type in the box, tick vocabularies, switch between text, ids and bytes; hover
    over a token for its id and bytes. Where widgets are off (a page made by nbconvert, a plain
    kernel, COURSE_WIDGETS=0): the same content without the controls.
    """
    from IPython.display import display

    first = TokenView(text, encodings, special)  # bad input is one sentence, before any widget
    from course import tokenwidget

    if tokenwidget.available():
        tokenwidget.show(first, text, vocabularies(encodings), special)
    else:
        display(first)
