"""What a case is: a mutation of an honest notebook, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

CASES: dict[str, "Case"] = {}
CLASSES = ("denial", "kernel theft", "notebook theft", "leaks", "tampering", "malformed", "reports")
BEFORE = "fortress-setup"  # extra cells may stand before or behind any cell of the course


@dataclass(frozen=True)
class Case:
    """answers: sources in place of the honest ones (exercises not named stay untouched stubs,
    unless honest). extra: [(behind which cell, "" for the top, source)]. change: edits the
    notebook's JSON data in place, or gives back other data, or the bytes of the file. place:
    instead of writing a file, makes something odd at the path. points: at most this many, and
    exactly this many when `exact`. told: a word some sentence beside the score must have.
    alone: not for the side-by-side with plain nbgrader."""

    name: str
    kind: str
    answers: dict[str, str] = field(default_factory=dict)
    honest: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    change: Callable | None = None
    place: Callable[[Path, dict], None] | None = None
    points: float = 0.0
    exact: bool = True
    told: str = ""
    suffix: str = ".ipynb"
    alone: bool = False


def case(name: str, kind: str, **more) -> Case:
    """Note a case; names are unique."""
    assert kind in CLASSES and name not in CASES, name
    CASES[name] = Case(name, kind, **more)
    return CASES[name]
