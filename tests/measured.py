"""Numbers that a benchmark printed, put into docs/grading-measured.md by the run that made them."""

import os
import platform
import time

from course.paths import ROOT

FILE = ROOT / "docs" / "grading-measured.md"
HEAD = """\
# Grading, measured

Written by `COURSE_WRITE_MEASURED=1 make bench`; nobody types these numbers. A ratio is made of two
times taken side by side in one run, and holds on other machines too; a time alone does not.

| what | measured | load of the machine, date |
|---|---|---|
"""


def note(what: str, said: str) -> None:
    """Print a number; with COURSE_WRITE_MEASURED=1 its row in the file is replaced."""
    print(f"\n{what}: {said}")
    if os.environ.get("COURSE_WRITE_MEASURED") != "1":
        return
    rows = {}
    if FILE.is_file():
        for line in FILE.read_text(encoding="utf-8").splitlines():
            if line.startswith("| ") and not line.startswith(("| what ", "|---")):
                rows[line.split(" | ")[0][2:]] = line
    where = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.system()}, " \
            f"{time.strftime('%Y-%m-%d')}"
    rows[what] = f"| {what} | {said.replace('|', '/')} | {where} |"
    part = FILE.with_suffix(".part")
    part.write_text(HEAD + "".join(rows[name] + "\n" for name in sorted(rows)), encoding="utf-8")
    os.replace(part, FILE)
