"""Figures that everyone can read: an alternative text with the finding, colours that survive
greyscale and colour blindness, and a picture that is the same bytes every time.

    style()
    fig, ax = plt.subplots()
    ...
    show(fig, alt="Words per token fall from .78 in prose to .30 in JSON.")
"""

import re
from base64 import b64encode
from html import escape
from io import BytesIO

from course.paths import CourseError

# Each series differs from its neighbours in lightness (so it survives greyscale), in hue (picked
# to stay apart for the common kinds of colour blindness), in marker and in line style.
COLOURS = ("#0b2f5b", "#b8460b", "#4a99cf", "#8c1d40", "#d9a21b", "#5f5f5f")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKERS = ("o", "s", "^", "D", "v", "X")
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++")
MIN_WORDS = 6  # fewer can name a chart but hardly say what it shows
_NAMES_THE_CHART = re.compile(
    r"(an?|the|this)?\s*((line|bar|scatter|box|learning|simple|two|three)[\s-]+)*"
    r"(charts?|plots?|figures?|graphs?|histograms?|images?|pictures?|diagrams?|curves?)"
    r"\s+(of|showing|shows|with|that|for|comparing)\b", re.IGNORECASE)


def style() -> None:
    """Set matplotlib's defaults for the rest of the process: call it once, before drawing."""
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update({
        "axes.prop_cycle": cycler(color=COLOURS, linestyle=LINES, marker=MARKERS),
        "figure.figsize": (6.4, 3.6), "figure.dpi": 100, "figure.constrained_layout.use": True,
        "figure.facecolor": "white", "axes.facecolor": "white", "savefig.facecolor": "white",
        "font.family": "DejaVu Sans", "font.size": 10.5, "axes.titlesize": 11.5,
        "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "axes.axisbelow": True, "grid.color": "#dddddd",
        "grid.linewidth": 0.8, "lines.linewidth": 1.8, "lines.markersize": 5.5,
        "legend.framealpha": 0.9, "legend.edgecolor": "white",
        "hatch.linewidth": 0.7, "patch.edgecolor": "white",
        "svg.hashsalt": "labels-to-agents",
    })


def hatch(ax) -> None:
    """Give each group of bars in `ax` a pattern of its own, so that they differ in greyscale.

    Call it after the bars are drawn and before `ax.legend()`.
    """
    for number, bars in enumerate(ax.containers):
        for bar in getattr(bars, "patches", bars):
            if hasattr(bar, "set_hatch"):
                bar.set_hatch(HATCHES[number % len(HATCHES)])
                bar.set_edgecolor("white")


def dots(values, line: float, label: str, xlabel: str):
    """A figure that compares series row by row: a hollow mark for each, so that none is hidden.

    values: series name -> {row name: number}, the same rows in each; at most three series.
    line, label: a value to compare with, drawn as a dashed line, and its name in the legend.
    """
    import matplotlib.pyplot as plt

    style()
    fig, ax = plt.subplots(figsize=(6.8, 4.4))
    for shift, (name, row) in zip((-0.27, 0, 0.27), values.items()):
        ax.plot(list(row.values()), [place + shift for place in range(len(row))], label=name,
                linestyle="none", markersize=6.5, fillstyle="none", markeredgewidth=1.8)
    ax.axvline(line, color="#5f5f5f", linestyle="--", marker="none", label=label)
    ax.set(yticks=range(len(row)), yticklabels=list(row), xlabel=xlabel)
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    for place in range(len(row) - 1):
        ax.axhline(place + 0.5, color="#dddddd", linewidth=0.8, marker="none", linestyle="-")
    ax.invert_yaxis()
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=4, columnspacing=1,
              handletextpad=0.4)
    return fig


def png(fig) -> bytes:
    """The figure as PNG: no date, no version, so the same figure gives the same bytes here."""
    buffer = BytesIO()
    fig.savefig(buffer, format="png", dpi=fig.dpi, metadata={"Software": None})
    return buffer.getvalue()


class Picture:
    """What `show` puts into the notebook: HTML with the picture, or the alternative text."""

    def __init__(self, data: bytes, alt: str, caption: str | None, credit: str | None):
        self.data, self.alt, self.caption, self.credit = data, alt, caption, credit

    def __repr__(self) -> str:
        return "\n".join([self.alt, *filter(None, [self.caption, self.credit])])

    def _repr_html_(self) -> str:
        source = "data:image/png;base64," + b64encode(self.data).decode("ascii")
        lines = [escape(text) for text in (self.caption,) if text]
        lines += [f"<small>{escape(text)}</small>" for text in (self.credit,) if text]
        below = f"<figcaption>{'<br>'.join(lines)}</figcaption>" if lines else ""
        return (f'<figure style="margin:0"><img alt="{escape(self.alt)}" src="{source}" '
                f'style="max-width:100%;background:white">{below}</figure>')


def show(fig, alt: str, caption: str | None = None, credit: str | None = None) -> None:
    """Show a matplotlib figure with a text for those who cannot see it, and close it.

    fig: a Figure (or Axes, or anything with `.figure`). alt: what the figure *shows*, a sentence
    of at least six words with the finding, not the kind of chart. caption: a line below it.
    credit: where a picture or its data come from, where a licence asks for that.
    Raises CourseError when `alt` is missing or names the chart instead of the finding.
    """
    problem = alt_problem(alt)
    if problem:
        raise CourseError(problem)
    figure = getattr(fig, "figure", None) or fig
    if not hasattr(figure, "savefig"):
        raise CourseError(f"show() draws a matplotlib figure, not {type(fig).__name__}: "
                          "pass what plt.subplots() or plt.figure() gave you.")
    import matplotlib.pyplot as plt
    from IPython.display import display

    picture = Picture(png(figure), alt.strip(), caption, credit)
    plt.close(figure)  # or the notebook would draw it a second time, without the text
    display(picture)


def alt_problem(alt) -> str | None:
    """Why `alt` does not do as an alternative text, in one sentence; None when it does."""
    if not isinstance(alt, str) or not alt.strip():
        return ("A figure needs alt=\"...\": one sentence that says what it shows, "
                "for readers who cannot see it.")
    if len(alt.split()) < MIN_WORDS:
        return (f"The alt text {alt!r} is too short to be a finding: say in at least "
                f"{MIN_WORDS} words what the figure shows.")
    if _NAMES_THE_CHART.match(alt.strip()):
        return (f"The alt text {alt!r} names the chart: "
                "say what it shows (what rises, what is larger, by how much).")
    return None
