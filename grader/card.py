"""The small cards that a check shows in a notebook: HTML with a plain-text twin."""

import html

# "here": grading tries inputs that the cell of a released notebook does not show
_LOOK = {
    "solved": ("#1b6e3c", "✓", "Solved here"),
    "not yet": ("#9a5b00", "✗", "Not yet"),
    "not solved yet": ("#56606b", "○", "Not solved yet"),
    "note": ("#2b5f9e", "i", "Note"),
}


def plain(state: str, name: str, message: str = "") -> str:
    """One line of text: the state, the exercise and what to look at next."""
    _, sign, word = _LOOK[state]
    return f"{sign} {word} · {name}" + (f": {message}" if message else "")


def markup(state: str, name: str, message: str = "") -> str:
    """The same as HTML; colours carry no meaning of their own (the words do)."""
    colour, sign, word = _LOOK[state]
    body = html.escape(message).replace("\n", "<br>")
    return (
        f'<div role="status" style="border-left:4px solid {colour};padding:.4em .8em;'
        f'margin:.2em 0;font-family:sans-serif">'
        f'<strong style="color:{colour}"><span aria-hidden="true">{sign}</span> {word}</strong>'
        f" · <code>{html.escape(name)}</code>"
        + (f"<div>{body}</div>" if body else "") + "</div>")


def show(state: str, name: str, message: str = "") -> None:
    """Display a card in a notebook; print the line anywhere else."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(plain(state, name, message))
        return
    display({"text/html": markup(state, name, message),
             "text/plain": plain(state, name, message)}, raw=True)
