"""Malformed files, and hostile text for reports."""

import gzip
import json
import os
import random
import zipfile

from tests.attacks.case import case
from tests.attacks.lesson import FULL, HONEST


def text(data) -> bytes:
    return json.dumps(data).encode()


def deep(data):
    """JSON nested a hundred thousand times."""
    return text(data)[:-1] + b', "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def deep_metadata(data):
    nest = []
    for _ in range(400):
        nest = [nest]
    data["metadata"]["deep"] = nest


def duplicate_keys(data):
    return text(data)[:-1] + b', "cells": [], "cells": [{}], "nbformat": 4}'


def old_format(data):
    """Format 3, with the cells in worksheets."""
    cells = [{"cell_type": "code", "metadata": c["metadata"], "language": "python", "outputs": [],
              "collapsed": False, "input": c["source"]} if c["cell_type"] == "code" else
             {"cell_type": "markdown", "metadata": c["metadata"], "source": c["source"]}
             for c in data["cells"]]
    return {"metadata": data["metadata"], "nbformat": 3, "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}]}


def huge_output(data):
    cell = next(c for c in data["cells"] if c["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 60_000_000}]


def brackets_in_strings(data):
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout",
                                "text": '"outputs": [ ]]]}} \\" { ' * 20_000}]


def types(where: str, value):
    """Something that is not what it should be."""
    def change(data):
        if where == "cells":
            data["cells"] = value
        elif where == "cell":
            data["cells"].insert(0, value)
        elif where == "nbformat":
            data["nbformat"] = value
        else:
            for cell in data["cells"]:
                cell[where] = value
    return change


def garbage(data):
    return random.Random(1).randbytes(20_000)


def link_to_a_secret(path, world):
    os.symlink(f"{world['WORLD']}/gradebook.db", path)


def link_to_a_neighbour(path, world):
    os.symlink(world["NEIGHBOUR"], path)


def folder_of_that_name(path, world):
    path.mkdir()
    (path / "inside.txt").write_text("nothing", encoding="utf-8")


def bomb(path, world):
    """A zip whose one member grows a thousand times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("97_fortress.ipynb", b"0" * 150_000_000)


def escaping_zip(path, world):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"../../{path.stem}-planted-97.ipynb", "{}")
        archive.writestr(f"/tmp/{path.stem}-planted-97-97_fortress.ipynb", "{}")
        info = zipfile.ZipInfo(f"{path.stem}-link-97_fortress.ipynb")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, f"{world['WORLD']}/gradebook.db")


def lying_zip(path, world):
    """Sizes in the directory that are not true."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("97_fortress.ipynb", b"0" * 3_000_000)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24:at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(data)


FILES = {
    "truncated": lambda d: text(d)[:700], "empty": lambda d: b"", "white space": lambda d: b" \n" * 9,
    "random bytes": garbage, "JSON nested without end": deep, "a list": lambda d: b"[1, 2]",
    "latin-1": lambda d: json.dumps(d, ensure_ascii=False).replace("think", "thänk").encode("latin-1"),
    "UTF-16": lambda d: json.dumps(d).encode("utf-16"), "gzip": lambda d: gzip.compress(text(d)),
    "no cells": lambda d: b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "duplicate keys": duplicate_keys, "cells that are a number": types("cells", 7),
    "a cell that is null": types("cell", None), "a cell without a type": types("cell", {}),
    "a cell type nobody knows": types("cell_type", "evil"),
    "a format from the future": types("nbformat", 99), "a format that is true": types("nbformat", True),
    "sources that are numbers": types("source", 7), "metadata that is a list": types("metadata", []),
    "a page of HTML": lambda d: b"<html><script>alert(1)</script></html>",
    "a null byte in the middle": lambda d: text(d).replace(b"think", b"th\0ink"),
    "not a number": lambda d: text(d)[:-1] + b', "metadata": {"x": NaN, "y": Infinity, "z": 1e999}}',
    "an integer of a hundred thousand digits":
        lambda d: text(d)[:-1] + b', "x": ' + b"9" * 100_000 + b"}",
}
for name, change in FILES.items():
    case(f"file: {name}", "malformed", answers=HONEST, change=change, points=FULL, exact=False,
         told="")
EXACT = {
    "file: format 3": (old_format, FULL), "file: 60 MB of outputs": (huge_output, FULL),
    "file: brackets in outputs": (brackets_in_strings, FULL),
    "file: a byte order mark": (lambda d: b"\xef\xbb\xbf" + text(d), FULL),
    "file: metadata 400 deep": (deep_metadata, FULL),
}
for name, (change, points) in EXACT.items():
    case(name, "malformed", answers=HONEST, change=change, points=points)
PLACES = {
    "a link to the gradebook": link_to_a_secret, "a link to a neighbour's file": link_to_a_neighbour,
    "a link to a device": lambda p, w: os.symlink("/dev/zero", p),
    "a link to itself": lambda p, w: os.symlink(p, p), "a pipe": lambda p, w: os.mkfifo(p),
    "a folder named like a notebook": folder_of_that_name,
    "a file without rights": lambda p, w: (p.write_text("{}", encoding="utf-8"), p.chmod(0)),
}
for name, place in PLACES.items():
    case(name, "malformed", place=place)
for name, place in {"a zip bomb": bomb, "a zip that leads out": escaping_zip,
                    "a zip with wrong sizes": lying_zip,
                    "a zip that is none": lambda p, w: p.write_bytes(b"PK\3\4nothing")}.items():
    case(name, "malformed", place=place, suffix=".zip")

SCRIPT = "<script>document.title='planted-97'</script>"
PAGE = f"</pre></td></title>{SCRIPT}<img src=x onerror=alert('planted-97')><svg onload=alert(97)>"
ODD = {
    "script in the text of an error": f"def double(x):\n    raise ValueError({PAGE!r})",
    "script in a value": f"def double(x):\n    return {PAGE!r}",
    "script in the name of an error": (
        f"def double(x):\n    raise type({PAGE!r}, (Exception,), {{}})('x')"),
    "script in a name that is missing": f"def double(x):\n    raise NameError('x', name={PAGE!r})",
    "script in printed text": f"print({PAGE!r})\ndef double(x):\n    print({PAGE!r})\n    return 0",
    "html, svg and javascript outputs": (
        "from IPython.display import display, HTML, SVG, Javascript, Markdown\n"
        f"display(HTML({PAGE!r}), Javascript('alert(97)'), Markdown({PAGE!r}))\n"
        f"display({{'image/svg+xml': '<svg>' + {SCRIPT!r} + '</svg>', 'text/html': {PAGE!r},\n"
        "         'image/png': 'x\" onerror=\"alert(97)'}, raw=True)\ndouble = None"),
    "control codes of a terminal": (
        "def double(x):\n    raise ValueError('\\x1b]0;planted-97\\x07\\x1b[2J\\x1b[31mred\\r\\n\\x9b')"),
    "marks of direction and no width": (
        "def double(x):\n    raise ValueError('\\u202e01 tog\\u2066\\u200b\\ufeff\\0')"),
    "lone surrogates": "def double(x):\n    raise ValueError('\\ud800 \\udfff')",
    "a formula for a spreadsheet": "def double(x):\n    raise ValueError('=HYPERLINK(\"http://x\")')",
}
for name, source in ODD.items():
    case(name, "reports", answers={"double": source, **{k: HONEST[k] for k in ("middle", "bag")}},
         points=8)


def hostile_text(data):
    """Script in markdown, in the essay, in metadata and in stored outputs."""
    for cell in data["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] += f"\n{PAGE}\n[x](javascript:alert(97))"
        else:
            cell["outputs"] = [{"output_type": "display_data", "metadata": {},
                                "data": {"text/html": PAGE, "image/svg+xml": PAGE}}]
    data["metadata"]["title"] = PAGE


def script_where_a_list_belongs(data):
    """nbformat says what is wrong by quoting it."""
    data["metadata"]["authors"] = PAGE


case("script in markdown, essay, metadata and stored outputs", "reports", answers=HONEST,
     change=hostile_text, points=FULL)
case("script in what the reader of notebooks complains about", "reports", answers=HONEST,
     change=script_where_a_list_belongs, points=FULL, exact=False)
case("a name with script", "reports", answers=HONEST, points=FULL,
     suffix="<img src=x onerror=alert(97)>.ipynb")
case("a name with a formula and a line break", "reports", answers=HONEST, points=FULL,
     suffix="=1+1\n\u202egpj.ipynb", alone=True)
