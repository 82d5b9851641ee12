"""Figures with a text, readable without colour; the small table."""

import json
import subprocess
import sys
from itertools import combinations

import pytest

from course import figures
from course.paths import ROOT, CourseError
from course.tables import shown, table, width

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


@pytest.fixture
def figure():
    with matplotlib.rc_context():
        figures.style()
        fig, ax = plt.subplots()
        ax.plot([1, 2, 3], [3, 1, 2], label="one")
        ax.plot([1, 2, 3], [1, 3, 2], label="two")
        yield fig
        plt.close(fig)


def test_the_same_figure_gives_the_same_bytes(figure):
    first = figures.png(figure)
    assert first == figures.png(figure)
    assert b"tEXt" not in first and b"matplotlib" not in first


def test_two_processes_give_the_same_bytes():
    code = ("import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as p, hashlib\n"
            "from course import figures as f\n"
            "f.style(); g, a = p.subplots(); a.plot([1, 2], [2, 1])\n"
            "print(hashlib.sha256(f.png(g)).hexdigest())")
    runs = {subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True,
                           text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_show_emits_html_with_the_text_and_closes_the_figure(figure, monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", seen.append)
    figures.show(figure.axes[0], alt='One falls while "two" rises, until <3.',
                 caption="Two lines.", credit="Own data & care")
    (picture,) = seen
    html = picture._repr_html_()
    assert html.startswith("<figure") and "data:image/png;base64," in html
    assert 'alt="One falls while &quot;two&quot; rises, until &lt;3."' in html
    assert "<figcaption>Two lines.<br>" in html and "Own data &amp; care" in html
    assert repr(picture).startswith('One falls while "two" rises')
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", [
    "", "   ", None, 3, "words per token", "A line chart showing words per token by text",
    "Plot of loss against steps for two models", "The figure shows words per token in code"])
def test_an_alt_text_must_say_what_the_figure_shows(figure, alt):
    with pytest.raises(CourseError) as error:
        figures.show(figure, alt=alt)
    assert "\n" not in str(error.value)


def test_show_refuses_what_is_no_figure():
    with pytest.raises(CourseError, match="draws a matplotlib figure"):
        figures.show([1, 2], alt="One falls while the other one rises.")


def lightness(colour):
    """CIE L* of an sRGB colour."""
    red, green, blue = [((c + .055) / 1.055) ** 2.4 if c > .04045 else c / 12.92
                        for c in matplotlib.colors.to_rgb(colour)]
    y = .2126 * red + .7152 * green + .0722 * blue
    return 116 * y ** (1 / 3) - 16


def test_neighbouring_colours_differ_without_hue():
    steps = [abs(lightness(a) - lightness(b))
             for a, b in zip(figures.COLOURS, figures.COLOURS[1:])]
    assert min(steps) > 10
    assert min(abs(lightness(a) - lightness(b))
               for a, b in combinations(figures.COLOURS[:3], 2)) > 15
    assert len(set(figures.MARKERS)) == len(set(figures.LINES)) == len(figures.COLOURS)


def test_hatch_gives_each_group_of_bars_its_pattern():
    fig, ax = plt.subplots()
    for shift in range(3):
        ax.bar([shift, shift + 4], [1, 2])
    figures.hatch(ax)
    assert len({bars.patches[0].get_hatch() for bars in ax.containers}) == 3
    plt.close(fig)


def test_table_as_text_and_html():
    made = table([["a<b", 1234567, .8125], ["你好", 2, None]], ["name", "n", "rate"])
    assert str(made).splitlines() == [
        "name          n   rate", "a<b   1,234,567  0.812", "你好          2      -"]
    html = made._repr_html_()
    assert "a&lt;b" in html and 'scope="col"' in html and 'text-align:right">1,234,567' in html
    assert str(table([["x", 1], ["sum", 1]], ["k", "n"], total=True)).splitlines()[2][0] == "-"
    assert str(table([], ["k", "n"], caption="none")) == "k  n\nnone"


def test_a_row_of_another_length_is_named():
    with pytest.raises(CourseError, match="Row 2 of the table has 1 cells"):
        table([[1, 2], [3]], ["a", "b"])


def test_how_values_and_widths_are_written():
    assert [shown(v) for v in (None, True, 12345, 1234.56, .123456, "x", float("nan"))] == [
        "-", "True", "12,345", "1,235", "0.123", "x", "nan"]
    assert width("é") == 1 and width("e\u0301") == 1 and width("你🙂") == 4
    json.dumps(str(table([[1]], ["a"])))


def test_dots_hide_nothing_and_name_every_row():
    same = {"film": .8, "code": .3}
    fig = figures.dots({"a": same, "b": same, "c": same}, .75, "the rule", "words per token")
    (ax,) = fig.axes
    marks = [line for line in ax.lines if line.get_marker() not in ("none", "None", None)]
    assert len(marks) == 3 and all(line.get_fillstyle() == "none" for line in marks)
    assert len({tuple(line.get_ydata()) for line in marks}) == 3
    assert [label.get_text() for label in ax.get_yticklabels()] == ["film", "code"]
    assert [text.get_text() for text in ax.get_legend().texts] == ["a", "b", "c", "the rule"]
    plt.close(fig)
