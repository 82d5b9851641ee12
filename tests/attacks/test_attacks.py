"""No hostile or broken submission gains a point, reads, writes or stays; honest ones keep theirs.

The cases of one class are graded in one run, each beside an honest submission; a test for each
case then looks at its outcome. `make test-grader` does the same at every level of this machine.
"""

import csv
import functools
import io
import os
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser

import pytest

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

from course.paths import ROOT, CourseError
from tests.attacks import lesson
from tests.attacks.arena import CANARY, Arena, all_cases
from tests.attacks.case import CLASSES
from tests.attacks.lesson import FULL

PAIRS = [(kind, case.name) for kind in CLASSES for case in all_cases(kind)]
LEVELS = ("namespaces", "bubblewrap", "landlock")


@functools.cache
def arena(kind: str, level: str = "best") -> Arena:
    """One run over the cases of a class; skips where this machine gives no such level."""
    try:
        return Arena(all_cases(kind), level, jobs=3 if kind == "denial" else 2)
    except CourseError as error:
        if "gives no sandbox" in str(error):
            pytest.skip(str(error))
        raise


@pytest.mark.parametrize("kind, name", PAIRS, ids=[name for _, name in PAIRS])
def test_a_case_gains_nothing(kind, name):
    assert arena(kind).faults(name) == []


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_leaves_nothing_behind(kind):
    assert left_behind(arena(kind)) == []


def left_behind(run: Arena) -> list[str]:
    """Writes, processes, reached services and missing results of a whole run."""
    wrong = [f"left outside: {p}" for p in run.planted]
    wrong += [f"a local service was reached by {kind}" for kind in run.reached]
    wrong += [] if run.untouched else ["gradebook, sources or a neighbour's files were changed"]
    wrong += [] if run.whole else ["the run did not end whole"]
    return wrong


@pytest.mark.fortress
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", CLASSES)
def test_every_level_keeps_what_is_promised(kind, level):
    run = arena(kind, level)
    assert {name: found for name in run.outcomes if (found := run.faults(name))} == {}
    assert left_behind(run) == []


@pytest.mark.fortress
@pytest.mark.parametrize("who", ["user", "root"])
def test_landlock_as_an_ordinary_user_and_as_root(who):
    """Root's Python may lie where only root reads: then at this level the classes run as another
    user, and as root in a view of the files where others can reach it."""
    from tests.sandbox_support import command_of, hidden_above, package_folders
    command, why = command_of(who)
    if not command:
        pytest.skip(why)
    if who == "root" and not hidden_above():
        pytest.skip("this Python is not hidden from others: the test above ran as we are")
    run = subprocess.run(
        [*command, "-m", "pytest", "-q", "-x", "-m", "fortress", "-k", "every_level and landlock",
         "tests/attacks/test_attacks.py"], cwd=ROOT, capture_output=True, text=True, timeout=1200,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1",
             "PYTHONPATH": os.pathsep.join([str(ROOT), *map(str, package_folders())])})
    assert f"{len(CLASSES)} passed" in run.stdout, run.stdout[-6000:]


@pytest.mark.fortress
def test_without_a_sandbox_the_same_canaries_are_found():
    """The suite can see what it looks for: without a sandbox leaks leak and tampering tampers."""
    kept = ("the gradebook", "a neighbour's submission", "the network and local services",
            "the sources of the lesson")
    run = Arena([case for case in all_cases("leaks") if case.name in kept], "none")
    assert all(run.faults(name) for name in kept if "network" not in name), run.outcomes
    assert set(run.reached) >= {"tcp", "path", "name", "udp"}
    run = Arena([case for case in all_cases("tampering") if case.name in
                 ("tampering with timestamps", "tampering with neighbours")], "none")
    assert not run.untouched


def test_locked_cells_find_stored_values(tmp_path):
    """A lesson whose set-up reads reference/ is graded from wherever the command was started."""
    from grader.engine.plan import plan_of
    from grader.source import read_lesson
    source = lesson.write_source(tmp_path)
    text = source.read_text(encoding="utf-8").replace(
        "import numpy as np\n", "import numpy as np\nfrom pathlib import Path\n"
        "kept = Path('reference/kept.txt').read_text(encoding='utf-8')\n", 1)
    source.write_text(text, encoding="utf-8")
    (source.parent / "reference").mkdir()
    (source.parent / "reference" / "kept.txt").write_text("here", encoding="utf-8")
    plan = plan_of(lesson.LESSON, read_lesson(source), source.parent / "reference")
    before = os.getcwd()
    plan.warm()
    assert plan.judge.names["kept"] == "here" and os.getcwd() == before


def test_numbers_in_names_tell_learners_apart(tmp_path):
    """One learner for group-1 and group-2 would lose the score of one of them."""
    from grader import receive, whose
    for name in ("group-1.ipynb", "group-2.ipynb", "04_tokens-group-3.ipynb", "anna (1).ipynb",
                 "x.ipynb/inside.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    found = {h.learner: h.refused for h in receive.handed_in([tmp_path], ["04_tokens"])}
    assert set(found) == {"group-1", "group-2", "group-3", "anna", "x"}
    assert "not a regular file" in found["x"]
    assert whose.learner_by_name("04_tokens-1.ipynb", "zoe", "", ["04_tokens"]) == "zoe"


def test_there_are_enough_cases_of_every_class():
    counts = {kind: sum(k == kind for k, _ in PAIRS) for kind in CLASSES}
    assert min(counts.values()) >= 10 and sum(counts.values()) >= 60, counts


# --- what people look at -----------------------------------------------------------------

class Harm(HTMLParser):
    """Collects what a page could do: scripts, handlers, addresses, frames."""

    def __init__(self):
        super().__init__()
        self.found, self.policy = [], ""

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        if tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = values.get("content", "")
        if tag in ("script", "iframe", "object", "embed", "base", "form", "link", "audio", "video"):
            self.found.append(tag)
        for name, value in values.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "xlink:href", "action", "data") and not value.startswith(
                    ("#", "data:image/png;base64,")) and not value.endswith(".html"):
                self.found.append(f"{tag} {name}={value[:60]}")


@pytest.mark.parametrize("kind", CLASSES)
def test_pages_can_do_nothing_and_hide_hidden_tests(kind):
    pages = arena(kind).pages
    assert len(pages) > 10
    for name, text in pages.items():
        harm = Harm()
        harm.feed(text)
        assert harm.found == [], name
        assert "default-src 'none'" in harm.policy, name
        assert not CANARY.search(text) and "canary-hidden" not in text, name
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t"}
        assert not odd, (name, odd)


@pytest.mark.parametrize("kind", CLASSES)
def test_tables_hold_no_formulas_and_screens_no_control_codes(kind):
    run = arena(kind)
    for text in run.csv:
        for row in csv.reader(io.StringIO(text)):
            for value in row:
                assert not value.startswith(("=", "+", "@", "\t")), value
                assert value[:1] != "-" or value.lstrip("-").replace(".", "").isdigit(), value
    for line in (*run.screen, *"".join(run.csv).splitlines()):
        odd = {c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n", "\r", "\t"}
        assert not odd, (line, odd)


def test_honest_work_is_never_slowed_beyond_its_own_time():
    """An honest submission beside each kind of denial takes seconds, not its neighbour's time."""
    seconds = sorted(o.honest["seconds"] for o in arena("denial").outcomes.values())
    assert all(o.honest["points"] == FULL for o in arena("denial").outcomes.values())
    assert seconds[len(seconds) // 2] < 5 and seconds[-1] < 20, seconds[-5:]
