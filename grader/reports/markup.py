"""HTML that nothing of a submission can break out of: every text goes through `text`."""

import base64
import hashlib
from html import escape

SHOWN = 2000  # characters of one text

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #bbb}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.message{white-space:pre-wrap;overflow-wrap:anywhere}
.score{font-size:1.4rem}
details{margin:.3rem 0}summary{cursor:pointer}
code,pre{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:#f2f2f2;padding:.5rem}
svg{max-width:100%;height:auto}
a:focus-visible,summary:focus-visible{outline:3px solid #0645ad}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}pre{background:#262626}
th,td{border-color:#555}a{color:#8ab4f8}}
@media print{body{margin:0;max-width:none}}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; " \
    "form-action 'none'"


def text(value) -> str:
    """A value as HTML text or attribute: escaped, bounded, without control characters."""
    said = str(value)[:SHOWN]
    said = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}"
                   for c in said)
    return escape(said, quote=True)


def page(title: str, body: str) -> str:
    """A whole document: no script can run, nothing is loaded from anywhere. body: HTML."""
    return ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            f"<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n"
            f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{text(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n")


def table(caption: str, head: tuple[str, ...], rows, numbers: tuple[int, ...] = ()) -> str:
    """A table with a caption; cells are HTML already, the first of a row names it. numbers:
    columns that hold numbers."""
    def cell(tag, index, value, scope=""):
        kind = ' class="n"' if index in numbers else ""
        return f"<{tag}{scope}{kind}>{value}</{tag}>"
    top = "".join(cell("th", i, text(name), ' scope="col"') for i, name in enumerate(head))
    body = "".join("<tr>" + "".join(
        cell("td", i, value) if i else cell("th", i, value, ' scope="row"')
        for i, value in enumerate(row)) + "</tr>\n" for row in rows)
    return (f"<table><caption>{text(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n"
            f"<tbody>\n{body}</tbody></table>\n")
