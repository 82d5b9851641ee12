"""The visualiser's controls: a text area, a box for each vocabulary, a switch of the view."""

import os
import sys
from html import escape

from course import tokenview
from course.paths import CourseError
from course.vocabularies import split

VIEWS = ("text", "ids", "bytes")


def available() -> bool:
    """Whether a front-end that can show widgets is likely to be there.

    A kernel cannot see its front-end. Jupyter servers and editors leave a mark in the
    environment of the kernels they start for a person; nbconvert, nbclient and graders do not.
    COURSE_WIDGETS=1 or 0 decides it by hand.
    """
    asked = os.environ.get("COURSE_WIDGETS")
    if asked in ("0", "1"):
        return asked == "1"
    if "NBGRADER_EXECUTION" in os.environ or "ipykernel" not in sys.modules:
        return False
    return any(name in os.environ for name in ("JPY_SESSION_NAME", "VSCODE_PID",
                                               "VSCODE_CWD"))


def controls(text: str, known: list[tuple[str, object]], special: bool = False):
    """The widget: ipywidgets.VBox whose last child is the HTML that follows the others."""
    import ipywidgets as w

    area = w.Textarea(value=text, placeholder="Type or paste a text", rows=3,
                      tooltip="The text to cut into tokens", layout=w.Layout(width="98%"))
    boxes = [w.Checkbox(value=True, description=label, indent=False, tooltip=f"Show {label}",
                        layout=w.Layout(width="auto")) for label, _ in known]
    view = w.ToggleButtons(options=VIEWS, style={"button_width": "auto"},
                           tooltips=[f"Show every token as {one}" for one in VIEWS],
                           layout=w.Layout(width="auto"))
    output = w.HTML()

    def update(_=None):
        chosen = [pair for pair, box in zip(known, boxes) if box.value]
        output.value = draw(area.value, chosen, view.value, special)

    for control in (area, view, *boxes):
        control.observe(update, names="value")
    update()
    ticks = w.HBox(boxes, layout=w.Layout(flex_flow="row wrap", grid_gap="0 1.2em"))
    line = w.HBox([view, ticks], layout=w.Layout(flex_flow="row wrap", grid_gap="0 1.5em",
                                                 align_items="center"))
    return w.VBox([area, line, output])


def draw(text: str, chosen: list[tuple[str, object]], view: str, special: bool) -> str:
    """HTML for what is typed and ticked now; a vocabulary that fails is a sentence."""
    if not chosen:
        return "<i>Tick a vocabulary.</i>"
    try:
        return tokenview.html([split(label, encoding, text, special)
                               for label, encoding in chosen], view)
    except CourseError as error:
        return f"<div role='alert'>{escape(str(error))}</div>"


def show(first, text: str, known: list[tuple[str, object]], special: bool) -> None:
    """Display the widget; what it is saved with (HTML, plain text) is the state at the start."""
    from IPython.display import display

    bundle = controls(text, known, special)._repr_mimebundle_()
    bundle |= {"text/html": first._repr_html_(), "text/plain": repr(first)}
    display(bundle, raw=True)
