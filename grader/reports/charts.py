"""Two plots as inline SVG: no script, no font, no picture; each has its finding as text."""

from collections import Counter

from grader.reports.markup import text

BAR, GAP, LEFT, WIDE = 22, 8, 230, 420
FILL, REST = "#1f5fa8", "#d9d9d9"


def bars(title: str, rows: list[tuple[str, float, str]]) -> str:
    """Horizontal bars. rows: (name, share between 0 and 1, words at its end)."""
    height = len(rows) * (BAR + GAP) + GAP
    drawn = []
    for index, (name, share, words) in enumerate(rows):
        y = GAP + index * (BAR + GAP)
        width = WIDE * min(max(share, 0), 1)
        drawn += [f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end">{text(name[:34])}</text>',
                  f'<rect x="{LEFT}" y="{y}" width="{WIDE}" height="{BAR}" fill="{REST}"/>',
                  f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{FILL}"/>',
                  f'<text x="{LEFT + WIDE + 8}" y="{y + 16}">{text(words)}</text>']
    return _svg(title, LEFT + WIDE + 130, height, drawn)


def histogram(title: str, scores: Counter, out_of: float, columns: int = 10) -> str:
    """How many submissions got which part of the points."""
    counts = [0] * columns
    for points, number in scores.items():
        share = points / out_of if out_of else 0
        counts[min(int(share * columns), columns - 1)] += number
    most, step, tall = max(counts, default=0) or 1, 62, 160
    drawn = []
    for index, count in enumerate(counts):
        x, high = 20 + index * step, tall * count / most
        low, top = (f"{out_of * i / columns:.3g}" for i in (index, index + 1))
        drawn += [f'<rect x="{x}" y="{20 + tall - high:.1f}" width="{step - 8}" '
                  f'height="{high:.1f}" fill="{FILL}"/>',
                  f'<text x="{x + 27}" y="{14 + tall - high:.1f}" text-anchor="middle">'
                  f'{count or ""}</text>',
                  f'<text x="{x + 27}" y="{tall + 38}" text-anchor="middle">{low}–{top}</text>']
    return _svg(title, 40 + columns * step, tall + 50, drawn)


def _svg(title: str, width: int, height: int, drawn: list[str]) -> str:
    return (f'<svg role="img" aria-label="{text(title)}" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="sans-serif" font-size="14" '
            f'fill="currentColor" xmlns="http://www.w3.org/2000/svg">'
            f'<title>{text(title)}</title>{"".join(drawn)}</svg>\n')
